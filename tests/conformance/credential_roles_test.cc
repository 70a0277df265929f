// Roles: web identity and AssumeRole, against peers that answer like STS does, and wrongly.
#include <fstream>

#include <gtest/gtest.h>

#include "pipeline/store/aws_time.h"
#include "pipeline/store/credentials/assumed_role.h"
#include "pipeline/store/credentials/static_credentials.h"
#include "pipeline/store/credentials/web_identity.h"
#include "tests/conformance/credential_rig.h"
#include "tests/temporary_folder.h"

namespace cistern::store_rig {
namespace {

const std::string kRole = "arn:aws:iam::123456789012:role/archive";

std::string assumed(const std::string& action) {
  return "<" + action + "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" + action +
         "Result>\n<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/archive/cistern</Arn>"
         "</AssumedRoleUser>\n<Credentials>\n<AccessKeyId>ASIAROLE</AccessKeyId>\n<SecretAccessKey>s3cr3t/"
         "+abc"
         "</SecretAccessKey>\n<SessionToken>t0ken==</SessionToken>\n<Expiration>2036-11-21T14:00:00Z"
         "</Expiration>\n</Credentials>\n</" +
         action + "Result></" + action + "Response>";
}

std::string refusal(const std::string& code, const std::string& message) {
  return "<ErrorResponse "
         "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<Error>\n<Type>Sender</Type>\n<Code>" +
         code + "</Code>\n<Message>" + message +
         "</Message>\n</Error>\n<RequestId>1-2-3</RequestId>\n</ErrorResponse>";
}

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }

class CredentialRoles : public ::testing::Test {
 protected:
  void serve(std::vector<ScriptedPeer::Script> scripts) {
    peer_ = std::make_unique<ScriptedPeer>(std::move(scripts));
  }
  Sts sts() { return Sts::make({.region = "eu-west-1", .endpoint = url_of(*peer_)}, rig_.doors()).value(); }
  Result<Credentials> assume(RoleToAssume role) {
    auto keys = static_credentials({"AKIABASE", "b4se-s3cr3t", "b4se-t0ken"}, "environment");
    return rig_.fetch(assumed_role(std::move(role), std::move(keys).value(), sts()));
  }
  Result<Credentials> refused(const std::string& status, const std::string& body) {
    serve({answer_once(http_answer(status, body))});
    return assume({kRole});
  }

  CredentialRig rig_;
  TemporaryFolder folder_;
  std::unique_ptr<ScriptedPeer> peer_;
};

TEST_F(CredentialRoles, AssumeRoleOnTheWire) {
  std::string seen;
  serve({answer_once(http_answer("200 OK", assumed("AssumeRole")), &seen)});
  expect_credentials("ASIAROLE", assume({kRole, "ext id", "me@host", 7200, {"team=a b", "env="}}));
  EXPECT_TRUE(seen.starts_with("POST / HTTP/1.1\r\n")) << seen;
  for (const char* line : {"\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n",
                           "\r\nx-amz-security-token: b4se-t0ken\r\n",
                           "/eu-west-1/sts/aws4_request,SignedHeaders="
                           "content-type;host;x-amz-date;x-amz-security-token,Signature="})
    EXPECT_NE(std::string::npos, seen.find(line)) << line << "\n" << seen;
  EXPECT_EQ(
      "Action=AssumeRole&DurationSeconds=7200&ExternalId=ext%20id&"
      "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Farchive&RoleSessionName=me%40host&"
      "Tags.member.1.Key=team&Tags.member.1.Value=a%20b&Tags.member.2.Key=env&Tags.member.2.Value=&"
      "Version=2011-06-15",
      body_of(seen));
}

TEST_F(CredentialRoles, WebIdentityIsNotSignedAndItsFileIsReadEveryTime) {
  std::string first, second;
  const std::string answer = http_answer("200 OK", assumed("AssumeRoleWithWebIdentity"));
  serve({answer_once(answer, &first), answer_once(answer, &second)});
  const std::string file = folder_ / "token";
  std::ofstream(file) << "eyJ.one+/=\n";
  const auto provider = web_identity({file, {kRole, "", "pod-7"}}, sts(), rig_.doors());
  expect_credentials("ASIAROLE", rig_.fetch(provider));
  std::ofstream(file) << "eyJ.two";
  expect_credentials("ASIAROLE", rig_.fetch(provider));
  EXPECT_EQ(std::string::npos, first.find("Authorization")) << first;
  EXPECT_EQ(
      "Action=AssumeRoleWithWebIdentity&DurationSeconds=3600&"
      "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Farchive&RoleSessionName=pod-7&"
      "Version=2011-06-15&WebIdentityToken=eyJ.one%2B%2F%3D",
      body_of(first));
  EXPECT_TRUE(body_of(second).ends_with("&WebIdentityToken=eyJ.two")) << second;
}

TEST_F(CredentialRoles, ATokenFileThatIsMissingOrEmpty) {
  serve({});
  expect_error(ErrorKind::fatal, "nowhere",
               rig_.fetch(web_identity({folder_ / "nowhere", {kRole}}, sts(), rig_.doors())));
  std::ofstream(folder_ / "token") << "\n";
  expect_error(ErrorKind::fatal, "is empty",
               rig_.fetch(web_identity({folder_ / "token", {kRole}}, sts(), rig_.doors())));
  expect_error(ErrorKind::invalid, "AWS_ROLE_ARN",
               rig_.fetch(web_identity({folder_ / "token", {}}, sts(), rig_.doors())));
}

TEST_F(CredentialRoles, AWrongClockIsCorrectedByTheServersDate) {
  std::string first, second;
  const std::string date = "Date: Sun, 21 Nov 2038 08:00:00 GMT\r\n";
  const std::string late = refusal("SignatureDoesNotMatch", "Signature expired");
  serve({answer_once(http_answer("403 Forbidden", late, date), &first),
         answer_once(http_answer("200 OK", assumed("AssumeRole"), date), &second)});
  expect_credentials("ASIAROLE", assume({kRole}));
  EXPECT_EQ(std::string::npos, first.find("\r\nx-amz-date: 20381121T0800")) << first;
  EXPECT_NE(std::string::npos, second.find("\r\nx-amz-date: 20381121T0800")) << second;
}

TEST_F(CredentialRoles, ARefusalSaysWhatToLookAt) {
  const std::string denied = "User: arn:aws:iam::1:user/x is not authorized to perform: sts:AssumeRole";
  expect_error(ErrorKind::fatal,
               "403 AccessDenied \"" + denied + "\", request id 1-2-3: the role's trust policy",
               refused("403 Forbidden", refusal("AccessDenied", denied)));
  expect_error(ErrorKind::fatal, "access key id is not known",
               refused("403 Forbidden", refusal("InvalidClientTokenId", "x")));
  expect_error(ErrorKind::fatal, "AWS_ENDPOINT_URL_STS", refused("404 Not Found", "<html/>"));
  expect_error(ErrorKind::retry, "Throttling",
               refused("400 Bad Request", refusal("Throttling", "Rate exceeded")));
}

// As STS does for a wrong signature: it quotes the request, headers included.
TEST_F(CredentialRoles, WhatStsQuotesOfUsIsNotTold) {
  for (const char* code : {"SignatureDoesNotMatch", "AccessDenied", "Whatever-b4se-t0ken"}) {
    const auto result =
        refused("403 Forbidden", refusal(code, "x-amz-security-token:b4se-t0ken b4se-s3cr3t"));
    expect_error(ErrorKind::fatal, "403", result);
    EXPECT_EQ(std::string::npos, result.error().what.find("b4se")) << result.error().what;
  }
  serve({answer_once(http_answer("400 Bad Request", refusal("InvalidIdentityToken", "bad eyJ.sig")))});
  std::ofstream(folder_ / "token") << "eyJ.sig";
  const auto result = rig_.fetch(web_identity({folder_ / "token", {kRole}}, sts(), rig_.doors()));
  expect_error(ErrorKind::fatal, "\"bad ***\"", result);
}

TEST_F(CredentialRoles, AnswersThatAreNone) {
  const std::string whole = assumed("AssumeRole");
  for (const char* without : {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}) {
    std::string body = whole;
    body.replace(body.find(without), 1, "X");
    expect_error(ErrorKind::retry, "not the XML", refused("200 OK", body));
  }
  expect_error(ErrorKind::retry, "not the XML", refused("200 OK", "{\"s3cr3t\":1}"));
  expect_error(ErrorKind::retry, "not the XML",
               refused("200 OK", whole.substr(0, whole.find("</SessionToken"))));
}

TEST_F(CredentialRoles, TheCaller) {
  std::string seen;
  serve({answer_once(
      http_answer("200 OK",
                  "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1234:user/a"
                  "</Arn><UserId>A</UserId><Account>1234</Account></GetCallerIdentityResult>"
                  "</GetCallerIdentityResponse>"),
      &seen)});
  Sts own = sts();
  const auto caller = rig_.run(own.caller_identity({"AKIABASE", "b4se-s3cr3t"}));
  ASSERT_TRUE(caller) << caller.error().what;
  EXPECT_EQ("1234", caller.value().account);
  EXPECT_EQ("arn:aws:iam::1234:user/a", caller.value().arn);
  EXPECT_EQ("Action=GetCallerIdentity&Version=2011-06-15", body_of(seen));
}

TEST_F(CredentialRoles, RolesThatCannotBe) {
  const RoleToAssume wrong[] = {{"archive"},         {"arn:aws:iam::1:user/archive"},
                                {kRole, "x"},        {kRole, "", "a b"},
                                {kRole, "", "", 60}, {kRole, "", "", 3600, {"x"}}};
  for (const RoleToAssume& role : wrong) EXPECT_FALSE(check_role(role)) << role.arn;
}

}  // namespace
}  // namespace cistern::store_rig
