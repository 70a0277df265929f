// A resolver that hangs: this program's own getaddrinfo takes the system's place, and stands still for one
// name.
#include <condition_variable>
#include <mutex>

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include "pipeline/store/https_client.h"
#include "tests/conformance/credential_rig.h"
#include "tests/conformance/scripted_peer.h"

namespace {

constexpr const char* kHanging = "name-that-hangs.test";

struct Resolver {
  std::mutex mutex;
  std::condition_variable changed;
  bool hangs = false;
  int asked = 0;

  void wait() {
    std::unique_lock lock(mutex);
    ++asked;
    changed.notify_all();
    changed.wait(lock, [&] { return !hangs; });
  }
  void set(bool hang) {
    const std::lock_guard lock(mutex);
    hangs = hang;
    asked = 0;
    changed.notify_all();
  }
  int count() {
    const std::lock_guard lock(mutex);
    return asked;
  }
};
Resolver& resolver() {
  static Resolver one;
  return one;
}

}  // namespace

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto systems = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  const bool ours = name != nullptr && std::string_view(name) == kHanging;
  if (ours) resolver().wait();
  return systems(ours ? "127.0.0.1" : name, service, hints, found);
}

namespace cistern::store_rig {
namespace {

class NameLookups : public ::testing::Test {
 protected:
  void SetUp() override { resolver().set(true); }
  // The thread that looks names up must come to its end before its io_context does.
  void TearDown() override { resolver().set(false); }

  std::unique_ptr<HttpsClient> client(int64_t connect_ms) {
    HttpsClientOptions options;
    options.endpoint = {false, kHanging, peer_.port()};
    options.connect_ms = connect_ms;
    const auto doors = rig_.doors();
    return HttpsClient::make(options, doors.clock, doors.io, doors.workers).value();
  }
  static HttpRequest get() {
    HttpRequest request;
    request.method = "GET";
    request.target = "/";
    return request;
  }

  CredentialRig rig_;
  ScriptedPeer peer_{{answer_once(http_answer("200 OK", "one")), answer_once(http_answer("200 OK", "two"))}};
};

TEST_F(NameLookups, ANameServerThatSaysNothingMeetsTheDeadline) {
  const auto impatient = client(50);
  for (int i = 0; i < 3; ++i) {
    const auto answered = rig_.run(impatient->request(get()));
    ASSERT_FALSE(answered);
    EXPECT_EQ(ErrorKind::retry, answered.error().kind);
    EXPECT_NE(std::string::npos, answered.error().what.find(std::string("could not look up ") + kHanging))
        << answered.error().what;
    EXPECT_NE(std::string::npos, answered.error().what.find("timed out")) << answered.error().what;
  }
  EXPECT_EQ(1, resolver().count()) << "one look-up at a time";
  EXPECT_EQ(0u, peer_.connections());
  resolver().set(false);
  const auto patient = client(60'000);
  for (const char* body : {"one", "two"}) {
    const auto answered = rig_.run(patient->request(get()));
    ASSERT_TRUE(answered) << answered.error().what;
    EXPECT_EQ(body, answered.value().body);
  }
}

}  // namespace
}  // namespace cistern::store_rig
