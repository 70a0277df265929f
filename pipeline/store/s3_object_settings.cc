#include "pipeline/store/s3_object_settings.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "pipeline/ascii.h"
#include "pipeline/digest.h"
#include "pipeline/store/sigv4.h"
#include "pipeline/utc_time.h"

namespace cistern {
namespace {

constexpr size_t kMostMetadataBytes = 1500;  // of S3's 2 KB; the rest is ours
constexpr size_t kMostTags = 10;

// What may stand in a header as it is: ASCII, no space at either end.
bool is_header_value(const std::string& text) {
  const auto allowed = [](char c) { return is_visible(c) || c == ' '; };
  return std::all_of(text.begin(), text.end(), allowed) && !text.starts_with(' ') && !text.ends_with(' ');
}

Result<> check_header(const char* setting, const std::string& text) {
  if (is_header_value(text)) return ok();
  return invalid(std::string(setting) + " must be ASCII, without spaces at either end");
}

// Every item is NAME=VALUE, every name is there once.
Result<> check_pairs(const char* setting, const std::vector<std::string>& pairs) {
  std::vector<std::string> names;
  for (const std::string& text : pairs) {
    const std::string name = split_pair(text).first;
    if (name.empty() || text.find('=') == std::string::npos)
      return invalid(std::string(setting) + " has \"" + text + "\"; write name=value");
    if (std::find(names.begin(), names.end(), name) != names.end())
      return invalid(std::string(setting) + " has the name " + name + " twice");
    names.push_back(name);
  }
  return ok();
}

// Letters (of any script), digits, spaces and + - = . _ : / @
bool is_tag_text(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::string_view("+-=._:/@ ").find(c) != std::string_view::npos || (c & 0x80) != 0 ||
           is_alphanumeric(c);
  });
}

Result<> check_tags(const std::vector<std::string>& tags) {
  CISTERN_TRY(check_pairs("store.tags", tags));
  if (tags.size() > kMostTags) return invalid("store.tags has more than 10, which is all that S3 takes");
  for (const std::string& tag : tags) {
    const auto [name, value] = split_pair(tag);
    if (name.size() > 128 || value.size() > 256 || !is_tag_text(name) || !is_tag_text(value) ||
        name.starts_with("aws:")) {
      return invalid(
          "store.tags has \"" + tag +
          "\"; a name has 1 to 128 and a value 0 to 256 bytes: letters, digits, spaces and + - = . _ : / "
          "@, and a name does not begin with aws:");
    }
  }
  return ok();
}

bool is_metadata_name(char c) { return is_digit(c) || is_lower(c) || c == '-' || c == '_' || c == '.'; }

Result<> check_metadata(const std::vector<std::string>& metadata) {
  CISTERN_TRY(check_pairs("store.metadata", metadata));
  size_t bytes = 0;
  for (const std::string& pair : metadata) {
    const auto [name, value] = split_pair(pair);
    bytes += pair.size();
    if (!std::all_of(name.begin(), name.end(), is_metadata_name) || !is_header_value(value))
      return invalid("store.metadata has \"" + pair +
                     "\"; a name has lower-case letters, digits and - _ . and a value is ASCII");
    if (name.starts_with("cistern-"))
      return invalid("store.metadata has \"" + name + "\"; names that begin with cistern- are Cistern's own");
  }
  if (bytes > kMostMetadataBytes) return invalid("store.metadata must have 1500 bytes at most, all together");
  return ok();
}

Result<> check_encryption(const S3ObjectSettings& settings) {
  const bool kms = settings.sse.starts_with("aws:kms");
  const bool wants_kms =
      !settings.sse_kms_key_id.empty() || !settings.sse_context.empty() || settings.sse_bucket_key;
  if (wants_kms && !kms)
    return invalid(
        "store.sse_kms_key_id, store.sse_context and store.sse_bucket_key need store.sse: aws:kms (or "
        "aws:kms:dsse)");
  if (settings.sse_bucket_key && settings.sse == "aws:kms:dsse")
    return invalid("store.sse_bucket_key: aws:kms:dsse has no bucket keys");
  if (!all_visible(settings.sse_kms_key_id))
    return invalid("store.sse_kms_key_id must be a key's ARN, id or alias");
  return check_pairs("store.sse_context", settings.sse_context);
}

Result<> check_lock(const S3ObjectSettings& settings) {
  if (settings.lock_mode.empty() == (settings.lock_retain_ms == 0)) return ok();
  return invalid("store.lock_mode and store.lock_retain go together; only one of them is set");
}

std::string context_json(const std::vector<std::string>& pairs) {
  nlohmann::json context = nlohmann::json::object();
  for (const std::string& pair : pairs) context[split_pair(pair).first] = split_pair(pair).second;
  return context.dump();
}

// k1=v1&k2=v2, each part percent-encoded.
std::string tagging(const std::vector<std::string>& tags) {
  std::string text;
  for (const std::string& tag : tags) {
    const auto [name, value] = split_pair(tag);
    text += (text.empty() ? "" : "&") + uri_encode(name, false) + "=" + uri_encode(value, false);
  }
  return text;
}

}  // namespace

std::pair<std::string, std::string> split_pair(const std::string& text) {
  const size_t at = std::min(text.find('='), text.size());
  return {text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
}

Result<> check_object_settings(const S3ObjectSettings& settings) {
  CISTERN_TRY(check_header("store.content_type", settings.content_type));
  CISTERN_TRY(check_header("store.content_encoding", settings.content_encoding));
  const auto class_letter = [](char c) { return is_upper(c) || is_digit(c) || c == '_' || c == '-'; };
  if (!std::all_of(settings.storage_class.begin(), settings.storage_class.end(), class_letter))
    return invalid("store.storage_class must be capital letters, digits and _, such as STANDARD_IA");
  CISTERN_TRY(check_encryption(settings));
  CISTERN_TRY(check_tags(settings.tags));
  CISTERN_TRY(check_metadata(settings.metadata));
  CISTERN_TRY(check_lock(settings));
  const std::string& owner = settings.expected_bucket_owner;
  if (!owner.empty() && (owner.size() != 12 || !all_digits(owner)))
    return invalid("store.expected_bucket_owner must be an AWS account's 12 digits");
  return ok();
}

HttpHeaders object_headers(const S3ObjectSettings& settings, int64_t wall_ms) {
  HttpHeaders headers;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) headers.emplace_back(name, value);
  };
  add("Content-Type", settings.content_type);
  add("Content-Encoding", settings.content_encoding);
  add("x-amz-acl", settings.acl);
  add("x-amz-server-side-encryption", settings.sse);
  add("x-amz-server-side-encryption-aws-kms-key-id", settings.sse_kms_key_id);
  if (!settings.sse_context.empty())
    add("x-amz-server-side-encryption-context", base64_encode(context_json(settings.sse_context)));
  if (settings.sse_bucket_key) add("x-amz-server-side-encryption-bucket-key-enabled", "true");
  add("x-amz-storage-class", settings.storage_class);
  add("x-amz-tagging", tagging(settings.tags));
  add("x-amz-object-lock-mode", settings.lock_mode);
  if (!settings.lock_mode.empty())
    add("x-amz-object-lock-retain-until-date", utc_seconds(wall_ms + settings.lock_retain_ms));
  if (settings.lock_legal_hold) add("x-amz-object-lock-legal-hold", "ON");
  for (const std::string& pair : settings.metadata) {
    headers.emplace_back("x-amz-meta-" + split_pair(pair).first, split_pair(pair).second);
  }
  return headers;
}

HttpHeaders bucket_headers(const S3ObjectSettings& settings) {
  HttpHeaders headers;
  if (!settings.expected_bucket_owner.empty())
    headers.emplace_back("x-amz-expected-bucket-owner", settings.expected_bucket_owner);
  if (settings.requester_pays) headers.emplace_back("x-amz-request-payer", "requester");
  return headers;
}

std::vector<std::string> put_permissions(const S3ObjectSettings& settings) {
  std::vector<std::string> needed{"s3:PutObject"};
  if (!settings.tags.empty()) needed.emplace_back("s3:PutObjectTagging");
  if (!settings.lock_mode.empty()) needed.emplace_back("s3:PutObjectRetention");
  if (settings.lock_legal_hold) needed.emplace_back("s3:PutObjectLegalHold");
  if (!settings.acl.empty()) needed.emplace_back("s3:PutObjectAcl");
  if (settings.sse.starts_with("aws:kms")) needed.emplace_back("kms:GenerateDataKey");
  return needed;
}

}  // namespace cistern
