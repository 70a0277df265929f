#include "pipeline/store/credentials/credential_document.h"

#include <nlohmann/json.hpp>

#include "pipeline/store/aws_time.h"
#include "pipeline/store/credentials/static_credentials.h"

namespace cistern {
namespace {

using nlohmann::json;

json parse_object(const std::string& text) {
  json document = json::parse(text, nullptr, false);
  return document.is_object() ? document : json();
}

// The member's text, taken out of the document; empty when it is no text.
Secret take_member(json& document, const char* name) {
  const auto member = document.find(name);
  auto* text = member == document.end() ? nullptr : member->get_ptr<std::string*>();
  return text == nullptr ? Secret() : Secret::take(*text);
}

Error lacks(const std::string& what) {
  return retry("the answer is not the JSON of credentials that is expected: " + what);
}

Result<Credentials> read(json& document, const char* token_name) {
  Credentials found;
  found.access_key_id = take_member(document, "AccessKeyId").view();
  found.secret_access_key = take_member(document, "SecretAccessKey");
  found.session_token = take_member(document, token_name);
  if (found.access_key_id.empty()) return lacks("it has no AccessKeyId");
  if (found.secret_access_key.empty()) return lacks("it has no SecretAccessKey");
  if (!is_sendable(found)) return lacks("it has values with spaces or control characters");
  const Secret expiration = take_member(document, "Expiration");
  if (expiration.empty()) return found;
  found.expires_ms = parse_iso_time(expiration.view());
  if (!found.expires_ms) return lacks("its Expiration is no time such as 2026-11-21T08:00:00Z");
  return found;
}

}  // namespace

Result<Credentials> read_credential_document(std::string& text, const char* token_name) {
  json document = parse_object(text);
  cleanse(text);
  if (document.is_null()) return lacks("it is no JSON object");
  return read(document, token_name);
}

std::string text_member(const std::string& text, const char* name) {
  json document = parse_object(text);
  return document.is_null() ? std::string() : std::string(take_member(document, name).view());
}

int64_t number_member(const std::string& text, const char* name) {
  const json document = parse_object(text);
  const auto member = document.find(name);
  const bool number = member != document.end() && member->is_number_integer();
  return number ? member->get<int64_t>() : 0;
}

}  // namespace cistern
