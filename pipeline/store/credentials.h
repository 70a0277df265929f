// Where S3 credentials come from. S3Store asks before every request, so a source that refreshes answers from
// what it holds and renews it in its own time; it implements this same interface.
//
// Sources today: static values of the configuration, and the AWS_* environment variables, which
// server/config.cc reads and passes in. Values never reach a log or an error text.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "pipeline/result.h"
#include "pipeline/store/sigv4.h"

namespace cistern {

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // Runs on the caller's executor and resumes there. Errors: `retry` (the source does not answer now),
  // `fatal`.
  virtual boost::asio::awaitable<Result<Credentials>> credentials() = 0;
  // For a person: "configuration", "environment".
  virtual const std::string& name() const = 0;
};

// The AWS_* variables that are looked at, as they are set; empty: not set.
struct AwsEnvironment {
  std::string access_key_id;      // AWS_ACCESS_KEY_ID
  std::string secret_access_key;  // AWS_SECRET_ACCESS_KEY
  std::string session_token;      // AWS_SESSION_TOKEN, or its old name AWS_SECURITY_TOKEN
};

// The configured credentials if there are any, else those of the environment. Error `invalid`: there are
// none, one half is missing, or a value holds characters that no credential has (a line end copied with it,
// for one).
Result<std::shared_ptr<CredentialSource>> choose_credentials(const Credentials& configured,
                                                             const AwsEnvironment& environment);

}  // namespace cistern
