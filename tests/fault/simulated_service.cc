#include "tests/fault/simulated_service.h"

#include <utility>

#include <boost/asio/post.hpp>

namespace cistern::test {

namespace asio = boost::asio;

namespace {

constexpr int64_t kTickMs = 500;

Result<std::shared_ptr<const FrameFormat>> make_format() {
  CISTERN_TRY(auto key, KeyTemplate::parse("", "{yyyy}/{mm}/{dd}/{hh}/"));
  CISTERN_TRY(auto dead_letter_key, KeyTemplate::parse("", "dead-letters/{yyyy}/{mm}/{dd}/{hh}/"));
  CISTERN_TRY(auto line, LineFormat::parse({"timestamp", "id", "message", "requestId"}, EventId::full));
  return std::make_shared<const FrameFormat>(
      FrameFormat{std::move(key), std::move(dead_letter_key), std::move(line)});
}

}  // namespace

Result<std::unique_ptr<SimulatedService>> SimulatedService::start(const ServiceOptions& options, Disk& disk,
                                                                  FaultyStore& store, SimulatedClock& clock) {
  std::unique_ptr<SimulatedService> service(new SimulatedService(store, clock));
  CISTERN_TRY(service->build(options, disk));
  return service;
}

Result<> SimulatedService::build(const ServiceOptions& options, Disk& disk) {
  Recovered recovered;
  CISTERN_TRY(journal_,
              open_journal(disk, clock_, disk_.get_executor(), options.journal, metrics_, recovered));
  recovered_frames_ = recovered.open.size();
  for (const RecoveredSeal& sealed : recovered.sealed) recovered_frames_ += sealed.frames.size();
  uploader_ = std::make_unique<Uploader>(
      UploaderExecutors{io_.get_executor(), workers_.get_executor(), disk_.get_executor()}, *journal_, store_,
      clock_, metrics_, options.uploads);
  partitions_ = std::make_unique<Partitions>(options.partitions, *journal_, *uploader_, clock_, metrics_);
  CISTERN_TRY(auto format, make_format());
  framer_ = std::make_unique<DeliveryFramer>(Limits{}, std::move(format), *journal_);
  level_ = std::make_unique<LevelControl>(std::nullopt, 1);
  intake_ = std::make_unique<JournalIntake>(options.acknowledge, *framer_, *level_, *journal_, *partitions_,
                                            queue_, clock_, metrics_);
  partitions_->recover(std::move(recovered));
  tick_again();
  return ok();
}

SimulatedService::~SimulatedService() {
  clock_.forget_process();
  store_.forget_callers();
}

void SimulatedService::tick_again() {
  clock_.after_ms(kTickMs, [this] {
    asio::post(disk_, [this] { partitions_->tick(); });
    tick_again();
  });
}

void SimulatedService::accept(Delivery delivery, Intake::OnAccepted done) {
  auto moved = std::make_shared<Delivery>(std::move(delivery));
  queue_.post([this, moved, done = std::move(done)]() mutable {
    intake_->accept(std::move(*moved), std::move(done));
  });
}

bool SimulatedService::step(uint64_t choice) {
  boost::asio::io_context* const executors[] = {&io_, &workers_, &disk_};
  for (uint64_t i = 0; i < 3; ++i) {
    boost::asio::io_context& executor = *executors[(choice + i) % 3];
    executor.restart();  // an executor that ran dry counts as stopped
    if (executor.poll_one() > 0) return true;
  }
  return false;
}

void SimulatedService::drain() {
  intake_->close();
  asio::post(disk_, [this] { partitions_->drain([this] { drained_ = true; }); });
}

}  // namespace cistern::test
