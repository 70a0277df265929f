// What simdjson's parsers take for a document beside the document: an index of its structure.
#pragma once

#include <cstdint>
#include <string_view>

namespace cistern {

// Bytes of the index, or up to twice that; four for each operator, value and member name. Any bytes, linear.
uint64_t json_index_bytes(std::string_view json);

}  // namespace cistern
