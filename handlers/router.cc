// See router.h. Owned by the HTTP edge.
#include "handlers/router.h"

#include "handlers/responses.h"
#include "pipeline/ascii.h"
#include "pipeline/log.h"

namespace cistern {

Handler::Answer Router::begin(const RequestHead& head) {
  auto route = routes_.find(head.path());
  if (route != routes_.end()) return route->second->begin(head);
  if (metrics_ != nullptr) metrics_->deliveries.of("404").Increment();
  std::string id = request_id_of(head);
  log_info("unknown_path", printable(head.path(), 200), {{"request_id", id}});
  return firehose_refused(id, clock_.wall_ms(), 404,
                          "Nothing is served at this path. Set the endpoint's URL in Firehose to one of the "
                          "configured paths, by default /firehose.");
}

}  // namespace cistern
