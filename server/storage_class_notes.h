// What an operator should know of the configured storage class before the bill comes. For `cistern check`.
#pragma once

#include <string>
#include <vector>

#include "server/config.h"

namespace cistern {

// Minimum sizes and durations, and what cannot be read at once; a sentence each. Empty: nothing to say.
// Source: AWS's "Understanding and managing Amazon S3 storage classes" and its price pages.
std::vector<std::string> storage_class_notes(const Config& config);

}  // namespace cistern
