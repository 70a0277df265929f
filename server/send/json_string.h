// Text into JSON, byte for byte recoverable.
#pragma once

#include <string>
#include <string_view>

namespace cistern {

// Appends `text` as a JSON string with its quotes. Lone surrogates in three-byte form become \ud8xx escapes,
// which is the only way JSON can carry them.
void append_json_string(std::string_view text, std::string& out);

// What CloudWatch does to text that is not UTF-8: each wrong byte becomes U+FFFD.
std::string make_utf8(std::string_view text);

}  // namespace cistern
