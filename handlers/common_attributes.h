// X-Amz-Firehose-Common-Attributes (protocol rule R8): {"commonAttributes":{"name":"value",...}}.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

inline constexpr size_t kMaxCommonAttributes = 50;

// In the order they came. A header that is not UTF-8 is read as ISO 8859-1: how Firehose sends other
// characters is documented nowhere, and a delivery must not be stuck on it. Error `invalid`.
Result<std::vector<std::pair<std::string, std::string>>> parse_common_attributes(std::string_view header);

}  // namespace cistern
