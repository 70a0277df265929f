#include <gtest/gtest.h>

#include "server/config/changes.h"
#include "server/config/table.h"

namespace cistern {
namespace {

Config valid() {
  Config config;
  config.tls.off = true;
  config.access_keys_none = true;
  return config;
}

TEST(ConfigChanges, NothingHasChanged) {
  const auto change = change_config(valid(), valid());
  ASSERT_TRUE(change);
  EXPECT_TRUE(change.value().changed.empty() && change.value().needs_restart.empty());
}

// Each setting is either taken over or kept, and named accordingly.
TEST(ConfigChanges, EachSettingIsTakenOrNamed) {
  Config fresh = valid();
  fresh.memory_limit = 1ull << 30;
  fresh.partition.prefix = "p/";
  fresh.store.object.tags = {"a=b"};
  fresh.journal.path = "elsewhere";
  fresh.runtime.drain_timeout_ms = 1000;
  fresh.server.header_timeout_ms = 1000;
  const auto change = change_config(valid(), fresh);
  ASSERT_TRUE(change);
  EXPECT_EQ(change.value().changed,
            (std::vector<std::string>{"memory_limit", "timeouts.header", "partition.prefix", "store.tags"}));
  EXPECT_EQ(change.value().needs_restart, (std::vector<std::string>{"timeouts.drain", "journal.path"}));
  EXPECT_TRUE(change.value().store_changed);
  EXPECT_EQ(change.value().config.partition.prefix, "p/");
  EXPECT_EQ(change.value().config.journal.path, valid().journal.path);
}

TEST(ConfigChanges, AnAccessKeysSecretCounts) {
  Config one = valid(), other = valid();
  one.access_keys_none = other.access_keys_none = false;
  one.access_keys = {{"a", "secret one", ""}};
  other.access_keys = {{"a", "secret two", ""}};
  const auto change = change_config(one, other);
  ASSERT_TRUE(change);
  EXPECT_EQ(change.value().changed, std::vector<std::string>{"access_keys"});
  EXPECT_EQ(change.value().config.access_keys[0].value, "secret two");
  EXPECT_EQ(config_hash(one), config_hash(other)) << "a hash tells nothing of secrets";
}

// What may have been stored already must be found where it lies, by the same sums.
TEST(ConfigChanges, WhereObjectsLieStays) {
  for (const char* path : {"store.type", "store.path", "store.bucket", "store.prefix", "store.region",
                           "store.endpoint", "store.checksum", "journal.path", "listen", "tls"})
    EXPECT_FALSE(takes_effect_at_once(path)) << path;
  for (const char* path : {"store.tags", "store.secret_access_key", "store.assume_role.arn", "store.uploads",
                           "access_keys", "limits.records", "log.level", "format.fields"})
    EXPECT_TRUE(takes_effect_at_once(path)) << path;
  EXPECT_FALSE(takes_effect_at_once("a.setting.of.tomorrow"));
}

TEST(ConfigChanges, WhatStaysMustGoWithWhatChanges) {
  Config small = valid(), fresh = valid();
  small.journal.max_bytes = 2ull << 30;
  fresh.partition.flush_size = 3ull << 30;
  const auto change = change_config(small, fresh);
  ASSERT_FALSE(change);
  EXPECT_NE(change.error().what.find("partition.flush_size"), std::string::npos);
  EXPECT_NE(change.error().what.find("journal.max_bytes needs"), std::string::npos);
}

TEST(ConfigChanges, TheHashTellsConfigurationsApart) {
  Config other = valid();
  other.limits.records = 7;
  EXPECT_NE(config_hash(valid()), config_hash(other));
  EXPECT_EQ(config_hash(valid()).size(), 12u);
}

}  // namespace
}  // namespace cistern
