#include "tests/fault/simulation.h"

#include <algorithm>
#include <utility>

#include "pipeline/utc_time.h"
#include "tests/fault/invariants.h"

namespace cistern::test {
namespace {

constexpr int64_t kMostWrongMs = 48 * kHourMs;  // of the wall clock
constexpr uint64_t kSegmentBytes = 32 << 10;    // the journal remembers 1200 identities: more than are sent
constexpr uint64_t kFreeBytes = 1ull << 40;

ServiceOptions options_of(uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&random](uint64_t n) { return random() % n; };
  ServiceOptions options;
  options.acknowledge = below(3) == 0 ? Acknowledge::stored : Acknowledge::durable;
  options.journal.path = "journal";
  options.journal.segment_bytes = kSegmentBytes;
  options.journal.max_bytes = (below(3) == 0 ? 8 : 60) * kSegmentBytes;
  options.journal.min_free_bytes = 4 * kSegmentBytes;
  options.partitions.thresholds.flush_size = 1 + below(below(2) == 0 ? 2'000 : 50'000);
  options.partitions.thresholds.flush_age_ms = static_cast<int64_t>(1'000 + below(120'000));
  options.partitions.thresholds.late_flush_age_ms =
      options.partitions.thresholds.flush_age_ms + static_cast<int64_t>(below(120'000));
  options.partitions.open_partitions = below(4) == 0 ? 2 : 100;
  options.partitions.memory_bytes = below(2) == 0 ? below(4'000) : 1'000'000;
  options.uploads = 1 + below(4);
  return options;
}

}  // namespace

Simulation::Simulation(uint64_t seed, Liars liars)
    : random_(seed),
      liars_(liars),
      options_(options_of(seed)),
      disk_(seed ^ 0x9e3779b97f4a7c15),
      store_(seed ^ 0x5851f42d4c957f2d, clock_),
      firehose_(
          seed ^ 0x14057b7ef767814f, clock_,
          [this](Delivery delivery, Intake::OnAccepted done) {
            if (service_) service_->accept(std::move(delivery), std::move(done));
            return service_ != nullptr;
          },
          [this](const SimulatedFirehose::SentDelivery& delivery) { check_stored(delivery); }) {
  disk_.lie_about_sync(liars.disk_lies_about_sync);
}

void Simulation::fail(const std::string& how) {
  if (failure_.empty()) failure_ = how;
}

std::string Simulation::run() {
  storm();
  if (failure_.empty()) calm();
  if (failure_.empty()) drain();
  if (failure_.empty()) check_restart();
  service_ = nullptr;
  archive_.read(store_.objects());
  if (failure_.empty()) failure_ = broken_invariant(firehose_.ledger(), archive_, store_);
  return failure_;
}

void Simulation::storm() {
  const auto lasts_ms = static_cast<int64_t>(60'000 + below(1'200'000));
  const int64_t ends_ms = clock_.true_ms() + lasts_ms;
  start_due_ = true;
  change_weather();
  firehose_.start(1 + below(60), lasts_ms);
  while (failure_.empty() && clock_.true_ms() < ends_ms) step();
  stormy_ = false;
}

// All doors are well, after one more crash; everybody gets an answer.
void Simulation::calm() {
  crash();
  crash_step_ = UINT64_MAX;
  disk_.set_free_bytes(kFreeBytes);
  store_.set_faults(with_liars({}));
  clock_.set_wall_offset_ms(0);
  firehose_.calm_down();
  if (!start()) return;
  const int64_t latest_ms = clock_.true_ms() + 3 * kHourMs;
  while (failure_.empty() && !firehose_.settled()) {
    step();
    if (clock_.true_ms() > latest_ms) fail("everything_is_answered: not within three hours");
  }
}

void Simulation::drain() {
  service_->drain();
  const int64_t latest_ms = clock_.true_ms() + 3 * kHourMs;
  while (failure_.empty() && !service_->drained()) {
    step();
    if (clock_.true_ms() > latest_ms) fail("journal_drains: not within three hours");
  }
  const int64_t settled_ms = clock_.true_ms() + 2'000;  // the last records are written, the gauges set
  while (clock_.true_ms() < settled_ms) {
    while (service_->step(below(3))) {
    }
    clock_.fire_next();
  }
  if (service_->pending_bytes() + service_->memory_bytes() > 0)
    fail("journal_drains: " + std::to_string(service_->pending_bytes()) + " bytes are pending, " +
         std::to_string(service_->memory_bytes()) + " in memory");
  if (service_->journal_bytes() > 4 * kSegmentBytes)
    fail("journal_drains: " + std::to_string(service_->journal_bytes()) + " bytes are left");
}

void Simulation::check_restart() {
  crash();
  if (!start()) return fail("journal_drains: it does not open: " + failure_);
  if (service_->recovered_frames() > 0)
    fail("journal_drains: " + std::to_string(service_->recovered_frames()) + " frames come back");
}

// One handler of the process; or what the world does next, which does not always wait until the process is
// done with what it has.
bool Simulation::step() {
  ++steps_;
  if (start_due_) start();
  const bool slow = chance(0.1);
  if (service_ && !slow && service_->step(below(3))) {
    if (disk_.crashed() || steps_ >= crash_step_ || (stormy_ && service_->drained())) crash();
    return true;
  }
  if (service_) check_limits();
  return clock_.fire_next();
}

// The power fails, or the process is killed.
void Simulation::crash() {
  const bool power = disk_.crashed() || chance(0.5);
  service_ = nullptr;
  disk_.fail_sync_after(-1);
  disk_.fail_write_after(-1);
  power ? disk_.crash() : disk_.kill();
  if (stormy_) start_within(60'000);
}

void Simulation::end_gently() {
  service_->drain();
  clock_.world_after_ms(30'000, [this, life = lives_] {
    if (service_ && life == lives_) crash();
  });
}

void Simulation::start_within(int64_t most_ms) {
  const auto delay_ms = static_cast<int64_t>(below(static_cast<uint64_t>(most_ms)));
  clock_.world_after_ms(delay_ms, [this] { start_due_ = service_ == nullptr; });
}

bool Simulation::start() {
  start_due_ = false;
  ++lives_;
  if (stormy_) plan_life();
  auto started = SimulatedService::start(options_, disk_, store_, clock_);
  if (started) {
    service_ = std::move(started).value();
    return true;
  }
  if (!disk_.crashed() && !stormy_) fail("everything_is_answered: start: " + started.error().what);
  crash();
  return false;
}

void Simulation::plan_life() {
  crash_step_ = UINT64_MAX;
  if (chance(0.5)) crash_step_ = steps_ + 1 + below(chance(0.3) ? 40 : 3'000);
  if (chance(0.5)) disk_.crash_at(1 + below(chance(0.3) ? 15 : 200));
}

void Simulation::change_weather() {
  if (!stormy_) return;
  store_.set_faults(with_liars(store_weather()));
  if (chance(0.15)) {
    const auto wrong_ms = static_cast<int64_t>(below(2 * kMostWrongMs)) - kMostWrongMs;
    clock_.set_wall_offset_ms(chance(0.4) ? 0 : wrong_ms);
  }
  disturb_disk();
  // An operator restarts what has failed, and sometimes what has not: SIGTERM, and SIGKILL half a minute
  // later.
  if (service_ && !service_->healthy()) crash();
  if (service_ && chance(0.05)) end_gently();
  clock_.world_after_ms(static_cast<int64_t>(1 + below(90'000)), [this] { change_weather(); });
}

void Simulation::disturb_disk() {
  if (chance(0.05)) disk_.fail_sync_after(static_cast<int64_t>(below(10)));
  if (chance(0.05)) disk_.fail_write_after(static_cast<int64_t>(below(10)));
  disk_.set_free_bytes(chance(0.1) ? below(8 * kSegmentBytes) : kFreeBytes);
}

StoreFaults Simulation::store_weather() {
  StoreFaults faults;
  faults.longest_ms = chance(0.5) ? 0 : static_cast<int64_t>(1 + below(chance(0.3) ? 90'000 : 2'000));
  if (chance(0.3)) return faults;
  if (chance(0.2)) {
    (chance(0.5) ? faults.retry : faults.fatal) = 1;  // down
    return faults;
  }
  const auto some = [this] { return chance(0.5) ? 0.0 : 0.01 * static_cast<double>(below(50)); };
  faults.retry = some();
  faults.fatal = some();
  faults.unknown = some();
  faults.late = some();
  faults.stranger = chance(0.2) ? 0.1 : 0;
  return faults;
}

StoreFaults Simulation::with_liars(StoreFaults faults) const {
  faults.ignores_condition = liars_.store_ignores_condition;
  if (liars_.store_forgets) faults.forgets = 0.1;
  return faults;
}

void Simulation::check_limits() {
  if (service_->memory_bytes() > options_.partitions.memory_bytes)
    fail("limits_held: frames take " + std::to_string(service_->memory_bytes()) + " bytes of memory");
  if (store_.most_at_once() > options_.uploads)
    fail("limits_held: " + std::to_string(store_.most_at_once()) + " uploads at once");
  const uint64_t most_bytes = options_.journal.max_bytes + 4 * kSegmentBytes;  // seals may use the reserve
  if (service_->journal_bytes() > most_bytes)
    fail("limits_held: the journal has " + std::to_string(service_->journal_bytes()) + " bytes");
}

// Under `stored`, acknowledged means more: it is in the archive now, whatever becomes of the disk.
void Simulation::check_stored(const SimulatedFirehose::SentDelivery& delivery) {
  if (options_.acknowledge != Acknowledge::stored) return;
  archive_.read(store_.objects());
  for (const std::string& identity : delivery.identities) {
    if (archive_.count(identity) == 0)
      return fail("acknowledged_is_durable: " + delivery.request_id + " was acknowledged as stored without " +
                  identity);
  }
}

std::string Simulation::trace() const {
  return std::to_string(steps_) + " steps, " + std::to_string(lives_) + " lives, " +
         std::to_string(store_.objects().size()) + " objects, " + std::to_string(disk_.operations()) +
         " disk operations, until " + std::to_string(clock_.true_ms());
}

}  // namespace cistern::test
