#include "pipeline/store/aws_time.h"

#include <array>
#include <chrono>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

// Takes what it reads off the front; the first thing that is not as expected makes it fail for good.
struct TimeReader {
  std::string_view rest;
  bool good = true;

  int number(size_t digits) {
    int value = 0;
    for (size_t i = 0; i < digits; ++i) value = value * 10 + digit();
    return value;
  }
  void literal(std::string_view text) {
    good = good && rest.starts_with(text);
    if (good) rest.remove_prefix(text.size());
  }
  bool next_is(char c) const { return good && !rest.empty() && rest.front() == c; }
  bool at_digit() const { return good && !rest.empty() && is_digit(rest.front()); }

 private:
  int digit() {
    good = at_digit();
    if (!good) return 0;
    const int value = rest.front() - '0';
    rest.remove_prefix(1);
    return value;
  }
};

std::optional<int64_t> time_of(int year, int month, int day, int hour, int minute, int second) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto since = sys_days(date).time_since_epoch() + hours(hour) + minutes(minute) + seconds(second);
  return duration_cast<milliseconds>(since).count();
}

int64_t fraction_ms(TimeReader& reader) {
  if (!reader.next_is('.')) return 0;
  reader.literal(".");
  reader.good = reader.at_digit();
  int64_t ms = 0;
  for (int64_t unit = 100; reader.at_digit(); unit /= 10) ms += unit * reader.number(1);
  return ms;
}

// Of "Z", "+01:00" or "-0100".
int64_t offset_ms(TimeReader& reader) {
  if (reader.next_is('Z')) return reader.literal("Z"), 0;
  const int64_t sign = reader.next_is('-') ? -1 : 1;
  reader.literal(sign < 0 ? "-" : "+");
  const int hours = reader.number(2);
  if (reader.next_is(':')) reader.literal(":");
  return sign * (hours * 60 + reader.number(2)) * 60'000;
}

}  // namespace

std::optional<int64_t> parse_iso_time(std::string_view text) {
  TimeReader r{text};
  const int year = r.number(4);
  r.literal("-");
  const int month = r.number(2);
  r.literal("-");
  const int day = r.number(2);
  r.literal("T");
  const int hour = r.number(2);
  r.literal(":");
  const int minute = r.number(2);
  r.literal(":");
  const int second = r.number(2);
  const int64_t extra = fraction_ms(r) - offset_ms(r);
  const auto time = time_of(year, month, day, hour, minute, second);
  if (!r.good || !r.rest.empty() || !time) return std::nullopt;
  return *time + extra;
}

std::optional<int64_t> parse_http_date(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  TimeReader r{text.substr(std::min<size_t>(text.size(), 3))};
  r.literal(", ");
  const int day = r.number(2);
  r.literal(" ");
  int month = 0;
  for (int i = 0; i < 12; ++i) {
    if (r.rest.starts_with(kMonths[static_cast<size_t>(i)])) month = i + 1;
  }
  r.good = r.good && month > 0;
  r.rest.remove_prefix(std::min<size_t>(r.rest.size(), 3));
  r.literal(" ");
  const int year = r.number(4);
  r.literal(" ");
  const int hour = r.number(2);
  r.literal(":");
  const int minute = r.number(2);
  r.literal(":");
  const int second = r.number(2);
  r.literal(" GMT");
  if (!r.good || !r.rest.empty()) return std::nullopt;
  return time_of(year, month, day, hour, minute, second);
}

}  // namespace cistern
