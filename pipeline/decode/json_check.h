// What simdjson's on-demand parser leaves unchecked, and where one document ends. Pure functions, any thread;
// linear. Text is UTF-8 that the caller has checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cistern {

// Whether every backslash begins one of JSON's escapes (RFC 8259 section 7). Outside of strings no document
// has a backslash, so that one call over a whole document answers for all of its strings. Lone surrogates
// pass.
bool escapes_are_valid(std::string_view json);

// The length of the escape that begins at `at`, where a backslash stands; 0: it is none of JSON's.
size_t escape_length(const char* at, const char* end);

// Whether `text` is one JSON value, with white space around it or not, nested at most `max_depth` deep
// (a scalar's depth is 0). Strict; does not look at encoding or the order of surrogates.
bool is_json_value(std::string_view text, uint64_t max_depth);

// The text up to the bracket that closes the one `text` begins with; empty when there is none. Brackets are
// only counted, so that the piece still has to be parsed. Linear in what it returns.
std::string_view first_json_document(std::string_view text);

std::string_view skip_json_space(std::string_view text);
std::string_view trim_json_space_end(std::string_view text);

}  // namespace cistern
