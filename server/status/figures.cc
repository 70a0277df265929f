#include "server/status/figures.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cistern::figures {
namespace {

constexpr double kLargest = 9e15;  // what a double counts exactly

// What is below 0 (an age, after the clock was set back) is shown as 0.
double bounded(double value, double most) { return std::min(std::max(value, 0.0), most); }

// Rounded half up, in the one way that JavaScript computes as well.
std::string fixed(double value, int digits) {
  const int scale = digits == 2 ? 100 : digits == 1 ? 10 : 1;
  const auto rounded = static_cast<uint64_t>(std::floor(bounded(value, kLargest / scale) * scale + 0.5));
  const uint64_t whole = rounded / scale;
  std::string text = count(static_cast<double>(whole));
  if (digits == 0) return text;
  std::string fraction = std::to_string(rounded % scale);
  return text + "." + std::string(digits - fraction.size(), '0') + fraction;
}

// Three figures.
std::string three(double value) { return fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0); }

using Units = std::array<const char*, 6>;
std::string with_unit(double bytes, const Units& units) {
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < units.size()) bytes /= 1024, ++unit;
  return (unit == 0 ? fixed(bytes, 0) : three(bytes)) + units[unit];
}

std::string two_units(uint64_t large, const char* large_unit, uint64_t small, const char* small_unit) {
  return std::to_string(large) + large_unit + (small > 0 ? " " + std::to_string(small) + small_unit : "");
}

}  // namespace

std::string count(double number) {
  std::string text = std::to_string(static_cast<uint64_t>(bounded(number, kLargest)));
  for (size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string bytes(double bytes) {
  static constexpr Units kUnits{" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
  return with_unit(bytes, kUnits);
}

std::string brief(double bytes) {
  static constexpr Units kUnits{"", "K", "M", "G", "T", "P"};
  return with_unit(bytes, kUnits);
}

std::string rate(double per_second) { return per_second == 0 ? "0" : three(per_second); }

std::string span(double seconds) {
  if (seconds < 9.95) return fixed(seconds, 1) + " s";
  const auto whole = static_cast<uint64_t>(bounded(seconds, kLargest));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return two_units(whole / 60, " m", whole % 60, " s");
  if (whole < 86400) return two_units(whole / 3600, " h", whole / 60 % 60, " m");
  return two_units(whole / 86400, " d", whole / 3600 % 24, " h");
}

std::string brief_span(double seconds) {
  const auto whole = static_cast<uint64_t>(bounded(seconds, kLargest));
  if (whole < 60) return std::to_string(whole) + "s";
  if (whole < 3600) return std::to_string(whole / 60) + "m";
  return whole < 86400 ? std::to_string(whole / 3600) + "h" : std::to_string(whole / 86400) + "d";
}

std::string latency(double seconds) {
  return seconds < 0.9995 ? three(seconds * 1000) + " ms" : three(seconds) + " s";
}

std::string share(double share) { return share == 0 ? "0 %" : three(share * 100) + " %"; }

std::string by_name(std::string_view name, double value) {
  if (name == "bytes") return bytes(value);
  if (name == "brief") return brief(value);
  if (name == "brief_span") return brief_span(value);
  if (name == "rate") return rate(value);
  if (name == "span") return span(value);
  if (name == "latency") return latency(value);
  if (name == "share") return share(value);
  if (name == "fraction") return fixed(value, 2);
  return count(value);
}

}  // namespace cistern::figures
