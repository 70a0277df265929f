#include "server/status/status_handler.h"

#include <utility>

#include <arpa/inet.h>

#include <nlohmann/json.hpp>

#include "handlers/responses.h"
#include "pipeline/ascii.h"
#include "server/status/page_files.h"

namespace cistern {
namespace {

constexpr std::string_view kHeaders =
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

bool is_address(const std::string& host) {
  in6_addr room{};
  return ::inet_pton(AF_INET, host.c_str(), &room) == 1 || ::inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

// Of `host:port`, `[::1]:port` or either without a port.
std::string without_port(std::string_view host) {
  if (host.starts_with("["))
    return host.find(']') == host.npos ? "" : std::string(host.substr(1, host.find(']') - 1));
  return std::string(host.substr(0, host.rfind(':')));
}

bool names_this_machine(const RequestHead& head) {
  const auto host = head.field("Host");
  if (!host) return head.count("Host") == 0;  // no browser
  const std::string name = without_port(*host);
  return is_address(name) || same_without_case(name, "localhost");
}

}  // namespace

// Waits for the document; no body is taken.
class StatusHandler::Request : public PendingRequest {
 public:
  Request(const StatusHandler& handler, std::string id, bool json)
      : handler_(handler), id_(std::move(id)), json_(json) {}

  Result<> reserve(uint64_t more) override {
    if (more > 0) return invalid("A body is not expected here.");
    return ok();
  }
  Buffer& body() override { return body_; }
  void finish(OnReply done) override {
    handler_.board_.ask([&handler = handler_, json = json_, done = std::move(done)](const auto& document) {
      done(json ? in_json(handler, *document) : as_page(handler, *document));
    });
  }
  Reply refuse(const Error& error) override {
    return firehose_refused(id_, handler_.clock_.wall_ms(), error);
  }

 private:
  using Json = nlohmann::ordered_json;
  static Reply in_json(const StatusHandler& handler, const Json& document) {
    return {.body = document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n",
            .headers = handler.headers_};
  }
  static Reply as_page(const StatusHandler& handler, const Json& document) {
    return {.content_type = "text/html; charset=utf-8",
            .body = handler.page_.html(document),
            .headers = handler.page_headers_};
  }

  const StatusHandler& handler_;
  const std::string id_;
  const bool json_;
  Buffer body_;
};

StatusHandler::StatusHandler(StatusBoard& board, const Clock& clock, bool loopback_only)
    : board_(board),
      clock_(clock),
      loopback_only_(loopback_only),
      headers_(kHeaders),
      page_headers_(headers_ + page_.headers()) {}

Handler::Answer StatusHandler::begin(const RequestHead& head) {
  const std::string id = request_id_of(head);
  if (head.method != "GET" && head.method != "HEAD") {
    Reply reply = firehose_refused(id, clock_.wall_ms(), 405, "Use GET or HEAD here.");
    reply.allow = "GET, HEAD";
    return reply;
  }
  if (loopback_only_ && !names_this_machine(head))
    return firehose_refused(id, clock_.wall_ms(), 421,
                            "Ask for this page by address or as localhost. metrics.listen is on this machine "
                            "alone, and no other name is believed there.");
  if (head.path() == "/runbook.md")
    return Reply{.content_type = "text/plain; charset=utf-8",
                 .body = std::string(page_files::runbook_md),
                 .headers = headers_};
  return std::make_shared<Request>(*this, id, head.path() == "/status.json");
}

Reply StatusHandler::refuse(const RequestHead& head, const Error& error) {
  return firehose_refused(request_id_of(head), clock_.wall_ms(), error);
}

}  // namespace cistern
