// The fastest reader of an envelope there can be: it knows AWS's exact member order and spacing, checks next
// to nothing, and touches each byte of a message once. Not for production: a text of any other shape ends the
// scan.
#pragma once

#include <cstdint>
#include <string_view>

namespace cistern {

struct ScannedEvent {
  std::string_view id;
  int64_t timestamp_ms = 0;
  std::string_view message;  // escaped
};

class EnvelopeScan {
 public:
  // 64 bytes past the end of `json` may be read.
  explicit EnvelopeScan(std::string_view json);

  // `{"messageType":...` up to the first event, as it came; false: not a data message of the known shape.
  bool begin();
  bool next(ScannedEvent& event);

  // As they stand between owner's and logStream's quotes.
  std::string_view owner, log_group, log_stream;

 private:
  bool skip(std::string_view text);
  bool string(std::string_view& text);

  const char* at_;
  const char* end_;
};

}  // namespace cistern
