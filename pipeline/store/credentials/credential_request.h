// One request to an endpoint that gives credentials: short deadlines, a few tries, and nothing of it left in
// memory afterwards.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "pipeline/store/credentials/credential_provider.h"
#include "pipeline/store/http_message.h"
#include "pipeline/store/proxy.h"

namespace cistern {

struct CredentialEndpoint {
  HttpEndpoint server;
  std::string ca_file{};       // PEM; empty: the system's authorities
  int64_t connect_ms = 1'000;  // of one try; of the answer as well
  int64_t answer_ms = 1'000;
  std::optional<HttpProxy> proxy{};
};

// Tries three times while the network fails or the server says 429 or 5xx; the last answer is the result,
// whatever its status. Errors: those of HttpsClient.
boost::asio::awaitable<Result<HttpResponse>> request_credentials(const CredentialDoors& doors,
                                                                 CredentialEndpoint endpoint,
                                                                 HttpRequest request);

// A body that is overwritten when the request is done.
std::shared_ptr<const ObjectBytes> secret_bytes(Secret secret);

// A server's own words for an error's text: printable, cut, and without the secrets.
std::string quotable(std::string text, const Credentials& without = {});

}  // namespace cistern
