// An open journal with everything around it on one thread, for tests of any folder. Header only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/registry.h>

#include <boost/asio/io_context.hpp>

#include "pipeline/journal/journal.h"
#include "pipeline/metrics.h"

namespace cistern::test {

class ManualClock : public Clock {
 public:
  int64_t wall_ms() const override { return now_ms; }
  int64_t steady_ns() const override { return now_ms * 1'000'000; }
  void after_ms(int64_t, std::function<void()>) override {}
  int64_t now_ms = 1'700'000'000'000;
};

struct AppendOutcome {
  std::optional<Result<Appended>> result;  // empty: not called back
  std::vector<JournaledFrame> frames;
  bool is(Appended what) const { return result && result->has_value() && result->value() == what; }
  bool failed(ErrorKind kind) const { return result && result->has_error() && result->error().kind == kind; }
};

inline Frame make_frame(const std::string& bytes, const std::string& partition = "2023/11/14/22/") {
  Frame frame;
  frame.info.partition = partition;
  frame.info.events = 3;
  frame.info.raw_bytes = 10 * bytes.size();
  frame.info.first_ms = 1'700'000'000'001;
  frame.info.last_ms = 1'700'000'000'009;
  frame.bytes = std::make_shared<const Buffer>(bytes);
  return frame;
}

// The content digest is made of `content`.
inline JournalEntry make_entry(const std::string& request_id, const std::string& content,
                               std::vector<std::string> frames, int64_t arrived_ms = 1'700'000'000'000) {
  JournalEntry entry;
  entry.request_id = request_id;
  for (size_t i = 0; i < content.size(); ++i) entry.content[i % 16] ^= static_cast<uint8_t>(content[i] + i);
  entry.arrived_ms = arrived_ms;
  for (const std::string& bytes : frames) entry.frames.push_back(make_frame(bytes));
  return entry;
}

inline Digest128 make_digest(uint64_t number) {
  Digest128 digest{};
  for (size_t i = 0; i < 16; ++i)
    digest[i] = static_cast<uint8_t>((number * 0x9e3779b97f4a7c15u) >> (8 * (i % 8)));
  digest[15] ^= 0x55;
  return digest;
}

class JournalHarness {
 public:
  JournalHarness(Disk& disk, Clock& clock, JournalOptions options)
      : disk_(disk), clock_(clock), options_(std::move(options)) {}

  // Closes what is open first, as a killed process does: nothing more is written.
  Result<> open() {
    close();
    io_ = std::make_unique<boost::asio::io_context>(1);
    recovered = {};
    CISTERN_TRY(journal, open_journal(disk_, clock_, io_->get_executor(), options_, metrics, recovered));
    return ok();
  }
  void close() {
    io_.reset();
    journal.reset();
  }
  void run() {
    io_->restart();
    io_->run();
  }

  std::shared_ptr<AppendOutcome> start_append(JournalEntry entry) {
    auto outcome = std::make_shared<AppendOutcome>();
    journal->append(std::move(entry), [outcome](Result<Appended> result, std::vector<JournaledFrame> frames) {
      outcome->result = std::move(result);
      outcome->frames = std::move(frames);
    });
    return outcome;
  }
  AppendOutcome append(JournalEntry entry) {
    auto outcome = start_append(std::move(entry));
    run();
    return *outcome;
  }
  std::shared_ptr<std::optional<Result<>>> start_seal(Seal seal) {
    auto outcome = std::make_shared<std::optional<Result<>>>();
    journal->seal(std::move(seal), [outcome](Result<> result) { *outcome = std::move(result); });
    return outcome;
  }
  // The sequence, or 0 when the seal failed.
  uint64_t seal(const std::string& key, const std::vector<JournaledFrame>& frames, uint64_t replaces = 0) {
    Seal made;
    made.sequence = journal->next_sequence();
    made.replaces = replaces;
    made.key = key;
    for (const JournaledFrame& frame : frames) made.frames.push_back(frame.ref);
    const uint64_t sequence = made.sequence;
    auto outcome = start_seal(std::move(made));
    run();
    return *outcome && **outcome ? sequence : 0;
  }
  void stored(uint64_t sequence) {
    journal->stored(sequence);
    run();
  }
  // The frame's bytes, or what went wrong.
  std::string read(const FrameRef& ref) {
    Buffer bytes;
    const auto got = journal->read(ref, bytes);
    return got ? std::string(bytes.view()) : "error: " + got.error().what;
  }
  std::vector<std::string> read_all(const std::vector<JournaledFrame>& frames) {
    std::vector<std::string> all;
    for (const JournaledFrame& frame : frames) all.push_back(read(frame.ref));
    return all;
  }
  const JournalOptions& options() const { return options_; }

  prometheus::Registry registry;
  Metrics metrics{registry};
  Recovered recovered;
  std::unique_ptr<Journal> journal;

 private:
  Disk& disk_;
  Clock& clock_;
  const JournalOptions options_;
  std::unique_ptr<boost::asio::io_context> io_;
};

}  // namespace cistern::test
