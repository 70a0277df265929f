// What signs asks here before every request. A source that has to fetch what it gives answers from what it
// holds and renews that in its own time: see refreshing_credentials.h.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "pipeline/result.h"
#include "pipeline/store/credentials/credentials.h"

namespace cistern {

// Any thread.
class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // For the next request. Runs on the caller's executor and resumes there. Errors: `retry` (the source does
  // not answer now), `fatal` (it answers no, or there is none).
  virtual boost::asio::awaitable<Result<Credentials>> credentials() = 0;
  // A server said that these have expired or are not valid any more: they are fetched anew before the next
  // request.
  virtual void refused(const Credentials& credentials) = 0;
  // For a person: "configuration", "environment".
  virtual const std::string& name() const = 0;
};

}  // namespace cistern
