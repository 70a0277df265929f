// POST on a delivery path: what a request's head decides, in this order: method, access key, protocol
// version, request id, attributes, encoding, readiness. All of it before a byte of the body is read.
#pragma once

#include "handlers/access_keys.h"
#include "handlers/exchange.h"
#include "handlers/firehose_request.h"
#include "pipeline/latest.h"

namespace cistern {

// Any thread. Both arguments outlive it.
class FirehoseHandler : public Handler {
 public:
  FirehoseHandler(const FirehoseContext& context, const Latest<AccessKeys>& keys)
      : context_(context), keys_(keys) {}

  Answer begin(const RequestHead& head) override;
  Reply refuse(const RequestHead& head, const Error& error) override;

 private:
  const FirehoseContext& context_;
  const Latest<AccessKeys>& keys_;
};

}  // namespace cistern
