// Profile files as AWS's tools write them, and what is made of them.
#include "pipeline/store/credentials/profile_plan.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

using Begin = ProfilePlan::Begin;
using Kind = ProfileFileKind;

Profiles config(const std::string& text) {
  auto profiles = parse_profiles(text, Kind::config);
  EXPECT_TRUE(profiles) << profiles.error().what;
  return profiles ? std::move(profiles).value() : Profiles{};
}

TEST(ProfileFile, SectionsValuesAndComments) {
  const Profiles all = config(
      "# a comment\r\n"
      "[default]\nregion = eu-west-1\n"
      "[profile archive] ; why\n"
      "Role_ARN=arn:aws:iam::123456789012:role/archive # the role\n"
      "; another\n\n"
      "source_profile = base#1\n"
      "credential_process = /bin/x 'a ; b' # c\n"
      "s3 =\n  addressing_style = path\n  region = nested\n"
      "region = us-east-1\n"
      "[profile \"with space\"]\n   aws_access_key_id = A\n   aws_secret_access_key = a=b==\n"
      "[sso-session x]\nsso_region = r\n[services y]\ns3 =\n  endpoint_url = z\n");
  ASSERT_EQ(3u, all.size());
  const Profile& archive = all.at("archive");
  EXPECT_EQ("arn:aws:iam::123456789012:role/archive", value_of(archive, "role_arn"));
  EXPECT_EQ("base#1", value_of(archive, "source_profile"));
  EXPECT_EQ("/bin/x 'a ; b' # c", value_of(archive, "credential_process"));
  EXPECT_EQ("us-east-1", value_of(archive, "region"));
  EXPECT_EQ("", value_of(archive, "addressing_style"));
  EXPECT_EQ("a=b==", value_of(all.at("with space"), "aws_secret_access_key"));
}

TEST(ProfileFile, TheCredentialsFileNamesProfilesPlainlyAndGoesFirst) {
  auto credentials =
      parse_profiles("[default]\naws_access_key_id = C\n[archive]\nx = 1\n", Kind::credentials);
  const Profiles all =
      merge_profiles(config("[default]\naws_access_key_id = plain\n[profile default]\naws_access_key_id = "
                            "P\nregion = r\n[archive]\nx = 2\n"),
                     std::move(credentials).value());
  EXPECT_EQ("C", value_of(all.at("default"), "aws_access_key_id"));
  EXPECT_EQ("r", value_of(all.at("default"), "region"));
  EXPECT_EQ("1", value_of(all.at("archive"), "x"));
  EXPECT_EQ("P", value_of(config("[default]\na = plain\naws_access_key_id = d\n[profile default]\n"
                                 "aws_access_key_id = P\n")
                              .at("default"),
                          "aws_access_key_id"));
}

TEST(ProfileFile, AWrongLineIsNamedAndNotShown) {
  for (const char* text : {"[default]\nhush", "\nhush = 1", "[default]\n= hush", "[default\nhush = 1"}) {
    const auto wrong = parse_profiles(text, Kind::config);
    ASSERT_FALSE(wrong) << text;
    EXPECT_NE(std::string::npos, wrong.error().what.find("line ")) << wrong.error().what;
    EXPECT_EQ(std::string::npos, wrong.error().what.find("hush")) << wrong.error().what;
  }
}

const std::string kRole = "role_arn = arn:aws:iam::123456789012:role/";

Result<std::optional<ProfilePlan>> planned(const std::string& text, const std::string& name = "p") {
  return plan_profile(config(text), name);
}

TEST(ProfilePlan, KeysProcessAndNothing) {
  auto plan =
      planned("[profile p]\naws_access_key_id=A\naws_secret_access_key=s\naws_session_token=t\n").value();
  EXPECT_EQ(Begin::keys, plan->begin);
  EXPECT_EQ("A", plan->keys.access_key_id);
  EXPECT_EQ("t", plan->keys.session_token.view());
  plan = planned("[profile p]\ncredential_process = /bin/x y\n").value();
  EXPECT_EQ(Begin::process, plan->begin);
  EXPECT_EQ("/bin/x y", plan->command);
  EXPECT_FALSE(planned("[profile p]\nregion = x\n").value());
}

TEST(ProfilePlan, AChainOfRoles) {
  const auto plan = planned("[profile p]\n" + kRole +
                            "two\nsource_profile=q\nexternal_id=e f\nrole_session_name=me\n"
                            "duration_seconds=900\n[profile q]\n" +
                            kRole + "one\nsource_profile=base\n[profile base]\n" + kRole +
                            "unused\nsource_profile=p\naws_access_key_id=A\naws_secret_access_key=s\n")
                        .value();
  EXPECT_EQ(Begin::keys, plan->begin);
  ASSERT_EQ(2u, plan->roles.size());
  EXPECT_EQ("arn:aws:iam::123456789012:role/one", plan->roles[0].arn);
  EXPECT_EQ(3600, plan->roles[0].duration_s);
  EXPECT_EQ("arn:aws:iam::123456789012:role/two", plan->roles[1].arn);
  EXPECT_EQ("e f", plan->roles[1].external_id);
  EXPECT_EQ("me", plan->roles[1].session_name);
  EXPECT_EQ(900, plan->roles[1].duration_s);
}

TEST(ProfilePlan, AProfileMayBeItsOwnSourceWhenItHasKeys) {
  const std::string self = "[profile p]\n" + kRole + "one\nsource_profile=p\n";
  const auto plan = planned(self + "aws_access_key_id=A\naws_secret_access_key=s\n").value();
  EXPECT_EQ("A", plan->keys.access_key_id);
  EXPECT_EQ(1u, plan->roles.size());
}

TEST(ProfilePlan, CredentialSourcesAndWebIdentity) {
  const std::string role = "[profile p]\n" + kRole + "one\n";
  EXPECT_EQ(Begin::environment, planned(role + "credential_source=Environment\n").value()->begin);
  EXPECT_EQ(Begin::container, planned(role + "credential_source = EcsContainer\n").value()->begin);
  EXPECT_EQ(Begin::instance, planned(role + "credential_source=Ec2InstanceMetadata\n").value()->begin);
  const auto web = planned(role + "web_identity_token_file=/t\n").value();
  EXPECT_EQ(Begin::web_identity, web->begin);
  EXPECT_EQ("/t", web->web_identity.token_file);
  EXPECT_EQ("arn:aws:iam::123456789012:role/one", web->web_identity.role.arn);
  EXPECT_TRUE(web->roles.empty());
}

TEST(ProfilePlan, WhatIsWrongIsNamed) {
  const std::string role = "[profile p]\n" + kRole + "one\n";
  const std::pair<std::string, const char*> cases[] = {
      {"[profile other]\nx=1\n", "p is in neither"},
      {role, "none of source_profile"},
      {role + "source_profile=p\n", "a loop"},
      {role + "source_profile=q\n[profile q]\n" + kRole + "two\nsource_profile=p\n", "q leads back to p"},
      {role + "source_profile=q\n", "q is in neither"},
      {role + "source_profile=q\n[profile q]\nregion=x\n", "q is a source_profile but has no credentials"},
      {role + "source_profile=q\ncredential_source=Environment\n", "take one away"},
      {role + "credential_source=Sun\n", "Ec2InstanceMetadata"},
      {role + "credential_source=Environment\nmfa_serial=x\n", "MFA"},
      {role + "credential_source=Environment\nduration_seconds=1h\n", "duration_seconds"},
      {role + "credential_source=Environment\nduration_seconds=60\n", "900 to 43200"},
      {"[profile p]\nrole_arn=archive\ncredential_source=Environment\n", "ARN looks like"},
      {"[profile p]\nsso_session = x\nsso_account_id = 1\n", "IAM Identity Center (SSO) (sso_account_id)"},
      {"[profile p]\nlogin_session = arn:x\n", "aws login (login_session)"},
      {role + "source_profile=q\n[profile q]\nsso_start_url=x\n", "q signs in by IAM Identity Center"}};
  for (const auto& [text, said] : cases) {
    const auto plan = planned(text);
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(ErrorKind::invalid, plan.error().kind);
    EXPECT_NE(std::string::npos, plan.error().what.find(said)) << plan.error().what;
  }
}

}  // namespace
}  // namespace cistern
