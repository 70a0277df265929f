// An object on its way is not held a second time: pieces are loaded one after the other and let go of.
#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "pipeline/store/s3_store.h"
#include "tests/conformance/fixed_credentials.h"
#include "tests/conformance/scripted_peer.h"
#include "tests/conformance/store_rig.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryTellsSomething = false;  // freed memory is kept aside there
#else
constexpr bool kMemoryTellsSomething = true;
#endif

namespace cistern::store_rig {
namespace {

constexpr size_t kPieceBytes = 1 << 20;
constexpr size_t kPieces = 192;

uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// Makes its pieces when they are asked for, as frames are read back from the journal.
class MadePieces : public ObjectBytes {
 public:
  size_t pieces() const override { return kPieces; }
  Result<std::shared_ptr<const Buffer>> piece(size_t index) const override {
    most_resident = std::max(most_resident.load(), resident_bytes());
    most_alive = std::max(most_alive.load(), ++alive);
    auto* made = new Buffer(std::string(kPieceBytes, static_cast<char>(index)));
    return std::shared_ptr<const Buffer>(made, [this](const Buffer* buffer) {
      delete buffer;
      --alive;
    });
  }
  mutable std::atomic<int> alive = 0;
  mutable std::atomic<int> most_alive = 0;
  mutable std::atomic<uint64_t> most_resident = 0;
};

// Takes one PUT and counts its body.
ScriptedPeer::Script counting(std::atomic<uint64_t>& bytes) {
  return [&bytes](PeerConnection& connection) {
    connection.read_head();
    while (bytes < kPieces * kPieceBytes) {
      const size_t now = connection.read(kPieceBytes).size();
      if (now == 0) return;
      bytes += now;
    }
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  };
}

TEST(S3Memory, AnObjectIsStreamedPieceByPiece) {
  std::atomic<uint64_t> arrived = 0;
  ScriptedPeer peer({counting(arrived)});
  Executors executors;
  RealClock clock;
  S3Options options;
  options.bucket = "logs";
  options.endpoint = "http://127.0.0.1:" + std::to_string(peer.port());
  auto store = make_s3_store(options, fixed_credentials({"AKID", "secret"}), clock, executors.io(),
                             executors.workers())
                   .value();
  const auto bytes = std::make_shared<MadePieces>();
  auto object = make_object("k.gz", "5f1c9a0b7e42", 17, {});
  object->bytes = bytes;
  object->size = kPieces * kPieceBytes;
  const uint64_t before = resident_bytes();
  const auto stored = executors.run(store->put(object));
  ASSERT_TRUE(stored) << stored.error().what;
  EXPECT_EQ(kPieces * kPieceBytes, arrived);
  EXPECT_LE(bytes->most_alive, 2);
  EXPECT_EQ(0, bytes->alive);
  const uint64_t grown = bytes->most_resident - std::min(before, bytes->most_resident.load());
  if (kMemoryTellsSomething) {
    EXPECT_LT(grown, 16u << 20) << "of " << kPieces << " MiB";
  }
}

}  // namespace
}  // namespace cistern::store_rig
