// Programs that are run for their output, and credentials out of them.
#include "pipeline/store/credentials/run_program.h"

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "pipeline/store/credentials/credential_process.h"
#include "tests/conformance/credential_rig.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

using Words = std::vector<std::string>;
using store_rig::CredentialRig;
using store_rig::RealClock;

TEST(SplitCommand, Words) {
  EXPECT_EQ((Words{"/opt/x", "-a", "b"}), split_command("  /opt/x\t-a  b ").value());
  EXPECT_EQ((Words{"/opt/my x", "a\"b", "", "c d"}), split_command(R"("/opt/my x" "a\"b" '' c\ d)").value());
  EXPECT_EQ((Words{"x", "a\\b$HOME;#", "joinedtext"}),
            split_command(R"(x 'a\b$HOME;#' joined"te"xt)").value());
  for (const char* line : {"", "   ", "x 'open", "x \"open", "''"}) EXPECT_FALSE(split_command(line)) << line;
}

class RunProgram : public ::testing::Test {
 protected:
  std::string script(const std::string& text) {
    std::string path = folder_ / "program";
    std::ofstream(path) << "#!/bin/sh\n" << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
  Result<Secret> run(const std::string& text, int64_t limit_ms = 20'000) {
    return run_program({script(text), "two words"}, limit_ms, clock_);
  }
  void expect(ErrorKind kind, const std::string& text, const Result<Secret>& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(kind, result.error().kind);
    EXPECT_NE(std::string::npos, result.error().what.find(text)) << result.error().what;
  }
  TemporaryFolder folder_;
  RealClock clock_;
};

TEST_F(RunProgram, ItsOutputIsTaken) {
  EXPECT_EQ("two words!\n", run("cat; echo hush >&2; echo \"$1!\"").value().view());
  EXPECT_EQ("", run("exit 0").value().view());
}

TEST_F(RunProgram, ItsFailureIsToldWithoutItsWords) {
  expect(ErrorKind::fatal, "status 3: run it by hand", run("echo hush; echo hush >&2; exit 3"));
  EXPECT_EQ(std::string::npos, run("echo hush; echo hush >&2; exit 3").error().what.find("hush"));
  expect(ErrorKind::fatal, "by a signal", run("kill -9 $$"));
  expect(ErrorKind::fatal, "is there such a program", run_program({folder_ / "nothing"}, 20'000, clock_));
}

TEST_F(RunProgram, SlowAndEndlessOnesAreKilledWithAllTheyStarted) {
  const std::string mark = folder_ / "mark";
  expect(ErrorKind::retry, "too long", run("(sleep 1; echo x > " + mark + ") & sleep 1000", 200));
  expect(ErrorKind::retry, "too long", run("exec >&-; sleep 1000", 200));
  expect(ErrorKind::retry, "64 KiB", run("yes"));
  ::usleep(1'000'000);
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST_F(RunProgram, OpenFilesStayHere) {
  const int file = ::open("/dev/null", O_RDONLY);  // no close-on-exec, as of a library's socket
  const std::string seen(run("ls /proc/self/fd | wc -l").value().view());
  ::close(file);
  EXPECT_EQ("4\n", seen) << "standard input, output, error, and the folder that ls reads";
}

TEST_F(RunProgram, CredentialsOfAProcess) {
  CredentialRig rig;
  const auto fetch = [&](const std::string& text) {
    return rig.fetch(credential_process(script(text) + " x", rig.doors()));
  };
  const std::string good = R"({"Version":1,"AccessKeyId":"ASIAONE","SecretAccessKey":"s3cr3t/+abc",)"
                           R"("SessionToken":"t0ken==","Expiration":"2036-11-21T14:00:00Z"})";
  store_rig::expect_credentials("ASIAONE", fetch("echo '" + good + "'"));
  const auto lasting = fetch(R"(echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s"}')");
  ASSERT_TRUE(lasting);
  EXPECT_FALSE(lasting.value().expires_ms);
  store_rig::expect_error(ErrorKind::fatal, "\"Version\": 1", fetch(R"(echo '{"AccessKeyId":"s3cr3t"}')"));
  store_rig::expect_error(ErrorKind::fatal, "\"Version\": 1",
                          fetch(R"(echo '{"Version":2,"AccessKeyId":"s3cr3t"}')"));
  store_rig::expect_error(ErrorKind::retry, "SecretAccessKey",
                          fetch(R"(echo '{"Version":1,"AccessKeyId":"A"}')"));
  store_rig::expect_error(ErrorKind::fatal, "status 1", fetch("echo s3cr3t; exit 1"));
  EXPECT_FALSE(credential_process("x 'open", rig.doors()));
}

}  // namespace
}  // namespace cistern
