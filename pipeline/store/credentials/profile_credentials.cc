#include "pipeline/store/credentials/profile_credentials.h"

#include "pipeline/call_on.h"
#include "pipeline/store/credentials/assumed_role.h"
#include "pipeline/store/credentials/small_file.h"

namespace cistern {
namespace {

std::string profile_name(const AwsEnvironment& environment) {
  return environment.profile.empty() ? "default" : environment.profile;
}

std::string path_of(const std::string& given, const char* otherwise, const std::string& home) {
  const std::string path = given.empty() ? otherwise : given;
  return path.starts_with("~/") ? home + path.substr(1) : path;
}

Result<Profiles> read_file(const std::string& given, const char* otherwise, const std::string& home,
                           ProfileFileKind kind, Disk& disk) {
  const std::string path = path_of(given, otherwise, home);
  const auto there = disk.exists(path);
  if (given.empty() && (!there || !there.value())) return Profiles{};
  auto text = read_small_file(disk, path);
  if (!text && given.empty()) return Profiles{};
  if (!text) return invalid("the AWS profile file cannot be read: " + text.error().what);
  auto profiles = parse_profiles(text.value().view(), kind);
  if (!profiles) return invalid(path + ": " + profiles.error().what);
  return profiles;
}

class ProfileCredentials : public CredentialProvider {
 public:
  ProfileCredentials(const AwsEnvironment& environment, MakeBeginning begin, MakeSts sts,
                     const CredentialDoors& doors)
      : environment_(environment),
        begin_(std::move(begin)),
        sts_(std::move(sts)),
        doors_(doors),
        name_("profile " + profile_name(environment)) {}

  boost::asio::awaitable<Result<Credentials>> fetch() override {
    const auto read = [this] { return read_profile(environment_, doors_.disk); };
    CISTERN_CO_TRY(const auto plan, co_await call_on(doors_.workers, read));
    if (!plan) co_return fatal("the AWS profile has no credentials any more");
    CISTERN_CO_TRY(const auto provider, provider_of(*plan, begin_, sts_));
    co_return co_await provider->fetch();
  }

  const std::string& name() const override { return name_; }

 private:
  const AwsEnvironment environment_;
  const MakeBeginning begin_;
  const MakeSts sts_;
  const CredentialDoors doors_;
  const std::string name_;
};

}  // namespace

Result<std::optional<ProfilePlan>> read_profile(const AwsEnvironment& environment, Disk& disk) {
  CISTERN_TRY(auto config, read_file(environment.config_file, "~/.aws/config", environment.home,
                                     ProfileFileKind::config, disk));
  CISTERN_TRY(auto credentials, read_file(environment.shared_credentials_file, "~/.aws/credentials",
                                          environment.home, ProfileFileKind::credentials, disk));
  const Profiles all = merge_profiles(std::move(config), std::move(credentials));
  const std::string name = profile_name(environment);
  if (environment.profile.empty() && all.count(name) == 0) return std::optional<ProfilePlan>();
  return plan_profile(all, name);
}

Result<std::unique_ptr<CredentialProvider>> provider_of(const ProfilePlan& plan, const MakeBeginning& begin,
                                                        const MakeSts& make_sts) {
  CISTERN_TRY(auto provider, begin(plan));
  for (const RoleToAssume& role : plan.roles) {
    CISTERN_TRY(auto sts, make_sts());
    CISTERN_TRY(provider, assumed_role(role, std::move(provider), std::move(sts)));
  }
  return provider;
}

std::unique_ptr<CredentialProvider> profile_credentials(const AwsEnvironment& environment,
                                                        MakeBeginning begin, MakeSts sts,
                                                        const CredentialDoors& doors) {
  return std::make_unique<ProfileCredentials>(environment, std::move(begin), std::move(sts), doors);
}

}  // namespace cistern
