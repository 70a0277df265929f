// Percent-encoding (RFC 3986, 2.1), as URLs and our keys have it. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace cistern {

void append_percent(char c, std::string& out);  // %XX, in upper case

// What is no %XX stays as it is.
std::string percent_decoded(std::string_view text);

}  // namespace cistern
