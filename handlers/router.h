// Path -> handler. A path that nobody serves gets 404 in Firehose's shape: the sender may be a misconfigured
// Firehose, whose operator then reads the text in its error log.
#pragma once

#include <map>
#include <string>

#include "handlers/exchange.h"
#include "pipeline/clock.h"
#include "pipeline/metrics.h"

namespace cistern {

// Immutable after construction; any thread. All that it is given outlives it.
class Router : public Handler {
 public:
  using Routes = std::map<std::string, Handler*, std::less<>>;  // exact paths, without query

  // `refusals` answers for requests that could not even be read. `metrics`: null where unknown paths are not
  // counted.
  Router(Routes routes, Handler& refusals, const Clock& clock, Metrics* metrics)
      : routes_(std::move(routes)), refusals_(refusals), clock_(clock), metrics_(metrics) {}

  Answer begin(const RequestHead& head) override;
  Reply refuse(const RequestHead& head, const Error& error) override { return refusals_.refuse(head, error); }

 private:
  const Routes routes_;
  Handler& refusals_;
  const Clock& clock_;
  Metrics* const metrics_;
};

}  // namespace cistern
