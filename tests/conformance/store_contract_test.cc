// The contract of ObjectStore, checked over every store there is.
#include "tests/conformance/store_contract.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "pipeline/codec.h"

namespace cistern::store_rig {
namespace {

constexpr const char* kOurs = "5f1c9a0b7e42";
constexpr const char* kOthers = "0123456789ab";
const std::string kKey = "2026/11/21/08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz";

struct Kind {
  const char* name;
  MakeStore make;
};
void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    under_test_ = GetParam().make();
    if (!under_test_) GTEST_SKIP() << "no server: CISTERN_TEST_S3_ENDPOINT is not set";
  }
  Result<PutOutcome> put(std::shared_ptr<const Object> object) { return put(under_test_->store(), object); }
  Result<PutOutcome> put(ObjectStore& store, std::shared_ptr<const Object> object) {
    return under_test_->executors().run(store.put(std::move(object)));
  }
  std::optional<ObjectInfo> head(const std::string& key) {
    auto info = under_test_->executors().run(under_test_->store().head(key));
    EXPECT_TRUE(info) << info.error().what;
    return info.value();
  }
  std::string get(const std::string& key) { return get(under_test_->store(), key); }
  std::string get(ObjectStore& store, const std::string& key) {
    auto bytes = under_test_->executors().run(store.get(key));
    return bytes ? std::string(bytes.value().view()) : "<" + bytes.error().what + ">";
  }

  std::unique_ptr<StoreUnderTest> under_test_;
};

#define EXPECT_OUTCOME(expected, result)               \
  do {                                                 \
    const auto& outcome_ = (result);                   \
    ASSERT_TRUE(outcome_) << outcome_.error().what;    \
    EXPECT_EQ(PutOutcome::expected, outcome_.value()); \
  } while (false)

TEST_P(StoreContract, WhatWasPutIsThereWhole) {
  EXPECT_FALSE(head(kKey));
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, {"one ", "", "two ", "three"})));
  EXPECT_EQ("one two three", get(kKey));
  const auto info = head(kKey);
  ASSERT_TRUE(info);
  EXPECT_EQ(13u, info->size);
  EXPECT_EQ(kOurs, info->journal_id);
  EXPECT_EQ(17u, info->sequence);
}

TEST_P(StoreContract, TheSameObjectAgainIsOurs) {
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, {"bytes"})));
  EXPECT_OUTCOME(already_ours, put(make_object(kKey, kOurs, 17, {"bytes"})));
  EXPECT_EQ("bytes", get(kKey));
}

std::string gzip_of(const std::string& lines, int level) {
  Buffer gzip;
  Gzip().run(lines, Level{level}, gzip);
  return std::string(gzip.view());
}

TEST_P(StoreContract, OursEvenWhenAnotherCompressorMadeIt) {
  std::string lines;
  for (int i = 0; i < 3; ++i) lines += std::string(200, static_cast<char>('a' + i)) + "\n";
  const std::string first = gzip_of(lines, 1);
  const std::string split = gzip_of(lines.substr(0, 300), 9) + gzip_of(lines.substr(300), 9);
  ASSERT_NE(first.size(), split.size());
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, {first})));
  EXPECT_OUTCOME(already_ours, put(make_object(kKey, kOurs, 17, {split.substr(0, 10), split.substr(10)})));
  EXPECT_EQ(first, get(kKey));
}

// A journal that was put back from an old copy gives a sequence to other events.
TEST_P(StoreContract, OtherEventsUnderOurNameAreAStrangers) {
  const std::string first = gzip_of("one\ntwo\nthree\n", 6);
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, {first})));
  auto more = make_object(kKey, kOurs, 17, {gzip_of("one\ntwo\nthree\nfour\n", 6)});
  more->events = 4;
  EXPECT_OUTCOME(taken, put(more));
  auto later = make_object(kKey, kOurs, 17, {gzip_of("four\nfive\nsix\n", 6)});
  later->last_ms += 1;
  EXPECT_OUTCOME(taken, put(later));
  EXPECT_EQ(first, get(kKey));
}

// Damage took a part of an object whose first try had an unknown outcome.
TEST_P(StoreContract, TheWholeOfAnObjectThatLostAPartIsOurs) {
  const auto whole = make_object(kKey, kOurs, 17, {gzip_of("one\ntwo\nthree\n", 6)});
  EXPECT_OUTCOME(stored, put(whole));
  const auto part = make_object(kKey, kOurs, 17, {gzip_of("one\nthree\n", 6)});
  part->events = 2;
  EXPECT_OUTCOME(taken, put(part));
  part->whole = whole->facts();
  EXPECT_OUTCOME(already_ours, put(part));
  part->whole->digest = {};  // made by another compressor's version
  part->whole->size = 1;
  EXPECT_OUTCOME(already_ours, put(part));
}

TEST_P(StoreContract, AnotherSequenceOrJournalIsAStranger) {
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, {"first"})));
  EXPECT_OUTCOME(taken, put(make_object(kKey, kOurs, 18, {"second"})));
  EXPECT_OUTCOME(taken, put(make_object(kKey, kOthers, 17, {"third"})));
  EXPECT_EQ("first", get(kKey));
}

TEST_P(StoreContract, AStrangersObjectIsNeverReplaced) {
  const std::string key = "2026/11/21/08/somebody.gz";
  under_test_->put_stranger(key, "a stranger's");
  EXPECT_OUTCOME(taken, put(make_object(key, kOurs, 17, {"ours"})));
  EXPECT_EQ("a stranger's", get(key));
  const auto info = head(key);
  ASSERT_TRUE(info);
  EXPECT_EQ("", info->journal_id);
}

TEST_P(StoreContract, OddKeysAreKeptApart) {
  const std::vector<std::string> folders{"a b/",         "a+b/",         "a%20b/",       "a=b&c/", "(x)'!*/",
                                         "~$,;:@/",      "caf\xc3\xa9/", "back\\slash/", "q?x#y/", "%2F/",
                                         "\"<>|^`{}[]/", "..x/",         ".x/"};
  uint64_t sequence = 0;
  for (const std::string& folder : folders) {
    const std::string key = folder + "20261121T08Z-5f1c9a0b7e42-" + std::to_string(++sequence) + ".ndjson.gz";
    EXPECT_OUTCOME(stored, put(make_object(key, kOurs, sequence, {folder})));
    EXPECT_EQ(folder, get(key));
  }
}

TEST_P(StoreContract, AnEmptyObjectIsAnObject) {
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, {})));
  ASSERT_TRUE(head(kKey));
  EXPECT_EQ(0u, head(kKey)->size);
}

TEST_P(StoreContract, LargeObjectsArriveWhole) {
  std::vector<std::string> pieces;
  for (size_t i = 0; i < 40; ++i)
    pieces.emplace_back(i * 50'000 % 1'000'003, static_cast<char>('a' + i % 26));
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, pieces)));
  EXPECT_TRUE(whole == get(kKey));
}

TEST_P(StoreContract, OfManyAtOnceUnderOneKeyOneIsStored) {
  std::vector<boost::asio::awaitable<Result<PutOutcome>>> puts;
  for (uint64_t i = 0; i < 8; ++i) {
    puts.push_back(under_test_->store().put(
        make_object(kKey, kOurs, i, {std::string(100'000, static_cast<char>('0' + i))})));
  }
  auto outcomes = under_test_->executors().run_all(std::move(puts));
  size_t stored = 0;
  for (const auto& outcome : outcomes) {
    if (!outcome) {
      EXPECT_EQ(ErrorKind::retry, outcome.error().kind) << outcome.error().what;
    } else {
      stored += outcome.value() == PutOutcome::stored;
    }
  }
  EXPECT_LE(stored, 1u);
  const std::string bytes = get(kKey);
  ASSERT_EQ(100'000u, bytes.size());
  EXPECT_EQ(std::string::npos, bytes.find_first_not_of(bytes.front()));
}

TEST_P(StoreContract, ManyKeysAtOnce) {
  std::vector<boost::asio::awaitable<Result<PutOutcome>>> puts;
  const auto key_of = [](uint64_t i) {
    return "h/20261121T08Z-5f1c9a0b7e42-" + std::to_string(i) + ".ndjson.gz";
  };
  for (uint64_t i = 0; i < 32; ++i) {
    puts.push_back(
        under_test_->store().put(make_object(key_of(i), kOurs, i, {"object ", std::to_string(i)})));
  }
  for (const auto& outcome : under_test_->executors().run_all(std::move(puts)))
    EXPECT_OUTCOME(stored, outcome);
  for (uint64_t i = 0; i < 32; ++i) EXPECT_EQ("object " + std::to_string(i), get(key_of(i)));
}

TEST_P(StoreContract, AnObjectThatBreaksOffIsNotThere) {
  const std::vector<std::string> pieces{std::string(300'000, 'x'), "y", "z"};
  auto broken = put(make_object(kKey, kOurs, 17, pieces, 2));
  ASSERT_FALSE(broken);
  EXPECT_NE(std::string::npos, broken.error().what.find("damaged")) << broken.error().what;
  EXPECT_FALSE(head(kKey));
  EXPECT_OUTCOME(stored, put(make_object(kKey, kOurs, 17, pieces)));
}

TEST_P(StoreContract, AnObjectOfAnotherLengthThanAnnouncedIsNotThere) {
  for (const int64_t wrong : {-1, 1}) {
    auto object = make_object(kKey, kOurs, 17, {"some", "bytes"});
    object->size = static_cast<uint64_t>(static_cast<int64_t>(object->size) + wrong);
    EXPECT_FALSE(put(object));
    EXPECT_FALSE(head(kKey));
  }
}

TEST_P(StoreContract, WhatIsNotThereCannotBeRead) {
  auto bytes = under_test_->executors().run(under_test_->store().get("nothing/here.gz"));
  ASSERT_FALSE(bytes);
  EXPECT_EQ(ErrorKind::invalid, bytes.error().kind);
}

TEST_P(StoreContract, PrefixesKeepStoresApart) {
  auto one = under_test_->below("one/");
  auto two = under_test_->below("two-");
  if (!one) GTEST_SKIP() << "this store has no prefix";
  EXPECT_OUTCOME(stored, put(*one, make_object(kKey, kOurs, 17, {"1"})));
  EXPECT_OUTCOME(stored, put(*two, make_object(kKey, kOthers, 17, {"2"})));
  EXPECT_EQ("1", get("one/" + kKey));
  EXPECT_EQ("2", get("two-" + kKey));
  EXPECT_FALSE(head(kKey));
}

TEST_P(StoreContract, CheckFindsItUsableAndLeavesNothingButItsEmptyObject) {
  for (int times = 0; times < 2; ++times) {
    auto found = under_test_->executors().run(under_test_->store().check());
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_FALSE(found.value().empty());
    const auto left = head(".cistern-check");
    EXPECT_TRUE(!left || left->size == 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract,
                         ::testing::Values(Kind{"Memory", make_memory_store_under_test},
                                           Kind{"File", make_file_store_under_test},
                                           Kind{"S3", make_s3_store_under_test},
                                           Kind{"S3Options", make_s3_store_with_options_under_test}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace cistern::store_rig
