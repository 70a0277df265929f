// The status document, made anew when somebody asks for it, at most once a second. What the journal's thread
// owns is counted there; when that thread does not answer (a disk that hangs), the document says so and shows
// the last count: it is then that somebody looks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <nlohmann/json_fwd.hpp>

#include "pipeline/clock.h"
#include "server/status/status_sources.h"

namespace cistern {

class StatusBoard {
 public:
  using Document = std::shared_ptr<const nlohmann::ordered_json>;
  using OnDocument = std::function<void(Document)>;

  // `control` runs one thing at a time: everything here is done on it. `disk`: the partitions' executor. Both
  // must have ended before this does.
  StatusBoard(StatusSources sources, boost::asio::any_io_executor control, boost::asio::any_io_executor disk,
              Clock& clock);

  // Calls `done` on `control`, within some two seconds. Any thread.
  void ask(OnDocument done);

 private:
  static constexpr int64_t kFreshMs = 1'000;
  static constexpr int64_t kDiskMs = 1'000;

  void look();
  void answer_or_wait(OnDocument done);
  void count_partitions();
  void counted(OpenPartitions open);
  void answer_all();

  const StatusSources sources_;
  const boost::asio::any_io_executor control_;
  const boost::asio::any_io_executor disk_;
  Clock& clock_;
  const int64_t started_ms_;
  Activity activity_;
  std::optional<OpenPartitions> open_;
  int64_t open_ms_ = 0;
  bool counting_ = false;
  std::vector<OnDocument> waiting_;
  Document latest_;
  int64_t latest_steady_ms_ = 0;
};

}  // namespace cistern
