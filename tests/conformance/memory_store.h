// The contract of ObjectStore in its plainest form: a map. For tests of whatever puts objects.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "pipeline/store/object_store.h"

namespace cistern::store_rig {

class MemoryStore : public ObjectStore {
 public:
  struct Stored {
    std::string bytes;
    ObjectInfo info;
  };

  boost::asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) override {
    CISTERN_CO_TRY(auto bytes, whole(*object));
    const std::lock_guard lock(mutex_);
    auto [at, added] =
        objects_.emplace(object->key, Stored{std::move(bytes),
                                             {object->size, object->journal_id, object->sequence,
                                              object->events, object->first_ms, object->last_ms}});
    if (added) co_return PutOutcome::stored;
    co_return is_ours(at->second.info, *object) ? PutOutcome::already_ours : PutOutcome::taken;
  }
  boost::asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) override {
    const std::lock_guard lock(mutex_);
    const auto at = objects_.find(key);
    if (at == objects_.end()) co_return std::optional<ObjectInfo>();
    co_return std::optional<ObjectInfo>(at->second.info);
  }
  boost::asio::awaitable<Result<Buffer>> get(std::string key) override {
    const std::lock_guard lock(mutex_);
    const auto at = objects_.find(key);
    if (at == objects_.end()) co_return invalid("there is no object " + key);
    co_return Buffer(at->second.bytes);
  }
  boost::asio::awaitable<Result<std::string>> check() override { co_return std::string("memory"); }

  // A copy of all that is stored, by key.
  std::map<std::string, Stored> objects() const {
    const std::lock_guard lock(mutex_);
    return objects_;
  }
  void put_stranger(const std::string& key, std::string bytes) {
    const std::lock_guard lock(mutex_);
    objects_[key].info = {bytes.size(), "", 0};
    objects_[key].bytes = std::move(bytes);
  }

 private:
  static Result<std::string> whole(const Object& object) {
    std::string bytes;
    for (size_t i = 0; i < object.bytes->pieces(); ++i) {
      CISTERN_TRY(auto piece, object.bytes->piece(i));
      bytes += piece->view();
    }
    if (bytes.size() != object.size) return fatal("an object's bytes are not as many as announced");
    return bytes;
  }

  mutable std::mutex mutex_;
  std::map<std::string, Stored> objects_;
};

}  // namespace cistern::store_rig
