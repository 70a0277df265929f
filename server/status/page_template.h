// The status page's templates: a small part of Mustache, with formats. page/page.js has the same rules:
// change both, a test compares them. Pure.
//
//   {{a.b}}  {{a.b|bytes}}   the value, escaped; a number through figures::by_name; none or null: an en dash
//   {{#a}}…{{/a}}            for each item of a list, within it; once within an object, or if true, not 0,
//   not ""
//   {{^a}}…{{/a}}            if the other shows nothing
//   {{.}}                    the item itself; other names are looked up from the innermost item outwards
//
// A section holds no section of its own name.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace cistern {

// `page` is ours, and right; what is in `values` may be anybody's.
std::string fill_template(std::string_view page, const nlohmann::ordered_json& values);

std::string escape_html(std::string_view text);

}  // namespace cistern
