// The store in use, which another one may take the place of while objects are sent: a request ends at the
// store it began with, the next one is the new store's. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "pipeline/store/object_store.h"

namespace cistern {

class ReplaceableStore : public ObjectStore {
 public:
  explicit ReplaceableStore(std::shared_ptr<ObjectStore> first) : store_(std::move(first)) {}

  // The new one must keep its objects where the old one did, or what the old one has stored would be stored
  // twice; and want the same checksums, since objects that are on their way carry no others.
  void replace(std::shared_ptr<ObjectStore> next) {
    const std::lock_guard lock(mutex_);
    store_.swap(next);
  }

  ChecksumsWanted checksums_wanted() const override { return current()->checksums_wanted(); }
  boost::asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) override {
    const auto store = current();
    co_return co_await store->put(std::move(object));
  }
  boost::asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) override {
    const auto store = current();
    co_return co_await store->head(std::move(key));
  }
  boost::asio::awaitable<Result<Buffer>> get(std::string key) override {
    const auto store = current();
    co_return co_await store->get(std::move(key));
  }
  boost::asio::awaitable<Result<std::string>> check() override {
    const auto store = current();
    co_return co_await store->check();
  }

 private:
  std::shared_ptr<ObjectStore> current() const {
    const std::lock_guard lock(mutex_);
    return store_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<ObjectStore> store_;
};

}  // namespace cistern
