// Which source it is.
#include "pipeline/store/credentials/choose_credentials.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/conformance/credential_rig.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

class ChooseCredentials : public ::testing::Test {
 protected:
  // Every source is set up.
  ChooseCredentials() {
    std::ofstream(folder_ / "credentials") << "[archive]\naws_access_key_id=P\naws_secret_access_key=ps\n";
    options_.configured = {"C", "cs"};
    AwsEnvironment& e = options_.environment;
    e.access_key_id = "E";
    e.secret_access_key = "es";
    e.web_identity_token_file = "/token";
    e.role_arn = "arn:aws:iam::123456789012:role/archive";
    e.profile = "archive";
    e.config_file = folder_ / "config";
    e.shared_credentials_file = folder_ / "credentials";
    e.container_full_uri = "http://127.0.0.1:1234/x";
    std::ofstream(e.config_file) << "";
  }
  // The source's name, or the error.
  std::string chosen() {
    const auto source = choose_credentials(options_, rig_.doors());
    if (source) return source.value()->name();
    EXPECT_EQ(ErrorKind::invalid, source.error().kind);
    return source.error().what;
  }
  void expect_said(const char* text) {
    const std::string said = chosen();
    EXPECT_NE(std::string::npos, said.find(text)) << said;
  }

  TemporaryFolder folder_;
  store_rig::CredentialRig rig_;
  CredentialOptions options_;
};

TEST_F(ChooseCredentials, TheFirstThatIsSetUp) {
  AwsEnvironment& e = options_.environment;
  EXPECT_EQ("configuration", chosen());
  options_.configured = {};
  EXPECT_EQ("environment", chosen());
  e.access_key_id.clear();
  e.secret_access_key = {};
  EXPECT_EQ("web identity token /token for arn:aws:iam::123456789012:role/archive", chosen());
  e.web_identity_token_file.clear();
  EXPECT_EQ("profile archive", chosen());
  e.profile.clear();
  EXPECT_EQ("container at 127.0.0.1:1234", chosen()) << "there is no default profile";
  e.container_full_uri.clear();
  EXPECT_EQ("instance metadata at 169.254.169.254", chosen());
  e.metadata_disabled = "True";
  expect_said("no S3 credentials: ");
}

TEST_F(ChooseCredentials, ARoleIsAssumedOnTopOfAnyOfThem) {
  options_.assume_role.arn = "arn:aws:iam::210987654321:role/bucket";
  EXPECT_EQ("arn:aws:iam::210987654321:role/bucket, assumed with those of the configuration", chosen());
  options_.configured = {};
  options_.environment = {};
  options_.environment.container_relative_uri = "/v2/credentials/secret-id";
  EXPECT_EQ("arn:aws:iam::210987654321:role/bucket, assumed with those of the container at 169.254.170.2",
            chosen());
  options_.assume_role.session_name = "a b";
  expect_said("session name");
}

TEST_F(ChooseCredentials, HalvesAndOddCharactersAreRefusedWithoutShowingThem) {
  const Credentials wrong[] = {{"ID", "", ""},
                               {"", "hush", ""},
                               {"ID", "hush\n", ""},
                               {"I D", "hush", ""},
                               {"ID", "hush", "to\r\nken"}};
  for (const Credentials& credentials : wrong) {
    options_.configured = credentials;
    EXPECT_EQ(std::string::npos, chosen().find("hush")) << chosen();
    EXPECT_NE("configuration", chosen());
  }
}

TEST_F(ChooseCredentials, WhatIsWrongWithASourceIsToldAtOnce) {
  options_.configured = {};
  AwsEnvironment& e = options_.environment;
  e.access_key_id.clear();
  e.secret_access_key = {};
  e.role_arn.clear();
  expect_said("AWS_ROLE_ARN");
  e.web_identity_token_file.clear();
  e.profile = "other";
  expect_said("AWS profile other is in neither");
  e.profile = "archive";
  std::ofstream(e.config_file) << "[profile archive]\nrole_arn=x\n";
  expect_said("archive has a wrong role");
  std::ofstream(e.config_file) << "[profile archive]\nhush\n";
  expect_said("line 2");
  e.config_file = folder_ / "nowhere";
  expect_said("nowhere");
  std::ofstream(folder_ / "credentials") << "[default]\nsso_start_url=x\n";
  e.config_file.clear();
  e.profile.clear();
  expect_said("SSO");
  e.shared_credentials_file.clear();
  e.home = folder_.path();
  EXPECT_EQ("container at 127.0.0.1:1234", chosen()) << "no files in the home folder";
  e.container_full_uri = "http://10.0.0.1/x";
  expect_said("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  options_.sts.endpoint = "sts";
  options_.assume_role.arn = "arn:aws:iam::210987654321:role/bucket";
  e.container_full_uri.clear();
  expect_said("AWS_ENDPOINT_URL_STS");
}

TEST_F(ChooseCredentials, AProfilesRolesAreAssumedOneAfterTheOther) {
  std::string first, second;
  const auto assumed = [](const std::string& key) {
    return store_rig::http_answer("200 OK",
                                  "<Credentials><AccessKeyId>" + key +
                                      "</AccessKeyId><SecretAccessKey>s3cr3t/+abc</SecretAccessKey>"
                                      "<SessionToken>t0ken==</SessionToken><Expiration>2036-11-21T14:00:00Z"
                                      "</Expiration></Credentials>");
  };
  store_rig::ScriptedPeer sts({store_rig::answer_once(assumed("ASIAONE"), &first),
                               store_rig::answer_once(assumed("ASIATWO"), &second)});
  options_.configured = {};
  options_.environment = {};
  options_.sts.endpoint = store_rig::url_of(sts);
  options_.environment.profile = "two";
  options_.environment.home = folder_.path();
  std::filesystem::create_directory(folder_ / ".aws");
  std::ofstream(folder_ / ".aws/config")
      << "[profile one]\nrole_arn=arn:aws:iam::123456789012:role/one\nsource_profile=keys\n"
         "[profile two]\nrole_arn=arn:aws:iam::123456789012:role/two\nsource_profile=one\n";
  std::ofstream(folder_ / ".aws/credentials")
      << "[keys]\naws_access_key_id=AKIAKEYS\naws_secret_access_key=k\n";
  const auto source = choose_credentials(options_, rig_.doors());
  ASSERT_TRUE(source) << source.error().what;
  store_rig::expect_credentials("ASIATWO", rig_.run(source.value()->credentials()));
  EXPECT_NE(std::string::npos, first.find("Credential=AKIAKEYS/")) << first;
  EXPECT_NE(std::string::npos, first.find("role%2Fone")) << first;
  EXPECT_NE(std::string::npos, second.find("Credential=ASIAONE/")) << second;
  EXPECT_NE(std::string::npos, second.find("role%2Ftwo")) << second;
}

}  // namespace
}  // namespace cistern
