// What S3Store does by itself about an answer: another region, another clock, a server that asks for fewer
// requests, bytes that are not those that were sent.
#include <gtest/gtest.h>

#include "pipeline/store/s3_store.h"
#include "tests/conformance/fixed_credentials.h"
#include "tests/conformance/s3_replies.h"
#include "tests/conformance/scripted_peer.h"
#include "tests/conformance/store_rig.h"

namespace cistern::store_rig {
namespace {

constexpr int64_t kNow = 1'369'353'600'000;  // 2013-05-24T00:00:00Z

class S3Corrections : public ::testing::Test {
 protected:
  // The store's connection i is served by script i.
  void serve(std::vector<ScriptedPeer::Script> scripts, S3ObjectSettings object = {}) {
    store_.reset();
    seen_.clear();
    peer_ = std::make_unique<ScriptedPeer>(std::move(scripts));
    S3Options options;
    options.bucket = "logs";
    options.endpoint = "http://127.0.0.1:" + std::to_string(peer_->port());
    options.object = std::move(object);
    options.requests_at_once = 2;
    const auto source = fixed_credentials({"AKID", "secret"});
    store_ = make_s3_store(options, source, clock_, executors_.io(), executors_.workers()).value();
  }
  // One connection that answers one request after the other with these.
  ScriptedPeer::Script answering(std::vector<std::string> answers) {
    return [this, answers = std::move(answers)](PeerConnection& connection) {
      for (const std::string& answer : answers) {
        seen_.push_back(connection.read_request());
        connection.write(answer);
      }
      connection.read_to_end();
    };
  }
  void serve_answers(std::vector<std::string> answers, S3ObjectSettings object = {}) {
    serve(std::vector<ScriptedPeer::Script>{answering(std::move(answers))}, std::move(object));
  }
  Result<PutOutcome> put() {
    return executors_.run(store_->put(make_object("k.ndjson.gz", "5f1c9a0b7e42", 17, {"hel", "lo"})));
  }
  void expect_stored(const Result<PutOutcome>& result) {
    ASSERT_TRUE(result) << result.error().what;
    EXPECT_EQ(PutOutcome::stored, result.value());
  }
  void expect_error(ErrorKind kind, const std::string& text, const Result<PutOutcome>& result) {
    ASSERT_FALSE(result) << "it was taken for a success";
    EXPECT_EQ(kind, result.error().kind) << result.error().what;
    EXPECT_NE(std::string::npos, result.error().what.find(text)) << result.error().what;
  }
  void expect_seen(size_t index, const std::string& text) {
    ASSERT_LT(index, seen_.size());
    EXPECT_NE(std::string::npos, seen_[index].find(text)) << text << "\nin\n" << seen_[index];
  }

  Executors executors_;
  SteppingClock clock_{kNow};
  std::vector<std::string> seen_;
  std::unique_ptr<ScriptedPeer> peer_;
  std::unique_ptr<ObjectStore> store_;
};

std::string in_region(const std::string& region) {
  return error_answer("301 Moved", "PermanentRedirect", "x-amz-bucket-region: " + region + "\r\n");
}

// The other region's client opens a connection of its own; the first one stays until the store goes.
TEST_F(S3Corrections, TheRightRegionIsFollowedAndKept) {
  const std::string elsewhere[] = {
      in_region("eu-west-1"),
      error_answer("400 Bad Request", "AuthorizationHeaderMalformed", "", "<Region>eu-west-1</Region>"),
      "HTTP/1.1 400 Bad Request\r\nx-amz-bucket-region: eu-west-1\r\nContent-Length: 0\r\n\r\n"};
  for (const std::string& answer : elsewhere) {
    serve({answering({answer}), answering({kStored, kStored})});
    expect_stored(put());
    expect_stored(put());
    ASSERT_EQ(3u, seen_.size());
    expect_seen(0, "/20130524/us-east-1/s3/aws4_request");
    expect_seen(1, "/20130524/eu-west-1/s3/aws4_request");
    expect_seen(2, "/20130524/eu-west-1/s3/aws4_request");
  }
}

TEST_F(S3Corrections, AnotherRegionIsFollowedOnce) {
  serve({answering({in_region("eu-west-1")}), answering({in_region("eu-north-1")})});
  expect_error(ErrorKind::fatal, "set store.region to the bucket's region (eu-north-1)", put());
}

TEST_F(S3Corrections, ARegionThatIsNotNamedIsTheOperators) {
  serve_answers({error_answer("301 Moved", "PermanentRedirect")});
  expect_error(ErrorKind::fatal, "the answer does not name it", put());
}

TEST_F(S3Corrections, TheServersClockIsSignedBy) {
  const std::string skewed =
      error_answer("403 Forbidden", "RequestTimeTooSkewed", "Date: Fri, 24 May 2013 02:00:00 GMT\r\n");
  serve_answers({skewed, kStored, kStored});
  expect_stored(put());
  expect_stored(put());
  expect_seen(0, "\r\nx-amz-date: 20130524T000000Z\r\n");
  expect_seen(1, "\r\nx-amz-date: 20130524T020000Z\r\n");
  expect_seen(2, "\r\nx-amz-date: 20130524T020000Z\r\n");
}

TEST_F(S3Corrections, AClockThatIsRightIsNotCorrected) {
  for (const char* date : {"Date: Fri, 24 May 2013 00:00:30 GMT\r\n", "Date: yesterday\r\n", ""}) {
    serve_answers({error_answer("403 Forbidden", "RequestTimeTooSkewed", date)});
    expect_error(ErrorKind::fatal, "set this machine's clock", put());
  }
}

TEST_F(S3Corrections, RetryAfterIsKept) {
  serve_answers({error_answer("503 Slow Down", "SlowDown", "Retry-After: 7\r\n"), kStored, kStored});
  expect_error(ErrorKind::busy, "SlowDown", put());
  EXPECT_TRUE(clock_.waits_ms.empty());
  expect_stored(put());
  EXPECT_EQ((std::vector<int64_t>{7'000}), clock_.waits_ms);
  expect_stored(put());
  EXPECT_EQ(1u, clock_.waits_ms.size());
}

TEST_F(S3Corrections, AServerInTroubleIsAskedOnceASecond) {
  const std::string failing = error_answer("500 Internal Server Error", "InternalError");
  std::vector<std::string> answers(12, failing);
  answers.insert(answers.end(), 3, kStored);
  serve_answers(answers);
  for (int i = 0; i < 12; ++i) expect_error(ErrorKind::retry, "InternalError", put());
  EXPECT_EQ((std::vector<int64_t>{1'000, 1'000, 1'000}), clock_.waits_ms);  // 8 at once, a probe, three waits
  for (int i = 0; i < 3; ++i) expect_stored(put());
  EXPECT_EQ(4u, clock_.waits_ms.size());  // one success is enough for the next two
}

TEST_F(S3Corrections, AnAnswerWithAnotherChecksumIsNoSuccess) {
  const auto with = [](const char* checksum) {
    return std::string("HTTP/1.1 200 OK\r\nx-amz-checksum-crc32c: ") + checksum +
           "\r\nContent-Length: 0\r\n\r\n";
  };
  serve_answers({with("mnG7TA==")});
  expect_stored(put());
  serve_answers({with("AAAAAA==")});
  expect_error(ErrorKind::fatal, "holds other bytes", put());
}

std::string ours(const std::string& more) {
  return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx-amz-meta-cistern-journal: 5f1c9a0b7e42\r\n"
         "x-amz-meta-cistern-sequence: 17\r\nx-amz-meta-cistern-events: 3\r\n"
         "x-amz-meta-cistern-first: 1795248000123\r\nx-amz-meta-cistern-last: 1795251599998\r\n" +
         more + "\r\n";
}

TEST_F(S3Corrections, OurObjectWithOtherBytesThanWereSentIsNoSuccess) {
  const std::string digest =
      "x-amz-meta-cistern-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\r\n";
  serve_answers({kExists, ours(digest + "x-amz-checksum-crc32c: mnG7TA==\r\n")});
  EXPECT_EQ(PutOutcome::already_ours, put().value());
  expect_seen(1, "HEAD /logs/k.ndjson.gz HTTP/1.1\r\nx-amz-checksum-mode: ENABLED\r\n");
  serve_answers({kExists, ours(digest + "x-amz-checksum-crc32c: AAAAAA==\r\n")});
  expect_error(ErrorKind::fatal, "remove that object", put());
  // Another version's compressor: other bytes, other checksum, the same object.
  serve_answers({kExists, ours("x-amz-meta-cistern-sha256: 00\r\nx-amz-checksum-crc32c: AAAAAA==\r\n")});
  EXPECT_EQ(PutOutcome::already_ours, put().value());
}

// Where KMS encrypts, the checksum alone needs kms:Decrypt.
TEST_F(S3Corrections, WhoMayNotSeeTheChecksumMayStillRecogniseTheObject) {
  serve_answers({kExists, "HTTP/1.1 403 Forbidden\r\n\r\n", ours("")});
  EXPECT_EQ(PutOutcome::already_ours, put().value());
  ASSERT_EQ(3u, seen_.size());
  EXPECT_EQ(std::string::npos, seen_[2].find("x-amz-checksum-mode"));
}

TEST_F(S3Corrections, AForbiddenPutNamesAllThatMayBeMissing) {
  S3ObjectSettings object{.tags = {"a=b"}};
  object.expected_bucket_owner = "123456789012";
  serve_answers({error_answer("403 Forbidden", "AccessDenied")}, object);
  const auto refused = put();
  ASSERT_FALSE(refused);
  for (const char* text : {"s3:PutObject, s3:PutObjectTagging", "kms:GenerateDataKey", "account 123456789012",
                           "store.requester_pays", "s3://logs/k.ndjson.gz", "us-east-1"})
    EXPECT_NE(std::string::npos, refused.error().what.find(text)) << refused.error().what;
}

TEST_F(S3Corrections, AllThatWasAskedForIsOnTheWireAndSigned) {
  S3ObjectSettings object{.content_encoding = "gzip", .storage_class = "GLACIER_IR", .sse = "aws:kms"};
  object.sse_kms_key_id = "1234";
  object.sse_bucket_key = true;
  object.tags = {"team=logs"};
  object.metadata = {"owner=us"};
  object.lock_mode = "GOVERNANCE";
  object.lock_retain_ms = 86'400'000;
  object.acl = "bucket-owner-full-control";
  object.expected_bucket_owner = "123456789012";
  serve_answers({kStored}, object);
  expect_stored(put());
  for (const char* line :
       {"Content-Encoding: gzip", "x-amz-storage-class: GLACIER_IR", "x-amz-server-side-encryption: aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id: 1234",
        "x-amz-server-side-encryption-bucket-key-enabled: true", "x-amz-tagging: team=logs",
        "x-amz-meta-owner: us", "x-amz-object-lock-mode: GOVERNANCE",
        "x-amz-object-lock-retain-until-date: 2013-05-25T00:00:00Z", "x-amz-acl: bucket-owner-full-control",
        "x-amz-expected-bucket-owner: 123456789012",
        "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==", "x-amz-checksum-crc32c: mnG7TA=="})
    expect_seen(0, std::string("\r\n") + line + "\r\n");
  expect_seen(0,
              "SignedHeaders=content-encoding;content-md5;content-type;host;if-none-match;x-amz-acl;"
              "x-amz-checksum-crc32c;x-amz-content-sha256;x-amz-date;x-amz-expected-bucket-owner;");
}

}  // namespace
}  // namespace cistern::store_rig
