#include "pipeline/archive/upload_list.h"

#include <algorithm>
#include <utility>

namespace cistern {

uint64_t UploadList::begin(std::string partition, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  UploadUnderWay& upload = uploads_[next_];
  upload.partition = std::move(partition);
  upload.began_ms = now_ms;
  return next_++;
}

void UploadList::sealed(uint64_t upload, const std::string& key, uint64_t bytes, uint64_t events) {
  const std::lock_guard lock(mutex_);
  UploadUnderWay& found = uploads_[upload];
  found.key = key;
  found.bytes = bytes;
  found.events = events;
}

void UploadList::trying(uint64_t upload) {
  const std::lock_guard lock(mutex_);
  ++uploads_[upload].tries;
}

void UploadList::failed(uint64_t upload, int64_t now_ms, const std::string& what, bool permanent) {
  const std::lock_guard lock(mutex_);
  UploadUnderWay& found = uploads_[upload];
  found.error = what;
  found.permanent = permanent;
  const auto before = std::find_if(errors_.begin(), errors_.end(),
                                   [&what](const UploadError& error) { return error.what == what; });
  const uint64_t times = before == errors_.end() ? 0 : before->times;
  if (before != errors_.end()) errors_.erase(before);
  errors_.push_front({now_ms, times + 1, found.key.empty() ? found.partition : found.key, what, permanent});
  if (errors_.size() > kErrorsKept) errors_.pop_back();
}

void UploadList::goes_well(uint64_t upload) {
  const std::lock_guard lock(mutex_);
  uploads_[upload].error.clear();
}

void UploadList::end(uint64_t upload) {
  const std::lock_guard lock(mutex_);
  uploads_.erase(upload);
}

std::string UploadList::trouble() const {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, upload] : uploads_)
    if (!upload.error.empty()) return upload.error;
  return {};
}

std::vector<UploadUnderWay> UploadList::under_way(size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<UploadUnderWay> found;
  for (auto at = uploads_.begin(); at != uploads_.end() && found.size() < most; ++at)
    found.push_back(at->second);
  return found;
}

std::vector<UploadError> UploadList::errors() const {
  const std::lock_guard lock(mutex_);
  return {errors_.begin(), errors_.end()};
}

}  // namespace cistern
