// Wrong configurations and exactly what is said of them.
#include <algorithm>
#include <ostream>

#include <gtest/gtest.h>

#include "server/config/mistakes.h"
#include "tests/unit/config_fixture.h"

namespace cistern {
namespace {

struct Wrong {
  std::string name;
  std::string text;  // after two lines that make an otherwise good configuration, unless it says `tls`
  std::string said;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.text; }

class ConfigMistake : public testing::TestWithParam<Wrong> {};

TEST_P(ConfigMistake, IsToldExactly) {
  const auto& [name, text, said] = GetParam();
  bool whole = text.find("tls") != std::string::npos || text.find("access_keys") != std::string::npos;
  EXPECT_EQ(mistakes_of((whole ? "" : "tls: off\naccess_keys: none\n") + text), said);
}

const Wrong kWrong[] = {
    // The prefix of every key
    {"store_prefix_slash", "store: { prefix: /logs/ }",
     "CISTERN_CONFIG:3: store.prefix: is \"/logs/\", must not begin with '/' or have '//' in it"},
    {"store_prefix_dots", "store: { prefix: a/../ }",
     "CISTERN_CONFIG:3: store.prefix: is \"a/../\"; '.' or '..' is no folder's name"},
    {"store_prefix_long", "store: { prefix: " + std::string(151, 'a') + " }",
     "CISTERN_CONFIG:3: store.prefix: has 151 bytes, must have at most 150: the rest of a key needs the "
     "room"},
    // Names
    {"nearest_name", "partition: { flush_sise: 1MiB }",
     "CISTERN_CONFIG:3: partition.flush_sise: is not a setting; did you mean partition.flush_size?"},
    {"nearest_section", "partitions: { flush_size: 1MiB }",
     "CISTERN_CONFIG:3: partitions: is not a setting; did you mean partition?"},
    {"namesake", "flush_size: 1MiB",
     "CISTERN_CONFIG:3: flush_size: is not a setting; did you mean partition.flush_size?"},
    {"all_names", "log: { colour: 1 }",
     "CISTERN_CONFIG:3: log.colour: is not a setting; there are level, format"},
    {"twice", "memory_limit: 512MiB\nlog: {level: info}\nmemory_limit: 1GiB",
     "CISTERN_CONFIG:5: \"memory_limit\" is written twice in the same section, first in line 3"},
    {"merge_key", "<<: { listen: 1 }",
     "CISTERN_CONFIG:3: <<: is not a setting; there are listen, paths, tls, access_keys, acknowledge, "
     "memory_limit, "
     "limits, timeouts, journal, partition, format, store, metrics, runtime, log"},
    {"key_with_controls", "\"\\e[0m\": 1",
     "CISTERN_CONFIG:3: is not a setting; there are listen, paths, tls, access_keys, acknowledge, "
     "memory_limit, limits, "
     "timeouts, journal, partition, format, store, metrics, runtime, log"},
    // Values
    {"endpoint", "listen: 8443",
     "CISTERN_CONFIG:3: listen: is \"8443\", must be an address and port, such as 0.0.0.0:8443 or [::]:8443"},
    {"endpoint_or_off", "metrics: { listen: none }",
     "CISTERN_CONFIG:3: metrics.listen: is \"none\", must be an address and port, such as 0.0.0.0:8443 or "
     "[::]:8443, or "
     "off"},
    {"size", "partition:\n  flush_size: 64M",
     "CISTERN_CONFIG:4: partition.flush_size: is \"64M\", must be a size from 1KiB to 4GiB, such as 64MiB"},
    {"size_over", "partition: { flush_size: 1TiB }",
     "CISTERN_CONFIG:3: partition.flush_size: is \"1TiB\", must be a size from 1KiB to 4GiB, such as 64MiB"},
    {"duration_without_unit", "timeouts: { idle: 120 }",
     "CISTERN_CONFIG:3: timeouts.idle: is \"120\", must be a duration from 1s to 1d, such as 30s, 5m or "
     "1h30m"},
    {"duration_under_its_unit", "journal: { remember: 60001ms }",
     "CISTERN_CONFIG:3: journal.remember: is \"60001ms\", must be a duration from 1m to 30d, such as 30s, 5m "
     "or 1h30m"},
    {"number", "limits: { records: many }",
     "CISTERN_CONFIG:3: limits.records: is \"many\", must be a number from 1 to 1000000"},
    {"number_under", "limits: { records: -1 }",
     "CISTERN_CONFIG:3: limits.records: is \"-1\", must be a number from 1 to 1000000"},
    {"boolean", "store: { path_style: yes }",
     "CISTERN_CONFIG:3: store.path_style: is \"yes\", must be true or false"},
    {"choice", "acknowledge: always",
     "CISTERN_CONFIG:3: acknowledge: is \"always\", must be one of durable, stored, memory"},
    {"text_with_controls", "store: { path: \"a\\0b\" }",
     "CISTERN_CONFIG:3: store.path: is text with control characters or broken UTF-8, must be a printable "
     "text of 0 "
     "to 1024 bytes"},
    {"list_for_a_text", "store: { path: [a] }",
     "CISTERN_CONFIG:3: store.path: must be a printable text of 0 to 1024 bytes"},
    {"text_for_a_list", "paths: /",
     "CISTERN_CONFIG:3: paths: must be a list of 1 to 32 texts, such as [a, b]"},
    {"empty_list", "paths: []", "CISTERN_CONFIG:3: paths: must be a list of 1 to 32 texts, such as [a, b]"},
    {"lists_in_a_list", "paths: [[/]]",
     "CISTERN_CONFIG:3: paths: must be a list of 1 to 32 texts, such as [a, b]"},
    {"section_for_a_size", "memory_limit: { max: 1GiB }",
     "CISTERN_CONFIG:3: memory_limit: must be a size from 32MiB to 16TiB, such as 64MiB"},
    {"text_for_a_section", "log: debug", "CISTERN_CONFIG:3: log: must be a section with level, format"},
    {"list_for_a_section", "log: [debug]", "CISTERN_CONFIG:3: log: must be a section with level, format"},
    {"nothing", "memory_limit:",
     "CISTERN_CONFIG:3: memory_limit: has no value; must be a size from 32MiB to 16TiB, such as 64MiB"},
    {"secret_is_not_quoted", "access_keys: [{name: a, value: ''}]\ntls: off",
     "CISTERN_CONFIG:1: access_keys[0].value: must be a secret of 1 to 4096 bytes"},
    // Variables
    {"unset_variable", "store: { path: \"${ARCHIVE}\" }",
     "CISTERN_CONFIG:3: store.path: the variable ARCHIVE is not set; set it, or write ${ARCHIVE:-default}"},
    {"unset_secret", "tls: off\naccess_keys:\n- name: a\n  value: ${KEY}\n",
     "CISTERN_CONFIG:4: access_keys[0].value: the variable KEY is not set; set it, or write ${KEY:-default}"},
    {"open_variable", "store: { path: \"${ARCHIVE\" }",
     "CISTERN_CONFIG:3: store.path: `${` has no `}`; for a literal `${` write `$${`"},
    {"no_variable", "store: { path: \"${1 + 1}\" }",
     "CISTERN_CONFIG:3: store.path: \"1 + 1\" in `${}` is not a variable's name; for a literal `${` write "
     "`$${`"},
    {"variable_is_not_quoted", "store: { path: x }\nlisten: ${CISTERN_CONFIG}",
     "CISTERN_CONFIG:4: listen: is \"${CISTERN_CONFIG}\", must be an address and port, such as 0.0.0.0:8443 "
     "or "
     "[::]:8443"},
    // Between settings
    {"no_tls", "access_keys: none",
     "tls.certificate: is not set; name a PEM file, or write `tls: off` to serve plain HTTP behind a load "
     "balancer\n"
     "tls.private_key: is not set; name a PEM file, or write `tls: off` to serve plain HTTP behind a load "
     "balancer"},
    {"half_of_tls", "access_keys: none\ntls: { certificate: a }",
     "tls.private_key: is not set; name a PEM file, or write `tls: off` to serve plain HTTP behind a load "
     "balancer"},
    {"tls_false", "access_keys: none\ntls: false",
     "CISTERN_CONFIG:2: tls: is \"false\", must be one of off, on, or a section with certificate, "
     "private_key"},
    {"no_access_keys", "tls: off",
     "access_keys: there are none; add `access_keys: [ { name: firehose, value: \"${CISTERN_ACCESS_KEY}\" } "
     "]`, set "
     "CISTERN_ACCESS_KEYS_FIREHOSE, or write `access_keys: none` to let everyone send"},
    {"empty_access_keys", "tls: off\naccess_keys: []",
     "CISTERN_CONFIG:2: access_keys: there are none; add `access_keys: [ { name: firehose, value: "
     "\"${CISTERN_ACCESS_KEY}\" } ]`, set CISTERN_ACCESS_KEYS_FIREHOSE, or write `access_keys: none` to let "
     "everyone "
     "send"},
    {"access_keys_off", "tls: off\naccess_keys: off",
     "CISTERN_CONFIG:2: access_keys: is \"off\", must be none, or a list of { name, value } or { name, "
     "value_file }"},
    {"access_keys_as_texts", "tls: off\naccess_keys: [hunter2]",
     "CISTERN_CONFIG:2: access_keys[0]: must be { name, value } or { name, value_file }"},
    {"access_key_without_value", "tls: off\naccess_keys:\n- name: a\n- name: b\n  vale: x",
     "CISTERN_CONFIG:5: access_keys[1].vale: is not a setting; did you mean value?\n"
     "CISTERN_CONFIG:3: access_keys[0]: needs one of value and value_file, and not both\n"
     "CISTERN_CONFIG:4: access_keys[1]: needs one of value and value_file, and not both"},
    {"access_key_with_both", "tls: off\naccess_keys: [{name: a, value: x, value_file: y}]",
     "CISTERN_CONFIG:2: access_keys[0]: needs one of value and value_file, and not both"},
    {"access_key_without_name", "tls: off\naccess_keys: [{value: x}]",
     "CISTERN_CONFIG:2: access_keys[0]: has no name; metrics and logs need one"},
    {"access_key_names",
     "tls: off\naccess_keys:\n- {name: a, value: x}\n- {name: a b, value: x}\n- {name: a, value: y}",
     "CISTERN_CONFIG:4: access_keys[1]: name may have letters, digits, _ - and . only\n"
     "CISTERN_CONFIG:5: access_keys[2]: has the name of another access key, \"a\""},
    {"stored_waits", "acknowledge: stored\npartition: { flush_age: 2m }",
     "CISTERN_CONFIG:4: partition.flush_age: is 2m, must be at most 85s (half of timeouts.reply) with "
     "`acknowledge: "
     "stored`, which answers only when the store has it\n"
     "partition.late_flush_age: is 15m, must be at most 85s (half of timeouts.reply) with `acknowledge: "
     "stored`, which "
     "answers only when the store has it"},
    {"late_before_age", "partition: { late_flush_age: 1m }",
     "CISTERN_CONFIG:3: partition.late_flush_age: is 1m, must not be less than partition.flush_age (5m)"},
    {"memory", "memory_limit: 128MiB",
     "limits.in_flight_bytes: is 256MiB, must not be more than memory_limit (128MiB)"},
    {"body", "limits: { body_bytes: 257MiB }",
     "CISTERN_CONFIG:3: limits.body_bytes: is 257MiB, must not be more than half of limits.in_flight_bytes "
     "(256MiB)\n"
     "CISTERN_CONFIG:3: limits.body_bytes: is 257MiB, must not be more than limits.inflated_body_bytes "
     "(128MiB)"},
    {"journal_for_one_body", "journal: { max_bytes: 128MiB }",
     "CISTERN_CONFIG:3: journal.max_bytes: is 128MiB, which cannot hold one delivery of limits.body_bytes "
     "(128MiB): set it to 172MiB or more, or lower limits.body_bytes"},
    {"inflated_body", "limits: { inflated_body_bytes: 257MiB }",
     "CISTERN_CONFIG:3: limits.inflated_body_bytes: is 257MiB, must not be more than half of "
     "limits.in_flight_bytes (256MiB)"},
    {"long_heads", "limits: { header_bytes: 2MiB, long_head_bytes: 3MiB }",
     "CISTERN_CONFIG:3: limits.header_bytes: is 2MiB, must not be more than half of limits.long_head_bytes "
     "(3MiB)"},
    {"no_bucket", "store: { type: s3 }", "store.bucket: is not set; `type: s3` needs it"},
    {"forgotten_type", "store: { bucket: b }",
     "CISTERN_CONFIG:3: store.bucket: is set, but store.type is file; write `type: s3`"},
    {"half_of_a_key", "store: { type: s3, bucket: b, access_key_id: a }",
     "CISTERN_CONFIG:3: store.access_key_id: and store.secret_access_key go together; only one of them is "
     "set"},
    {"store_endpoint", "store: { type: s3, bucket: b, endpoint: \"127.0.0.1:7480\" }",
     "CISTERN_CONFIG:3: store.endpoint: is \"127.0.0.1:7480\", must start with https:// or http://"},
    {"same_folder", "store: { path: journal }",
     "CISTERN_CONFIG:3: store.path: is the journal's folder too; give each its own"},
    {"same_port", "metrics: { listen: 0.0.0.0:8443 }",
     "CISTERN_CONFIG:3: metrics.listen: is the same as listen; give each its own port"},
    {"paths", "paths: [firehose, /livez/, '/a?b']",
     "CISTERN_CONFIG:3: paths: has \"firehose\"; a path starts with / and has no space, ? or #\n"
     "CISTERN_CONFIG:3: paths: has \"/a?b\"; a path starts with / and has no space, ? or #"},
    {"health_path", "paths: [/, /readyz]",
     "CISTERN_CONFIG:3: paths: has /readyz, which answers load balancers"},
    // All at once, and nothing concluded from what was not understood
    {"all_at_once",
     "listen: x\ntls: { certificate: \"${A}\", private_key: b }\naccess_keys: nobody\nstore: { type: s4, "
     "bucket: b }\nmemory_limit: 1\nlog: { levl: info }",
     "CISTERN_CONFIG:2: tls.certificate: the variable A is not set; set it, or write ${A:-default}\n"
     "CISTERN_CONFIG:1: listen: is \"x\", must be an address and port, such as 0.0.0.0:8443 or [::]:8443\n"
     "CISTERN_CONFIG:3: access_keys: is \"nobody\", must be none, or a list of { name, value } or { name, "
     "value_file }\n"
     "CISTERN_CONFIG:4: store.type: is \"s4\", must be one of file, s3\n"
     "CISTERN_CONFIG:5: memory_limit: is \"1\", must be a size from 32MiB to 16TiB, such as 64MiB\n"
     "CISTERN_CONFIG:6: log.levl: is not a setting; did you mean log.level?"},
    // Not YAML, or not ours
    {"tab", "partition:\n\tflush_size: 1MiB",
     "CISTERN_CONFIG:4: not YAML: the line is indented with a tab; use spaces"},
    {"unquoted_template", "partition:\n  key: {yyyy}/{mm}/",
     "CISTERN_CONFIG:4: not YAML: end of map not found; a value with { or } in it needs quotes"},
    {"open_quote", "listen: \"0.0.0.0", "CISTERN_CONFIG:3: not YAML: illegal EOF in scalar"},
    {"bad_indent", "partition:\n    flush_size: 1MiB\n  flush_age: 1m",
     "CISTERN_CONFIG:5: not YAML: end of map not found"},
    {"alias", "store: &s { path: a }\nlog: *s",
     "CISTERN_CONFIG:3: not YAML: anchors (&name) are not supported; a value "
     "with { or } in it needs quotes"},
    {"tag", "listen: !!binary aGk=", "CISTERN_CONFIG:3: not YAML: tags are not supported"},
    {"two_documents", "listen: 0.0.0.0:1\n---\nlisten: 0.0.0.0:2",
     "CISTERN_CONFIG: holds several YAML documents; a configuration is one"},
    {"text", "tls", "CISTERN_CONFIG:1: must be settings, such as `listen: 0.0.0.0:8443`"},
    {"list", "- tls", "CISTERN_CONFIG:1: must be settings, such as `listen: 0.0.0.0:8443`"},
    {"binary", std::string("tls: off\0", 9), "CISTERN_CONFIG: is not text: it has control characters"},
    {"not_utf8", "tls: \xff", "CISTERN_CONFIG: is not UTF-8 text"},
};

INSTANTIATE_TEST_SUITE_P(Table, ConfigMistake, testing::ValuesIn(kWrong),
                         [](const auto& wrong) { return wrong.param.name; });

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ConfigMistakes, NastyYamlEndsSoonWithAClearError) {
  EXPECT_EQ(mistakes_of("a: " + repeated("[", 100'000)),
            "CISTERN_CONFIG:1: not YAML: a list or a section cannot be a name");
  EXPECT_EQ(mistakes_of(repeated("- ", 100'000)), "CISTERN_CONFIG:1: not YAML: nested too deeply");
  EXPECT_EQ(mistakes_of("x: " + repeated("{a: ", 50'000)),
            "CISTERN_CONFIG:1: not YAML: nested too deeply; a value with { or } in it needs quotes");
  EXPECT_EQ(mistakes_of(repeated("? ", 100'000)),
            "CISTERN_CONFIG:1: not YAML: a list or a section cannot be a name");
  EXPECT_EQ(mistakes_of(repeated("# long\n", 50'000)),
            "CISTERN_CONFIG: is larger than 256KiB: this is not a configuration");
  std::string bomb = "a: &a [x, x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + "]\n";
  }
  EXPECT_EQ(mistakes_of(bomb), "CISTERN_CONFIG:1: not YAML: anchors (&name) are not supported");
}

TEST(ConfigMistakes, ManyKeysAreEachTold) {
  std::string text = "tls: off\naccess_keys: none\n";
  for (int i = 0; i < 1000; ++i) text += "key" + std::to_string(i) + ": 1\n";
  auto said = mistakes_of(text);
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 999);
}

TEST(ConfigMistakes, ErrorTextsArePrintable) {
  for (int byte = 0; byte < 256; ++byte) {
    auto said = mistakes_of("tls: off\naccess_keys: none\nlog: { level: \"" +
                            std::string(1, static_cast<char>(byte)) + "\" }");
    std::replace(said.begin(), said.end(), '\n', ' ');
    EXPECT_TRUE(is_printable(said)) << byte;
    EXPECT_NE(said, "") << byte;
  }
}

TEST(ConfigMistakes, MistypedVariables) {
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_LOG_LEVE", "x"}}),
            "CISTERN_LOG_LEVE: is not a setting; did you mean CISTERN_LOG_LEVEL?");
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_CONFG", "x"}}),
            "CISTERN_CONFG: is not a setting; did you mean CISTERN_CONFIG?");
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_PARTITION_COLOUR_OF_IT", "x"}}),
            "CISTERN_PARTITION_COLOUR_OF_IT: is not a setting; `cistern check --settings` shows all names");
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_LOG_LEVEL", "loud"}}),
            "CISTERN_LOG_LEVEL: log.level: is \"loud\", must be one of debug, info, warning, error");
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_PATHS", "/,,/x"}}),
            "CISTERN_PATHS: paths: is \"/,,/x\", must be texts separated by commas");
}

TEST(ConfigMistakes, VariablesThatContradict) {
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_TLS_CERTIFICATE", "c"}, {"CISTERN_TLS_PRIVATE_KEY", "k"}}),
            "CISTERN_TLS_CERTIFICATE: tls.certificate: is set, but tls is off; take one of them away");
  EXPECT_EQ(mistakes_of(
                kLeast,
                {{"CISTERN_TLS_CERTIFICATE", "c"}, {"CISTERN_TLS_PRIVATE_KEY", "k"}, {"CISTERN_TLS", "on"}}),
            "");
  EXPECT_EQ(mistakes_of(kLeast, {{"CISTERN_ACCESS_KEYS", "none"}, {"CISTERN_ACCESS_KEYS_A", "k"}}),
            "CISTERN_ACCESS_KEYS_A: access_keys[0]: is set, but CISTERN_ACCESS_KEYS is none; take one of "
            "them away");
}

TEST(ConfigMistakes, NoSecretIsEverSaid) {
  std::string secret = "hunter2" + std::string(5000, '2');
  for (const auto& said :
       {mistakes_of("tls: off\naccess_keys: [{name: a, value: \"${S}\"}]", {{"S", secret}}),
        mistakes_of("tls: off\naccess_keys: \"${S}\"", {{"S", "hunter2"}}),
        mistakes_of("tls: off\naccess_keys: [hunter2]"),
        mistakes_of(kLeast + "store: {type: s3, bucket: b, secret_access_key: hunter2}"),
        mistakes_of(kLeast + "store: {secret_access_key: [hunter2]}"),
        mistakes_of(kLeast, {{"CISTERN_STORE_SECRET_ACCESS_KEY", secret}}),
        mistakes_of("", {{"CISTERN_TLS", "off"}, {"CISTERN_ACCESS_KEYS_A", secret}})}) {
    EXPECT_NE(said, "");
    EXPECT_EQ(said.find("hunter2"), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace cistern
