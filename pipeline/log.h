// One line an occurrence on standard error: JSON for machines, text for terminals. Beyond 30 lines of one
// `event` a minute, further ones are counted and told with its first line of the next minute. Any thread.
// Callers never pass a secret.
//
//   log_info("delivery_refused", "wrong access key", {{"request_id", id}, {"status", 401}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "pipeline/clock.h"

namespace cistern {

enum class LogLevel { debug, info, warning, error };
enum class LogFormat { json, text };

struct LogField {
  std::string_view name;
  std::variant<std::string_view, int64_t, uint64_t, double, bool> value;
  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  template <class Int>
  requires std::is_integral_v<Int> LogField(std::string_view n, Int v) : name(n) {
    if constexpr (std::is_signed_v<Int>)
      value = static_cast<int64_t>(v);
    else
      value = static_cast<uint64_t>(v);
  }
};
using LogFields = std::initializer_list<LogField>;

// `event` is a stable snake_case name to search and alert by; `text` is for a person.
void log_line(LogLevel level, std::string_view event, std::string_view text, LogFields fields = {});
inline void log_debug(std::string_view event, std::string_view text, LogFields f = {}) {
  log_line(LogLevel::debug, event, text, f);
}
inline void log_info(std::string_view event, std::string_view text, LogFields f = {}) {
  log_line(LogLevel::info, event, text, f);
}
inline void log_warning(std::string_view event, std::string_view text, LogFields f = {}) {
  log_line(LogLevel::warning, event, text, f);
}
inline void log_error(std::string_view event, std::string_view text, LogFields f = {}) {
  log_line(LogLevel::error, event, text, f);
}

// Set once at start and on reload.
void set_log_level(LogLevel level);
void set_log_format(LogFormat format);
// Lines are stamped by this clock, which must outlive the last line; null: the stamp is 1970.
void set_log_clock(const Clock* clock);

}  // namespace cistern
