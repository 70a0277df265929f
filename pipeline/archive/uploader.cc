#include "pipeline/archive/uploader.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "pipeline/archive/object_builder.h"
#include "pipeline/archive/object_key.h"
#include "pipeline/call_on.h"
#include "pipeline/log.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr int64_t kFirstWaitMs = 200;
constexpr int64_t kLongestWaitMs = 30'000;

std::vector<FrameRef> refs_of(const std::vector<JournaledFrame>& frames) {
  std::vector<FrameRef> refs;
  refs.reserve(frames.size());
  for (const JournaledFrame& frame : frames) refs.push_back(frame.ref);
  return refs;
}

// Full jitter: many uploads that failed together do not come back together.
int64_t wait_ms(int failures, std::minstd_rand& jitter) {
  const int64_t longest = std::min(kLongestWaitMs, kFirstWaitMs << std::min(failures, 20));
  return std::uniform_int_distribution<int64_t>(kFirstWaitMs / 2, longest)(jitter);
}

}  // namespace

Uploader::Uploader(UploaderExecutors executors, Journal& journal, ObjectStore& store, Clock& clock,
                   Metrics& metrics, uint64_t uploads)
    : executors_(std::move(executors)),
      journal_(journal),
      store_(store),
      clock_(clock),
      metrics_(metrics),
      most_(std::max<uint64_t>(uploads, 1)),
      jitter_(static_cast<std::minstd_rand::result_type>(clock.steady_ns())) {}

void Uploader::upload(std::string partition, std::vector<JournaledFrame> frames, OnStored stored) {
  start(seal_and_store(std::move(partition), std::move(frames)), std::move(stored));
}

void Uploader::resume(RecoveredSeal recovered, OnStored stored) {
  start(store_again(std::move(recovered)), std::move(stored));
}

void Uploader::start(asio::awaitable<void> work, OnStored stored) {
  ++running_;
  metrics_.uploads_in_flight.Set(static_cast<double>(running_));
  asio::co_spawn(executors_.io, std::move(work),
                 [this, stored = std::move(stored)](std::exception_ptr failure) {
                   if (failure)
                     std::rethrow_exception(
                         failure);  // only out of memory comes here: end the process, the journal has all
                   asio::post(executors_.disk, [this, stored] {
                     --running_;
                     metrics_.uploads_in_flight.Set(static_cast<double>(running_));
                     stored();
                   });
                 });
}

asio::awaitable<void> Uploader::seal_and_store(std::string partition, std::vector<JournaledFrame> frames) {
  std::vector<FrameRef> refs = refs_of(frames);
  Object object = co_await build(std::move(frames));
  co_await seal(object, partition, refs, 0);
  co_await store(std::move(object), std::move(refs), std::move(partition));
}

// Where damage took frames, what is left goes out under the same key: if the store has the whole object, it
// is recognised as ours. Where nothing is left, there is nothing to do, whether the store has it or not.
asio::awaitable<void> Uploader::store_again(RecoveredSeal recovered) {
  const size_t lost = recovered.seal.frames.size() - recovered.frames.size();
  if (lost > 0) {
    log_error("sealed_frames_lost", "damage in the journal took frames of a sealed object",
              {{"key", recovered.seal.key}, {"lost", lost}, {"left", recovered.frames.size()}});
  }
  if (recovered.frames.empty()) co_return forget(recovered.seal.sequence);
  std::vector<FrameRef> refs = refs_of(recovered.frames);
  std::string partition = recovered.frames.front().info.partition;
  Object object = co_await build(std::move(recovered.frames));
  object.journal_id = journal_.id();
  object.sequence = recovered.seal.sequence;
  object.key = recovered.seal.key;
  co_await store(std::move(object), std::move(refs), std::move(partition));
}

// Damage in the journal, or a disk that does not read, cannot be mended here: said once a try, tried again
// for ever, since another attempt may read it and giving up would lose what was acknowledged.
asio::awaitable<Object> Uploader::build(std::vector<JournaledFrame> frames) {
  for (int failures = 0;; ++failures) {
    auto built = co_await call_on(executors_.workers, [this, &frames] {
      return build_object(journal_, frames, store_.checksums_wanted());
    });
    if (built) {
      clear_trouble(0);
      co_return std::move(built).value();
    }
    log_error("object_not_built", built.error().what);
    set_trouble(0, built.error().what);
    co_await back_off(failures);
  }
}

// Names the object and makes the name durable before the first byte is sent. A poisoned journal seals nothing
// any more: the upload then waits for the restart that recovers its frames.
asio::awaitable<void> Uploader::seal(Object& object, const std::string& partition,
                                     const std::vector<FrameRef>& frames, uint64_t replaces) {
  Seal seal{0,       {}, frames, object.size, object.sha256, object.events, object.first_ms, object.last_ms,
            replaces};
  seal.sequence = co_await call_on(executors_.disk, [this] { return journal_.next_sequence(); });
  seal.key = object_key(partition, object.first_ms, journal_.id(), seal.sequence);
  object.journal_id = journal_.id();
  object.sequence = seal.sequence;
  object.key = seal.key;
  for (int failures = 0;; ++failures) {
    auto sealed = co_await wait_for<Result<>>([this, &seal](auto done) {
      asio::post(executors_.disk,
                 [this, seal, done]() mutable { journal_.seal(std::move(seal), std::move(done)); });
    });
    if (sealed) co_return;
    log_error("seal_failed", sealed.error().what, {{"key", object.key}});
    co_await back_off(failures);
  }
}

asio::awaitable<void> Uploader::store(Object made, std::vector<FrameRef> frames, std::string partition) {
  auto object = std::make_shared<Object>(std::move(made));
  for (int failures = 0;; ++failures) {
    const auto put = co_await try_once(object);
    if (put && put.value() != PutOutcome::taken) break;
    if (put) {
      // Sealed anew under another key, durably: were the stranger's object removed, a try after a crash must
      // not find the first key free.
      object = std::make_shared<Object>(*object);
      const uint64_t replaced = object->sequence;
      clear_trouble(replaced);
      co_await seal(*object, partition, frames, replaced);
    }
    co_await back_off(failures);
  }
  metrics_.stored_objects.Increment();
  metrics_.stored_bytes.Increment(static_cast<double>(object->size));
  metrics_.stored_events.Increment(static_cast<double>(object->events));
  clear_trouble(object->sequence);
  log_info("object_stored", "stored",
           {{"key", object->key}, {"bytes", object->size}, {"events", object->events}});
  forget(object->sequence);
}

void Uploader::forget(uint64_t sequence) {
  asio::post(executors_.disk, [this, sequence] { journal_.stored(sequence); });
}

asio::awaitable<Result<PutOutcome>> Uploader::try_once(std::shared_ptr<const Object> object) {
  const int64_t began_ns = clock_.steady_ns();
  auto put = co_await store_.put(object);
  metrics_.upload_seconds.Observe(static_cast<double>(clock_.steady_ns() - began_ns) * 1e-9);
  if (!put) {
    const bool permanent = put.error().kind == ErrorKind::fatal;
    count(permanent ? "fatal" : "retry");
    log_line(permanent ? LogLevel::error : LogLevel::warning, permanent ? "upload_refused" : "upload_failed",
             put.error().what, {{"key", object->key}});
    set_trouble(object->sequence, put.error().what);
    co_return put;
  }
  const bool taken = put.value() == PutOutcome::taken;
  count(taken ? "taken" : put.value() == PutOutcome::stored ? "stored" : "already_ours");
  if (taken) {
    log_error("key_taken", "another writer's object lies under this key; a new key is used",
              {{"key", object->key}});
  }
  co_return put;
}

asio::awaitable<void> Uploader::back_off(int failures) {
  co_await wait_for<bool>(
      [this, failures](auto done) { clock_.after_ms(wait_ms(failures, jitter_), [done] { done(true); }); });
}

std::string Uploader::trouble() const {
  const std::lock_guard lock(trouble_mutex_);
  return troubles_.empty() ? std::string() : troubles_.begin()->second;
}

void Uploader::set_trouble(uint64_t sequence, const std::string& text) {
  const std::lock_guard lock(trouble_mutex_);
  troubles_[sequence] = text;
}

void Uploader::clear_trouble(uint64_t sequence) {
  const std::lock_guard lock(trouble_mutex_);
  troubles_.erase(sequence);
}

}  // namespace cistern
