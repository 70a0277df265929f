#include "pipeline/decode/event_id.h"

#include <gtest/gtest.h>

#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

std::string shortened(std::string_view id, int64_t timestamp_ms) {
  Buffer out;
  append_short_event_id(id, timestamp_ms, out);
  return std::string(out.view());
}

struct Sample {
  const char* id;
  int64_t timestamp_ms;
  const char* short_id;
};
// Ids that AWS's documentation and captured deliveries show.
constexpr Sample kSamples[] = {{"31953106606966983378809025079804211143289615424298221568", 1432826855000,
                                "014d9b2a87f4665ba04f6ad621810000"},
                               {"31953106606966983378809025079804211143289615424298221570", 1432826855000,
                                "014d9b2a87f4665ba04f6ad621810002"},
                               {"34810311100843586390261359008406652003083034459645739009", 1560948335625,
                                "016b6fc59edc710babc3ce4afaf90001"},
                               {"35683658089614582423604394983260738922885519999578275840", 1600110569039,
                                "01748e05a7fd5c93da936af8fbc60000"},
                               {"35683658089659183914001456229543810359430816722590236673", 1600110569041,
                                "01748e05a7fd5c93da936af8fbc60001"}};

TEST(EventId, RealIdsBecome32HexDigitsAndComeBack) {
  for (const Sample& sample : kSamples) {
    EXPECT_EQ(shortened(sample.id, sample.timestamp_ms), sample.short_id);
    EXPECT_EQ(full_event_id(sample.short_id, sample.timestamp_ms), sample.id);
  }
}

TEST(EventId, StaysWholeWhereTheIdentityDoesNotHold) {
  const std::string id = kSamples[0].id;
  for (const int64_t other : {int64_t{1432826855001}, int64_t{0}, int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(shortened(id, other), id) << other;
  }
}

TEST(EventId, EveryIdComesBackWhateverItLooksLike) {
  const std::string zero_high_bits = "95780971304118053647396689196894323976171195136475136";  // 2^176
  const std::vector<std::string> ids{"",
                                     "0",
                                     "00",
                                     "1",
                                     "=",
                                     "==x",
                                     "=014d9b2a87f4665ba04f6ad621810000",
                                     "014d9b2a87f4665ba04f6ad621810000",
                                     "014D9B2A87F4665BA04F6AD621810000",
                                     "01234567890123456789012345678901234567890123456789012345",
                                     "0" + std::string(kSamples[0].id),
                                     std::string(kSamples[0].id) + "0",
                                     std::string(300, '9'),
                                     "\\u0033" + std::string(kSamples[0].id).substr(1),
                                     "99999999999999999999999999999999",
                                     "340282366920938463463374607431768211455",
                                     "340282366920938463463374607431768211456",
                                     "22300745198530623141535718272648361505980416",
                                     zero_high_bits,
                                     "eventId1",
                                     "-5",
                                     "+5",
                                     " 1"};
  for (const std::string& id : ids) {
    for (const int64_t timestamp_ms :
         {int64_t{0}, int64_t{1}, int64_t{1432826855000}, int64_t{-7}, INT64_MAX}) {
      EXPECT_EQ(full_event_id(shortened(id, timestamp_ms), timestamp_ms), id) << id << ' ' << timestamp_ms;
    }
  }
}

TEST(EventId, BitsBetweenTimestampAndTheLowerHundredAndTwentyEightKeepAnIdWhole) {
  // 5 << 144 | 2^128: restoring it from 32 digits would lose a bit. One less is the largest that is
  // shortened.
  const std::string with_bit = "111504066275020036646142054737849239298113536";
  EXPECT_EQ(shortened(with_bit, 5), with_bit);
  EXPECT_EQ(shortened("111504066275020036646142054737849239298113535", 5), std::string(32, 'f'));
  EXPECT_EQ(full_event_id(std::string(32, 'f'), 5), "111504066275020036646142054737849239298113535");
}

TEST(EventId, MadeIdsComeBack) {
  test::RecordMaker maker(3);
  for (int i = 0; i < 2000; ++i) {
    const auto timestamp_ms = static_cast<int64_t>(1 + maker.below((1ull << 47) - 1));
    const std::string id = test::event_id_of(timestamp_ms, maker.below(UINT64_MAX));
    const std::string short_id = shortened(id, timestamp_ms);
    EXPECT_EQ(short_id.size(), 32u) << id;
    EXPECT_EQ(full_event_id(short_id, timestamp_ms), id);
  }
}

}  // namespace
}  // namespace cistern
