#include "pipeline/store/s3_endpoint.h"

#include <algorithm>
#include <array>

#include "pipeline/ascii.h"
#include "pipeline/store/aws_partition.h"

namespace cistern {
namespace {

// Of a region and of an access point.
bool is_name_character(char c) { return is_lower(c) || is_digit(c) || c == '-'; }

Result<> check_bucket(const std::string& name) {
  const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_';
  });
  if (name.size() < 3 || name.size() > 63 || !characters || name == "..." ||
      name.find("..") != std::string::npos || name.front() == '.' || name.back() == '.') {
    return invalid("store.bucket must be 3 to 63 letters, digits, '-' and '.' (S3's bucket names)");
  }
  if (name.ends_with("--x-s3"))
    return invalid(
        "store.bucket: directory buckets (S3 Express One Zone) are not supported; take another bucket");
  return ok();
}

Result<> check_region(const std::string& region) {
  const bool characters = std::all_of(region.begin(), region.end(), is_name_character);
  if (!region.empty() && characters) return ok();
  return invalid("store.region must be a region's name, such as us-east-1");
}

Result<HttpEndpoint> server_of(const S3Location& location, const std::string& service) {
  if (location.endpoint.empty()) {
    CISTERN_TRY(check_endpoint_kinds(location.region, location.fips, location.dual_stack));
    const std::string words =
        std::string(location.fips ? "-fips" : "") + (location.dual_stack ? ".dualstack." : ".");
    const std::string domain(aws_partition(location.region).domain);
    return HttpEndpoint{true, service + words + location.region + "." + domain, 443};
  }
  if (location.fips || location.dual_stack)
    return invalid(
        "store.fips and store.dual_stack choose among AWS's own endpoints: take them or store.endpoint");
  auto url = parse_http_url(location.endpoint);
  if (!url) return invalid("store.endpoint: " + url.error().what);
  if (url.value().target != "/") return invalid("store.endpoint must not have a path: https://host[:port]");
  return std::move(url.value().endpoint);
}

// AWS's certificate covers one label below the endpoint, and an address has no names below it.
bool needs_path_style(const S3Location& location, const HttpEndpoint& server) {
  const bool dotted = location.bucket.find('.') != std::string::npos;
  return location.path_style || server.is_address() || (dotted && server.tls);
}

Error bad_arn(const std::string& why) {
  return invalid("store.bucket: " + why +
                 "; an access point's ARN is arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME");
}

bool is_account(std::string_view text) { return text.size() == 12 && all_digits(text); }

// arn : partition : s3 : region : account : accesspoint/name
Result<S3Endpoint> access_point(S3Location location) {
  std::array<std::string, 6> parts;
  std::string_view rest = location.bucket;
  for (size_t i = 0; i < parts.size(); ++i) {
    const size_t end = i + 1 < parts.size() ? std::min(rest.find(':'), rest.size()) : rest.size();
    parts[i] = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto& [arn, partition, service, region, account, resource] = parts;
  if (service != "s3") return bad_arn("only access points of the service s3 are supported, not " + service);
  if (region.empty()) return bad_arn("multi-Region access points need SigV4A, which is not supported");
  CISTERN_TRY(check_region(region));
  if (partition != aws_partition(region).name) return bad_arn("its partition is not that of its region");
  constexpr size_t kWord = std::string_view("accesspoint/").size();
  const bool named = resource.starts_with("accesspoint/") || resource.starts_with("accesspoint:");
  const std::string name = named ? resource.substr(kWord) : std::string();
  const bool characters = std::all_of(name.begin(), name.end(), is_name_character);
  if (name.size() < 3 || name.size() > 50 || !characters || !is_account(account))
    return bad_arn("it is not of the right form");
  if (location.path_style) return invalid("store.path_style: access points have no path style");
  location.region = region;
  CISTERN_TRY(auto server, server_of(location, "s3-accesspoint"));
  if (server.is_address()) return bad_arn("store.endpoint must be a host's name for an access point");
  server.host = name + "-" + account + "." + server.host;
  return S3Endpoint{std::move(server), "", region};
}

}  // namespace

Result<S3Endpoint> resolve_s3_endpoint(const S3Location& location) {
  if (location.bucket.starts_with("arn:")) return access_point(location);
  CISTERN_TRY(check_bucket(location.bucket));
  CISTERN_TRY(check_region(location.region));
  S3Endpoint endpoint;
  endpoint.region = location.region;
  CISTERN_TRY(endpoint.server, server_of(location, "s3"));
  if (needs_path_style(location, endpoint.server)) {
    endpoint.bucket_path = "/" + location.bucket;
  } else {
    endpoint.server.host = location.bucket + "." + endpoint.server.host;
  }
  return endpoint;
}

}  // namespace cistern
