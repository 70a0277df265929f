// What the pipeline says of its settings: see check_pipeline in reading.h. The pipeline's own parsers
// judge, so that what is accepted here is what runs.
#include "pipeline/decode/line_format.h"
#include "pipeline/decode/partition_key.h"
#include "server/config/reading.h"

namespace cistern {
namespace {

void check_template(const std::string& path, const std::string& key, ConfigReading& reading) {
  auto parsed = KeyTemplate::parse(reading.config.partition.prefix, key);
  if (!parsed) reading.conflict({path, "partition.prefix"}, parsed.error().what);
}

}  // namespace

void check_pipeline(ConfigReading& reading) {
  check_template("partition.key", reading.config.partition.key, reading);
  check_template("partition.dead_letter_key", reading.config.partition.dead_letter_key, reading);
  auto format = LineFormat::parse(reading.config.format.fields, reading.config.format.event_id);
  const RoleToAssume& role = reading.config.store.assume_role;
  const auto checked = check_role(role);
  const bool wanted = !role.arn.empty() || !role.external_id.empty() || !role.session_name.empty();
  if (wanted && !checked) reading.conflict({"store.assume_role.arn"}, checked.error().what);
  if (!format) reading.conflict({"format.fields", "format.event_id"}, format.error().what);
}

}  // namespace cistern
