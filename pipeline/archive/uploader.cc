#include "pipeline/archive/uploader.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "pipeline/archive/frame_check.h"
#include "pipeline/archive/object_builder.h"
#include "pipeline/archive/object_key.h"
#include "pipeline/call_on.h"
#include "pipeline/log.h"
#include "pipeline/pause.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr int64_t kFirstWaitMs = 200;
constexpr int64_t kLongestWaitMs = 30'000;
// A frame that could not be read so often is looked at by itself, and given up if it is bad.
constexpr int kReadTries = 3;

std::vector<FrameRef> refs_of(const std::vector<JournaledFrame>& frames) {
  std::vector<FrameRef> refs;
  refs.reserve(frames.size());
  for (const JournaledFrame& frame : frames) refs.push_back(frame.ref);
  return refs;
}

// Of `all` those that are not among `frames`, which have the same order.
std::vector<FrameRef> missing_from(const std::vector<FrameRef>& all,
                                   const std::vector<JournaledFrame>& frames) {
  std::vector<FrameRef> missing;
  auto next = frames.begin();
  for (const FrameRef& ref : all) {
    if (next != frames.end() && next->ref == ref)
      ++next;
    else
      missing.push_back(ref);
  }
  return missing;
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
  const uint64_t number = list_.begin(partition, clock_.wall_ms());
  start(number, seal_and_store(number, std::move(partition), std::move(frames)), std::move(stored));
}

void Uploader::resume(RecoveredSeal recovered, OnStored stored) {
  const uint64_t number = list_.begin(recovered.seal.key, clock_.wall_ms());
  start(number, store_again(number, std::move(recovered)), std::move(stored));
}

void Uploader::start(uint64_t number, asio::awaitable<Refs> work, OnStored stored) {
  ++running_;
  metrics_.uploads_in_flight.Set(static_cast<double>(running_));
  asio::co_spawn(executors_.io, std::move(work),
                 [this, number, stored = std::move(stored)](std::exception_ptr failure, Refs lost) {
                   if (failure)
                     std::rethrow_exception(
                         failure);  // only out of memory comes here: end the process, the journal has all
                   list_.end(number);
                   asio::post(executors_.disk, [this, stored, lost = std::move(lost)] {
                     --running_;
                     metrics_.uploads_in_flight.Set(static_cast<double>(running_));
                     stored(lost);
                   });
                 });
}

asio::awaitable<Uploader::Refs> Uploader::seal_and_store(uint64_t number, std::string partition,
                                                         std::vector<JournaledFrame> frames) {
  Upload upload{{}, std::move(frames), std::move(partition), {}, number};
  const int64_t first_ms = upload.frames.front().info.first_ms;
  Refs bad = co_await build(upload);
  if (!upload.frames.empty()) co_await seal(upload, 0);
  if (!bad.empty()) co_await give_up(std::move(bad), upload.partition, first_ms);
  if (!upload.frames.empty()) co_await store(upload);
  co_return std::move(upload.lost);
}

// Where damage took frames, what is left goes out under the same key: if the store has the whole object, it
// is recognised as ours. Where nothing is left, there is nothing to do, whether the store has it or not.
asio::awaitable<Uploader::Refs> Uploader::store_again(uint64_t number, RecoveredSeal recovered) {
  const Seal& seal = recovered.seal;
  Upload upload{{}, std::move(recovered.frames), {}, {}, number};
  if (!upload.frames.empty()) upload.partition = upload.frames.front().info.partition;
  upload.object.journal_id = journal_.id();
  upload.object.sequence = seal.sequence;
  upload.object.key = seal.key;
  Refs bad = missing_from(seal.frames, upload.frames);
  if (!bad.empty()) {
    log_error("sealed_frames_lost", "damage in the journal took frames of a sealed object",
              {{"key", seal.key}, {"lost", bad.size()}, {"left", upload.frames.size()}});
  }
  const Refs more = co_await build(upload);
  bad.insert(bad.end(), more.begin(), more.end());
  if (upload.frames.empty()) {
    forget(seal.sequence);
    co_return std::move(upload.lost);
  }
  // Also when it was an earlier start that sealed it again: the seal still tells of the whole.
  const ObjectFacts sealed{seal.size, seal.digest, seal.events, seal.first_ms, seal.last_ms};
  Object& object = upload.object;
  if (!sealed.same_events(object.events, object.first_ms, object.last_ms)) object.whole = sealed;
  if (!bad.empty()) co_await seal_again(upload);
  list_.sealed(number, object.key, object.size, object.events);
  co_await store(upload);
  co_return std::move(upload.lost);
}

// A disk that does not read now may read later: said once a try, and tried again. Frames that stay bad are
// taken out. Key, journal id, sequence and whole are kept.
asio::awaitable<Uploader::Refs> Uploader::build(Upload& upload) {
  Refs bad;
  for (int failures = 0; !upload.frames.empty(); ++failures) {
    auto built = co_await call_on(executors_.workers, [this, &upload] {
      return build_object(journal_, upload.frames, store_.checksums_wanted());
    });
    if (built) {
      Object& object = built.value();
      object.key = upload.object.key;
      object.journal_id = upload.object.journal_id;
      object.sequence = upload.object.sequence;
      object.whole = upload.object.whole;
      upload.object = std::move(object);
      list_.goes_well(upload.number);
      break;
    }
    log_error("object_not_built", built.error().what);
    list_.failed(upload.number, clock_.wall_ms(), built.error().what, false);
    if (failures >= kReadTries) {
      const Refs taken = co_await take_out_bad(upload);
      bad.insert(bad.end(), taken.begin(), taken.end());
      if (!taken.empty()) continue;
    }
    co_await back_off(failures);
  }
  co_return bad;
}

asio::awaitable<Uploader::Refs> Uploader::take_out_bad(Upload& upload) {
  const auto found = co_await call_on(executors_.workers,
                                      [this, &upload] { return find_bad_frames(journal_, upload.frames); });
  Refs bad;
  for (const BadFrame& frame : found) {
    const JournaledFrame& journaled = upload.frames[frame.index];
    const bool kept = co_await set_aside(journaled, frame.why);
    if (kept) bad.push_back(journaled.ref);
  }
  std::erase_if(upload.frames, [&bad](const JournaledFrame& frame) {
    return std::find(bad.begin(), bad.end(), frame.ref) != bad.end();
  });
  upload.lost.insert(upload.lost.end(), bad.begin(), bad.end());
  co_return bad;
}

// False: the copy could not be made, so that the frame must stay where it is.
asio::awaitable<bool> Uploader::set_aside(const JournaledFrame& frame, const std::string& why) {
  const auto copy =
      co_await call_on(executors_.disk, [this, &frame] { return journal_.set_aside(frame.ref); });
  if (!copy) {
    log_error("frame_not_set_aside", copy.error().what, {{"reason", why}});
    co_return false;
  }
  metrics_.quarantined_frames.Increment();
  log_error("frame_damaged", "acknowledged events went bad on disk before they were stored: " + why,
            {{"segment", frame.ref.segment},
             {"offset", frame.ref.offset},
             {"bytes", frame.ref.length},
             {"events", frame.info.events},
             {"copy", copy.value()}});
  const std::lock_guard lock(damage_mutex_);
  ++bad_frames_;
  bad_events_ += frame.info.events;
  last_damage_ = why + "; copied to " + copy.value();
  co_return true;
}

// A sealed object of which a frame could not be read while it was sent.
asio::awaitable<void> Uploader::go_on_without_bad(Upload& upload) {
  const Refs bad = co_await take_out_bad(upload);
  if (bad.empty()) co_return;
  if (!upload.object.whole) upload.object.whole = upload.object.facts();
  co_await build(upload);
  if (!upload.frames.empty()) co_await seal_again(upload);
}

// Names the object and makes the name durable before the first byte is sent.
asio::awaitable<void> Uploader::seal(Upload& upload, uint64_t replaces) {
  Object& object = upload.object;
  object.journal_id = journal_.id();
  object.sequence = co_await call_on(executors_.disk, [this] { return journal_.next_sequence(); });
  object.key = object_key(upload.partition, object.first_ms, object.journal_id, object.sequence);
  object.whole.reset();  // nothing was ever sent under this key
  Seal seal{object.sequence, object.key,      refs_of(upload.frames), object.size, object.digest,
            object.events,   object.first_ms, object.last_ms,         replaces};
  co_await write_seal(std::move(seal));
  list_.sealed(upload.number, object.key, object.size, object.events);
}

// With the frames that are left. The seal keeps its sequence, its key and what it says of the whole: an
// earlier try may have stored that, and may still arrive. Under another key, both could.
asio::awaitable<void> Uploader::seal_again(Upload& upload) {
  const Object& object = upload.object;
  const ObjectFacts whole = object.whole.value_or(object.facts());
  Seal seal{object.sequence, object.key,     refs_of(upload.frames), whole.size,     whole.digest,
            whole.events,    whole.first_ms, whole.last_ms,          object.sequence};
  co_await write_seal(std::move(seal));
}

// Frames that no seal has taken, and that are copied aside: for the journal they are stored, so that they
// hold no segment. Should they read again after a crash between the two records, they are an object like any
// other.
asio::awaitable<void> Uploader::give_up(Refs bad, const std::string& partition, int64_t first_ms) {
  Seal seal;
  seal.sequence = co_await call_on(executors_.disk, [this] { return journal_.next_sequence(); });
  seal.key = object_key(partition, first_ms, journal_.id(), seal.sequence);
  seal.frames = std::move(bad);
  const uint64_t sequence = seal.sequence;
  co_await write_seal(std::move(seal));
  forget(sequence);
}

// A poisoned journal seals nothing any more: the upload then waits for the restart that recovers its frames.
asio::awaitable<void> Uploader::write_seal(Seal seal) {
  for (int failures = 0;; ++failures) {
    auto sealed = co_await wait_for<Result<>>([this, &seal](auto done) {
      asio::post(executors_.disk,
                 [this, seal, done]() mutable { journal_.seal(std::move(seal), std::move(done)); });
    });
    if (sealed) co_return;
    log_error("seal_failed", sealed.error().what, {{"key", seal.key}});
    co_await back_off(failures);
  }
}

asio::awaitable<void> Uploader::store(Upload& upload) {
  int not_read = 0;
  for (int failures = 0;; ++failures) {
    const auto object = std::make_shared<const Object>(upload.object);
    const auto put = co_await try_once(upload.number, object);
    if (put && put.value() != PutOutcome::taken) break;
    if (put) {
      // Sealed anew under another key, durably: were the stranger's object removed, a try after a crash must
      // not find the first key free.
      list_.goes_well(upload.number);
      co_await seal(upload, object->sequence);
    } else if (object->bytes->failed() && ++not_read % kReadTries == 0) {
      co_await go_on_without_bad(upload);
      if (upload.frames.empty()) break;
    }
    co_await back_off(failures);
  }
  const Object& object = upload.object;
  if (!upload.frames.empty()) {
    metrics_.stored_objects.Increment();
    metrics_.stored_bytes.Increment(static_cast<double>(object.size));
    metrics_.stored_events.Increment(static_cast<double>(object.events));
    log_info("object_stored", "stored",
             {{"key", object.key}, {"bytes", object.size}, {"events", object.events}});
  }
  forget(object.sequence);
}

void Uploader::forget(uint64_t sequence) {
  asio::post(executors_.disk, [this, sequence] { journal_.stored(sequence); });
}

asio::awaitable<Result<PutOutcome>> Uploader::try_once(uint64_t number,
                                                       std::shared_ptr<const Object> object) {
  list_.trying(number);
  const int64_t began_ns = clock_.steady_ns();
  auto put = co_await store_.put(object);
  metrics_.upload_seconds.Observe(static_cast<double>(clock_.steady_ns() - began_ns) * 1e-9);
  if (!put) {
    const bool permanent = put.error().kind == ErrorKind::fatal;
    count(permanent ? "fatal" : "retry");
    log_line(permanent ? LogLevel::error : LogLevel::warning, permanent ? "upload_refused" : "upload_failed",
             put.error().what, {{"key", object->key}});
    list_.failed(number, clock_.wall_ms(), put.error().what, permanent);
    co_return put;
  }
  const bool taken = put.value() == PutOutcome::taken;
  count(taken ? "taken" : put.value() == PutOutcome::stored ? "stored" : "already_ours");
  if (taken) {
    log_error(
        "key_taken",
        "another object lies under this key, of another writer, or of this journal before it was put back "
        "from an old copy; nothing is replaced, and a new key is used",
        {{"key", object->key}});
  }
  co_return put;
}

asio::awaitable<void> Uploader::back_off(int failures) { co_await pause(clock_, wait_ms(failures, jitter_)); }

std::string Uploader::damage() const {
  const std::lock_guard lock(damage_mutex_);
  if (bad_frames_ == 0) return {};
  return std::to_string(bad_frames_) + " frames with " + std::to_string(bad_events_) +
         " acknowledged events went bad on disk before they were stored; the last: " + last_damage_;
}

}  // namespace cistern
