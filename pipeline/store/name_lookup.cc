#include "pipeline/store/name_lookup.h"

#include <atomic>

namespace cistern {
namespace {

using boost::asio::ip::tcp;

// Somebody who waits: told once, by whoever comes first.
struct Asker {
  NameLookup::Done done;
  std::atomic_flag told;

  void tell(const NameLookup::Answer& answer) {
    if (!told.test_and_set()) done(answer);
  }
};

}  // namespace

// One look-up, and those who wait for it.
class NameLookup::Flight : public std::enable_shared_from_this<Flight> {
 public:
  explicit Flight(const boost::asio::any_io_executor& io) : resolver_(io) {}

  // False: it is over.
  bool join(const std::shared_ptr<Asker>& waiting) {
    const std::lock_guard lock(mutex_);
    if (!over_) waiting_.push_back(waiting);
    return !over_;
  }
  void start(const std::string& host, const std::string& port) {
    resolver_.async_resolve(host, port,
                            [self = shared_from_this()](boost::system::error_code error,
                                                        const tcp::resolver::results_type& found) {
                              for (const auto& one : self->end())
                                one->tell({error, {found.begin(), found.end()}});
                            });
  }

 private:
  std::vector<std::shared_ptr<Asker>> end() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    return std::move(waiting_);
  }

  tcp::resolver resolver_;
  std::mutex mutex_;
  bool over_ = false;
  std::vector<std::shared_ptr<Asker>> waiting_;
};

NameLookup::NameLookup(boost::asio::any_io_executor io, std::string host, uint16_t port)
    : io_(std::move(io)), host_(std::move(host)), port_(std::to_string(port)) {}

std::function<void()> NameLookup::ask(Done done) {
  auto waiting = std::make_shared<Asker>();
  waiting->done = std::move(done);
  const std::lock_guard lock(mutex_);
  auto flight = flight_.lock();
  if (!flight || !flight->join(waiting)) {
    flight = std::make_shared<Flight>(io_);
    flight->join(waiting);
    flight->start(host_, port_);
    flight_ = flight;
  }
  return [left = std::weak_ptr(waiting)] {
    if (const auto still = left.lock()) still->tell({boost::asio::error::timed_out, {}});
  };
}

}  // namespace cistern
