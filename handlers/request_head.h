// A request's head, read strictly: what two readers could understand differently is refused, since a proxy in
// front may be the other reader. Own code rather than Beast's, whose field values end at 65 535 bytes: legal
// common attributes are longer (protocol rule R8: 50 x 1,280 characters before JSON quoting and escapes).
// Pure functions over bytes, no sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

struct RequestHead {
  struct Field {
    std::string_view name;   // as it came; compared without case
    std::string_view value;  // without blanks around it; any bytes but CR, LF and NUL
  };

  std::string_view method;
  std::string_view target;
  int minor_version = 1;      // HTTP/1.<minor>: 0 or 1
  std::vector<Field> fields;  // views into the bytes given to parse_request_head

  // Framing, as the fields say it.
  uint64_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;  // never in HTTP/1.0
  bool expects_continue = false;

  bool has_body() const { return chunked || content_length > 0; }
  // The target's path, without query; of the absolute form too (RFC 9112, 3.2.2).
  std::string_view path() const;
  // How often a field came, and the value of one that came exactly once.
  size_t count(std::string_view name) const;
  std::optional<std::string_view> field(std::string_view name) const;
};

// Looks for the end of a head in bytes that arrive piece by piece. Looks at every byte once.
class HeadScanner {
 public:
  // `bytes` are all that arrived since reset(). Size of the head with its empty line, nothing while it is
  // incomplete, an error for CR or LF alone and for NUL.
  Result<std::optional<size_t>> scan(std::string_view bytes);
  void reset() { *this = HeadScanner(); }

 private:
  size_t seen_ = 0;        // bytes looked at; a CR at the end waits for its LF
  size_t line_start_ = 0;  // of the line that is being looked at
};

// Parses `bytes`, which must outlive `head`. After an error `head` holds the fields before the mistake (so
// that a refusal can still name the request id). A head that was cut off by a limit may be given as well.
Result<> parse_request_head(std::string_view bytes, RequestHead& head);

std::string_view without_blanks(std::string_view text);  // spaces and tabs, both ends

}  // namespace cistern
