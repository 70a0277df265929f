// What tests of credential sources share: doors of their own, and peers that answer like AWS's endpoints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>

#include "pipeline/store/credentials/credential_provider.h"
#include "tests/conformance/scripted_peer.h"
#include "tests/conformance/store_rig.h"

namespace cistern::store_rig {

// Runs coroutines to their end, also while they wait for a worker alone.
class CredentialRig {
 public:
  ~CredentialRig() { workers_.join(); }
  CredentialDoors doors() { return {clock_, *disk_, io_.get_executor(), workers_.get_executor()}; }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    std::optional<T> result;
    const auto guard = boost::asio::make_work_guard(io_);
    boost::asio::co_spawn(io_, keep(std::move(work), result), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    io_.restart();
    while (!result) io_.run_one();
    return std::move(*result);
  }
  Result<Credentials> fetch(const Result<std::unique_ptr<CredentialProvider>>& provider) {
    if (!provider) return provider.error();
    return run(provider.value()->fetch());
  }

 private:
  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, std::optional<T>& result) {
    result.emplace(co_await std::move(work));
  }

  RealClock clock_;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  boost::asio::io_context io_;
  boost::asio::thread_pool workers_{2};
};

inline std::string http_answer(const std::string& status, const std::string& body,
                               const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Takes one request of one connection and answers it.
inline ScriptedPeer::Script answer_once(std::string bytes, std::string* seen = nullptr) {
  return [bytes, seen](PeerConnection& connection) {
    const std::string request = connection.read_request();
    if (seen != nullptr) *seen = request;
    connection.write(bytes);
  };
}

inline std::string url_of(const ScriptedPeer& peer) {
  return "http://127.0.0.1:" + std::to_string(peer.port());
}

inline std::string document(const std::string& key = "ASIAONE") {
  return R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":")" + key +
         R"(","SecretAccessKey":"s3cr3t/+abc","Token":"t0ken==","Expiration":"2036-11-21T14:00:00Z"})";
}

inline void expect_error(ErrorKind kind, const std::string& text, const Result<Credentials>& result) {
  ASSERT_FALSE(result) << "it was taken for credentials";
  EXPECT_EQ(kind, result.error().kind) << result.error().what;
  EXPECT_NE(std::string::npos, result.error().what.find(text)) << result.error().what;
  for (const char* secret : {"s3cr3t", "t0ken"})
    EXPECT_EQ(std::string::npos, result.error().what.find(secret)) << result.error().what;
}

inline void expect_credentials(const std::string& key, const Result<Credentials>& result) {
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(key, result.value().access_key_id);
  EXPECT_EQ("s3cr3t/+abc", result.value().secret_access_key.view());
  EXPECT_EQ("t0ken==", result.value().session_token.view());
  EXPECT_EQ(2'110'888'800'000, result.value().expires_ms.value_or(0));
}

}  // namespace cistern::store_rig
