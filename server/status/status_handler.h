// GET / (and /status), /status.json, /runbook.md on the operations listener. Nobody is asked who he is there,
// so nothing secret is told; what makes a browser betray it to another site is closed: see headers and Host.
#pragma once

#include <string>

#include "handlers/exchange.h"
#include "pipeline/clock.h"
#include "server/status/status_board.h"
#include "server/status/status_page.h"

namespace cistern {

// Any thread.
class StatusHandler : public Handler {
 public:
  // `loopback_only`: the listener is on this machine alone. Then a Host that is neither an address nor
  // localhost is refused: it is a name that some site has pointed here (DNS rebinding).
  StatusHandler(StatusBoard& board, const Clock& clock, bool loopback_only);

  Answer begin(const RequestHead& head) override;
  Reply refuse(const RequestHead& head, const Error& error) override;

 private:
  class Request;

  StatusBoard& board_;
  const Clock& clock_;
  const bool loopback_only_;
  const StatusPage page_;
  const std::string headers_;       // of every answer
  const std::string page_headers_;  // and of the page
};

}  // namespace cistern
