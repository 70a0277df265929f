// Containers and instances: sources that are asked over HTTP, against peers that answer like ECS, EKS and
// IMDS do, and wrongly.
#include <fstream>

#include <gtest/gtest.h>

#include "pipeline/store/credentials/container_credentials.h"
#include "pipeline/store/credentials/instance_metadata.h"
#include "tests/conformance/credential_rig.h"
#include "tests/temporary_folder.h"

namespace cistern::store_rig {
namespace {

class ContainerEndpoint : public ::testing::Test {
 protected:
  Result<Credentials> fetch(std::vector<ScriptedPeer::Script> scripts, ContainerOptions options = {}) {
    peer_ = std::make_unique<ScriptedPeer>(std::move(scripts));
    options.relative_uri = "/v2/credentials/4f1a";
    options.relative_base = url_of(*peer_);
    return rig_.fetch(container_credentials(std::move(options), rig_.doors()));
  }
  CredentialRig rig_;
  TemporaryFolder folder_;
  std::unique_ptr<ScriptedPeer> peer_;
};

TEST_F(ContainerEndpoint, OfEcs) {
  std::string seen;
  expect_credentials("ASIAONE", fetch({answer_once(http_answer("200 OK", document()), &seen)}));
  EXPECT_TRUE(seen.starts_with("GET /v2/credentials/4f1a HTTP/1.1\r\n")) << seen;
  EXPECT_EQ(std::string::npos, seen.find("Authorization")) << seen;
}

TEST_F(ContainerEndpoint, OfAPodWithATokenFileThatIsReadEveryTime) {
  std::string first, second;
  ScriptedPeer peer({answer_once(http_answer("200 OK", document()), &first),
                     answer_once(http_answer("200 OK", document("ASIATWO")), &second)});
  const std::string file = folder_ / "token";
  std::ofstream(file) << "eyJ.one";
  const auto provider = container_credentials(
      {.full_uri = url_of(peer) + "/v1/credentials", .token = "not this one", .token_file = file},
      rig_.doors());
  expect_credentials("ASIAONE", rig_.fetch(provider));
  std::ofstream(file) << "eyJ.two";
  expect_credentials("ASIATWO", rig_.fetch(provider));
  EXPECT_TRUE(first.starts_with("GET /v1/credentials HTTP/1.1\r\n")) << first;
  EXPECT_NE(std::string::npos, first.find("\r\nAuthorization: eyJ.one\r\n")) << first;
  EXPECT_NE(std::string::npos, second.find("\r\nAuthorization: eyJ.two\r\n")) << second;
}

TEST_F(ContainerEndpoint, ATokenWithALineEndIsNeverSent) {
  const auto nobody = [](PeerConnection& connection) { EXPECT_EQ("", connection.read_head()); };
  expect_error(ErrorKind::fatal, "line end", fetch({nobody}, {.token = "t0ken\r\nX-Amz-Evil: yes"}));
  EXPECT_EQ(0u, peer_->connections());
  std::ofstream(folder_ / "token") << "t0ken\n";
  expect_error(ErrorKind::fatal, "line end", fetch({nobody}, {.token_file = folder_ / "token"}));
  expect_error(ErrorKind::fatal, "nowhere", fetch({nobody}, {.token_file = folder_ / "nowhere"}));
}

TEST_F(ContainerEndpoint, OnlyTheHostsOfTheSdksAreAskedOverPlainHttp) {
  for (const char* uri :
       {"http://127.0.0.1/x", "http://127.9.9.9:80/x", "http://[::1]:81/x", "http://localhost/",
        "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials", "https://anywhere.example/x"}) {
    EXPECT_TRUE(container_credentials({.full_uri = uri}, rig_.doors())) << uri;
  }
  for (const char* uri : {"http://anywhere.example/x", "http://10.0.0.1/x", "http://169.254.170.3/x",
                          "http://169.254.169.254/x", "http://localhost.evil.example/x",
                          "http://[fd00:ec2::24]/x", "ftp://127.0.0.1/x", "127.0.0.1/x"}) {
    const auto provider = container_credentials({.full_uri = uri}, rig_.doors());
    ASSERT_FALSE(provider) << uri;
    EXPECT_EQ(ErrorKind::invalid, provider.error().kind);
    EXPECT_NE(std::string::npos, provider.error().what.find("FULL_URI")) << provider.error().what;
  }
  EXPECT_FALSE(container_credentials({.relative_uri = "v2/x"}, rig_.doors()));
  EXPECT_FALSE(container_credentials({.relative_uri = "@evil.example/x"}, rig_.doors()));
}

TEST_F(ContainerEndpoint, ARefusalIsToldWithoutTheToken) {
  const std::string said = R"({"code":"AccessDenied","message":"t0ken== has no \u0007role"})";
  const auto result = fetch({answer_once(http_answer("403 Forbidden", said))}, {.token = "t0ken=="});
  expect_error(ErrorKind::fatal, "403 AccessDenied *** has no ?role", result);
}

TEST_F(ContainerEndpoint, WhatMayPassIsTriedThreeTimes) {
  const auto broken = answer_once(http_answer("500 Oh", "{}"));
  expect_error(ErrorKind::retry, "500", fetch({broken, broken, broken}));
  EXPECT_EQ(3u, peer_->connections());
  const auto dead = [](PeerConnection& connection) { connection.reset(); };
  expect_credentials("ASIAONE", fetch({broken, dead, answer_once(http_answer("200 OK", document()))}));
  const auto slow = [](PeerConnection& connection) { connection.read_to_end(); };
  expect_error(ErrorKind::retry, "could not", fetch({slow, slow, slow}, {.answer_ms = 100}));
}

TEST_F(ContainerEndpoint, WrongDocuments) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "no JSON object"},
      {"<html>s3cr3t</html>", "no JSON object"},
      {"[\"s3cr3t\"]", "no JSON object"},
      {R"({"SecretAccessKey":"s3cr3t"})", "no AccessKeyId"},
      {R"({"AccessKeyId":"A","Token":"t0ken"})", "no SecretAccessKey"},
      {R"({"AccessKeyId":"A","SecretAccessKey":["s3cr3t"]})", "no SecretAccessKey"},
      {R"({"AccessKeyId":"A","SecretAccessKey":"s3cr3t\r\nx"})", "control characters"},
      {R"({"AccessKeyId":"A","SecretAccessKey":"s3cr3t","Expiration":"soon"})", "Expiration"}};
  for (const auto& [body, text] : cases)
    expect_error(ErrorKind::retry, text, fetch({answer_once(http_answer("200 OK", body))}));
}

class InstanceEndpoint : public ::testing::Test {
 protected:
  using Scripts = std::vector<ScriptedPeer::Script>;

  Result<Credentials> fetch(Scripts scripts, int64_t answer_ms = 1'000) {
    peer_ = std::make_unique<ScriptedPeer>(std::move(scripts));
    return rig_.fetch(
        instance_metadata({.endpoint = url_of(*peer_) + "/", .answer_ms = answer_ms}, rig_.doors()));
  }
  static ScriptedPeer::Script token() { return answer_once(http_answer("200 OK", "AQAEt0ken==")); }

  CredentialRig rig_;
  std::unique_ptr<ScriptedPeer> peer_;
};

TEST_F(InstanceEndpoint, TokenRoleCredentials) {
  std::string first, second, third;
  expect_credentials("ASIAONE", fetch({answer_once(http_answer("200 OK", "AQAEt0ken=="), &first),
                                       answer_once(http_answer("200 OK", "archive-role\n"), &second),
                                       answer_once(http_answer("200 OK", document()), &third)}));
  EXPECT_TRUE(first.starts_with("PUT /latest/api/token HTTP/1.1\r\n")) << first;
  EXPECT_NE(std::string::npos, first.find("\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\n")) << first;
  EXPECT_TRUE(second.starts_with("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n")) << second;
  EXPECT_TRUE(third.starts_with("GET /latest/meta-data/iam/security-credentials/archive-role HTTP/1.1\r\n"))
      << third;
  for (const std::string& seen : {second, third})
    EXPECT_NE(std::string::npos, seen.find("\r\nx-aws-ec2-metadata-token: AQAEt0ken==\r\n")) << seen;
}

TEST_F(InstanceEndpoint, ThereIsNoWayBackToVersionOne) {
  for (const char* status : {"400 Bad Request", "403 Forbidden", "404 Not Found", "405 Method Not Allowed"}) {
    // Were the role asked for without a token, it would be given.
    expect_error(
        ErrorKind::fatal, "session token",
        fetch({answer_once(http_answer(status, "")), answer_once(http_answer("200 OK", "archive-role"))}));
    EXPECT_EQ(1u, peer_->connections()) << status;
  }
  const auto slow = [](PeerConnection& connection) { connection.read_to_end(); };
  expect_error(ErrorKind::retry, "hop limit",
               fetch({slow, slow, slow, answer_once(http_answer("200 OK", "archive-role"))}, 100));
  EXPECT_EQ(3u, peer_->connections());
}

TEST_F(InstanceEndpoint, WrongAnswers) {
  expect_error(ErrorKind::retry, "none", fetch({answer_once(http_answer("200 OK", "t0ken\r\nX: y"))}));
  expect_error(ErrorKind::fatal, "no role", fetch({token(), answer_once(http_answer("404 Not Found", ""))}));
  expect_error(ErrorKind::retry, "401", fetch({token(), answer_once(http_answer("401 Unauthorized", ""))}));
  const auto role = answer_once(http_answer("200 OK", "r"));
  expect_error(ErrorKind::fatal, "AssumeRoleUnauthorizedAccess",
               fetch({token(), role,
                      answer_once(http_answer("200 OK", R"({"Code":"AssumeRoleUnauthorizedAccess"})"))}));
  expect_error(ErrorKind::retry, "no AccessKeyId",
               fetch({token(), role, answer_once(http_answer("200 OK", R"({"Code":"Success"})"))}));
}

TEST_F(InstanceEndpoint, ItsAddress) {
  const auto name = [&](InstanceMetadataOptions options) {
    auto provider = instance_metadata(options, rig_.doors());
    return provider ? provider.value()->name() : provider.error().what;
  };
  EXPECT_EQ("instance metadata at 169.254.169.254", name({}));
  EXPECT_EQ("instance metadata at 169.254.169.254", name({.endpoint_mode = "IPv4"}));
  EXPECT_EQ("instance metadata at [fd00:ec2::254]", name({.endpoint_mode = "ipv6"}));
  EXPECT_EQ("instance metadata at 10.0.0.1:8080",
            name({.endpoint = "http://10.0.0.1:8080", .endpoint_mode = "IPv6"}));
  EXPECT_NE(std::string::npos, name({.endpoint_mode = "IPv5"}).find("ENDPOINT_MODE must be IPv4 or IPv6"));
  EXPECT_NE(std::string::npos, name({.endpoint = "10.0.0.1"}).find("AWS_EC2_METADATA_SERVICE_ENDPOINT"));
}

}  // namespace
}  // namespace cistern::store_rig
