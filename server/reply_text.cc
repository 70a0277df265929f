// See reply_text.h.
//
//   HTTP/1.1 401 Unauthorized
//   Content-Type: application/json
//   Content-Length: 134
//   Date: Sat, 21 Nov 2026 08:00:00 GMT
//   Connection: close
#include "server/reply_text.h"

#include <ctime>

namespace cistern {
namespace {

const char* reason_phrase(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 503:
      return "Service Unavailable";
    default:
      return "Other";
  }
}

std::string http_date(int64_t now_ms) {
  std::time_t seconds = now_ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

}  // namespace

std::string reply_text(const Reply& reply, bool head_only, bool close, int64_t now_ms) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + ' ' + reason_phrase(reply.status);
  text.append("\r\nContent-Type: ").append(reply.content_type);
  text.append("\r\nContent-Length: ").append(std::to_string(reply.body.size()));
  text.append("\r\nDate: ").append(http_date(now_ms));
  if (!reply.allow.empty()) text.append("\r\nAllow: ").append(reply.allow);
  if (close) text.append("\r\nConnection: close");
  text.append("\r\n").append(reply.headers).append("\r\n");
  if (!head_only) text.append(reply.body);
  return text;
}

}  // namespace cistern
