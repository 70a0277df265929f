// Records as they come, byte for byte. Names of the kind Trap13... say which known mistake of other receivers
// a test guards against: control messages (12), gzip twice or not at all (13), several documents in a record
// (14), line buffers (15), the wrong clock (16), only the last event kept (17), bombs (18), metric streams
// (19).

#include "pipeline/decode/record_decoder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/decode/line_format.h"
#include "pipeline/digest.h"
#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

using test::base64_of;
using test::control_message;
using test::gzip_of;

constexpr int64_t kRequestMs = 1'795'250'000'000;

// What became of a record, free of the decoder's memory.
struct Decoded {
  RecordKind kind;
  DeadLetterReason reason;
  std::string why;
  uint64_t control_messages;
  uint64_t log_bytes;
  Digest128 digest;
  std::vector<std::string> lines;  // of the default format, without newline
  bool operator==(const Decoded&) const = default;
};

class RecordDecoderTest : public ::testing::Test {
 protected:
  explicit RecordDecoderTest(Limits limits = {}) : decoder_(limits, 42, large_record_) {
    decoder_.begin_delivery(kRequestMs);
  }

  Decoded decode(std::string_view datum) {
    const Buffer text(base64_of(datum));
    const DecodedRecord record = decoder_.decode(text.view()).value();
    return {record.kind,      record.reason, record.why,      record.control_messages,
            record.log_bytes, record.digest, lines_of(record)};
  }
  RecordKind kind_of(std::string_view datum) { return decode(datum).kind; }
  DeadLetterReason reason_of(std::string_view datum) {
    const Decoded outcome = decode(datum);
    EXPECT_EQ(outcome.kind, RecordKind::undecodable);
    EXPECT_FALSE(outcome.why.empty());
    return outcome.reason;
  }

  static std::vector<std::string> lines_of(const DecodedRecord& record) {
    static const LineFormat format =
        LineFormat::parse({"timestamp", "id", "owner", "logGroup", "logStream", "message"}, EventId::full)
            .value();
    LineWriter writer(format);
    std::vector<std::string> lines;
    for (const Envelope& envelope : record.envelopes) {
      EXPECT_FALSE(envelope.events.empty());
      writer.begin(envelope, {});
      for (const LogEvent& event : envelope.events) {
        Buffer line;
        writer.write(event, line);
        lines.emplace_back(line.view().substr(0, line.size() - 1));
      }
    }
    return lines;
  }

  std::mutex large_record_;
  RecordDecoder decoder_;
};

// What an envelope's lines must say, by another road than the decoder's.
std::vector<nlohmann::json> expected_lines(const test::MadeEnvelope& envelope) {
  std::vector<nlohmann::json> lines;
  for (const auto& event : envelope.events) {
    lines.push_back({{"timestamp", event.timestamp_ms},
                     {"id", event.id},
                     {"owner", envelope.owner},
                     {"logGroup", envelope.log_group},
                     {"logStream", envelope.log_stream},
                     {"message", event.message}});
  }
  return lines;
}
std::vector<nlohmann::json> parsed_lines(const std::vector<std::string>& lines) {
  std::vector<nlohmann::json> values;
  for (const std::string& line : lines) {
    EXPECT_EQ(line.find('\n'), std::string::npos);
    values.push_back(nlohmann::json::parse(line));
  }
  return values;
}
std::string text_line(std::string_view message) {
  return R"({"timestamp":1795250000000,"id":"","owner":"","logGroup":"","logStream":"","message":")" +
         std::string(message) + "\"}";
}
std::string small_envelope(std::string_view message, std::string_view id = "7") {
  return R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{"id":")" +
         std::string(id) + R"(","timestamp":5,"message":")" + std::string(message) + "\"}]}";
}
std::string small_line(std::string_view message, std::string_view id = "7") {
  return R"({"timestamp":5,"id":")" + std::string(id) +
         R"(","owner":"1","logGroup":"g","logStream":"s","message":")" + std::string(message) + "\"}";
}
using Lines = std::vector<std::string>;

TEST_F(RecordDecoderTest, EmptyRecordIsLegal) {
  EXPECT_EQ(kind_of(""), RecordKind::empty);
  EXPECT_EQ(decode(gzip_of("")).lines, Lines{});
}

TEST_F(RecordDecoderTest, BrokenBase64IsTheDeliverysFault) {
  for (const char* bad : {"QUJ", "QU=D", "QUJ*", "QUJD=", "QUJ\n"}) {
    const Buffer text{std::string_view(bad)};
    const auto record = decoder_.decode(text.view());
    ASSERT_FALSE(record) << bad;
    EXPECT_EQ(record.error().kind, ErrorKind::invalid);
  }
}

TEST_F(RecordDecoderTest, Trap12ControlMessageIsAcknowledgedAndNotStored) {
  for (const std::string& datum : {gzip_of(control_message()), control_message(), control_message() + "\n"}) {
    const Decoded outcome = decode(datum);
    EXPECT_EQ(outcome.kind, RecordKind::control);
    EXPECT_EQ(outcome.control_messages, 1u);
    EXPECT_EQ(outcome.lines, Lines{});
  }
}

TEST_F(RecordDecoderTest, Trap12ControlMessageAmongDataIsCounted) {
  const Decoded outcome = decode(
      gzip_of(control_message() + small_envelope("a") + control_message() + "\n" + small_envelope("b")));
  EXPECT_EQ(outcome.kind, RecordKind::cloudwatch);
  EXPECT_EQ(outcome.control_messages, 2u);
  EXPECT_EQ(outcome.lines, (Lines{small_line("a"), small_line("b")}));
}

TEST_F(RecordDecoderTest, Trap13GzipOnceTwiceOrNotAtAll) {
  const std::string plain = small_envelope("m");
  for (const std::string& datum : {plain, gzip_of(plain), gzip_of(gzip_of(plain))}) {
    const Decoded outcome = decode(datum);
    EXPECT_EQ(outcome.kind, RecordKind::cloudwatch);
    EXPECT_EQ(outcome.lines, Lines{small_line("m")});
    EXPECT_EQ(outcome.log_bytes, plain.size());
  }
  EXPECT_EQ(decode(gzip_of("plain text")).lines, Lines{text_line("plain text")});
  EXPECT_EQ(reason_of(gzip_of(gzip_of(gzip_of(plain)))), DeadLetterReason::bad_gzip);
}

TEST_F(RecordDecoderTest, Trap13SeveralGzipMembersAreOneRecord) {
  const std::string plain = small_envelope("a") + small_envelope("b");
  EXPECT_EQ(decode(gzip_of(plain.substr(0, 50)) + gzip_of(plain.substr(50))).lines,
            (Lines{small_line("a"), small_line("b")}));
}

TEST_F(RecordDecoderTest, Trap13BrokenGzipIsNeverText) {
  const std::string whole = gzip_of(small_envelope("m"));
  for (size_t size = 2; size < whole.size(); ++size) {
    EXPECT_EQ(reason_of(whole.substr(0, size)), DeadLetterReason::bad_gzip) << size;
  }
  std::string flipped = whole;
  flipped[flipped.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(reason_of(flipped), DeadLetterReason::bad_gzip);
  EXPECT_EQ(reason_of(whole + "tail"), DeadLetterReason::bad_gzip);
  EXPECT_EQ(reason_of("\x1f\x8b\x07 other method"), DeadLetterReason::bad_gzip);
}

TEST_F(RecordDecoderTest, Trap14SeveralDocumentsHoweverTheyAreJoined) {
  for (const char* between : {"", "\n", "\r\n", "  \n\n\t"}) {
    const std::string joined = between + small_envelope("a", "1") + between + small_envelope("}{", "2") +
                               between + small_envelope("c", "3");
    for (const std::string& datum : {joined, joined + between, gzip_of(joined)}) {
      const Decoded outcome = decode(datum);
      EXPECT_EQ(outcome.kind, RecordKind::cloudwatch);
      EXPECT_EQ(outcome.lines, (Lines{small_line("a", "1"), small_line("}{", "2"), small_line("c", "3")}));
    }
  }
}

TEST_F(RecordDecoderTest, Trap14OtherDocumentsAmongEnvelopesAreKeptAsText) {
  const Decoded outcome =
      decode(small_envelope("a") + R"({"level":"info"})" + "\n" + small_envelope("b") + "{\"x\":\n1}\n");
  EXPECT_EQ(outcome.kind, RecordKind::cloudwatch);
  EXPECT_EQ(outcome.lines, (Lines{small_line("a"), text_line(R"({\"level\":\"info\"})"), small_line("b"),
                                  text_line(R"({\"x\":)"), text_line("1}")}));
}

TEST_F(RecordDecoderTest, Trap14ManySmallDocumentsAreNotQuadratic) {
  std::string joined;
  for (int i = 0; i < 40'000; ++i) joined += small_envelope("m");
  EXPECT_EQ(decode(joined).lines.size(), 40'000u);
  joined.back() = ' ';  // the last one broken: still linear, and all or nothing
  EXPECT_EQ(reason_of(joined), DeadLetterReason::bad_json);
}

TEST_F(RecordDecoderTest, Trap15LongLinesAndMessagesPassWhole) {
  for (const size_t size :
       {size_t{65'535}, size_t{65'536}, size_t{262'144}, size_t{1'048'576}, size_t{6'000'000}}) {
    const std::string message(size, 'x');
    EXPECT_EQ(decode(gzip_of(small_envelope(message))).lines, Lines{small_line(message)});
    EXPECT_EQ(decode(message).lines, Lines{text_line(message)});
  }
}

TEST_F(RecordDecoderTest, Trap16EventsKeepTheirOwnTime) {
  const Decoded outcome = decode(gzip_of(small_envelope("m")));
  EXPECT_EQ(nlohmann::json::parse(outcome.lines[0])["timestamp"], 5);
  EXPECT_EQ(nlohmann::json::parse(decode("bare").lines[0])["timestamp"], kRequestMs);
}

TEST_F(RecordDecoderTest, Trap17EveryEventOfARecordIsKept) {
  test::RecordMaker maker(7);
  test::MadeEnvelope envelope = maker.envelope(10'000);
  while (envelope.events.size() < 5000) envelope = maker.envelope(10'000);
  EXPECT_EQ(parsed_lines(decode(gzip_of(envelope.json())).lines), expected_lines(envelope));
}

class SmallLimits : public RecordDecoderTest {
 protected:
  static Limits limits() {
    Limits limits;
    limits.inflated_record_bytes = 1 << 20;
    limits.delivery_log_bytes = 4 << 20;
    limits.events_per_record = 100;
    return limits;
  }
  SmallLimits() : RecordDecoderTest(limits()) {}
};

TEST_F(SmallLimits, Trap18ABombIsADeadLetterAndTheNextRecordFine) {
  const std::string bomb = gzip_of(std::string(200 << 20, 'x'));
  EXPECT_EQ(reason_of(bomb), DeadLetterReason::inflates_too_large);
  EXPECT_EQ(reason_of(gzip_of(bomb)), DeadLetterReason::inflates_too_large);
  EXPECT_EQ(kind_of(gzip_of(small_envelope("m"))), RecordKind::cloudwatch);
  EXPECT_EQ(kind_of(gzip_of(std::string(1 << 20, 'x'))), RecordKind::text);
  EXPECT_EQ(reason_of(gzip_of(std::string((1 << 20) + 1, 'x'))), DeadLetterReason::inflates_too_large);
}

TEST_F(SmallLimits, Trap18AllBombsOfADeliveryTogetherAreBounded) {
  const std::string bomb = gzip_of(std::string(2 << 20, 'x'));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(reason_of(bomb), DeadLetterReason::inflates_too_large);
  EXPECT_EQ(reason_of(gzip_of("x")), DeadLetterReason::inflates_too_large);  // the budget is spent
  EXPECT_EQ(kind_of("not gzip"), RecordKind::text);
  decoder_.begin_delivery(kRequestMs);
  EXPECT_EQ(kind_of(gzip_of("x")), RecordKind::text);
}

TEST_F(SmallLimits, Trap18TextIsBoundedOnceItIsEscapedToo) {
  const size_t most = (1 << 20) / 6;
  EXPECT_EQ(decode(std::string(most, '\x01')).lines.size(), 1u);
  EXPECT_EQ(reason_of(std::string(most + 1, '\x01')), DeadLetterReason::inflates_too_large);
  const auto documents = [](int count) {  // among envelopes; each fits by itself, twice as large escaped
    std::string text = small_envelope("m");
    for (int i = 0; i < count; ++i) text += "{\"" + std::string(10'000, '\\') + "\":1}";
    return text;
  };
  EXPECT_EQ(decode(documents(50)).lines.size(), 51u);
  EXPECT_EQ(reason_of(documents(60)), DeadLetterReason::inflates_too_large);
}

TEST_F(RecordDecoderTest, ScratchOfALargeRecordIsGivenBack) {
  EXPECT_EQ(kind_of(gzip_of(std::string(20 << 20, 'x'))), RecordKind::text);
  EXPECT_GT(decoder_.scratch_bytes(), 40u << 20);
  EXPECT_EQ(kind_of("small"), RecordKind::text);
  EXPECT_LT(decoder_.scratch_bytes(), 1u << 20);
  EXPECT_EQ(kind_of(gzip_of(gzip_of(std::string(900'000, '\n')))), RecordKind::text);
  EXPECT_GT(decoder_.scratch_bytes(), 40u << 20);
  decoder_.end_delivery();
  EXPECT_LT(decoder_.scratch_bytes(), 4u << 20);
}

TEST_F(SmallLimits, EventsOfARecordAreBounded) {
  std::string envelopes;
  for (int i = 0; i < 100; ++i) envelopes += small_envelope("m");
  EXPECT_EQ(decode(envelopes).lines.size(), 100u);
  EXPECT_EQ(reason_of(envelopes + small_envelope("m")), DeadLetterReason::too_many_events);
  EXPECT_EQ(reason_of(envelopes + "{\"a\":1}"), DeadLetterReason::too_many_events);
  EXPECT_EQ(decode(std::string(100, '\n')).lines.size(), 100u);
  EXPECT_EQ(reason_of(std::string(101, '\n')), DeadLetterReason::too_many_events);
  EXPECT_EQ(reason_of(std::string(100, '\n') + "x"), DeadLetterReason::too_many_events);
}

TEST_F(RecordDecoderTest, Trap19MetricStreamsInProtobufAreNamed) {
  // Two length-prefixed messages of field 1, all bytes below 80 as in a small one.
  const std::string message = std::string("\x0a\x06\x0a\x04\x01\x02\x03\x04", 8);
  const std::string prefixed = std::string(1, '\x08') + message;
  EXPECT_EQ(reason_of(prefixed + prefixed), DeadLetterReason::binary);
  EXPECT_EQ(reason_of(std::string("\x0a\x80\x01\xff\xfe\x00\x01", 7)), DeadLetterReason::binary);
  EXPECT_EQ(reason_of(std::string(300, '\xff') + std::string(1, '\0')), DeadLetterReason::binary);
}

TEST_F(RecordDecoderTest, MetricStreamsInJsonAreLinesOfText) {
  const std::string two =
      "{\"metric_stream_name\":\"m\",\"value\":{\"TM(25%:75%)\":1.5}}\n{\"unit\":\"None\"}\n";
  const Decoded outcome = decode(two);
  EXPECT_EQ(outcome.kind, RecordKind::text);
  EXPECT_EQ(outcome.lines,
            (Lines{text_line(R"({\"metric_stream_name\":\"m\",\"value\":{\"TM(25%:75%)\":1.5}})"),
                   text_line(R"({\"unit\":\"None\"})")}));
}

TEST_F(RecordDecoderTest, BareTextIsALineAnEvent) {
  EXPECT_EQ(decode("one").lines, Lines{text_line("one")});
  EXPECT_EQ(decode("one\n").lines, Lines{text_line("one")});
  EXPECT_EQ(decode("one\n\n two \r\n").lines,
            (Lines{text_line("one"), text_line(""), text_line(R"( two \r)")}));
  EXPECT_EQ(decode("\n").lines, Lines{text_line("")});
  EXPECT_EQ(decode("  ").lines, Lines{text_line("  ")});
  EXPECT_EQ(decode(std::string("nul\0tab\t\"q\" \\ \x1f\x7f", 16)).lines,
            Lines{text_line("nul\\u0000tab\\t\\\"q\\\" \\\\ \\u001f\x7f")});
  EXPECT_EQ(decode("é😀\u2028").lines, Lines{text_line("é😀\u2028")});
  EXPECT_EQ(decode("[1,2]").lines, Lines{text_line("[1,2]")});
}

TEST_F(RecordDecoderTest, TextThatLooksLikeJsonIsText) {
  for (const std::string& text :
       {std::string("{not json"), std::string("{\"a\":1} and more"), std::string("{\"a\":1}\nplain"),
        std::string("{\"message\":\"2 058694856476 eni-1 ACCEPT OK\"}"), std::string("{}"),
        std::string("{\"path\":\"C:\\dir\"}"), std::string("{\"a\":\"tab\there\"}"),
        std::string("{\"a\":1}\n{\"messageType\":\"cut")}) {
    const Decoded outcome = decode(text);
    if (text.find("messageType") == text.npos) {
      EXPECT_EQ(outcome.kind, RecordKind::text) << text;
    } else {
      EXPECT_EQ(outcome.reason, DeadLetterReason::bad_json) << text;
    }
  }
}

TEST_F(RecordDecoderTest, TextIsTakenOnceWhenItTurnsOutToBeText) {
  EXPECT_EQ(decode("{\"messageType\":\"order\"}\n{}\nplain\n").lines,
            (Lines{text_line(R"({\"messageType\":\"order\"})"), text_line("{}"), text_line("plain")}));
}

TEST_F(RecordDecoderTest, EnvelopesAreSeenHoweverTheirNamesAreSpelled) {
  std::string spelled = small_envelope("m");
  spelled.replace(spelled.find("messageType"), 1, R"(\u006d)");
  spelled.replace(spelled.find("logEvents"), 1, R"(\u006C)");
  EXPECT_EQ(decode(R"({"other":1})" + spelled).lines,
            (Lines{text_line(R"({\"other\":1})"), small_line("m")}));
}

TEST_F(RecordDecoderTest, TextOfOtherEncodingsIsNamed) {
  EXPECT_EQ(reason_of("caf\xe9 in Latin-1\r\n\tx\x1b[0m"), DeadLetterReason::invalid_utf8);
  EXPECT_EQ(reason_of("{\"messageType\":\"DATA_MESSAGE\",\"owner\":\"caf\xe9\"}"),
            DeadLetterReason::invalid_utf8);
  EXPECT_EQ(reason_of(small_envelope("a") + small_envelope("caf\xe9")), DeadLetterReason::invalid_utf8);
  EXPECT_EQ(reason_of(gzip_of(std::string("\xff\xfe"
                                          "a\0b\0",
                                          6))),
            DeadLetterReason::binary);  // UTF-16
}

TEST_F(RecordDecoderTest, BrokenEnvelopesAreUndecodableWhole) {
  const std::string good = small_envelope("m");
  EXPECT_EQ(reason_of(good.substr(0, good.size() - 1)), DeadLetterReason::bad_json);
  EXPECT_EQ(reason_of(good + good.substr(0, 30)), DeadLetterReason::bad_json);
  EXPECT_EQ(reason_of(good + "text"), DeadLetterReason::bad_json);
  EXPECT_EQ(reason_of(control_message() + "text"), DeadLetterReason::bad_json);
  EXPECT_EQ(reason_of(small_envelope(R"(bad \q escape)")), DeadLetterReason::bad_json);
  EXPECT_EQ(reason_of(small_envelope("raw\ttab")), DeadLetterReason::bad_json);
  EXPECT_EQ(reason_of(good + R"({"messageType":"DATA_MESSAGE","logEvents":[]})"),
            DeadLetterReason::bad_envelope);
  EXPECT_EQ(decode(good + R"({"messageType":"DATA_MESSAGE","logEvents":[]})").why,
            "document 2: owner is missing");
}

TEST_F(RecordDecoderTest, EnvelopeWithoutEventsStoresNothing) {
  const Decoded outcome =
      decode(R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[]})");
  EXPECT_EQ(outcome.kind, RecordKind::cloudwatch);
  EXPECT_EQ(outcome.lines, Lines{});
}

TEST_F(RecordDecoderTest, MessagesPassByteForByte) {
  for (const char* message : {R"(\u0000\u001f)", R"(\ud800)", R"(\udfff\ud83d)", R"(\ud83d\ude00)",
                              R"(\/\b\f\n\r\t\"\\)", R"({\"json\":{\"a\":[1,2]}})", R"([{\"id\":\"1\"}])",
                              "\u2028\u2029\ufeff", "\x7f", R"(trailing\n\n)", ""}) {
    EXPECT_EQ(decode(gzip_of(small_envelope(message))).lines, Lines{small_line(message)});
  }
}

TEST_F(RecordDecoderTest, TheDigestIsOfTheDatum) {
  const std::string datum = gzip_of(small_envelope("m"));
  EXPECT_EQ(decode(datum).digest, digest128(datum, 42));
  EXPECT_NE(decode(datum).digest, decode(gzip_of(small_envelope("n"))).digest);
}

TEST_F(RecordDecoderTest, AgreesWithASlowDecoderOnRandomEnvelopes) {
  test::RecordMaker maker(8);
  for (int i = 0; i < 300; ++i) {
    std::vector<nlohmann::json> expected;
    std::string text;
    for (uint64_t documents = 1 + maker.below(3); documents-- > 0;) {
      const test::MadeEnvelope envelope = maker.envelope(12);
      text += maker.below(2) == 0 ? envelope.json() : maker.rewritten(envelope);
      for (const nlohmann::json& line : expected_lines(envelope)) expected.push_back(line);
    }
    const Decoded outcome = decode(maker.below(2) == 0 ? gzip_of(text) : text);
    ASSERT_EQ(outcome.kind, RecordKind::cloudwatch) << i << ' ' << outcome.why << '\n' << text;
    ASSERT_EQ(parsed_lines(outcome.lines), expected) << i;
  }
}

// Whatever a byte is changed to: no crash, and what decodes is valid JSON on one line.
TEST_F(RecordDecoderTest, MutatedAtEveryByteItStaysSane) {
  test::RecordMaker maker(9);
  test::MadeEnvelope envelope = maker.envelope(2);
  for (auto& event : envelope.events) event.message = "a\"b\\c\n\u00e9 " + event.message.substr(0, 40);
  const std::string plain = maker.rewritten(envelope) + control_message();
  for (const std::string& datum : {plain, gzip_of(plain)}) {
    for (size_t at = 0; at < datum.size(); ++at) {
      for (const char byte : {'\0', '"', '\\', '{', '}', '[', ',', ':', '\n', '9', 'u', '\x80', '\xff'}) {
        std::string mutated = datum;
        mutated[at] = byte;
        for (const std::string& line : decode(mutated).lines) {
          ASSERT_TRUE(nlohmann::json::accept(line)) << at << ' ' << line;
          ASSERT_EQ(line.find('\n'), std::string::npos);
        }
      }
      (void)decode(datum.substr(0, at));
      (void)decode(datum.substr(at));
    }
  }
}

// JSON that is accepted as an envelope must be JSON for others as well.
TEST_F(RecordDecoderTest, NeverMoreLenientThanASlowParser) {
  test::RecordMaker maker(10);
  for (int i = 0; i < 3000; ++i) {
    test::MadeEnvelope envelope = maker.envelope(2);
    for (auto& event : envelope.events) event.message.clear();
    std::string text = maker.rewritten(envelope);
    for (uint64_t edits = 1 + maker.below(2); edits-- > 0;) {
      const size_t at = maker.below(text.size());
      if (maker.below(2) == 0) {
        text[at] = "{}[]:,\"\\ 01-.eutn\n"[maker.below(18)];
      } else {
        text.erase(at, 1 + maker.below(3));
      }
    }
    const Decoded outcome = decode(text);
    if (outcome.kind == RecordKind::cloudwatch) {
      ASSERT_TRUE(nlohmann::json::accept(text)) << text;
    }
  }
}

TEST_F(RecordDecoderTest, ScratchIsReusedWithoutTraces) {
  test::RecordMaker maker(11);
  std::vector<std::string> data{"",
                                "text\n",
                                gzip_of(control_message()),
                                "\x1f\x8b",
                                small_envelope("a") + "{\"x\":1}",
                                gzip_of(maker.envelope(50).json()),
                                "\xff"};
  std::vector<Decoded> fresh;
  for (const std::string& datum : data) {
    RecordDecoderTest::decoder_.begin_delivery(kRequestMs);
    fresh.push_back(decode(datum));
  }
  for (int i = 0; i < 200; ++i) {
    const size_t which = maker.below(data.size());
    EXPECT_EQ(decode(data[which]), fresh[which]);
  }
}

}  // namespace
}  // namespace cistern
