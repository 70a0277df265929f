#include "pipeline/digest.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

std::string decoded(std::string_view text) {
  Buffer padded(text), out;
  const auto result = base64_decode(padded.view(), out);
  return result ? std::string(out.view()) : "refused";
}

TEST(Digest, Crc32cMatchesThePublishedCheckValueAndContinues) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Digest, Sha256MatchesThePublishedValue) {
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, Digest128DependsOnSeedAndBytes) {
  EXPECT_EQ(digest128("a", 1), digest128("a", 1));
  EXPECT_NE(digest128("a", 1), digest128("a", 2));
  EXPECT_NE(digest128("a", 1), digest128("b", 1));
}

TEST(Digest, AStreamTellsTheSameHoweverItIsCut) {
  for (const DigestKind kind : {DigestKind::sha256, DigestKind::xxh3}) {
    DigestStream whole(kind), pieces(kind), other(kind);
    whole.update("some text");
    pieces.update("some ");
    pieces.update("");
    pieces.update("text");
    other.update("some Text");
    const Digest256 digest = whole.finish();
    EXPECT_EQ(digest, pieces.finish());
    EXPECT_NE(digest, other.finish());
  }
}

// As xxh128sum prints it.
TEST(Digest, Xxh3IsTheSameOnEveryProcessor) {
  DigestStream stream(DigestKind::xxh3);
  stream.update("abc");
  EXPECT_EQ(hex(stream.finish()), "06b05ab6733a618578af5f94892f3950" + std::string(32, '0'));
}

TEST(Base64, RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decoded(base64_encode(bytes)), bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST(Base64, RefusesWhatRfc4648DoesNotAllow) {
  for (const char* text : {"A", "AA", "AAA", "A===", "AA=A", "AA==AAAA", "AAA!", "AA AA", "AAA\n", "_-AA",
                           "AB==", "AAB=", "====", "AAAA\xff\xff\xff\xff"}) {
    EXPECT_EQ(decoded(text), "refused") << text;
  }
}

// Quantum by quantum, which no short cut takes.
std::string decoded_in_quanta(std::string_view text) {
  std::string bytes;
  for (; !text.empty(); text.remove_prefix(4)) {
    std::string three = decoded(text.substr(0, 4));
    if (three == "refused") return three;
    bytes += three;
  }
  return bytes;
}

TEST(Base64, ManyCharactersAtOnceAreDecodedAsOneByOne) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string text = alphabet + alphabet + alphabet;
  for (size_t place : {0, 13, 31, 32, 63, 100, 150, 187}) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[place] = static_cast<char>(byte);
      ASSERT_EQ(decoded(changed), decoded_in_quanta(changed)) << place << ": " << byte;
    }
  }
}

TEST(Base64, AppendsToWhatIsThere) {
  Buffer out("x");
  ASSERT_TRUE(base64_decode(Buffer("YWJj").view(), out));
  EXPECT_EQ(out.view(), "xabc");
}

}  // namespace
}  // namespace cistern
