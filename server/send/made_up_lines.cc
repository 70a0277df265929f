#include "server/send/made_up_lines.h"

#include <cstdio>
#include <string_view>

namespace cistern {
namespace {

constexpr std::string_view kLevels[] = {"INFO", "INFO", "INFO", "INFO", "DEBUG", "DEBUG", "WARN", "ERROR"};
constexpr std::string_view kComponents[] = {
    "orders.checkout", "orders.cart", "billing.invoice", "auth.session",   "search.index",    "mail.dispatch",
    "db.pool",         "cache.redis", "http.client",     "scheduler.jobs", "inventory.stock", "web.router"};
constexpr std::string_view kActions[] = {"request completed",
                                         "cache miss, reading from the database",
                                         "retrying after a time-out",
                                         "connection returned to the pool",
                                         "message published",
                                         "token refreshed",
                                         "payment authorised",
                                         "slow query",
                                         "item reserved",
                                         "größere Lieferung für Köln vorbereitet"};
constexpr std::string_view kPaths[] = {
    "/api/v1/orders", "/api/v1/cart/items", "/login",    "/healthz",
    "/search",        "/static/app.js",     "/checkout", "/api/v1/users/me"};
constexpr std::string_view kMethods[] = {"GET", "GET", "GET", "POST", "PUT", "DELETE"};
constexpr std::string_view kAgents[] = {"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0",
                                        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15",
                                        "curl/7.88.1", "okhttp/4.12.0"};
constexpr std::string_view kExceptions[] = {
    "java.lang.IllegalStateException", "java.net.SocketTimeoutException", "org.example.orders.OutOfStock",
    "java.lang.NullPointerException"};
constexpr unsigned kStatuses[] = {200, 200, 200, 200, 201, 204, 301, 304, 400, 404, 500, 503};

void append_number(uint64_t number, std::string& out) { out += std::to_string(number); }

}  // namespace

void MadeUpLines::hex(size_t digits, std::string& out) {
  uint64_t bits = rng_.next();
  for (size_t i = 0; i < digits; ++i, bits >>= 4) {
    if (i % 16 == 15) bits = rng_.next();
    out += "0123456789abcdef"[bits & 15];
  }
}

// A clock of its own that walks on a little with each line: only text, the event's time is elsewhere.
void MadeUpLines::clock_text(std::string& out) {
  second_ += rng_.below(3) == 0 ? 1 : 0;
  char text[24];
  std::snprintf(text, sizeof text, "%02u:%02u:%02u.%03u", static_cast<unsigned>(second_ / 3600 % 24),
                static_cast<unsigned>(second_ / 60 % 60), static_cast<unsigned>(second_ % 60),
                static_cast<unsigned>(rng_.below(1000)));
  out += text;
}

void MadeUpLines::application(std::string& out) {
  clock_text(out);
  out += ' ';
  out += rng_.pick(kLevels);
  out += " [worker-";
  append_number(rng_.below(16), out);
  out += "] ";
  out += rng_.pick(kComponents);
  out += " - ";
  out += rng_.pick(kActions);
  out += " request=";
  hex(16, out);
  out += " user=";
  append_number(10'000 + rng_.below(50'000), out);
  out += " ms=";
  append_number(rng_.below(900), out);
}

void MadeUpLines::json(std::string& out) {
  out += R"({"time":")";
  clock_text(out);
  out += R"(","level":")";
  out += rng_.pick(kLevels);
  out += R"(","logger":")";
  out += rng_.pick(kComponents);
  out += R"(","msg":")";
  out += rng_.pick(kActions);
  out += R"(","trace_id":")";
  hex(32, out);
  out += R"(","duration_ms":)";
  append_number(rng_.below(4000), out);
  out += R"(,"path":"C:\\srv\\)";
  append_number(rng_.below(40), out);
  out += R"(","ok":true})";
}

void MadeUpLines::access(std::string& out) {
  out += "10.0.";
  append_number(rng_.below(8), out);
  out += '.';
  append_number(rng_.below(250), out);
  out += " - - [";
  clock_text(out);
  out += " +0000] \"";
  out += rng_.pick(kMethods);
  out += ' ';
  out += rng_.pick(kPaths);
  out += " HTTP/1.1\" ";
  append_number(rng_.pick(kStatuses), out);
  out += ' ';
  append_number(rng_.below(60'000), out);
  out += " \"-\" \"";
  out += rng_.pick(kAgents);
  out += '"';
}

void MadeUpLines::stack_trace(std::string& out) {
  clock_text(out);
  out += " ERROR ";
  out += rng_.pick(kExceptions);
  out += ": could not finish request ";
  hex(16, out);
  for (uint64_t depth = 6 + rng_.below(20); depth > 0; --depth) {
    out += "\n\tat org.example.";
    out += rng_.pick(kComponents);
    out += ".Handler.step";
    append_number(depth, out);
    out += "(Handler.java:";
    append_number(20 + rng_.below(400), out);
    out += ')';
  }
  out += '\n';
}

bool MadeUpLines::next(std::string& message) {
  message.clear();
  const uint64_t kind = rng_.below(100);
  if (kind < 48) {
    application(message);
  } else if (kind < 72) {
    json(message);
  } else if (kind < 97) {
    access(message);
  } else {
    stack_trace(message);
  }
  return true;
}

}  // namespace cistern
