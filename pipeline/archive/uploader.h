// Flushed partitions -> sealed objects in the store. At most `uploads` at once; each is tried until it is
// stored, with back-off: acknowledged data is never given up. A frame that the journal cannot bring any more
// is copied aside, and its object goes out without it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "pipeline/archive/upload_list.h"
#include "pipeline/clock.h"
#include "pipeline/journal/journal.h"
#include "pipeline/metrics.h"
#include "pipeline/store/object_store.h"

namespace cistern {

struct UploaderExecutors {
  boost::asio::any_io_executor io;       // a strand: coroutines of uploads run here
  boost::asio::any_io_executor workers;  // objects are built here
  boost::asio::any_io_executor disk;     // the journal's
};

// Functions are called on the disk executor, and callbacks come there. Must outlive the executors' work.
class Uploader {
 public:
  Uploader(UploaderExecutors executors, Journal& journal, ObjectStore& store, Clock& clock, Metrics& metrics,
           uint64_t uploads);

  bool has_room() const { return running_ < most_; }
  // From here on so many at once; those that run go on.
  void use(uint64_t uploads) { most_ = std::max<uint64_t>(uploads, 1); }
  bool idle() const { return running_ == 0; }

  // `lost`: those of the frames that went bad on disk, so that they are copied aside and not in the store.
  using OnStored = std::function<void(const std::vector<FrameRef>& lost)>;
  // Seals the frames (of one partition, in their order) as one object and stores it.
  void upload(std::string partition, std::vector<JournaledFrame> frames, OnStored stored);
  // Goes on with what was sealed before a restart; may exceed the bound on uploads.
  void resume(RecoveredSeal recovered, OnStored stored);

  // Why an object is not stored yet, while that lasts; empty: all goes well. Any thread.
  std::string trouble() const { return list_.trouble(); }
  // What damage on disk took from objects since the start; empty: nothing. Any thread.
  std::string damage() const;
  // Any thread.
  const UploadList& list() const { return list_; }

 private:
  // One object on its way, with the frames that it is made of.
  struct Upload {
    Object object;
    std::vector<JournaledFrame> frames;
    std::string partition;       // theirs all; not in frames that partitions have let go of
    std::vector<FrameRef> lost;  // taken out of `frames` since this start
    uint64_t number = 0;         // in the list
  };
  using Refs = std::vector<FrameRef>;

  boost::asio::awaitable<Refs> seal_and_store(uint64_t number, std::string partition,
                                              std::vector<JournaledFrame> frames);
  boost::asio::awaitable<Refs> store_again(uint64_t number, RecoveredSeal recovered);
  // The functions below that return Refs take out the frames that went bad, and give these.
  boost::asio::awaitable<Refs> build(Upload& upload);
  boost::asio::awaitable<Refs> take_out_bad(Upload& upload);
  boost::asio::awaitable<bool> set_aside(const JournaledFrame& frame, const std::string& why);
  boost::asio::awaitable<void> go_on_without_bad(Upload& upload);
  boost::asio::awaitable<void> seal(Upload& upload, uint64_t replaces);
  boost::asio::awaitable<void> seal_again(Upload& upload);
  boost::asio::awaitable<void> give_up(Refs bad, const std::string& partition, int64_t first_ms);
  boost::asio::awaitable<void> write_seal(Seal seal);
  boost::asio::awaitable<void> store(Upload& upload);
  boost::asio::awaitable<Result<PutOutcome>> try_once(uint64_t number, std::shared_ptr<const Object> object);
  boost::asio::awaitable<void> back_off(int failures);
  void start(uint64_t number, boost::asio::awaitable<Refs> work, OnStored stored);
  void count(const char* outcome) { metrics_.uploads.of(outcome).Increment(); }
  void forget(uint64_t sequence);

  UploaderExecutors executors_;
  Journal& journal_;
  ObjectStore& store_;
  Clock& clock_;
  Metrics& metrics_;
  uint64_t most_;            // disk executor
  uint64_t running_ = 0;     // disk executor
  std::minstd_rand jitter_;  // io; seeded by the clock, so that a simulation repeats
  UploadList list_;
  mutable std::mutex damage_mutex_;
  uint64_t bad_frames_ = 0;
  uint64_t bad_events_ = 0;
  std::string last_damage_;
};

}  // namespace cistern
