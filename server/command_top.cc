// See command_top.h.
#include "server/command_top.h"

#include <ostream>

#include <netdb.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "server/exit_codes.h"
#include "server/http_get.h"
#include "server/top/terminal.h"
#include "server/top/top_screen.h"

namespace cistern {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kPlainColumns = 10'000, kPlainRows = 60;  // where there is no terminal to fit into

constexpr const char* kTopAfter = R"(
Shows what the status page shows, from /status.json at metrics.listen; q or Ctrl-C ends it. Without a terminal, and
with --once, it prints once and ends. NO_COLOR takes the colours away.

Examples:
  cistern top --config cistern.yaml
  cistern top --url http://10.0.0.7:9464 --interval 5
  watch cistern top --once

Exit codes: 0 done, 1 nobody answered)";

Result<Json> look(const Endpoint& endpoint) {
  CISTERN_TRY(auto answer, http_get(endpoint, "/status.json"));
  if (!answer.good()) return retry(answer.status_line);
  return read_status(answer.body);
}

Error told(const Endpoint& endpoint, const Error& error) {
  return retry(print_endpoint(endpoint) + "/status.json: " + error.what);
}

std::string lines_of(const std::vector<TopLine>& lines, Terminal::Size size, bool colour) {
  std::string text;
  for (size_t i = 0; i < std::min(lines.size(), size.rows); ++i)
    text += (i == 0 ? "" : "\n") + lines[i].text(size.columns, colour);
  return text;
}

int show_once(const TopCommand& command, const Endpoint& endpoint, std::ostream& out, std::ostream& errors) {
  const auto status = look(endpoint);
  if (!status) {
    errors << told(endpoint, status.error()).what << "\n";
    return kExitFailed;
  }
  const bool terminal = ::isatty(STDOUT_FILENO) != 0;
  const Terminal::Size size = terminal ? Terminal::size() : Terminal::Size{kPlainColumns, kPlainRows};
  out << lines_of(top_screen(status.value(), kPlainRows), {size.columns, kPlainRows},
                  terminal && command.colour)
      << "\n";
  return kExitOk;
}

}  // namespace

void add_top_options(CLI::App& top, TopCommand& command) {
  top.footer(kTopAfter);
  top.add_option("--url", command.url, "Of the one to look at; otherwise this configuration's metrics.listen")
      ->type_name("http://HOST:PORT");
  top.add_option("--interval", command.seconds, "Seconds between two looks")
      ->check(CLI::Range(1, 3600))
      ->type_name("SECONDS")
      ->capture_default_str();
  top.add_flag("--once", command.once, "Print once, and end");
}

Result<Endpoint> endpoint_of(const std::string& url) {
  const std::string scheme = "http://";
  const Error wrong = invalid("--url: must be http://HOST:PORT, such as http://127.0.0.1:9464");
  if (!url.starts_with(scheme)) return wrong;
  std::string place = url.substr(scheme.size());
  place.resize(std::min(place.find('/'), place.size()));
  if (auto endpoint = parse_endpoint(place)) return *endpoint;
  const size_t colon = place.rfind(':');
  if (colon == place.npos || colon == 0) return wrong;
  const auto port = parse_number(place.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) return wrong;
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  const std::string name = place.substr(0, colon);
  const int failed = ::getaddrinfo(name.c_str(), nullptr, &wanted, &found);
  if (failed != 0) return retry("--url: " + name + " is not known: " + ::gai_strerror(failed));
  char address[NI_MAXHOST] = "";
  ::getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof address, nullptr, 0, NI_NUMERICHOST);
  ::freeaddrinfo(found);
  return Endpoint{address, static_cast<uint16_t>(*port)};
}

int run_top(const TopCommand& command, const Endpoint& endpoint, std::ostream& out, std::ostream& errors) {
  if (command.once || ::isatty(STDOUT_FILENO) == 0) return show_once(command, endpoint, out, errors);
  const Terminal terminal;
  std::vector<TopLine> lines;
  Json latest;
  for (auto event = Terminal::Event::time_over; event != Terminal::Event::ended;) {
    const auto status = event == Terminal::Event::time_over ? look(endpoint) : Result<Json>(latest);
    if (status) latest = status.value();
    const Terminal::Size size = Terminal::size();
    lines = latest.is_null() ? std::vector<TopLine>() : top_screen(latest, size.rows);
    if (!status) lines.insert(lines.begin(), TopLine(told(endpoint, status.error()).what, Look::bad));
    Terminal::show(lines_of(lines, size, command.colour));
    event = terminal.wait(command.seconds * 1000);
  }
  return kExitOk;
}

}  // namespace cistern
