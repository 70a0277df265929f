#include "bench/stages/journal_stage.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include "pipeline/journal/journal.h"
#include "pipeline/metrics.h"
#include "server/runtime.h"

namespace cistern {

struct JournalStage::State {
  explicit State(const std::string& under) : folder(under + "/stage-journal") {
    std::filesystem::remove_all(folder);
    JournalOptions options;
    options.path = folder;
    Recovered recovered;
    auto opened = open_journal(*disk, runtime, runtime.disk(), options, metrics, recovered);
    if (!opened) {
      std::fprintf(stderr, "bench-stages: %s\n", opened.error().what.c_str());
      std::exit(1);
    }
    journal = std::move(opened).value();
    thread = std::thread([this] { runtime.run(); });
  }
  ~State() {
    runtime.stop();
    thread.join();
    std::filesystem::remove_all(folder);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  const std::string folder;
  Runtime runtime{RuntimeConfig{}};
  std::unique_ptr<Disk> disk = make_posix_disk();
  prometheus::Registry registry;
  Metrics metrics{registry};
  std::unique_ptr<Journal> journal;
  std::thread thread;
  uint64_t number = 0;
};

JournalStage::JournalStage(const std::string& folder) : state_(std::make_unique<State>(folder)) {}
JournalStage::~JournalStage() = default;

void JournalStage::append(std::string_view frame) {
  JournalEntry entry;
  entry.request_id = std::to_string(++state_->number);
  entry.arrived_ms = state_->runtime.wall_ms();
  entry.frames.push_back({{"stage/", 1, frame.size(), 0, 0}, std::make_shared<const Buffer>(frame)});
  std::promise<bool> durable;
  state_->journal->append(std::move(entry), [&durable](const Result<Appended>& outcome, auto) {
    durable.set_value(outcome && outcome.value() == Appended::committed);
  });
  if (durable.get_future().get()) return;
  std::fputs("bench-stages: the journal took no more\n", stderr);
  std::exit(1);
}

}  // namespace cistern
