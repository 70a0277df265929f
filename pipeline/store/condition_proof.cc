#include "pipeline/store/condition_proof.h"

#include <atomic>
#include <utility>

#include "pipeline/log.h"

namespace cistern {
namespace {

namespace asio = boost::asio;

class ConditionProof : public ObjectStore {
 public:
  explicit ConditionProof(std::unique_ptr<ObjectStore> store) : store_(std::move(store)) {}

  ChecksumsWanted checksums_wanted() const override { return store_->checksums_wanted(); }
  asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) override {
    auto outcome = co_await store_->put(object);
    const bool stored = outcome && outcome.value() == PutOutcome::stored;
    if (stored && !tried_.exchange(true)) co_await try_again(object);
    co_return outcome;
  }
  asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) override {
    return store_->head(std::move(key));
  }
  asio::awaitable<Result<Buffer>> get(std::string key) override { return store_->get(std::move(key)); }
  asio::awaitable<Result<std::string>> check() override { return store_->check(); }

 private:
  asio::awaitable<void> try_again(std::shared_ptr<const Object> object) {
    const auto again = co_await store_->put(object);
    if (!again) tried_ = false;  // it says nothing either way: the next object tells
    if (!again || again.value() != PutOutcome::stored) co_return;
    log_error(
        "store_replaces",
        "the store took an object again whose key was in use: it ignores If-None-Match. Cistern's own keys "
        "are never used twice, but nothing protects them from others: let nobody else write there, or use "
        "a store that knows the condition",
        {{"key", object->key}});
  }

  const std::unique_ptr<ObjectStore> store_;
  std::atomic<bool> tried_{false};
};

}  // namespace

std::unique_ptr<ObjectStore> prove_condition(std::unique_ptr<ObjectStore> store) {
  return std::make_unique<ConditionProof>(std::move(store));
}

}  // namespace cistern
