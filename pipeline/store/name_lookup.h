// Looks a host's name up for whoever must be able to stop waiting: the system's resolver cannot be
// interrupted, and a name server that is silent holds it for half a minute. At most one look-up of the host
// is under way at a time; whoever asks meanwhile gets its answer too.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace cistern {

// Any thread.
class NameLookup {
 public:
  struct Answer {
    boost::system::error_code error;
    std::vector<boost::asio::ip::tcp::endpoint> addresses;
  };
  using Done = std::function<void(const Answer&)>;

  // A name or an address. `io` must outlive what is under way.
  NameLookup(boost::asio::any_io_executor io, std::string host, uint16_t port);

  // Calls `done` once: with the answer, on `io`; or with the error timed_out, from within the returned
  // function, if that is called before. The returned function keeps nothing alive.
  std::function<void()> ask(Done done);

 private:
  class Flight;
  const boost::asio::any_io_executor io_;
  const std::string host_;
  const std::string port_;
  std::mutex mutex_;
  std::weak_ptr<Flight> flight_;  // under the mutex; its own operation keeps it
};

}  // namespace cistern
