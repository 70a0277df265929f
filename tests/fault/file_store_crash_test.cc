// FileStore under kill -9: a child puts objects in a loop and is killed at a random moment, ten times over.
// Acknowledged is there; what is there is whole; what was cut short is put again and ends as ours.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pipeline/codec.h"
#include "pipeline/store/file_store.h"
#include "tests/conformance/store_rig.h"

namespace cistern {
namespace {

constexpr const char* kJournal = "5f1c9a0b7e42";

std::string key_of(uint64_t sequence) {
  return "hour-" + std::to_string(sequence % 7) + "/20261121T08Z-" + kJournal + "-" +
         std::to_string(sequence) + ".ndjson.gz";
}

// The same for the same sequence: text that does not compress away, as several gzip members.
std::vector<std::string> pieces_of(uint64_t sequence) {
  std::minstd_rand random(static_cast<unsigned>(sequence) + 1);
  std::vector<std::string> pieces;
  for (int member = 0; member < 16; ++member) {
    std::string text;
    for (int i = 0; i < 400; ++i) text += std::to_string(random()) + "\n";
    Buffer gzip;
    Gzip().run(text, Level{1}, gzip);
    pieces.emplace_back(gzip.view());
  }
  return pieces;
}

// Takes its time between pieces, so that most kills fall into the middle of a file.
class SlowPieces : public store_rig::Pieces {
 public:
  using Pieces::Pieces;
  Result<std::shared_ptr<const Buffer>> piece(size_t index) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Pieces::piece(index);
  }
};

std::string bytes_of(uint64_t sequence) {
  std::string whole;
  for (const std::string& piece : pieces_of(sequence)) whole += piece;
  return whole;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FileStoreCrash : public ::testing::Test {
 protected:
  FileStoreCrash()
      : root_(std::filesystem::temp_directory_path() / ("store-crash-" + std::to_string(::getpid()))) {}
  ~FileStoreCrash() override { std::filesystem::remove_all(root_); }

  // Writes a sequence number into the pipe for each acknowledged object; ends only by being killed.
  [[noreturn]] void put_for_ever(uint64_t sequence, int acknowledged) {
    auto disk = make_posix_disk();
    store_rig::Executors executors;
    auto store = make_file_store({root_.string(), ""}, *disk, executors.workers());
    for (;; ++sequence) {
      auto object = store_rig::make_object(key_of(sequence), kJournal, sequence, pieces_of(sequence));
      object->bytes = std::make_shared<SlowPieces>(pieces_of(sequence));
      auto outcome = executors.run(store->put(object));
      if (!outcome || outcome.value() == PutOutcome::taken) ::_exit(1);
      if (::write(acknowledged, &sequence, sizeof sequence) != sizeof sequence) ::_exit(2);
    }
  }

  // The first sequence that was not acknowledged before the child was killed.
  uint64_t put_until_killed(uint64_t sequence, std::chrono::milliseconds life) {
    int ends[2];
    EXPECT_EQ(0, ::pipe(ends));
    const pid_t child = ::fork();
    if (child == 0) put_for_ever(sequence, ends[1]);
    ::close(ends[1]);
    std::this_thread::sleep_for(life);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    uint64_t last = 0;
    while (::read(ends[0], &last, sizeof last) == sizeof last) sequence = last + 1;
    ::close(ends[0]);
    return sequence;
  }

  void expect_whole(const std::filesystem::path& file) {
    Buffer text;
    const std::string bytes = read_file(file);
    EXPECT_TRUE(Gunzip().run(bytes, 100 << 20, text)) << file;
    const std::string stem = file.stem().stem().string();
    EXPECT_TRUE(bytes == bytes_of(std::stoull(stem.substr(stem.rfind('-') + 1)))) << file;
  }

  const std::filesystem::path root_;
};

TEST_F(FileStoreCrash, AcknowledgedIsThereAndWhatIsThereIsWhole) {
  std::minstd_rand random(static_cast<unsigned>(::getpid()));
  uint64_t next = 0;
  for (int round = 0; round < 10; ++round) {
    next = put_until_killed(next, std::chrono::milliseconds(20 + random() % 150));
    for (uint64_t sequence = 0; sequence < next; ++sequence) {
      ASSERT_TRUE(std::filesystem::exists(root_ / key_of(sequence))) << "acknowledged and gone: " << sequence;
    }
    uint64_t files = 0;
    if (!std::filesystem::exists(root_)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      const bool aside = entry.path().parent_path().filename() == ".cistern-incoming";
      if (!entry.is_regular_file() || aside) continue;
      expect_whole(entry.path());
      ++files;
    }
    EXPECT_LE(files, next + 1) << "more files than objects";
  }
  EXPECT_GT(next, 0u) << "no object was put at all";
  // What the last crash cut short is put again by the next child; nothing stays aside.
  auto disk = make_posix_disk();
  store_rig::Executors executors;
  auto store = make_file_store({root_.string(), ""}, *disk, executors.workers());
  ASSERT_TRUE(
      executors.run(store->put(store_rig::make_object(key_of(next), kJournal, next, pieces_of(next)))));
  EXPECT_TRUE(std::filesystem::is_empty(root_ / ".cistern-incoming"));
}

}  // namespace
}  // namespace cistern
