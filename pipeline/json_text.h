// JSON as text: what is needed to copy pieces of a document into another without building values. Pure
// functions, any thread. Text is UTF-8 that the caller has checked, unless a function says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/buffer.h"

namespace cistern {

// Whether every backslash begins one of JSON's escapes (RFC 8259 section 7). Outside of strings no document
// has a backslash, so that one call over a whole document answers for all of its strings. Lone surrogates
// pass.
bool escapes_are_valid(std::string_view json);

// Whether `text` is one JSON value, with white space around it or not, nested at most `max_depth` deep
// (a scalar's depth is 0). Strict; does not look at encoding or the order of surrogates.
bool is_json_value(std::string_view text, uint64_t max_depth);

// The text up to the bracket that closes the one `text` begins with; empty when there is none. Brackets are
// only counted, so that the piece still has to be parsed. Linear in what it returns.
std::string_view first_json_document(std::string_view text);

std::string_view skip_json_space(std::string_view text);
std::string_view trim_json_space_end(std::string_view text);

// How many bytes append_escaped will append.
size_t escaped_size(std::string_view text);
// Appends `text` as JSON string content, without quotes.
void append_escaped(std::string_view text, Buffer& out);
// The same with quotes, for text of unknown encoding (header values): what is not UTF-8 is taken as Latin-1.
void append_quoted(std::string_view text, Buffer& out);
// The bytes that escaped text stands for; a lone surrogate becomes the three bytes UTF-8 would give it.
std::string unescape(std::string_view escaped);

// Appends a valid JSON value without its newlines and other control characters, which can only stand
// between tokens there.
void append_on_one_line(std::string_view json, Buffer& out);

}  // namespace cistern
