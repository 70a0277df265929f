// JSON as text: what is needed to copy pieces of a document into another without building values. Pure
// functions, any thread. Text is UTF-8 that the caller has checked, unless a function says otherwise.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "pipeline/buffer.h"

namespace cistern {

// How many bytes append_escaped will append.
size_t escaped_size(std::string_view text);
// Appends `text` as JSON string content, without quotes.
void append_escaped(std::string_view text, Buffer& out);
// The same with quotes, for text of unknown encoding (header values): what is not UTF-8 is taken as Latin-1.
void append_quoted(std::string_view text, Buffer& out);
// append_quoted of at most `most` bytes, for an error's text.
std::string quoted(std::string_view text, size_t most);
// The bytes that escaped text stands for; a lone surrogate becomes the three bytes UTF-8 would give it.
std::string unescape(std::string_view escaped);

// Appends a valid JSON value without its newlines and other control characters, which can only stand
// between tokens there.
void append_on_one_line(std::string_view json, Buffer& out);

}  // namespace cistern
