// The command line of `cistern send`.
#include "server/send/send_options.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "tests/temporary_folder.h"

namespace cistern {
namespace {

class SendOptionsTest : public testing::Test {
 protected:
  SendOptionsTest() { add_send_options(command_, options_); }
  ~SendOptionsTest() override { unsetenv("CISTERN_ACCESS_KEY"); }

  // Empty, or what is wrong.
  std::string parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());
    try {
      command_.parse(arguments);
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
    Result<> complete = complete_send_options(options_);
    return complete ? "" : complete.error().what;
  }

  CLI::App command_{"send"};
  SendOptions options_;
};

TEST_F(SendOptionsTest, EverythingHasItsPlace) {
  ASSERT_EQ(parse({"--url",
                   "https://h:1/p",
                   "--events",
                   "5",
                   "--duration",
                   "2m",
                   "--rate",
                   "0.5",
                   "--size",
                   "2MiB",
                   "--late",
                   "0.25:3d",
                   "--control",
                   "0.1",
                   "--nasty",
                   "0.2",
                   "--repeat",
                   "1",
                   "--attributes",
                   "a=b=c",
                   "--attributes",
                   "d=",
                   "--retry-duration",
                   "0",
                   "--answer-timeout",
                   "250ms",
                   "--seed",
                   "9",
                   "--insecure",
                   "--gzip",
                   "--json",
                   "x.log",
                   "-"}),
            "");
  EXPECT_EQ(options_.url, "https://h:1/p");
  EXPECT_EQ(options_.events, 5u);
  EXPECT_EQ(options_.duration_ms, 120'000);
  EXPECT_EQ(options_.rate, 0.5);
  EXPECT_EQ(options_.size, 2u << 20);
  EXPECT_EQ(options_.late, 0.25);
  EXPECT_EQ(options_.late_age_ms, 3ll * 86'400'000);
  EXPECT_EQ(options_.control, 0.1);
  EXPECT_EQ(options_.nasty, 0.2);
  EXPECT_EQ(options_.repeat, 1);
  EXPECT_EQ(options_.attributes, (std::vector<std::pair<std::string, std::string>>{{"a", "b=c"}, {"d", ""}}));
  EXPECT_EQ(options_.retry_duration_ms, 0);
  EXPECT_EQ(options_.answer_timeout_ms, 250);
  EXPECT_EQ(options_.seed, 9u);
  EXPECT_TRUE(options_.insecure && options_.gzip && options_.json);
  EXPECT_EQ(options_.files, (std::vector<std::string>{"x.log", "-"}));
}

TEST_F(SendOptionsTest, DefaultsEndByThemselves) {
  ASSERT_EQ(parse({}), "");
  EXPECT_EQ(options_.events, 10'000u);
  EXPECT_NE(options_.seed, 0u);
  EXPECT_TRUE(options_.warnings.empty());
}

TEST_F(SendOptionsTest, MistakesAreExplained) {
  EXPECT_NE(parse({"--late", "2"}).find("from 0 to 1"), std::string::npos);
  EXPECT_NE(parse({"--duration", "5 fortnights"}).find("not a duration"), std::string::npos);
  EXPECT_NE(parse({"--attributes", "noequals"}).find("NAME=VALUE"), std::string::npos);
  EXPECT_NE(parse({"--connections", "0"}), "");
  EXPECT_NE(parse({"--unheard-of"}), "");
}

TEST_F(SendOptionsTest, WhatDoesNotGoTogetherIsRefused) {
  EXPECT_NE(parse({"--control", "0.6", "--nasty", "0.6"}).find("more than 1"), std::string::npos);
}

TEST_F(SendOptionsTest, PreparedBodiesNeedANumber) {
  EXPECT_NE(parse({"--prepare", "--duration", "5s"}).find("--events"), std::string::npos);
}

TEST_F(SendOptionsTest, KeyComesFromTheEnvironment) {
  setenv("CISTERN_ACCESS_KEY", "from the environment", 1);
  ASSERT_EQ(parse({}), "");
  EXPECT_EQ(options_.access_key, "from the environment");
  EXPECT_TRUE(options_.warnings.empty());
}

TEST_F(SendOptionsTest, KeyFileGoesBeforeTheEnvironment) {
  const TemporaryFolder folder;
  const std::string path = folder / "key";
  std::ofstream(path) << "from a file\n";
  setenv("CISTERN_ACCESS_KEY", "from the environment", 1);
  ASSERT_EQ(parse({"--access-key-file", path}), "");
  EXPECT_EQ(options_.access_key, "from a file");
}

TEST_F(SendOptionsTest, KeyOnTheCommandLineIsWarnedOf) {
  ASSERT_EQ(parse({"--access-key", "secret"}), "");
  EXPECT_EQ(options_.access_key, "secret");
  ASSERT_EQ(options_.warnings.size(), 1u);
  EXPECT_EQ(options_.warnings[0].find("secret"), std::string::npos);
}

TEST_F(SendOptionsTest, KeyThatCannotBeAHeaderIsRefused) {
  EXPECT_NE(parse({"--access-key", "a\r\nX-Evil: 1"}).find("line break"), std::string::npos);
}

}  // namespace
}  // namespace cistern
