#include "pipeline/decode/decimal_text.h"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cistern {
namespace {

std::string written(int64_t number) {
  char text[kLongestDecimal + 1] = {};
  text[kLongestDecimal] = '!';
  const char* const end = write_decimal(number, text);
  EXPECT_EQ(text[kLongestDecimal], '!') << number;
  return {static_cast<const char*>(text), end};
}

struct Read {
  uint64_t value;
  size_t size;
  bool operator==(const Read&) const = default;
};
Read read(std::string text) {
  const size_t size = text.size();
  text.append(16, 'x');
  uint64_t value = 0;
  const char* const end = read_decimal(text.data(), value);
  EXPECT_LE(static_cast<size_t>(end - text.data()), size);
  return {value, static_cast<size_t>(end - text.data())};
}

std::vector<int64_t> numbers() {
  std::vector<int64_t> all{0, 1, std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min()};
  for (int64_t power = 1; power <= 1'000'000'000'000'000'000 / 10; power *= 10) {
    for (const int64_t near : {power - 1, power, power + 1, 9 * power, 10 * power - 1}) {
      all.push_back(near);
      all.push_back(-near);
    }
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 200'000; ++i) all.push_back(static_cast<int64_t>(random() >> (1 + i % 63)));
  return all;
}

TEST(DecimalText, IsWrittenAsTheStandardLibraryDoes) {
  for (const int64_t number : numbers()) ASSERT_EQ(written(number), std::to_string(number));
}

TEST(DecimalText, IsReadBackUpToSixteenDigits) {
  for (const int64_t number : numbers()) {
    const std::string text = std::to_string(number);
    if (number < 0) continue;
    if (text.size() <= 16) {
      ASSERT_EQ(read(text), (Read{static_cast<uint64_t>(number), text.size()})) << text;
    } else {
      ASSERT_EQ(read(text), (Read{std::stoull(text.substr(0, 16)), 16})) << text;
    }
  }
}

TEST(DecimalText, EndsBeforeWhatIsNoDigit) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if (c >= '0' && c <= '9') continue;
    for (size_t digits = 0; digits <= 16; ++digits) {
      const std::string text = std::string("9876543210987654").substr(0, digits);
      const uint64_t value = digits == 0 ? 0 : std::stoull(text);
      ASSERT_EQ(read(text + c + "12345678901234567"), (Read{value, digits})) << byte << " " << digits;
    }
  }
}

}  // namespace
}  // namespace cistern
