// A journal whose segments were changed at will: it opens or says why not, what it hands out are bytes that
// were once appended, and it takes deliveries again. Input: edits, each of 6 bytes: position (4), what to do,
// and a byte.
#include <set>
#include <string>

#include "pipeline/log.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/journal_harness.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;
using namespace cistern::test;

namespace {

struct Life {
  FaultyDisk disk{1};
  ManualClock clock;
  JournalOptions options;
  std::set<std::string> frames;

  Life() {
    options.segment_bytes = 16 << 10;
    options.max_bytes = 1 << 20;
    options.min_free_bytes = 0;
  }

  void append(JournalHarness& harness, const std::string& id, size_t bytes) {
    const std::string frame(bytes, static_cast<char>('a' + frames.size() % 26));
    frames.insert(frame);
    const AppendOutcome outcome = harness.append(make_entry(id, id, {frame, frame + "second"}));
    frames.insert(frame + "second");
    REQUIRE(outcome.is(Appended::committed));
    if (frames.size() % 6 == 0) {
      const uint64_t sequence = harness.seal("key-" + id, outcome.frames);
      if (frames.size() % 4 == 0) harness.stored(sequence);
    }
  }

  void live() {
    JournalHarness harness(disk, clock, options);
    REQUIRE(harness.open().has_value());
    for (size_t i = 0; i < 12; ++i) append(harness, "r-" + std::to_string(i), 300 + 400 * i);
  }

  void edit(const uint8_t* edit, const std::vector<std::string>& segments) {
    const uint32_t position = edit[0] | edit[1] << 8 | edit[2] << 16;
    const std::string path = options.path + "/" + segments[edit[3] % segments.size()];
    auto file = disk.open(path, Disk::Open::write);
    if (!file) return;
    const uint64_t size = file.value()->size().value();
    if (size == 0) return;
    if (edit[4] % 8 == 0) return (void)file.value()->truncate(position % size);
    const char byte = static_cast<char>(edit[5]);
    const std::string_view piece(&byte, 1);
    (void)file.value()->write_at(position % size, {&piece, 1});
  }
};

std::vector<std::string> segments_of(Life& life) {
  std::vector<std::string> names = life.disk.list(life.options.path).value();
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".segment"); });
  return names;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  set_log_level(static_cast<LogLevel>(4));
  Life life;
  life.live();
  const auto segments = segments_of(life);
  REQUIRE(!segments.empty());
  for (size_t i = 0; i + 6 <= size && i < 96; i += 6) life.edit(data + i, segments);
  JournalHarness harness(life.disk, life.clock, life.options);
  if (const auto opened = harness.open(); !opened) {
    REQUIRE(!opened.error().what.empty());
    return 0;
  }
  for (const JournaledFrame& frame : harness.recovered.open) {
    REQUIRE(life.frames.contains(harness.read(frame.ref)));
  }
  for (const RecoveredSeal& sealed : harness.recovered.sealed) {
    for (const JournaledFrame& frame : sealed.frames) REQUIRE(life.frames.contains(harness.read(frame.ref)));
  }
  REQUIRE(harness.append(make_entry("after", "after", {"after"})).is(Appended::committed));
  return 0;
}
