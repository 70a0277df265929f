// Good configurations: what they come to.
#include "server/config.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"
#include "tests/unit/config_fixture.h"

namespace cistern {
namespace {

constexpr const char* kExampleConfig = R"(
listen: 0.0.0.0:8443
tls: { certificate: cert.pem, private_key: key.pem }        # or: tls: off
access_keys: [ { name: firehose, value: "${CISTERN_ACCESS_KEY}" } ]   # or value_file, or: access_keys: none
acknowledge: durable
memory_limit: 512MiB
journal: { path: journal, max_bytes: 10GiB }
partition: { prefix: "", key: "{yyyy}/{mm}/{dd}/{hh}/", flush_size: 64MiB, flush_age: 5m }
format: { codec: gzip, level: auto, event_id: full, fields: [timestamp, id, owner, logGroup, logStream, message] }
# level: auto (by pressure), fastest, or 1 to 12
store: { type: file, path: archive }
#store: { type: s3, bucket: b, prefix: "", region: us-east-1, endpoint: "http://127.0.0.1:7480", path_style: true }
metrics: { listen: 127.0.0.1:9464 }
log: { level: info, format: json }
)";

Config loaded(const std::string& text, Variables variables = {}) {
  auto result = load(text, std::move(variables));
  if (!result) {
    ADD_FAILURE() << result.error().what;
    return {};
  }
  return result.value().config;
}

TEST(Config, TheExampleComesToItsValues) {
  Config c = loaded(kExampleConfig, {{"CISTERN_ACCESS_KEY", "s3cret: {}"}});
  EXPECT_EQ(c.server.listen, (Endpoint{"0.0.0.0", 8443}));
  EXPECT_EQ(c.server.paths, (std::vector<std::string>{"/", "/firehose"}));
  EXPECT_FALSE(c.tls.off);
  EXPECT_EQ(c.tls.certificate, "cert.pem");
  EXPECT_EQ(c.tls.private_key, "key.pem");
  ASSERT_EQ(c.access_keys.size(), 1u);
  EXPECT_EQ(c.access_keys[0].name, "firehose");
  EXPECT_EQ(c.access_keys[0].value, "s3cret: {}");
  EXPECT_FALSE(c.access_keys_none);
  EXPECT_EQ(c.acknowledge, Acknowledge::durable);
  EXPECT_EQ(c.memory_limit, 512 * MiB);
  EXPECT_EQ(c.journal.path, "journal");
  EXPECT_EQ(c.journal.max_bytes, 10 * GiB);
  EXPECT_EQ(c.partition.prefix, "");
  EXPECT_EQ(c.partition.key, "{yyyy}/{mm}/{dd}/{hh}/");
  EXPECT_EQ(c.partition.flush_size, 64 * MiB);
  EXPECT_EQ(c.partition.flush_age_ms, 5 * kMinute);
  EXPECT_EQ(c.format.codec, "gzip");
  EXPECT_EQ(c.format.level, "auto");
  EXPECT_EQ(c.format.event_id, EventId::full);
  EXPECT_EQ(c.format.fields.size(), 6u);
  EXPECT_EQ(c.store.type, "file");
  EXPECT_EQ(c.store.path, "archive");
  EXPECT_EQ(c.metrics_listen, (Endpoint{"127.0.0.1", 9464}));
  EXPECT_EQ(c.log_level, LogLevel::info);
  EXPECT_EQ(c.log_format, LogFormat::json);
}

TEST(Config, JsonIsYamlAndMayBeIndentedWithTabs) {
  Config c = loaded(
      "{\n\t\"tls\": \"off\",\n\t\"access_keys\": \"none\",\n\t\"store\": {\"type\": \"s3\",\n"
      "\t\t\"bucket\": \"b\", \"path_style\": true}\n}\n");
  EXPECT_TRUE(c.tls.off);
  EXPECT_TRUE(c.access_keys_none);
  EXPECT_EQ(c.store.bucket, "b");
  EXPECT_TRUE(c.store.path_style);
}

TEST(Config, EmptySectionsKeepTheDefaults) {
  Config c = loaded(kLeast + "partition:\n  # flush_size: 1MiB\njournal: {}\n");
  EXPECT_EQ(c.partition.flush_size, 64 * MiB);
}

TEST(Config, EverythingMayComeFromVariables) {
  Config c = loaded("", {{"CISTERN_TLS", "off"},
                         {"CISTERN_ACCESS_KEYS_FIREHOSE", "${not expanded}"},
                         {"CISTERN_ACCESS_KEYS_TEAM_A_FILE", "/run/key"},
                         {"CISTERN_PATHS", "/a, /b"},
                         {"CISTERN_PARTITION_FLUSH_SIZE", "1MiB"}});
  ASSERT_EQ(c.access_keys.size(), 2u);
  EXPECT_EQ(c.access_keys[0].name, "firehose");
  EXPECT_EQ(c.access_keys[0].value, "${not expanded}");
  EXPECT_EQ(c.access_keys[1].name, "team_a");
  EXPECT_EQ(c.access_keys[1].value_file, "/run/key");
  EXPECT_EQ(c.server.paths, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(c.partition.flush_size, 1 * MiB);
}

TEST(Config, VariablesGoBeforeTheDocument) {
  Config c = loaded(
      "tls: {certificate: a, private_key: b}\naccess_keys: [{name: team-a, value: old, in_flight_bytes: "
      "8MiB}, {name: b, value: "
      "b}]\n"
      "log: {level: debug}\n",
      {{"CISTERN_LOG_LEVEL", "error"}, {"CISTERN_ACCESS_KEYS_TEAM_A", "new"}, {"CISTERN_TLS", "off"}});
  EXPECT_EQ(c.log_level, LogLevel::error);
  EXPECT_TRUE(c.tls.off);
  ASSERT_EQ(c.access_keys.size(), 2u);
  EXPECT_EQ(c.access_keys[0].name, "team-a");
  EXPECT_EQ(c.access_keys[0].value, "new");
  EXPECT_EQ(c.access_keys[0].in_flight_bytes, 8 * MiB) << "what the variable says nothing of stays";
  EXPECT_EQ(c.access_keys[1].in_flight_bytes, 0u);
}

TEST(Config, AKeyInAVariableEndsTheDocumentsNone) {
  Config c = loaded("tls: off\naccess_keys: none\n", {{"CISTERN_ACCESS_KEYS_FIREHOSE", "k"}});
  EXPECT_FALSE(c.access_keys_none);
  EXPECT_EQ(c.access_keys.size(), 1u);
}

TEST(Config, VariablesInValues) {
  Config c = loaded(
      "tls: off\naccess_keys: none\npartition:\n  prefix: \"${A}-${B:-x${C}\"\n"
      "store: {path: '$${A}$5${EMPTY}${EMPTY:-d}'}\nlog: {level: '${LEVEL:-debug}'}\n",
      {{"A", "1 # ${A}: {"}, {"EMPTY", ""}});
  EXPECT_EQ(c.partition.prefix, "1 # ${A}: {-x${C");
  EXPECT_EQ(c.store.path, "${A}$5d");
  EXPECT_EQ(c.log_level, LogLevel::debug);
}

TEST(Config, OtherPeoplesVariablesAreLetBe) {
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_SERVICE_HOST", "10.0.0.1"},
                                 {"CISTERN_SERVICE_PORT_HTTPS", "8443"},
                                 {"CISTERN_PORT", "tcp://10.0.0.1:8443"},
                                 {"CISTERN_PORT_8443_TCP_ADDR", "10.0.0.1"},
                                 {"CISTERN_METRICS_PORT_9464_TCP", "tcp://10.0.0.1:9464"},
                                 {"CISTERN_METRICS_SERVICE_PORT", "9464"},
                                 {"CISTERN_ACCESS_KEY", "of send"},
                                 {"CISTERN_SEND_URL", "x"},
                                 {"CISTERN_HOME", "/opt"},
                                 {"CISTERN_LONG_TESTS", "1"},
                                 {"CISTERN_CRASH_ROUNDS", "9"},
                                 {"PATH", "/bin"}}),
            "");
}

TEST(Config, AVariableTheDocumentUsesIsNotAMistypedOne) {
  std::string text = "tls: off\naccess_keys: [{name: a, value: \"${CISTERN_LOG_LEVE}\"}]\n";
  EXPECT_EQ(loaded(text, {{"CISTERN_LOG_LEVE", "k"}}).access_keys[0].value, "k");
}

TEST(Config, AwsVariablesFillWhatIsNotConfigured) {
  Variables aws{{"AWS_ACCESS_KEY_ID", "id"},
                {"AWS_SECRET_ACCESS_KEY", "secret"},
                {"AWS_SESSION_TOKEN", "token"},
                {"AWS_DEFAULT_REGION", "eu-north-1"},
                {"AWS_REGION", "eu-west-1"}};
  std::string s3 = kLeast + "store: {type: s3, bucket: b";
  Config c = loaded(s3 + "}", aws);
  EXPECT_EQ(c.store.aws.access_key_id, "id");
  EXPECT_EQ(c.store.aws.secret_access_key, "secret");
  EXPECT_EQ(c.store.aws.session_token, "token");
  EXPECT_EQ(c.store.region, "eu-west-1");
  c = loaded(s3 + ", access_key_id: mine, secret_access_key: too, region: us-east-1}", aws);
  EXPECT_EQ(c.store.access_key_id, "mine");
  EXPECT_EQ(c.store.session_token, "");
  EXPECT_EQ(c.store.region, "us-east-1");
  aws.erase("AWS_REGION");
  EXPECT_EQ(loaded(s3 + "}", aws).store.region, "eu-north-1");
  EXPECT_EQ(loaded(kLeast, aws).store.aws.secret_access_key, "");
}

class ConfigFile : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << text;
    return folder_ + "/" + name;
  }
  const TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path();
};

TEST_F(ConfigFile, TheNamedFileIsRead) {
  auto sources = sources_of("");
  sources.file = write("a.yaml", "tls: off\naccess_keys: none\nmemory_limit: 1GiB\n");
  auto result = load_config(sources);
  ASSERT_TRUE(result) << result.error().what;
  EXPECT_EQ(result.value().config.memory_limit, GiB);
  EXPECT_EQ(result.value().source, sources.file);
}

TEST_F(ConfigFile, TheDefaultFileGivesWayToTheVariable) {
  auto sources = sources_of("");
  sources.default_file = write("cistern.yaml", "tls: off\naccess_keys: none\nmemory_limit: 1GiB\n");
  EXPECT_EQ(load_config(sources).value().config.memory_limit, GiB);
  auto both = sources_of("tls: off\naccess_keys: none\n");
  both.default_file = sources.default_file;
  EXPECT_EQ(load_config(both).value().config.memory_limit, 512 * MiB);
  EXPECT_EQ(load_config(both).value().source, "CISTERN_CONFIG");
}

TEST_F(ConfigFile, TwoDocumentsAreAMistake) {
  auto sources = sources_of("tls: off\naccess_keys: none\n");
  sources.file = write("a.yaml", "tls: off\naccess_keys: none\n");
  EXPECT_EQ(load_config(sources).error().what,
            "--config and CISTERN_CONFIG are both given; take one of them away");
}

TEST_F(ConfigFile, WhatCannotBeReadIsTold) {
  auto sources = sources_of("");
  sources.file = folder_ + "/none.yaml";
  EXPECT_EQ(load_config(sources).error().what,
            "cannot read '" + sources.file + "': No such file or directory");
  sources.file = folder_;
  EXPECT_EQ(load_config(sources).error().what, "cannot read '" + folder_ + "': Is a directory");
  sources.file = "/dev/zero";
  EXPECT_EQ(load_config(sources).error().what, "'/dev/zero' is larger than 1 MiB");
}

TEST_F(ConfigFile, MistakesNameFileAndLine) {
  auto sources = sources_of("");
  sources.file = write("a.yaml", "tls: off\naccess_keys: none\n\nlisten: 1\n");
  EXPECT_EQ(
      load_config(sources).error().what,
      sources.file + ":4: listen: is \"1\", must be an address and port, such as 0.0.0.0:8443 or [::]:8443");
}

}  // namespace
}  // namespace cistern
