// A server's TLS connection: OpenSSL reads the socket itself, as much as has come, and decrypts straight into
// the caller's memory. Asio's own stream would read and copy record by record, through two more buffers.
#pragma once

#include <memory>

#include "server/tls.h"
#include "server/transport.h"

namespace cistern {

// Up to 64 KiB of OpenSSL's buffers are held while a record has come in part; none while nothing has.
std::unique_ptr<Transport> make_tls_transport(boost::asio::ip::tcp::socket socket, const TlsContext& context);

}  // namespace cistern
