// What the parts of the service are told of a configuration: made at start and at each reload. Pure
// functions.
#pragma once

#include <memory>
#include <optional>

#include "pipeline/archive/partitions.h"
#include "pipeline/codec.h"
#include "pipeline/decode/frame_builder.h"
#include "pipeline/metrics.h"
#include "pipeline/result.h"
#include "server/config.h"

namespace cistern {

Result<std::shared_ptr<const FrameFormat>> make_format(const Config& config);
Partitions::Options partition_options(const Config& config);
std::optional<Level> fixed_level(const Config& config);  // nothing: by pressure

// Limits and hash of the configuration in force.
void publish_config(const Config& config, Metrics& metrics);

}  // namespace cistern
