#include "pipeline/log.h"

#include <atomic>
#include <cmath>
#include <map>
#include <mutex>
#include <string>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "pipeline/error_codes.h"
#include "pipeline/utc_time.h"

namespace cistern {
namespace {

constexpr int64_t kWindowMs = 60'000;
constexpr uint64_t kLinesPerWindow = 30;  // of one event

std::atomic<LogLevel> least_level{LogLevel::info};
std::atomic<LogFormat> format{LogFormat::json};
std::atomic<const Clock*> clock_in_use{nullptr};

constexpr const char* kLevelNames[] = {"debug", "info", "warning", "error"};

// How many lines of one event were written in the present window, and how many were not.
struct Repeats {
  int64_t window_start_ms = 0;
  uint64_t written = 0;
  uint64_t suppressed = 0;
};
std::mutex repeats_mutex;
std::map<std::string, Repeats, std::less<>> repeats;

// Whether to write this line; `told` is how many earlier ones were left out and are to be told with it.
bool within_rate(std::string_view event, int64_t now_ms, uint64_t& told) {
  const std::lock_guard lock(repeats_mutex);
  auto found = repeats.find(event);
  if (found == repeats.end()) found = repeats.emplace(event, Repeats{now_ms, 0, 0}).first;
  Repeats& r = found->second;
  if (now_ms - r.window_start_ms >= kWindowMs || now_ms < r.window_start_ms) {
    told = r.suppressed;
    r = {now_ms, 0, 0};
  }
  if (r.written < kLinesPerWindow) {
    ++r.written;
    return true;
  }
  ++r.suppressed;
  return false;
}

// JSON text of a string; bytes that are not UTF-8 become U+FFFD.
std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string value_text(const LogField& field) {
  return std::visit(
      [](auto value) -> std::string {
        using T = decltype(value);
        if constexpr (std::is_same_v<T, std::string_view>)
          return quoted(value);
        else if constexpr (std::is_same_v<T, bool>)
          return value ? "true" : "false";
        else if constexpr (std::is_same_v<T, double>)
          return nlohmann::json(value).dump();
        else
          return std::to_string(value);
      },
      field.value);
}

// The member that a reader searches the runbook for; empty where a field says it already, or none is needed.
std::string_view code_of(LogLevel level, std::string_view event, LogFields fields) {
  if (level < LogLevel::warning) return {};
  for (const LogField& field : fields)
    if (field.name == "code") return {};
  return code_of_event(event);
}

std::string json_line(LogLevel level, int64_t now_ms, std::string_view event, std::string_view text,
                      LogFields fields, uint64_t suppressed) {
  std::string line = "{\"time\":\"" + utc_time(now_ms) + "\",\"level\":\"" +
                     kLevelNames[static_cast<int>(level)] + "\",\"event\":" + quoted(event) +
                     ",\"message\":" + quoted(text);
  if (const auto code = code_of(level, event, fields); !code.empty()) line += ",\"code\":" + quoted(code);
  for (const LogField& field : fields) line += "," + quoted(field.name) + ":" + value_text(field);
  if (suppressed > 0) line += ",\"suppressed\":" + std::to_string(suppressed);
  return line + "}\n";
}

std::string text_line(LogLevel level, int64_t now_ms, std::string_view event, std::string_view text,
                      LogFields fields, uint64_t suppressed) {
  std::string line = utc_time(now_ms) + "  " + kLevelNames[static_cast<int>(level)] + "  ";
  // Control characters must not reach a terminal: a quoted text has none.
  const std::string shown = quoted(text);
  line.append(shown, 1, shown.size() - 2).append("  (").append(event).append(")");
  if (const auto code = code_of(level, event, fields); !code.empty()) line.append("  ").append(code);
  for (const LogField& field : fields)
    line.append("  ").append(field.name).append("=").append(value_text(field));
  if (suppressed > 0) line += "  suppressed=" + std::to_string(suppressed);
  return line + "\n";
}

}  // namespace

void log_line(LogLevel level, std::string_view event, std::string_view text, LogFields fields) {
  if (level < least_level.load(std::memory_order_relaxed)) return;
  const Clock* clock = clock_in_use.load(std::memory_order_acquire);
  const int64_t now_ms = clock != nullptr ? clock->wall_ms() : 0;
  uint64_t suppressed = 0;
  if (!within_rate(event, now_ms, suppressed)) return;
  const auto make = format.load(std::memory_order_relaxed) == LogFormat::json ? json_line : text_line;
  const std::string line = make(level, now_ms, event, text, fields, suppressed);
  // One write a line, so that lines of several threads do not mix; there is nobody to tell of a failure.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

void set_log_level(LogLevel level) { least_level.store(level, std::memory_order_relaxed); }
void set_log_format(LogFormat chosen) { format.store(chosen, std::memory_order_relaxed); }
void set_log_clock(const Clock* clock) { clock_in_use.store(clock, std::memory_order_release); }

}  // namespace cistern
