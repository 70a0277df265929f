#include "tests/fault/faulty_store.h"

#include <utility>

#include "pipeline/call_on.h"
#include "pipeline/digest.h"

namespace cistern::test {

namespace asio = boost::asio;

namespace {

Result<std::string> whole(const Object& object) {
  std::string bytes;
  for (size_t i = 0; i < object.bytes->pieces(); ++i) {
    CISTERN_TRY(const auto piece, object.bytes->piece(i));
    bytes += piece->view();
  }
  if (bytes.size() != object.size || sha256(bytes) != object.digest)
    return fatal("an object's bytes are not those that were announced");
  return bytes;
}

}  // namespace

asio::awaitable<Result<PutOutcome>> FaultyStore::put(std::shared_ptr<const Object> object) {
  CISTERN_CO_TRY(auto bytes, whole(*object));
  const auto [first, is_new] = offered_.emplace(object->key, object->digest);
  if (!is_new && first->second != object->digest && !object->whole) changed_key_ = object->key;
  const auto request = std::make_shared<const std::pair<std::string, StoredObject>>(
      object->key, StoredObject{std::move(bytes), object->journal_id, object->sequence, object});
  co_return co_await wait_for<Result<PutOutcome>>([this, &request](auto done) { send(request, done); });
}

asio::awaitable<Result<std::optional<ObjectInfo>>> FaultyStore::head(std::string key) {
  const auto at = objects_.find(key);
  if (at == objects_.end()) co_return std::optional<ObjectInfo>();
  co_return std::optional<ObjectInfo>(at->second.info());
}

asio::awaitable<Result<Buffer>> FaultyStore::get(std::string key) {
  const auto at = objects_.find(key);
  if (at == objects_.end()) co_return invalid("there is no object " + key);
  co_return Buffer(at->second.bytes);
}

asio::awaitable<Result<std::string>> FaultyStore::check() { co_return std::string("a faulty store"); }

void FaultyStore::send(Request request, Answer answer) {
  const uint64_t caller = ++next_caller_;
  callers_.emplace(caller, std::move(answer));
  most_at_once_ = std::max(most_at_once_, callers_.size());
  clock_.world_after_ms(some_time(), [this, caller, request] { arrive(caller, request); });
}

void FaultyStore::arrive(uint64_t caller, Request request) {
  if (chance(faults_.retry)) return answer(caller, retry("the store is not available"));
  if (chance(faults_.fatal)) return answer(caller, fatal("the store refuses: 403"));
  if (chance(faults_.late)) {
    clock_.world_after_ms(1 + static_cast<int64_t>(random_() % 60'000), [this, request] { apply(request); });
    return answer(caller, retry("no answer came in time"));
  }
  if (chance(faults_.stranger))
    objects_.try_emplace(request->first, StoredObject{"a stranger's", {}, 0, nullptr});
  const PutOutcome outcome = apply(request);
  if (chance(faults_.unknown)) return answer(caller, retry("the connection broke before the answer"));
  answer(caller, outcome);
}

PutOutcome FaultyStore::apply(const Request& request) {
  const auto& [key, object] = *request;
  if (chance(faults_.forgets)) return PutOutcome::stored;
  const auto [at, is_new] = objects_.try_emplace(key, object);
  if (is_new) return PutOutcome::stored;
  StoredObject& there = at->second;
  if (faults_.ignores_condition) {
    if (there.bytes != object.bytes) changed_key_ = key;
    there = object;
    return PutOutcome::stored;
  }
  return is_ours(there.info(), *object.object) ? PutOutcome::already_ours : PutOutcome::taken;
}

// After a while, if the caller is still there.
void FaultyStore::answer(uint64_t caller, Result<PutOutcome> outcome) {
  clock_.world_after_ms(some_time(), [this, caller, outcome = std::move(outcome)] {
    const auto waiting = callers_.extract(caller);
    if (!waiting.empty()) waiting.mapped()(outcome);
  });
}

int64_t FaultyStore::some_time() {
  return faults_.longest_ms == 0
             ? 0
             : static_cast<int64_t>(random_() % static_cast<uint64_t>(faults_.longest_ms));
}

}  // namespace cistern::test
