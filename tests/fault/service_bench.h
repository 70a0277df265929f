// A simulated service with its doors, for tests that stage one thing at a time. Every delivery is one frame
// of text that does not fit into memory, so that it is read back from the journal. Header only.
#pragma once

#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fault/archive_reader.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/faulty_store.h"
#include "tests/fault/simulated_clock.h"
#include "tests/fault/simulated_service.h"
#include "tests/unit/record_maker.h"

namespace cistern::test {

class ServiceBench {
 public:
  explicit ServiceBench(uint64_t seed) : disk(seed), store(seed + 1, clock), random_(seed + 2) {
    options.journal.path = "journal";
    options.journal.segment_bytes = 32 << 10;
    options.journal.max_bytes = 16 << 20;
    options.journal.min_free_bytes = 0;
    options.partitions.thresholds.flush_age_ms = options.partitions.thresholds.late_flush_age_ms = 3'600'000;
    options.partitions.memory_bytes = 1'500;
    options.uploads = 1;
  }

  void start() {
    auto started = SimulatedService::start(options, disk, store, clock);
    ASSERT_TRUE(started) << started.error().what;
    service = std::move(started).value();
  }
  // The process is killed; what it wrote is there.
  void kill() {
    service = nullptr;
    disk.kill();
  }

  // A delivery's answer: nothing yet, "200", or why not.
  using Answer = std::shared_ptr<std::string>;

  // Sends a delivery of one record of text and waits for its 200.
  void send(const std::string& request_id) {
    const Answer answer = post(request_id);
    run_until([&answer] { return *answer == "200"; });
  }
  Answer post(const std::string& request_id) {
    std::string text;
    for (int i = 0; i < kLines; ++i) text += line_of(request_id, i) + "\n";
    Delivery delivery;
    delivery.request_id = request_id;
    delivery.request_ms = delivery.arrived_ms = clock.true_ms();
    delivery.body.append(base64_of(text));
    delivery.records = {delivery.body.view()};
    auto answer = std::make_shared<std::string>();
    service->accept(std::move(delivery),
                    [answer](const Result<>& outcome) { *answer = outcome ? "200" : outcome.error().what; });
    return answer;
  }

  // Handlers of the service in some order, and time when there are none, until something is so.
  template <class Condition>
  void run_until(Condition condition) {
    for (int64_t latest_ms = clock.true_ms() + 3 * 3'600'000; !condition();) {
      ASSERT_LT(clock.true_ms(), latest_ms) << "it took hours";
      step();
    }
  }
  void step() {
    if (!service->step(random_() % 3)) clock.fire_next();
  }
  void drain() {
    service->drain();
    run_until([this] { return service->drained(); });
    const int64_t until_ms = clock.true_ms() + 2'000;
    run_until([this, until_ms] { return clock.true_ms() > until_ms; });
  }

  // How often each delivery's lines are in the archive; -1: not all equally often.
  std::vector<int64_t> archived(const std::vector<std::string>& request_ids) {
    ArchiveReader archive;
    archive.read(store.objects());
    EXPECT_EQ(archive.unreadable(), "");
    std::vector<int64_t> counts;
    for (const std::string& request_id : request_ids) {
      const auto count = [&](int i) {
        return static_cast<int64_t>(archive.count(text_identity(request_id, line_of(request_id, i))));
      };
      counts.push_back(count(0));
      for (int i = 1; i < kLines; ++i) counts.back() = count(i) == counts.back() ? counts.back() : -1;
    }
    return counts;
  }

  // Where the number-th frame begins, of all that lie in the journal's first segment.
  uint64_t frame_offset(int number) const {
    const std::string bytes = disk.files().at(first_segment);
    size_t at = 0;
    for (int i = 0; i <= number; ++i) at = bytes.find("\x1f\x8b\x08", at + 1);
    return at;
  }
  void spoil_frame(int number) { disk.flip(first_segment, frame_offset(number) + 100); }

  const std::string first_segment = "journal/0000000000000001.segment";
  ServiceOptions options;
  SimulatedClock clock;
  FaultyDisk disk;
  FaultyStore store;
  std::unique_ptr<SimulatedService> service;

 private:
  static constexpr int kLines = 40;

  // A delivery's are more than 128 KiB: frames of that size are not coalesced, and so read for every try.
  static std::string line_of(const std::string& request_id, int number) {
    std::minstd_rand letters(static_cast<unsigned>(number) + 1);
    std::string line = request_id + " " + std::to_string(number) + " ";
    for (int i = 0; i < 60; ++i) line += static_cast<char>('a' + letters() % 26);
    return line + std::string(3'400, 'x');
  }

  std::mt19937_64 random_;
};

}  // namespace cistern::test
