#include "pipeline/store/s3_answer.h"

#include <algorithm>

namespace cistern {
namespace {

constexpr size_t kMostDocument = 64 * 1024;
constexpr size_t kMostField = 300;

// ---- The table.
// ------------------------------------------------------------------------------------------------

struct Rule {
  unsigned status;        // 0: any
  std::string_view code;  // empty: any; one that ends in '.' stands for all that begin with it
  S3Meaning meaning;
  std::string_view advice;  // {permission} {region} {bucket} are filled in
};

constexpr std::string_view kPermission =
    "allow {permission} to these credentials, in their policy and in the bucket's; if the bucket encrypts "
    "with a KMS "
    "key, kms:GenerateDataKey and kms:Decrypt as well";
constexpr std::string_view kRegion = "set store.region to the bucket's region ({region})";
constexpr std::string_view kToken =
    "the session token is no longer valid: new credentials are asked for; fixed ones must be replaced";
constexpr std::string_view kKms =
    "look at the KMS key of the bucket's default encryption: it must be enabled, lie in the bucket's region "
    "and allow "
    "kms:GenerateDataKey to these credentials";
constexpr std::string_view kAltered =
    "the bytes that arrived are not those that were sent; if it repeats, look for "
    "a proxy that alters requests";
constexpr std::string_view kFull = "the store's space or quota is used up: give it more";
constexpr std::string_view kServer =
    "the endpoint cannot do what Cistern needs (PUT with If-None-Match, HEAD): use "
    "another S3 server or a newer version";

// The first rule that fits decides; S3's code says more than the status, so rules with a code come first.
constexpr Rule kRules[] = {
    {0, "PreconditionFailed", S3Meaning::exists, ""},
    {0, "ConditionalRequestConflict", S3Meaning::retry, ""},
    {0, "OperationAborted", S3Meaning::retry, ""},
    {0, "InternalError", S3Meaning::retry, ""},
    {0, "SlowDown", S3Meaning::retry,
     "the store asks for fewer requests; larger partitions make fewer objects"},
    {0, "ServiceUnavailable", S3Meaning::retry, ""},
    {0, "Throttling", S3Meaning::retry, ""},
    {0, "ThrottlingException", S3Meaning::retry, ""},
    {0, "RequestLimitExceeded", S3Meaning::retry, ""},
    {0, "TooManyRequestsException", S3Meaning::retry, ""},
    {0, "BandwidthLimitExceeded", S3Meaning::retry, ""},
    {0, "RequestTimeout", S3Meaning::retry,
     "the body came too slowly: look at the network, or lower store.uploads"},
    {0, "IncompleteBody", S3Meaning::retry, ""},
    {0, "BadDigest", S3Meaning::retry, kAltered},
    {0, "XAmzContentSHA256Mismatch", S3Meaning::retry, kAltered},
    {0, "TemporaryRedirect", S3Meaning::retry, "the bucket is new and its name not known everywhere yet"},
    {0, "ExpiredToken", S3Meaning::retry, kToken},
    {0, "TokenRefreshRequired", S3Meaning::retry, kToken},
    {0, "InvalidToken", S3Meaning::fatal, kToken},
    {0, "RequestTimeTooSkewed", S3Meaning::retry,
     "set this machine's clock: S3 allows 15 minutes of difference; the server's own time is used next"},
    {0, "PermanentRedirect", S3Meaning::fatal, kRegion},
    {0, "AuthorizationHeaderMalformed", S3Meaning::fatal, kRegion},
    {0, "IllegalLocationConstraintException", S3Meaning::fatal, kRegion},
    {0, "InvalidAccessKeyId", S3Meaning::fatal,
     "the access key id is not known to the store: look at the credentials"},
    {0, "SignatureDoesNotMatch", S3Meaning::fatal,
     "the secret access key does not belong to the access key id, or a proxy alters requests"},
    {0, "KMS.", S3Meaning::fatal, kKms},
    {0, "AllAccessDisabled", S3Meaning::fatal, "the bucket or the account is closed to all requests"},
    {0, "AccountProblem", S3Meaning::fatal,
     "the AWS account has a problem: look at its billing and support pages"},
    {0, "QuotaExceeded", S3Meaning::fatal, kFull},
    {0, "XMinioStorageFull", S3Meaning::fatal, kFull},
    {0, "NoSuchBucket", S3Meaning::fatal, "make the bucket {bucket}, or correct store.bucket"},
    {0, "NoSuchKey", S3Meaning::absent, ""},
    {0, "NotImplemented", S3Meaning::fatal, kServer},
    {0, "MethodNotAllowed", S3Meaning::fatal, kServer},
    {0, "AccessDenied", S3Meaning::fatal, kPermission},
    {301, "", S3Meaning::fatal, kRegion},
    {307, "", S3Meaning::retry, "the bucket is new and its name not known everywhere yet"},
    {403, "", S3Meaning::fatal, kPermission},
    {405, "", S3Meaning::fatal, kServer},
    {408, "", S3Meaning::retry, ""},
    {409, "", S3Meaning::retry, ""},
    {412, "", S3Meaning::exists, ""},
    {425, "", S3Meaning::retry, ""},
    {429, "", S3Meaning::retry, ""},
    {501, "", S3Meaning::fatal, kServer},
    {507, "", S3Meaning::fatal, kFull},
};

constexpr Rule kOtherServerError{0, "", S3Meaning::retry, ""};
constexpr Rule kOther{0, "", S3Meaning::fatal, "look at store.endpoint, store.region and store.bucket"};
constexpr Rule kDone{0, "", S3Meaning::done, ""};
constexpr Rule kAbsent{0, "", S3Meaning::absent, ""};

bool fits(const Rule& rule, const S3Answer& answer) {
  if (rule.code.empty()) return rule.status == answer.status;
  return rule.code.ends_with('.') ? answer.code.starts_with(rule.code) : answer.code == rule.code;
}

const Rule& rule_for(const S3Answer& answer, S3Action action) {
  if (answer.status / 100 == 2 && answer.code.empty()) return kDone;
  for (const Rule& rule : kRules) {
    if (fits(rule, answer)) return rule;
  }
  const bool of_object = action != S3Action::put;
  if (answer.status == 404 && of_object) return kAbsent;
  // 2xx: an error document in a success, which S3 sends for troubles of its own.
  const bool server = answer.status / 100 == 5 || answer.status / 100 == 2;
  return server ? kOtherServerError : kOther;
}

// ---- Reading.
// --------------------------------------------------------------------------------------------------

std::string printable(std::string_view text) {
  std::string out;
  for (char c : text.substr(0, kMostField)) out += c >= ' ' && c < 0x7f ? c : '?';
  return out;
}

std::string without_entities(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}};
  std::string out;
  while (!text.empty()) {
    const auto entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                     [&](const auto& one) { return text.starts_with(one.first); });
    const bool found = entity != std::end(kEntities);
    out += found ? entity->second : text.front();
    text.remove_prefix(found ? entity->first.size() : 1);
  }
  return out;
}

// What stands inside <Error ...> ... </Error>, the document's root; empty: it is no error document.
std::string_view error_document(std::string_view body) {
  body = body.substr(0, kMostDocument);
  const size_t text = body.find_first_not_of(" \t\r\n");
  if (text == std::string_view::npos) return {};
  body.remove_prefix(text);
  if (body.starts_with("<?xml")) {
    const size_t end = body.find("?>");
    if (end == std::string_view::npos) return {};
    body.remove_prefix(end + 2);
    body.remove_prefix(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
  }
  if (!body.starts_with("<Error>") && !body.starts_with("<Error ")) return {};
  body.remove_prefix(std::min(body.find('>') + 1, body.size()));
  return body.substr(0, body.find("</Error>"));
}

// The text of a child element that has no children of its own.
std::string child(std::string_view document, const std::string& name) {
  const std::string open = "<" + name + ">", close = "</" + name + ">";
  const size_t begin = document.find(open);
  if (begin == std::string_view::npos) return {};
  document.remove_prefix(begin + open.size());
  const size_t end = document.find('<');
  if (end == std::string_view::npos || !document.substr(end).starts_with(close)) return {};
  return printable(without_entities(document.substr(0, end)));
}

// ---- Telling.
// --------------------------------------------------------------------------------------------------

std::string_view action_name(S3Action action) {
  switch (action) {
    case S3Action::put:
      return "put of";
    case S3Action::head:
      return "look at";
    case S3Action::get:
      return "read of";
  }
  return "";
}

std::string_view permission(S3Action action) {
  switch (action) {
    case S3Action::put:
      return "s3:PutObject";
    case S3Action::head:
    case S3Action::get:
      return "s3:GetObject";
  }
  return "";
}

void fill_in(std::string& text, std::string_view name, std::string_view value) {
  const size_t at = text.find(name);
  if (at != std::string::npos) text.replace(at, name.size(), value);
}

std::string advice_for(const Rule& rule, const S3Answer& answer, const S3Place& place) {
  std::string text(rule.advice);
  fill_in(text, "{permission}", permission(place.action));
  fill_in(text, "{region}", answer.region.empty() ? "the answer does not name it" : answer.region);
  fill_in(text, "{bucket}", place.bucket);
  return text;
}

}  // namespace

S3Answer read_s3_answer(const HttpResponse& response) {
  S3Answer answer;
  answer.status = response.status;
  const std::string_view document = error_document(response.body);
  answer.code = child(document, "Code");
  answer.message = child(document, "Message");
  answer.region = child(document, "Region");
  if (answer.region.empty()) answer.region = printable(find_header(response.headers, "x-amz-bucket-region"));
  answer.request_id = printable(find_header(response.headers, "x-amz-request-id"));
  if (answer.request_id.empty()) answer.request_id = child(document, "RequestId");
  return answer;
}

S3Meaning meaning_of(const S3Answer& answer, S3Action action) { return rule_for(answer, action).meaning; }

bool refuses_credentials(const S3Answer& answer) {
  return answer.code == "ExpiredToken" || answer.code == "TokenRefreshRequired" ||
         answer.code == "InvalidToken";
}

Error s3_error(const S3Answer& answer, const S3Place& place) {
  const Rule& rule = rule_for(answer, place.action);
  std::string text = "S3 " + std::string(action_name(place.action)) + " s3://" + printable(place.bucket) +
                     "/" + printable(place.key);
  text += " (region " + place.region + ") was answered " + std::to_string(answer.status);
  if (!answer.code.empty()) text += " " + answer.code;
  if (!answer.message.empty()) text += " \"" + answer.message + "\"";
  if (!answer.request_id.empty()) text += ", request id " + answer.request_id;
  const std::string advice = advice_for(rule, answer, place);
  if (!advice.empty()) text += ": " + advice;
  return {rule.meaning == S3Meaning::fatal ? ErrorKind::fatal : ErrorKind::retry, std::move(text)};
}

}  // namespace cistern
