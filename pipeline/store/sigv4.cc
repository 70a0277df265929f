#include "pipeline/store/sigv4.h"

#include <algorithm>
#include <array>
#include <map>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "pipeline/ascii.h"
#include "pipeline/digest.h"
#include "pipeline/percent.h"
#include "pipeline/utc_time.h"

namespace cistern {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

using Mac = std::array<uint8_t, 32>;

std::string_view view(const Mac& mac) { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

Mac hmac_sha256(std::string_view key, std::string_view text) {
  Mac mac{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const uint8_t*>(text.data()),
       text.size(), mac.data(), nullptr);
  return mac;
}

// Without spaces at either end, and one space for every run of them inside.
std::string collapse(std::string_view value) {
  std::string out;
  for (char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// By lower-case name, sorted; equal names joined by commas in their order.
std::map<std::string, std::string> canonical_headers(const SigV4Request& request) {
  std::map<std::string, std::string> sorted;
  for (const auto& [name, value] : request.headers) {
    auto [at, added] = sorted.emplace(lower(name), collapse(value));
    if (!added) at->second += "," + collapse(value);
  }
  return sorted;
}

std::string scope_text(const SigV4Scope& scope) {
  return scope.date.substr(0, 8) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

// HMAC chain: "AWS4" + secret, date, region, service, "aws4_request".
Mac signing_key(const SigV4Scope& scope, const Credentials& credentials) {
  std::string secret;
  secret.reserve(4 + credentials.secret_access_key.view().size());  // no copy is left behind by growing
  secret.append("AWS4").append(credentials.secret_access_key.view());
  Mac key = hmac_sha256(secret, scope.date.substr(0, 8));
  cleanse(secret);
  key = hmac_sha256(view(key), scope.region);
  key = hmac_sha256(view(key), scope.service);
  return hmac_sha256(view(key), "aws4_request");
}

}  // namespace

std::string amz_date(int64_t wall_ms) { return utc_basic(wall_ms); }

std::string uri_encode(std::string_view text, bool keep_slashes) {
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (char c : text) {
    const bool plain =
        is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && keep_slashes);
    if (plain) {
      out += c;
    } else {
      append_percent(c, out);
    }
  }
  return out;
}

std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query) {
  std::vector<std::pair<std::string, std::string>> encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query)
    encoded.emplace_back(uri_encode(name, false), uri_encode(value, false));
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

SigV4Signature sign_v4(const SigV4Request& request, const SigV4Scope& scope, const Credentials& credentials) {
  std::string headers, names;
  for (const auto& [name, value] : canonical_headers(request)) {
    headers.append(name).append(":").append(value).append("\n");
    if (!names.empty()) names += ';';
    names += name;
  }
  SigV4Signature out;
  out.canonical_request = request.method + "\n" + request.path + "\n" + canonical_query(request.query) +
                          "\n" + headers + "\n" + names + "\n" + request.payload_sha256;
  out.string_to_sign = std::string(kAlgorithm) + "\n" + scope.date + "\n" + scope_text(scope) + "\n" +
                       hex(sha256(out.canonical_request));
  Mac key = signing_key(scope, credentials);
  out.signature = hex(hmac_sha256(view(key), out.string_to_sign));
  OPENSSL_cleanse(key.data(), key.size());
  out.authorization = std::string(kAlgorithm) + " Credential=" + credentials.access_key_id + "/" +
                      scope_text(scope) + ",SignedHeaders=" + names + ",Signature=" + out.signature;
  return out;
}

}  // namespace cistern
