#include "pipeline/store/s3_meaning.h"

#include <string_view>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

using M = S3Meaning;

// ---- The table.

struct Rule {
  unsigned status;        // 0: any
  std::string_view code;  // empty: any; one that ends in '.' stands for all that begin with it
  S3Meaning meaning;
  std::string_view advice;  // {permission} {region} {bucket} are filled in
};

constexpr std::string_view kPermission =
    "allow {permission} to these credentials, in their policy and in the bucket's (`cistern check --iam` "
    "prints "
    "the least policy); if the bucket encrypts with a KMS key, kms:GenerateDataKey and kms:Decrypt as well";
constexpr std::string_view kRegion = "set store.region to the bucket's region ({region})";
constexpr std::string_view kToken =
    "the session token is no longer valid: new credentials are asked for; fixed ones must be replaced";
constexpr std::string_view kKms =
    "look at store.sse_kms_key_id, or at the key of the bucket's default encryption: it must be enabled, lie "
    "in "
    "the bucket's region and allow kms:GenerateDataKey (and kms:Decrypt) to these credentials";
constexpr std::string_view kAltered =
    "the bytes that arrived are not those that were sent; if it repeats, look for a proxy that alters "
    "requests";
constexpr std::string_view kFull = "the store's space or quota is used up: give it more";
constexpr std::string_view kServer =
    "the endpoint cannot do what Cistern asks for (PUT with If-None-Match, HEAD, what store.sse, "
    "store.storage_class, store.tags, store.acl and store.lock_mode set): use another S3 server or a newer "
    "version, or take the setting away";
constexpr std::string_view kSlower =
    "the store asks for fewer requests, and gets them; larger partitions make fewer objects";
constexpr std::string_view kNewBucket = "the bucket is new and its name not known everywhere yet";
constexpr std::string_view kArgument =
    "S3 refuses a value of the request: look at store.sse, store.sse_kms_key_id, store.storage_class, "
    "store.tags, "
    "store.metadata, store.acl and the store.lock_ settings";
constexpr std::string_view kLock =
    "store.lock_mode and store.lock_legal_hold need a bucket that was made with object lock: make such a "
    "bucket, "
    "or take them away";
constexpr std::string_view kTooLarge = "make objects smaller: partition.flush_size";
constexpr std::string_view kLongKey = "make keys shorter: store.prefix, partition.prefix or partition.key";

// The first rule that fits decides; S3's code says more than the status, so rules with a code come first.
constexpr Rule kRules[] = {
    {0, "PreconditionFailed", M::exists, ""},
    {0, "ConditionalRequestConflict", M::retry, ""},
    {0, "OperationAborted", M::retry, ""},
    {0, "InternalError", M::retry, ""},
    {0, "IncompleteBody", M::retry, ""},
    {0, "BadDigest", M::retry, kAltered},
    {0, "InvalidDigest", M::retry, kAltered},
    {0, "XAmzContentSHA256Mismatch", M::retry, kAltered},
    {0, "XAmzContentChecksumMismatch", M::retry, kAltered},
    {0, "TemporaryRedirect", M::retry, kNewBucket},
    {0, "RequestTimeout", M::retry, "the body came too slowly: look at the network, or lower store.uploads"},
    {0, "NoSuchUpload", M::retry, ""},

    {0, "SlowDown", M::busy, kSlower},
    {0, "SlowDownWrite", M::busy, kSlower},
    {0, "SlowDownRead", M::busy, kSlower},
    {0, "ServiceUnavailable", M::busy, ""},
    {0, "Throttling", M::busy, kSlower},
    {0, "ThrottlingException", M::busy, kSlower},
    {0, "ThrottledException", M::busy, kSlower},
    {0, "RequestLimitExceeded", M::busy, kSlower},
    {0, "TooManyRequests", M::busy, kSlower},
    {0, "TooManyRequestsException", M::busy, kSlower},
    {0, "BandwidthLimitExceeded", M::busy, kSlower},
    {0, "KMS.ThrottlingException", M::busy,
     "KMS asks for fewer requests: store.sse_bucket_key saves most of them"},

    {0, "PermanentRedirect", M::wrong_region, kRegion},
    {0, "AuthorizationHeaderMalformed", M::wrong_region, kRegion},
    {0, "IllegalLocationConstraintException", M::wrong_region, kRegion},
    {0, "RequestTimeTooSkewed", M::wrong_clock,
     "set this machine's clock: S3 allows 15 minutes of difference"},

    {0, "EntityTooLarge", M::this_object, kTooLarge},
    {0, "EntityTooSmall", M::this_object, ""},
    {0, "KeyTooLongError", M::this_object, kLongKey},
    {0, "InvalidURI", M::this_object, "the store cannot take this key: look at partition.key"},
    {0, "XMinioInvalidObjectName", M::this_object, "the store cannot take this key: look at partition.key"},
    {0, "MetadataTooLarge", M::this_object, "S3 takes 2 KB of user metadata: shorten store.metadata"},
    {0, "InvalidObjectState", M::this_object,
     "the object lies in an archive class and must be restored before it can be read"},

    {0, "ExpiredToken", M::retry, kToken},
    {0, "ExpiredTokenException", M::retry, kToken},
    {0, "TokenRefreshRequired", M::retry, kToken},
    {0, "InvalidToken", M::needs_person, kToken},
    {0, "InvalidAccessKeyId", M::needs_person,
     "the access key id is not known to the store: look at the credentials"},
    {0, "SignatureDoesNotMatch", M::needs_person,
     "the secret access key does not belong to the access key id, or a proxy alters requests"},
    {0, "KMS.", M::needs_person, kKms},
    {0, "AllAccessDisabled", M::needs_person, "the bucket or the account is closed to all requests"},
    {0, "AccountProblem", M::needs_person,
     "the AWS account has a problem: look at its billing and support pages"},
    {0, "NotSignedUp", M::needs_person, "the AWS account has no S3: sign up for it"},
    {0, "QuotaExceeded", M::needs_person, kFull},
    {0, "XMinioStorageFull", M::needs_person, kFull},
    {0, "InvalidBucketName", M::needs_person, "correct store.bucket"},
    {0, "NoSuchBucket", M::needs_person, "make the bucket {bucket}, or correct store.bucket"},
    {0, "NoSuchAccessPoint", M::needs_person, "make the access point, or correct store.bucket"},
    {0, "NoSuchKey", M::absent, ""},
    {0, "NotImplemented", M::needs_person, kServer},
    {0, "MethodNotAllowed", M::needs_person, kServer},
    {0, "InvalidStorageClass", M::needs_person, "this store has no such class: correct store.storage_class"},
    {0, "InvalidTag", M::needs_person, "correct store.tags"},
    {0, "InvalidEncryptionAlgorithmError", M::needs_person, "correct store.sse"},
    {0, "InvalidBucketState", M::needs_person, kLock},
    {0, "ObjectLockConfigurationNotFoundError", M::needs_person, kLock},
    {0, "AccessControlListNotSupported", M::needs_person,
     "the bucket's owner has switched ACLs off, which makes them needless: take store.acl away"},
    {0, "InvalidArgument", M::needs_person, kArgument},
    {0, "InvalidRequest", M::needs_person, kArgument},
    {0, "AccessDenied", M::needs_person, kPermission},

    {301, "", M::wrong_region, kRegion},
    {307, "", M::retry, kNewBucket},
    {403, "", M::needs_person, kPermission},
    {405, "", M::needs_person, kServer},
    {407, "", M::needs_person, "the proxy wants a name and a password: put them into store.proxy"},
    {408, "", M::retry, ""},
    {409, "", M::retry, ""},
    {412, "", M::exists, ""},
    {413, "", M::this_object, kTooLarge},
    {414, "", M::this_object, kLongKey},
    {425, "", M::retry, ""},
    {429, "", M::busy, kSlower},
    {501, "", M::needs_person, kServer},
    {503, "", M::busy, ""},
    {507, "", M::needs_person, kFull},
    {509, "", M::busy, kSlower},
};

constexpr Rule kOtherServerError{0, "", M::retry, ""};
constexpr Rule kOther{0, "", M::needs_person, "look at store.endpoint, store.region and store.bucket"};
constexpr Rule kDone{0, "", M::done, ""};
constexpr Rule kAbsent{0, "", M::absent, ""};

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
  // A HEAD has no document: S3 tells the right region with a bare 400.
  static constexpr Rule elsewhere{0, "", M::wrong_region, kRegion};
  if (answer.status == 400 && answer.code.empty() && !answer.region.empty()) return elsewhere;
  // 2xx: an error document in a success, which S3 sends for troubles of its own.
  const bool server = answer.status / 100 == 5 || answer.status / 100 == 2;
  return server ? kOtherServerError : kOther;
}

// ---- Telling.

constexpr size_t kMostShownKeyBytes = 1200;  // to show; S3 takes 1 024

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

std::string permission(const S3Place& place) {
  if (place.action != S3Action::put) return "s3:GetObject";
  return place.permissions.empty() ? "s3:PutObject" : place.permissions;
}

void fill_in(std::string& text, std::string_view name, std::string_view value) {
  const size_t at = text.find(name);
  if (at != std::string::npos) text.replace(at, name.size(), value);
}

std::string advice_for(const Rule& rule, const S3Answer& answer, const S3Place& place) {
  std::string text(rule.advice);
  fill_in(text, "{permission}", permission(place));
  fill_in(text, "{region}", answer.region.empty() ? "the answer does not name it" : answer.region);
  fill_in(text, "{bucket}", place.bucket);
  return text;
}

ErrorKind kind_of(S3Meaning meaning) {
  switch (meaning) {
    case M::busy:
      return ErrorKind::busy;
    case M::wrong_region:
    case M::wrong_clock:
    case M::this_object:
    case M::needs_person:
      return ErrorKind::fatal;
    default:
      return ErrorKind::retry;
  }
}

}  // namespace

bool refuses_credentials(const S3Answer& answer) {
  return answer.code == "ExpiredToken" || answer.code == "ExpiredTokenException" ||
         answer.code == "TokenRefreshRequired" || answer.code == "InvalidToken";
}

S3Meaning meaning_of(const S3Answer& answer, S3Action action) { return rule_for(answer, action).meaning; }

Error s3_error(const S3Answer& answer, const S3Place& place) {
  const Rule& rule = rule_for(answer, place.action);
  std::string text = "S3 " + std::string(action_name(place.action)) + " s3://" +
                     printable(place.bucket, kMostShownKeyBytes) + "/" +
                     printable(place.key, kMostShownKeyBytes);
  text += " (region " + place.region + ") was answered " + std::to_string(answer.status);
  if (!answer.code.empty()) text += " " + answer.code;
  if (!answer.message.empty()) text += " \"" + answer.message + "\"";
  if (!answer.request_id.empty()) text += ", request id " + answer.request_id;
  if (!answer.host_id.empty()) text += ", host id " + answer.host_id;
  const std::string advice = advice_for(rule, answer, place);
  if (!advice.empty()) text += ": " + advice;
  if (rule.meaning == M::this_object) text += " (this object alone is refused; it is kept)";
  return {kind_of(rule.meaning), std::move(text)};
}

}  // namespace cistern
