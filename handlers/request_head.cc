// RFC 9112, sections 2 to 6. Every refusal here closes the connection: where the next request would begin is
// not known.
#include "handlers/request_head.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

bool token_char(char c) {
  if (is_alphanumeric(c)) return true;
  return c != 0 && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr;
}
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), token_char);
}

// Takes one line off the front of `bytes`.
std::string_view take_line(std::string_view& bytes) {
  size_t end = bytes.find("\r\n");
  std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 2);
  return line;
}

Result<> parse_request_line(std::string_view line, RequestHead& head) {
  size_t first = line.find(' ');
  size_t last = line.rfind(' ');
  if (first == line.npos || first == last)
    return invalid("The request line is not 'METHOD target HTTP/1.1'. Send HTTP/1.1.");
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    return invalid("This HTTP version is not served. Send HTTP/1.1.");
  head.minor_version = version.back() - '0';
  if (!is_token(head.method) || head.target.empty() || !all_visible(head.target))
    return invalid("The request line's method or target holds characters that are not allowed there.");
  return ok();
}

Result<> parse_field(std::string_view line, RequestHead& head) {
  if (line.front() == ' ' || line.front() == '\t')
    return invalid("A header field goes on over a second line (obs-fold). Send each field on one line.");
  size_t colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon)))
    return invalid("A header line is not 'Name: value', without blanks before the colon.");
  head.fields.push_back({line.substr(0, colon), without_blanks(line.substr(colon + 1))});
  return ok();
}

Result<> parse_content_length(std::string_view value, RequestHead& head) {
  const char* end = value.data() + value.size();
  auto [stop, error] = std::from_chars(value.data(), end, head.content_length);
  if (value.empty() || !all_digits(value) || error != std::errc() || stop != end) {
    head.content_length = 0;
    return invalid("Content-Length is not one decimal number.");
  }
  return ok();
}

// Two lengths, or a length and chunks, are how requests are smuggled past a proxy (RFC 9112, 11.2).
Result<> read_framing(RequestHead& head) {
  size_t lengths = head.count("Content-Length");
  size_t codings = head.count("Transfer-Encoding");
  if (lengths > 1) return invalid("Content-Length came twice. Send it once.");
  if (lengths == 1 && codings > 0)
    return invalid("Content-Length and Transfer-Encoding exclude each other. Send one of them.");
  if (lengths == 1) {
    CISTERN_TRY(parse_content_length(*head.field("Content-Length"), head));
  }
  if (codings == 0) return ok();
  auto coding = head.field("Transfer-Encoding");
  if (!coding || !same_without_case(*coding, "chunked") || head.minor_version == 0)
    return invalid("Transfer-Encoding may only be 'chunked', once, in HTTP/1.1.");
  head.chunked = true;
  return ok();
}

bool lists(std::string_view value, std::string_view option) {
  while (!value.empty()) {
    size_t comma = std::min(value.find(','), value.size());
    if (same_without_case(without_blanks(value.substr(0, comma)), option)) return true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return false;
}

void read_connection_options(RequestHead& head) {
  head.keep_alive = head.minor_version == 1;
  for (const auto& field : head.fields)
    if (same_without_case(field.name, "Connection") && lists(field.value, "close")) head.keep_alive = false;
  auto expect = head.field("Expect");
  head.expects_continue = head.minor_version == 1 && expect && same_without_case(*expect, "100-continue");
}

}  // namespace

std::string_view without_blanks(std::string_view text) {
  size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view RequestHead::path() const {
  std::string_view rest = target;
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!same_without_case(rest.substr(0, scheme.size()), scheme)) continue;
    rest.remove_prefix(scheme.size());
    rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
    if (rest.empty() || rest.front() == '?') return "/";
    break;
  }
  return rest.substr(0, rest.find('?'));
}

size_t RequestHead::count(std::string_view name) const {
  return std::count_if(fields.begin(), fields.end(),
                       [&](const Field& field) { return same_without_case(field.name, name); });
}

std::optional<std::string_view> RequestHead::field(std::string_view name) const {
  std::optional<std::string_view> found;
  for (const Field& field : fields) {
    if (!same_without_case(field.name, name)) continue;
    if (found) return std::nullopt;
    found = field.value;
  }
  return found;
}

Result<std::optional<size_t>> HeadScanner::scan(std::string_view bytes) {
  using Found = std::optional<size_t>;
  while (true) {
    seen_ = bytes.find_first_of(std::string_view("\r\n\0", 3), seen_);
    if (seen_ == bytes.npos) seen_ = bytes.size();
    if (seen_ == bytes.size()) return Found();
    if (bytes[seen_] == 0) return invalid("The head holds a NUL byte.");
    if (bytes[seen_] == '\n') return invalid("A header line ends in LF alone. End lines with CR LF.");
    if (seen_ + 1 == bytes.size()) return Found();
    if (bytes[seen_ + 1] != '\n') return invalid("The head holds a CR without LF.");
    bool empty_line = seen_ == line_start_;
    seen_ = line_start_ = seen_ + 2;
    if (empty_line) return Found(seen_);
  }
}

Result<> parse_request_head(std::string_view bytes, RequestHead& head) {
  std::string_view line = take_line(bytes);
  auto request_line = parse_request_line(line, head);
  while (!bytes.empty()) {
    line = take_line(bytes);
    if (line.empty()) break;
    CISTERN_TRY(parse_field(line, head));
  }
  CISTERN_TRY(std::move(request_line));
  CISTERN_TRY(read_framing(head));
  read_connection_options(head);
  size_t hosts = head.count("Host");
  if (hosts > 1 || (hosts == 0 && head.minor_version == 1))
    return invalid("A request needs the Host header exactly once.");
  return ok();
}

}  // namespace cistern
