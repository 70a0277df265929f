// The status document as lines of a terminal: what the status page shows, most important first. Pure.
#pragma once

#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "pipeline/result.h"
#include "server/top/top_line.h"

namespace cistern {

// Error `retry` where `text` is not a status document that this version understands.
Result<nlohmann::ordered_json> read_status(const std::string& text);

// `status` is what read_status() gave. About `rows` lines: lists are shortened for it.
std::vector<TopLine> top_screen(const nlohmann::ordered_json& status, size_t rows);

}  // namespace cistern
