// S3Store against a peer that answers with every nasty answer there is.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/store/https_client.h"
#include "pipeline/store/s3_store.h"
#include "tests/conformance/fixed_credentials.h"
#include "tests/conformance/s3_replies.h"
#include "tests/conformance/scripted_peer.h"
#include "tests/conformance/store_rig.h"

namespace cistern::store_rig {
namespace {

const std::string kObjectKey = "08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz";

class S3Answers : public ::testing::Test {
 protected:
  using Scripts = std::vector<ScriptedPeer::Script>;

  // The store's deadlines are a minute unless a test is about them.
  void serve(Scripts scripts, int64_t timeout_ms = 60'000) {
    store_.reset();  // closes what it kept, so that the peer before this one can end
    peer_ = std::make_unique<ScriptedPeer>(std::move(scripts));
    S3Options options;
    options.bucket = "logs";
    options.endpoint = "http://127.0.0.1:" + std::to_string(peer_->port());
    options.timeout_ms = timeout_ms;
    auto source = source_ ? source_ : fixed_credentials({"AKID", "secret"});
    store_ = make_s3_store(options, source, clock_, executors_.io(), executors_.workers()).value();
  }
  Result<PutOutcome> put(std::vector<std::string> pieces = {"hello ", "world"}) {
    return executors_.run(store_->put(make_object(kObjectKey, "5f1c9a0b7e42", 17, std::move(pieces))));
  }
  void expect_error(ErrorKind kind, const std::string& text, const Result<PutOutcome>& result) {
    ASSERT_FALSE(result) << "it was taken for a success";
    EXPECT_EQ(kind, result.error().kind) << result.error().what;
    EXPECT_NE(std::string::npos, result.error().what.find(text)) << result.error().what;
  }
  void expect(PutOutcome outcome, const Result<PutOutcome>& result) {
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(outcome, result.value());
  }

  // Of a store that refuses a damaged body, answers a look at the check's key with `there`, and each put of
  // the empty object with the next of these.
  Result<std::string> check(const std::string& there, const std::vector<std::string>& puts) {
    serve({[&](PeerConnection& connection) {
      EXPECT_TRUE(connection.read_request().starts_with("PUT /logs/.cistern-check "));
      connection.write(error_answer("400 Bad Request", "BadDigest"));
      EXPECT_TRUE(connection.read_head().starts_with("HEAD /logs/.cistern-check "));
      connection.write(there);
      for (const std::string& answer : puts) {
        const std::string put = connection.read_request();
        EXPECT_TRUE(put.starts_with("PUT /logs/.cistern-check ")) << put;
        for (const char* line : {"\r\nIf-None-Match: *\r\n", "\r\nContent-Length: 0\r\n"})
          EXPECT_NE(std::string::npos, put.find(line)) << put;
        connection.write(answer);
      }
      EXPECT_EQ("", connection.read_head()) << "one request more than expected";
    }});
    auto found = executors_.run(store_->check());
    store_.reset();
    peer_.reset();
    return found;
  }
  static void expect_found(const std::string& text, const Result<std::string>& found) {
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_NE(std::string::npos, found.value().find(text)) << found.value();
  }

  Executors executors_;
  RealClock clock_;
  std::unique_ptr<ScriptedPeer> peer_;
  std::shared_ptr<CredentialSource> source_;  // null: fixed ones
  std::unique_ptr<ObjectStore> store_;
};

// Reads one request and answers it.
ScriptedPeer::Script answering(std::string bytes) {
  return [bytes](PeerConnection& connection) {
    connection.read_request();
    connection.write(bytes);
    connection.read_to_end();
  };
}

TEST_F(S3Answers, ThePutOnTheWire) {
  std::string seen;
  serve({[&](PeerConnection& connection) {
    seen = connection.read_request();
    connection.write(kStored);
  }});
  expect(PutOutcome::stored, put());
  EXPECT_TRUE(seen.starts_with("PUT /logs/" + kObjectKey + " HTTP/1.1\r\n")) << seen;
  for (const char* line :
       {"\r\nIf-None-Match: *\r\n", "\r\nContent-Length: 11\r\n",
        "\r\nContent-Type: application/x-ndjson\r\n", "\r\nx-amz-meta-cistern-journal: 5f1c9a0b7e42\r\n",
        "\r\nx-amz-content-sha256: b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9\r\n",
        "\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKID/"}) {
    EXPECT_NE(std::string::npos, seen.find(line)) << line << "\nin\n" << seen;
  }
  EXPECT_EQ(std::string::npos, seen.find("Content-Encoding"));
  EXPECT_TRUE(seen.ends_with("\r\n\r\nhello world"));
}

ScriptedPeer::Script exists_then(std::string head_answer) {
  return [head_answer](PeerConnection& connection) {
    connection.read_request();
    connection.write(kExists);
    EXPECT_TRUE(connection.read_head().starts_with("HEAD /logs/08/")) << "412 must be followed by a look";
    connection.write(head_answer);
  };
}

TEST_F(S3Answers, A412IsOursOrAStrangersByItsMetadata) {
  const std::string ours =
      "HTTP/1.1 200 OK\r\nContent-Length: 999\r\nx-amz-meta-cistern-journal: 5f1c9a0b7e42\r\n";
  const std::string times =
      "x-amz-meta-cistern-first: 1795248000123\r\nX-Amz-Meta-Cistern-Last: 1795251599998\r\n";
  const std::string events = times + "x-amz-meta-cistern-events: 3\r\n";
  serve({exists_then(ours + events + "X-Amz-Meta-Cistern-Sequence: 17\r\n\r\n")});
  expect(PutOutcome::already_ours, put());
  serve({exists_then(ours + events + "x-amz-meta-cistern-sequence: 18\r\n\r\n")});
  expect(PutOutcome::taken, put());
  serve({exists_then(ours + times +
                     "x-amz-meta-cistern-events: 4\r\nx-amz-meta-cistern-sequence: 17\r\n\r\n")});
  expect(PutOutcome::taken, put());
  serve({exists_then(ours + "x-amz-meta-cistern-sequence: 17\r\n\r\n")});
  expect(PutOutcome::taken, put());
  serve({exists_then("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")});
  expect(PutOutcome::taken, put());
}

TEST_F(S3Answers, A412WhoseObjectCannotBeLookedAtDecidesNothing) {
  serve({exists_then("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")});
  expect_error(ErrorKind::retry, "is there and is not there", put());
  serve({[](PeerConnection& connection) {
    connection.read_request();
    connection.write(kExists);
    for (int looks = 0; looks < 2; ++looks) {  // with the checksum, which may be forbidden, and without
      connection.read_head();
      connection.write("HTTP/1.1 403 Forbidden\r\n\r\n");
    }
  }});
  expect_error(ErrorKind::fatal, "s3:GetObject", put());
  serve({exists_then("HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n")});
  expect_error(ErrorKind::busy, "503", put());
}

// Says what the store tells it.
class WatchedSource : public CredentialSource {
 public:
  boost::asio::awaitable<Result<Credentials>> credentials() override { co_return Credentials{key, "s", "t"}; }
  void refused(const Credentials& credentials) override { refusals.push_back(credentials.access_key_id); }
  const std::string& name() const override { return key; }
  std::string key = "FIRST";
  std::vector<std::string> refusals;
};

TEST_F(S3Answers, AnExpiredTokenIsToldToItsSource) {
  const auto source = std::make_shared<WatchedSource>();
  source_ = source;
  serve({answering(error_answer("403 Forbidden", "AccessDenied"))});
  expect_error(ErrorKind::fatal, "AccessDenied", put());
  EXPECT_TRUE(source->refusals.empty());
  serve({answering(error_answer("400 Bad Request", "ExpiredToken"))});
  expect_error(ErrorKind::retry, "ExpiredToken", put());
  EXPECT_EQ(std::vector<std::string>{"FIRST"}, source->refusals);
}

TEST_F(S3Answers, ASkewedClockIsCorrectedFromTheServersDate) {
  const std::string date = "Date: Sun, 21 Nov 2038 08:00:00 GMT\r\n";
  std::string first, second;
  serve({[&](PeerConnection& connection) {
    first = connection.read_request();
    connection.write(answer("403 Forbidden", "<Error><Code>RequestTimeTooSkewed</Code></Error>", date));
    second = connection.read_request();
    connection.write(kStored);
  }});
  expect(PutOutcome::stored, put());
  EXPECT_EQ(std::string::npos, first.find("\r\nx-amz-date: 2038")) << first;
  EXPECT_NE(std::string::npos, second.find("\r\nx-amz-date: 20381121T0800")) << second;
}

TEST_F(S3Answers, TroublesHaveTheirKind) {
  serve({answering(error_answer("503 Slow Down", "SlowDown"))});
  expect_error(ErrorKind::busy, "SlowDown", put());
  serve({answering(error_answer("409 Conflict", "ConditionalRequestConflict"))});
  expect_error(ErrorKind::retry, "ConditionalRequestConflict", put());
  serve({answering(error_answer("200 OK", "InternalError"))});
  expect_error(ErrorKind::retry, "InternalError", put());
  serve({answering(error_answer("403 Forbidden", "AccessDenied"))});
  expect_error(ErrorKind::fatal, "allow s3:PutObject", put());
  serve(
      {answering("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "b\r\n<Error><Cod\r\n1d\r\ne>InvalidAccessKeyId</Code></\r\n6\r\nError>\r\n0\r\n\r\n")});
  expect_error(ErrorKind::fatal, "InvalidAccessKeyId", put());
}

TEST_F(S3Answers, AnAnswerMayComeInTwoPartsSplitAnywhere) {
  const std::string whole = "HTTP/1.1 100 Continue\r\n\r\n" + error_answer("503 Slow Down", "SlowDown");
  for (size_t split = 1; split < whole.size(); ++split) {
    serve({[&](PeerConnection& connection) {
      connection.read_request();
      connection.write(whole.substr(0, split));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // or both parts would come as one
      connection.write(whole.substr(split));
      connection.read_to_end();
    }});
    expect_error(ErrorKind::busy, "503 SlowDown", put());
  }
}

TEST_F(S3Answers, AnAnswerThatBreaksOffIsNoSuccess) {
  const std::string whole = answer("200 OK", "some body");
  for (size_t length = 0; length < whole.size(); ++length) {
    serve({[&](PeerConnection& connection) {
      connection.read_request();
      connection.write(whole.substr(0, length));
    }});
    expect_error(ErrorKind::retry, "could not exchange a request with 127.0.0.1", put());
  }
}

TEST_F(S3Answers, WhatIsNoHttpIsNoSuccess) {
  const std::string endless(200'000, 'h');
  for (const std::string& nonsense :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"), std::string("HTTP/1.1 2x0 OK\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n"),
        "HTTP/1.1 200 OK\r\nX: " + endless + "\r\n\r\n", answer("200 OK", std::string(3'000'000, 'b')),
        std::string("\0\0\0\0", 4)}) {
    serve({[&](PeerConnection& connection) {
      connection.read_request();
      connection.write(nonsense);
    }});
    expect_error(ErrorKind::retry, "could not exchange", put());
  }
}

TEST_F(S3Answers, AnEarlyAnswerEndsTheSendingOfTheBody) {
  const std::vector<std::string> large(24, std::string(1'000'000, 'x'));
  const std::string refusal = error_answer("403 Forbidden", "AccessDenied");
  // The peer stops reading, stays, closes, or resets after it has answered.
  const std::vector<ScriptedPeer::Script> peers{[&](PeerConnection& connection) {
                                                  connection.read_head();
                                                  connection.write(refusal);
                                                  connection.read_to_end();
                                                },
                                                [&](PeerConnection& connection) {
                                                  connection.read_head();
                                                  connection.write(refusal);
                                                },
                                                [&](PeerConnection& connection) {
                                                  connection.read_head();
                                                  connection.read(3'000'000);
                                                  connection.write(refusal);
                                                  connection.read(1'000'000);
                                                  connection.reset();
                                                }};
  for (const auto& script : peers) {
    serve({script});
    expect_error(ErrorKind::fatal, "AccessDenied", put(large));
  }
}

TEST_F(S3Answers, ASuccessBeforeTheBodyWasSentIsNone) {
  serve({[](PeerConnection& connection) {
    connection.read_head();
    connection.write(kStored);
    connection.read_to_end();
  }});
  expect_error(ErrorKind::retry, "before it had the whole request",
               put(std::vector<std::string>(24, std::string(1'000'000, 'x'))));
}

TEST_F(S3Answers, ConnectionsAreKept) {
  serve({[](PeerConnection& connection) {
    for (int i = 0; i < 3; ++i) {
      connection.read_request();
      connection.write(kStored);
    }
  }});
  for (int i = 0; i < 3; ++i) expect(PutOutcome::stored, put());
  EXPECT_EQ(1u, peer_->connections());
}

TEST_F(S3Answers, AConnectionClosedBetweenRequestsCostsOneFreshTry) {
  const ScriptedPeer::Script once = [](PeerConnection& connection) {
    connection.read_request();
    connection.write(kStored);
  };
  const ScriptedPeer::Script once_then_reset = [](PeerConnection& connection) {
    connection.read_request();
    connection.write(kStored);
    connection.read(10);
    connection.reset();
  };
  serve({once, once_then_reset, once});
  for (int i = 0; i < 3; ++i) expect(PutOutcome::stored, put());
  EXPECT_EQ(3u, peer_->connections());
}

TEST_F(S3Answers, ConnectionCloseIsHonoured) {
  const auto closing = answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  serve({closing, closing});
  expect(PutOutcome::stored, put());
  expect(PutOutcome::stored, put());
  EXPECT_EQ(2u, peer_->connections());
}

TEST_F(S3Answers, AFreshConnectionThatClosesIsAnErrorAndNotTriedAgain) {
  serve({[](PeerConnection& connection) { connection.read_head(); }});
  expect_error(ErrorKind::retry, "could not exchange", put());
  EXPECT_EQ(1u, peer_->connections());
}

TEST_F(S3Answers, ASilentServerMeetsTheDeadline) {
  serve({[](PeerConnection& connection) {
          connection.read_request();
          connection.read_to_end();
        }},
        100);
  expect_error(ErrorKind::retry, "timed out", put());
}

TEST_F(S3Answers, AServerThatStopsHalfWayMeetsTheDeadline) {
  serve({[](PeerConnection& connection) {
          connection.read_request();
          connection.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
          connection.read_to_end();
        }},
        100);
  expect_error(ErrorKind::retry, "timed out", put());
}

TEST_F(S3Answers, AServerThatTakesNoBodyMeetsTheDeadline) {
  std::atomic<bool> done = false;
  serve({[&](PeerConnection& connection) {
          connection.read_head();
          while (!done) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }},
        100);
  expect_error(ErrorKind::retry, "timed out", put(std::vector<std::string>(24, std::string(1'000'000, 'x'))));
  done = true;
  peer_.reset();  // its thread must see `done` before that ends
}

TEST_F(S3Answers, NobodyListening) {
  serve({});
  const auto nobody = std::to_string(peer_->port());
  peer_.reset();
  expect_error(ErrorKind::retry, "could not connect to 127.0.0.1:" + nobody, put());
}

TEST_F(S3Answers, CheckNamesWhatIsMissing) {
  serve({answering(error_answer("404 Not Found", "NoSuchBucket"))});
  auto found = executors_.run(store_->check());
  ASSERT_FALSE(found);
  EXPECT_NE(std::string::npos, found.error().what.find("make the bucket logs")) << found.error().what;
  expect_found("make sure that s3:GetObject is allowed",
               check("HTTP/1.1 403 Forbidden\r\n\r\n", {kStored, kExists}));
}

TEST_F(S3Answers, CheckFindsOutAStoreThatReplaces) {
  const char* absent = "HTTP/1.1 404 Not Found\r\n\r\n";
  const char* ours = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nx-amz-meta-cistern-check: x\r\n\r\n";
  expect_found("is not replaced", check(absent, {kStored, kExists}));
  expect_found("is not replaced", check(ours, {kExists}));
  for (const char* there : {absent, ours}) {
    const auto replaces = check(there, {kStored, kStored});
    ASSERT_FALSE(replaces) << replaces.value();
    EXPECT_NE(std::string::npos, replaces.error().what.find("ignores If-None-Match"))
        << replaces.error().what;
  }
}

TEST_F(S3Answers, CheckLeavesAStrangersObjectAlone) {
  expect_found("was not tried", check("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", {}));
}

}  // namespace
}  // namespace cistern::store_rig
