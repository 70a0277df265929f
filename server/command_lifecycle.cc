// See command_lifecycle.h.
#include "server/command_lifecycle.h"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "pipeline/error_codes.h"
#include "server/exit_codes.h"

namespace cistern {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint32_t kGlacierDays = 90;  // that Glacier Instant Retrieval bills at least

constexpr const char* kLifecycleAfter = R"(
For objects below store.prefix, dead letters too: to Glacier Instant Retrieval after one day, whence they are read
as before. Uploads that were never finished are removed after a day. S3 leaves objects below 128 KB where they are.

Example:
  cistern lifecycle --deep-archive-after 180 > lifecycle.json
  aws s3api put-bucket-lifecycle-configuration --bucket my-archive --lifecycle-configuration file://lifecycle.json
(which replaces what the bucket had).)";

// Why S3, or the bill, would not like it; empty: fine.
std::string objection(const LifecycleCommand& days) {
  const auto text = [](uint32_t number) { return std::to_string(number); };
  if (days.deep_archive_after > 0 && days.glacier_after > 0 &&
      days.deep_archive_after < days.glacier_after + kGlacierDays)
    return "--deep-archive-after " + text(days.deep_archive_after) + ": must be at least " +
           text(days.glacier_after + kGlacierDays) +
           ", as Glacier Instant Retrieval bills 90 days in any case";
  const uint32_t last = std::max(days.glacier_after, days.deep_archive_after);
  if (days.expire_after > 0 && days.expire_after <= last)
    return "--expire-after " + text(days.expire_after) + ": must be more than " + text(last) +
           ", the day of the last move";
  return "";
}

Json rule_for(const LifecycleCommand& days, const std::string& prefix) {
  Json rule{{"ID", "cistern-archive"}, {"Status", "Enabled"}, {"Filter", {{"Prefix", prefix}}}};
  Json moves = Json::array();
  if (days.glacier_after > 0) moves.push_back({{"Days", days.glacier_after}, {"StorageClass", "GLACIER_IR"}});
  if (days.deep_archive_after > 0)
    moves.push_back({{"Days", days.deep_archive_after}, {"StorageClass", "DEEP_ARCHIVE"}});
  if (!moves.empty()) rule["Transitions"] = moves;
  if (days.expire_after > 0) rule["Expiration"] = {{"Days", days.expire_after}};
  rule["AbortIncompleteMultipartUpload"] = {{"DaysAfterInitiation", 1}};
  return rule;
}

}  // namespace

void add_lifecycle_options(CLI::App& lifecycle, LifecycleCommand& command) {
  lifecycle.footer(kLifecycleAfter);
  auto days = [&](const char* name, uint32_t& value, const char* help) {
    lifecycle.add_option(name, value, help)
        ->type_name("DAYS")
        ->check(CLI::Range(0, 36500))
        ->capture_default_str();
  };
  days("--glacier-after", command.glacier_after, "To Glacier Instant Retrieval; 0: never");
  days("--deep-archive-after", command.deep_archive_after, "To Deep Archive, hours to read; 0: never");
  days("--expire-after", command.expire_after, "Delete for good; 0: never");
}

int run_lifecycle(const LifecycleCommand& command, const StoreConfig& store, std::ostream& out,
                  std::ostream& errors) {
  if (store.type != "s3") {
    errors << "cistern lifecycle: "
           << coded("no_lifecycle", "store.type is " + store.type + "; only a bucket has a lifecycle")
           << "\n";
    return kExitFailed;
  }
  if (const auto why = objection(command); !why.empty()) {
    errors << "cistern lifecycle: " << coded("no_lifecycle", why) << "\n";
    return kExitUsage;
  }
  out << Json{{"Rules", {rule_for(command, store.prefix)}}}.dump(2) << "\n";
  return kExitOk;
}

}  // namespace cistern
