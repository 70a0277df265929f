// See iam_policy.h.
#include "server/iam_policy.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "pipeline/error_codes.h"
#include "pipeline/store/aws_partition.h"
#include "server/exit_codes.h"
#include "server/make_store.h"

namespace cistern {
namespace {

using Json = nlohmann::ordered_json;

// arn:aws:s3:::bucket/prefix*, or arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/object/prefix*. What stands for
// itself in a policy: * ? and $ as ${*} ${?} ${$}.
std::string objects_arn(const StoreConfig& store, const std::string& partition) {
  const bool access_point = store.bucket.starts_with("arn:");
  std::string arn =
      access_point ? store.bucket + "/object/" : "arn:" + partition + ":s3:::" + store.bucket + "/";
  for (const char c : store.prefix) {
    const bool special = c == '*' || c == '?' || c == '$';
    arn += special ? std::string("${") + c + "}" : std::string(1, c);
  }
  return arn + "*";
}

Json objects_statement(const Config& config, const std::string& partition) {
  Json actions = Json::array();
  for (const std::string& action : put_permissions(config.store.object))
    if (action.starts_with("s3:")) actions.push_back(action);
  actions.push_back("s3:GetObject");
  return {{"Sid", "PutAndRecogniseObjects"},
          {"Effect", "Allow"},
          {"Action", actions},
          {"Resource", objects_arn(config.store, partition)}};
}

// A key's ARN stands for itself, an id is one of any account's; an alias can only be a condition.
Json key_statement(const Config& config, const std::string& region) {
  const S3ObjectSettings& object = config.store.object;
  const std::string& key = object.sse_kms_key_id;
  const size_t alias = key.find("alias/");
  const AwsPartition& partition = aws_partition(region);
  const std::string keys = "arn:" + std::string(partition.name) + ":kms:" + region + ":*:key/";
  const bool is_alias = alias != key.npos;
  const bool is_arn = key.starts_with("arn:") && !is_alias;
  const std::string service = "s3." + region + "." + std::string(partition.domain);
  Json condition{{"StringEquals", {{"kms:ViaService", service}}}};
  for (const std::string& pair : object.sse_context) {
    const auto [name, value] = split_pair(pair);
    condition["StringEquals"]["kms:EncryptionContext:" + name] = value;
  }
  if (is_alias) condition["ForAnyValue:StringEquals"] = {{"kms:ResourceAliases", key.substr(alias)}};
  return {{"Sid", "UseTheKey"},
          {"Effect", "Allow"},
          {"Action", {"kms:GenerateDataKey", "kms:Decrypt"}},
          {"Resource", is_arn ? key : keys + (is_alias ? "*" : key)},
          {"Condition", condition}};
}

}  // namespace

Result<std::string> least_iam_policy(const Config& config) {
  const StoreConfig& store = config.store;
  if (store.type != "s3")
    return invalid("store.type is " + store.type + ": only a bucket (`type: s3`) has an IAM policy");
  CISTERN_TRY(auto requests, S3Requests::make(s3_options(store)));
  const std::string partition(aws_partition(requests.region()).name);
  Json statements = Json::array({objects_statement(config, partition)});
  // Without a key of one's own S3 uses the account's, whose policy already lets S3's users use it.
  if (store.object.sse.starts_with("aws:kms") && !store.object.sse_kms_key_id.empty())
    statements.push_back(key_statement(config, requests.region()));
  return Json{{"Version", "2012-10-17"}, {"Statement", statements}}.dump(2) + "\n";
}

int print_iam_policy(const Config& config, std::ostream& out, std::ostream& error) {
  const auto policy = least_iam_policy(config);
  if (!policy) {
    error << "cistern: " << coded("no_policy", policy.error().what) << "\n";
    return kExitConfiguration;
  }
  out << policy.value();
  return kExitOk;
}

}  // namespace cistern
