#include "pipeline/store/credentials/sts_error.h"

#include <string_view>

#include "pipeline/store/credentials/credential_request.h"
#include "pipeline/store/xml_text.h"

namespace cistern {
namespace {

struct StsRule {
  std::string_view code;
  ErrorKind kind;
  std::string_view advice;
};

constexpr ErrorKind kFatal = ErrorKind::fatal;
constexpr ErrorKind kRetry = ErrorKind::retry;

constexpr StsRule kStsRules[] = {
    {"AccessDenied", kFatal,
     "the role's trust policy must allow these credentials (or this token) to assume it, with the external "
     "id and tags that are sent; other credentials need sts:AssumeRole on the role as well"},
    {"ExpiredTokenException", kFatal,
     "the token file holds a token that has expired: what renews it has stopped"},
    {"ExpiredToken", kFatal, "the credentials that assume the role have expired: renew them"},
    {"InvalidIdentityToken", kFatal,
     "the token is none of an identity provider of this account: compare its issuer and audience with the "
     "provider in IAM"},
    {"IDPRejectedClaim", kFatal, "the identity provider refuses the token: it was revoked, or is too old"},
    {"IDPCommunicationError", kRetry, "STS cannot reach the identity provider"},
    {"InvalidClientTokenId", kFatal,
     "the access key id is not known: look at the credentials, and at the region, which may need switching "
     "on"},
    {"UnrecognizedClientException", kFatal, "the access key id is not known: look at the credentials"},
    {"SignatureDoesNotMatch", kFatal,
     "the secret access key does not belong to the access key id, or this machine's clock is wrong"},
    {"RequestExpired", kFatal, "this machine's clock is wrong: set it"},
    {"RegionDisabledException", kFatal, "STS is not switched on for store.region in this account"},
    {"ValidationError", kFatal, "look at the role's ARN, external id, session name, duration and tags"},
    {"MalformedPolicyDocument", kFatal, "look at the role's settings"},
    {"PackedPolicyTooLarge", kFatal, "there are too many session tags, or they are too long"},
    {"Throttling", kRetry, ""},
    {"ThrottlingException", kRetry, ""},
    {"RequestLimitExceeded", kRetry, ""},
    {"ServiceUnavailable", kRetry, ""},
    {"InternalFailure", kRetry, ""},
};

StsRule rule_for(const HttpResponse& response, std::string_view code) {
  for (const StsRule& rule : kStsRules)
    if (rule.code == code) return rule;
  const bool passes = response.status >= 500 || response.status == 429;
  return {"", passes ? kRetry : kFatal, passes ? "" : "look at store.region and at AWS_ENDPOINT_URL_STS"};
}

}  // namespace

Error sts_error(const HttpResponse& response, const Credentials& secrets) {
  const std::string code = quotable(xml_text(response.body, "Code"), secrets);
  const StsRule rule = rule_for(response, code);
  std::string text = "STS answered " + std::to_string(response.status);
  if (!code.empty()) text += " " + code;
  // Its text for a wrong signature quotes our request, headers included.
  const std::string message = quotable(xml_text(response.body, "Message"), secrets);
  if (!message.empty() && code != "SignatureDoesNotMatch") text += " \"" + message + "\"";
  const std::string id = quotable(xml_text(response.body, "RequestId"), secrets);
  if (!id.empty()) text += ", request id " + id;
  if (!rule.advice.empty()) text.append(": ").append(rule.advice);
  return {rule.kind, std::move(text)};
}

}  // namespace cistern
