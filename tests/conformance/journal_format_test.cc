// The journal's bytes as journal_format.md describes them. A change here is a new format version: journals on
// disk are read by later versions of Cistern.
#include "pipeline/journal/journal_format.h"

#include <gtest/gtest.h>

#include "pipeline/digest.h"
#include "pipeline/journal/commit.h"
#include "pipeline/journal/segment_scan.h"

namespace cistern::test {
namespace {

constexpr const char* kJournalId = "0123456789ab";

std::string golden_header() {
  Buffer bytes;
  encode_segment_header({1, kJournalId, 0x1122, 0x33, 1'700'000'000'000}, bytes);
  return std::string(bytes.view());
}

Digest128 digest_of(uint8_t byte) {
  Digest128 digest;
  digest.fill(byte);
  return digest;
}

Frame frame_of(const std::string& bytes, const std::string& partition) {
  return {{partition, 7, 900, -5, 1'700'000'000'123}, std::make_shared<const Buffer>(bytes)};
}

Seal golden_seal() {
  Seal seal;
  seal.sequence = 0x0a;
  seal.key = "2023/x.gz";
  seal.frames = {{0x1122, 0x44, 5}};
  seal.size = 5;
  seal.digest.fill(0xee);
  seal.events = 7;
  seal.first_ms = -5;
  seal.last_ms = 1'700'000'000'123;
  seal.replaces = 9;
  return seal;
}

JournalEntry golden_entry() {
  JournalEntry entry;
  entry.request_id = "req";
  entry.content = digest_of(0xc0);
  entry.records = {digest_of(0xd1), digest_of(0xd2)};
  entry.arrived_ms = 1'700'000'000'456;
  entry.frames = {frame_of("frame", "2023/"), frame_of("", "p")};
  return entry;
}

// Header, two commits (a delivery; then a seal, a stored and a seen record), the end.
std::string golden_segment() {
  const PlaceChecks checks(kJournalId, 0x1122);
  std::string segment = golden_header();
  const auto append = [&](const Commit& commit) {
    for (std::string_view piece : commit.pieces()) segment += piece;
  };
  Buffer meta;
  const JournalEntry entry = golden_entry();
  encode_delivery(entry, meta);
  const std::vector<uint32_t> crcs{crc32c("frame"), crc32c("")};
  Commit first(checks, segment.size());
  first.add_delivery(meta.view(), entry.frames, crcs);
  append(first);

  Buffer seal_meta, stored_meta, seen_meta;
  encode_seal(golden_seal(), seal_meta);
  encode_stored(0x0a, stored_meta);
  encode_seen({{digest_of(0xab), 1'700'000'000}}, seen_meta);
  Commit second(checks, segment.size());
  second.add(RecordType::seal, seal_meta.view());
  second.add(RecordType::stored, stored_meta.view());
  second.add(RecordType::seen, seen_meta.view());
  append(second);

  Commit end(checks, segment.size());
  end.add(RecordType::end, {});
  append(end);
  return segment;
}

// A hexdump's columns: sixteen bytes a line.
std::string lines(const std::string& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 16) text += hex(bytes.substr(i, 16)) + "\n";
  return text;
}

TEST(JournalFormat, GoldenBytes) {
  EXPECT_EQ(lines(golden_segment()), R"(4349535445524e4a0100000000000000
22110000000000003300000000000000
0068e5cf8b0100003031323334353637
383961620000000000000000ec388af6
c543523176e71427010000006e8d34e2
4000000000000000a500000000000000
0d00000000000000c869e5cf8b010000
c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0
0300000072657102000000d1d1d1d1d1
d1d1d1d1d1d1d1d1d1d1d1d2d2d2d2d2
d2d2d2d2d2d2d2d2d2d2d20200000005
00000000000000070000000000000084
03000000000000fbffffffffffffff7b
68e5cf8b01000005000000323032332f
00000000000000000700000000000000
8403000000000000fbffffffffffffff
7b68e5cf8b0100000100000070773647
426672616d65ff4ac108000000000000
c543523187fb5c3d020000007b957917
20010000000000007900000000000000
00000000000000000a00000000000000
09000000000000000500000000000000
0700000000000000fbffffffffffffff
7b68e5cf8b010000eeeeeeeeeeeeeeee
eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee
eeeeeeeeeeeeeeee0900000032303233
2f782e677a0100000022110000000000
00440000000000000005000000000000
0000000000000000c5435231de88e42b
030000001e4c6b5c2001000000000000
08000000000000000000000000000000
0a00000000000000c5435231179e05ec
04000000ce842ec82001000000000000
18000000000000000000000000000000
01000000abababababababababababab
abababab00f15365c54352311bc3cdd8
05000000000000003802000000000000
00000000000000000000000000000000
)");
}

// Bytes in memory behind the File interface.
class BytesFile : public File {
 public:
  explicit BytesFile(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<> write_at(uint64_t, std::span<const std::string_view>) override { return fatal("read only"); }
  Result<size_t> read_at(uint64_t offset, char* into, size_t size) const override {
    return bytes_.copy(into, size, offset);
  }
  Result<> sync() override { return fatal("read only"); }
  Result<> preallocate(uint64_t) override { return fatal("read only"); }
  Result<> truncate(uint64_t) override { return fatal("read only"); }
  Result<uint64_t> size() const override { return uint64_t{bytes_.size()}; }

 private:
  std::string bytes_;
};

struct Scanned {
  std::vector<ScannedRecord> records;
  std::optional<Result<SegmentFindings>> findings;
};

Scanned scan(const std::string& bytes, bool last, uint64_t segment = 0x1122,
             const std::string& id = kJournalId) {
  Scanned scanned;
  const BytesFile file(bytes);
  scanned.findings = SegmentScan(file, bytes.size(), id, segment, last).run([&](ScannedRecord record) {
    scanned.records.push_back(std::move(record));
  });
  return scanned;
}

TEST(JournalFormat, GoldenBytesAreReadBack) {
  const Scanned scanned = scan(golden_segment(), false);
  ASSERT_TRUE(scanned.findings->has_value());
  const SegmentFindings& findings = scanned.findings->value();
  EXPECT_TRUE(findings.damages.empty());
  ASSERT_TRUE(findings.header);
  EXPECT_EQ(findings.header->journal_id, kJournalId);
  EXPECT_EQ(findings.header->next_sequence, 0x33u);
  EXPECT_EQ(findings.header->created_ms, 1'700'000'000'000);
  ASSERT_EQ(scanned.records.size(), 4u);

  const ScannedRecord& delivery = scanned.records[0];
  EXPECT_EQ(delivery.delivery.request_id, "req");
  EXPECT_EQ(delivery.delivery.content, digest_of(0xc0));
  EXPECT_EQ(delivery.delivery.records, golden_entry().records);
  EXPECT_EQ(delivery.delivery.arrived_ms, 1'700'000'000'456);
  ASSERT_EQ(delivery.frames.size(), 2u);
  EXPECT_EQ(golden_segment().substr(delivery.frames[0].offset, delivery.frames[0].length), "frame");
  EXPECT_EQ(delivery.frames[0].info.partition, "2023/");
  EXPECT_EQ(delivery.frames[0].info.first_ms, -5);
  EXPECT_EQ(delivery.frames[1].length, 0u);

  const Seal& seal = scanned.records[1].seal;
  EXPECT_EQ(seal.sequence, 0x0au);
  EXPECT_EQ(seal.replaces, 9u);
  EXPECT_EQ(seal.key, "2023/x.gz");
  EXPECT_EQ(seal.frames, golden_seal().frames);
  EXPECT_EQ(seal.digest, golden_seal().digest);
  EXPECT_EQ(scanned.records[2].stored, 0x0au);
  EXPECT_EQ(scanned.records[3].seen, (std::vector<SeenIdentity>{{digest_of(0xab), 1'700'000'000}}));
}

TEST(JournalFormat, AnotherJournalsOrSegmentsRecordsAreNothing) {
  EXPECT_TRUE(scan(golden_segment(), true, 0x1122, "ba9876543210").records.empty());
  EXPECT_TRUE(scan(golden_segment(), true, 0x1123).records.empty());
  const std::string shifted = golden_segment().insert(kSegmentHeaderBytes, std::string(8, '\0'));
  EXPECT_TRUE(scan(shifted, true).records.empty());
}

// Only padding and the header's unused words carry nothing: any other changed bit is noticed.
TEST(JournalFormat, EveryBitIsChecked) {
  const std::string whole = golden_segment();
  size_t unnoticed = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x04);
    const Scanned scanned = scan(changed, false);
    ASSERT_TRUE(scanned.findings->has_value()) << i;
    unnoticed += scanned.findings->value().damages.empty();
  }
  const size_t padding = 2 + 7 + 4;  // of the delivery, the seal and the seen record
  EXPECT_LE(unnoticed, padding);
}

TEST(JournalFormat, EveryTornEndIsCutAtAWholeRecord) {
  const std::string whole = golden_segment();
  for (size_t size = kSegmentHeaderBytes; size < whole.size(); ++size) {
    const Scanned scanned = scan(whole.substr(0, size) + std::string(100, 'Z'), true);
    ASSERT_TRUE(scanned.findings->has_value());
    const SegmentFindings& findings = scanned.findings->value();
    ASSERT_TRUE(findings.damages.empty()) << size;
    ASSERT_LE(findings.cut, size + kRecordAlignment);  // what is torn off may be padding
    ASSERT_EQ(findings.cut % kRecordAlignment, 0u);
    for (const ScannedRecord& record : scanned.records) ASSERT_LT(record.offset, findings.cut);
  }
}

TEST(JournalFormat, DamageBeforeALaterCommitIsRealAndWhatFollowsIsRead) {
  std::string bytes = golden_segment();
  const size_t frame = bytes.find("frame");
  bytes[frame] ^= 1;
  const Scanned scanned = scan(bytes, true);
  const SegmentFindings& findings = scanned.findings->value();
  ASSERT_EQ(findings.damages.size(), 1u);
  EXPECT_EQ(findings.damages[0].start, kSegmentHeaderBytes);
  ASSERT_EQ(scanned.records.size(), 4u);
  ASSERT_EQ(scanned.records[0].frames.size(), 1u) << "the delivery's other frame is whole";
  EXPECT_EQ(scanned.records[0].frames[0].length, 0u);
  EXPECT_EQ(scanned.records[1].seal.sequence, 0x0au);
}

TEST(JournalFormat, ANewerVersionIsRefusedInPlainWords) {
  Buffer header;
  encode_segment_header({2, kJournalId, 0x1122, 1, 0}, header);
  const Scanned scanned = scan(std::string(header.view()), true);
  ASSERT_TRUE(scanned.findings->has_error());
  EXPECT_EQ(scanned.findings->error().kind, ErrorKind::invalid);
  EXPECT_NE(scanned.findings->error().what.find("newer version"), std::string::npos);
}

TEST(JournalFormat, AMetaThatEndsEarlyOrLateDoesNotDecode) {
  Buffer meta;
  encode_delivery(golden_entry(), meta);
  const std::string whole(meta.view());
  EXPECT_TRUE(decode_delivery(whole));
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(decode_delivery(whole.substr(0, size))) << size;
  EXPECT_FALSE(decode_delivery(whole + "x"));
  Buffer seal;
  encode_seal(golden_seal(), seal);
  for (size_t size = 0; size < seal.size(); ++size)
    EXPECT_FALSE(decode_seal(seal.view().substr(0, size))) << size;
  const char huge_count[] = "\xff\xff\xff\xff";
  EXPECT_FALSE(decode_seen({huge_count, 4}));
}

}  // namespace
}  // namespace cistern::test
