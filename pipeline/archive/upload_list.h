// The uploads under way and what the store said last, for people who look. Any thread; the lock is the
// uploads' own: no delivery waits for it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace cistern {

struct UploadUnderWay {
  std::string partition;
  std::string key;     // the object's; empty: not sealed yet
  uint64_t bytes = 0;  // of the object, once it is sealed
  uint64_t events = 0;
  int64_t began_ms = 0;  // wall clock
  uint64_t tries = 0;
  std::string error;       // of the last try; empty: all goes well
  bool permanent = false;  // the error goes on until an operator acts
};

// What was said, however often: the store says the same to every upload.
struct UploadError {
  int64_t at_ms = 0;  // the last time
  uint64_t times = 0;
  std::string key;  // the last object's, or its partition while it has none
  std::string what;
  bool permanent = false;
};

class UploadList {
 public:
  static constexpr size_t kErrorsKept = 20;

  uint64_t begin(std::string partition, int64_t now_ms);  // gives the upload's number
  void sealed(uint64_t upload, const std::string& key, uint64_t bytes, uint64_t events);
  void trying(uint64_t upload);
  void failed(uint64_t upload, int64_t now_ms, const std::string& what, bool permanent);
  void goes_well(uint64_t upload);
  void end(uint64_t upload);

  // What the oldest upload that fails was told; empty: none fails.
  std::string trouble() const;
  // The oldest `most` of them.
  std::vector<UploadUnderWay> under_way(size_t most) const;
  // The last kErrorsKept different ones, the newest first, also of uploads that have gone through since.
  std::vector<UploadError> errors() const;

 private:
  mutable std::mutex mutex_;
  std::map<uint64_t, UploadUnderWay> uploads_;
  std::deque<UploadError> errors_;
  uint64_t next_ = 1;
};

}  // namespace cistern
