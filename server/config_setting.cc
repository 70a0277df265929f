// See config_setting.h.
#include "server/config_setting.h"

namespace cistern {

std::string ValueRule::allowed() const {
  auto range = [&](auto print, const char* what, const char* example) {
    return what + (" " + print(min)) + " to " + print(max) + example;
  };
  auto print_ms = [](uint64_t ms) { return print_duration_ms(static_cast<int64_t>(ms)); };
  switch (kind) {
    case ValueKind::number:
      return range(print_number, "a number from", "");
    case ValueKind::size:
      return range(print_size, "a size from", ", such as 64MiB");
    case ValueKind::duration:
      return range(print_ms, "a duration from", ", such as 30s, 5m or 1h30m");
    case ValueKind::boolean:
      return "true or false";
    case ValueKind::choice:
      return (choices.size() > 1 ? "one of " : "") + join_list(choices);
    case ValueKind::endpoint:
      return std::string("an address and port, such as 0.0.0.0:8443 or [::]:8443") +
             (choices.empty() ? "" : ", or " + join_list(choices));
    case ValueKind::list:
      return range(print_number, "a list of", " texts, such as [a, b]");
    case ValueKind::text:
      break;
  }
  return range(print_number, secret ? "a secret of" : "a printable text of", " bytes");
}

}  // namespace cistern
