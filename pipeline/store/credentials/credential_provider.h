// One way to get credentials. A provider only fetches; when, how often and for whom is
// RefreshingCredentials's.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "pipeline/clock.h"
#include "pipeline/disk.h"
#include "pipeline/result.h"
#include "pipeline/store/credentials/credentials.h"

namespace cistern {

// What providers need of the process; all of it outlives them.
struct CredentialDoors {
  const Clock& clock;
  Disk& disk;
  boost::asio::any_io_executor io;
  boost::asio::any_io_executor workers;  // for what blocks: files, a program that is run
};

class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;
  // Asks anew every time, files included. One fetch at a time; the provider outlives it. Errors: `retry` (no
  // answer, or a trouble of the other side), `fatal` (an operator must act); the text says what to look at.
  virtual boost::asio::awaitable<Result<Credentials>> fetch() = 0;
  // For a person, without a secret: "environment", "instance metadata at 169.254.169.254".
  virtual const std::string& name() const = 0;
};

}  // namespace cistern
