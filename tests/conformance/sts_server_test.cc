// Which STS is asked, and how: a peer that stands where the proxy does and has AWS's name in its certificate.
#include <cstdlib>

#include <gtest/gtest.h>

#include "pipeline/store/credentials/sts.h"
#include "tests/conformance/credential_rig.h"
#include "tests/temporary_folder.h"

namespace cistern::store_rig {
namespace {

constexpr const char* kCaller =
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-us-gov:iam::1234:user/a</Arn>"
    "<Account>1234</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

class StsServer : public ::testing::Test {
 protected:
  // Of one request, whose bytes are `seen_`.
  void serve_as(const std::string& host) {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x"
        " -addext subjectAltName=DNS:" +
        host + " -keyout " + (folder_ / "key.pem") + " -out " + certificate_ + " 2>/dev/null";
    ASSERT_EQ(0, std::system(command.c_str()));
    proxy_ = std::make_unique<ScriptedPeer>(
        std::vector<ScriptedPeer::Script>{answer_once(http_answer("200 OK", kCaller), &seen_)},
        ScriptedPeer::Certificate{certificate_, folder_ / "key.pem", "HTTP/1.1 200 OK\r\n\r\n"});
  }
  Result<CallerIdentity> ask(StsOptions options) {
    options.ca_file = certificate_;
    options.proxy = "http://127.0.0.1:" + std::to_string(proxy_->port());
    CISTERN_TRY(auto sts, Sts::make(options, rig_.doors()));
    return rig_.run(sts.caller_identity({"AKIABASE", "b4se-s3cr3t"}));
  }

  const TemporaryFolder folder_;
  const std::string certificate_ = folder_ / "certificate.pem";
  std::string seen_;
  CredentialRig rig_;
  std::unique_ptr<ScriptedPeer> proxy_;
};

TEST_F(StsServer, IsTheRegionsOwnAndReachedThroughTheProxy) {
  serve_as("sts-fips.us-gov-east-1.api.aws");
  const auto caller = ask({.region = "us-gov-east-1", .fips = true, .dual_stack = true});
  ASSERT_TRUE(caller) << caller.error().what;
  EXPECT_EQ("1234", caller.value().account);
  EXPECT_TRUE(proxy_->connect_head().starts_with("CONNECT sts-fips.us-gov-east-1.api.aws:443 HTTP/1.1\r\n"))
      << proxy_->connect_head();
  EXPECT_NE(std::string::npos, seen_.find("\r\nHost: sts-fips.us-gov-east-1.api.aws\r\n")) << seen_;
  EXPECT_NE(std::string::npos, seen_.find("/us-gov-east-1/sts/aws4_request")) << seen_;
}

TEST_F(StsServer, AUrlOfItsOwnGoesBeforeFipsAndDualStack) {
  serve_as("vpce-1.sts.cn-north-1.vpce.amazonaws.com.cn");
  const std::string own = "https://vpce-1.sts.cn-north-1.vpce.amazonaws.com.cn";
  const auto caller = ask({.region = "cn-north-1", .fips = true, .dual_stack = true, .endpoint = own});
  ASSERT_TRUE(caller) << caller.error().what;
  EXPECT_NE(std::string::npos, seen_.find("/cn-north-1/sts/aws4_request")) << seen_;
}

TEST_F(StsServer, WhatCannotWorkIsNamed) {
  const std::pair<StsOptions, const char*> rows[] = {
      {{.region = "cn-north-1", .fips = true}, "store.fips"},
      {{.region = "us-iso-east-1", .dual_stack = true}, "store.dual_stack"},
      {{.endpoint = "sts"}, "AWS_ENDPOINT_URL_STS"},
      {{.proxy = "socks5://x"}, "store.proxy"},
  };
  for (const auto& [options, setting] : rows) {
    const auto sts = Sts::make(options, rig_.doors());
    ASSERT_FALSE(sts) << setting;
    EXPECT_EQ(ErrorKind::invalid, sts.error().kind);
    EXPECT_NE(std::string::npos, sts.error().what.find(setting)) << sts.error().what;
  }
}

}  // namespace
}  // namespace cistern::store_rig
