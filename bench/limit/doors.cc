#include "bench/limit/doors.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/deliveries/cpu_time.h"
#include "pipeline/buffer.h"
#include "pipeline/disk.h"

namespace cistern {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using Session = std::unique_ptr<SSL, decltype(&SSL_free)>;

// Both ends of a TCP connection over loopback; -1: it could not be made.
struct TcpPair {
  TcpPair() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    client = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, raw, size) == 0 && listen(listener, 1) == 0 &&
        getsockname(listener, raw, &size) == 0 && connect(client, raw, size) == 0) {
      server = accept(listener, nullptr, nullptr);
    }
    close(listener);
  }
  ~TcpPair() {
    close(client);
    close(server);
  }
  TcpPair(const TcpPair&) = delete;
  TcpPair& operator=(const TcpPair&) = delete;
  int client = -1;
  int server = -1;
};

void send_all(int socket, std::string_view body, int times) {
  const Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const Session session(SSL_new(context.get()), SSL_free);
  SSL_set_fd(session.get(), socket);
  if (SSL_connect(session.get()) != 1) return;
  for (int i = 0; i < times; ++i) {
    for (std::string_view rest = body; !rest.empty();) {
      const int sent =
          SSL_write(session.get(), rest.data(), static_cast<int>(std::min<size_t>(rest.size(), 1 << 20)));
      if (sent <= 0) return;
      rest.remove_prefix(static_cast<size_t>(sent));
    }
  }
  SSL_shutdown(session.get());
}

double receive_all(SSL* session) {
  std::vector<char> into(size_t{256} << 10);
  const double began = thread_cpu_seconds();
  double bytes = 0;
  for (;;) {
    const int got = SSL_read(session, into.data(), static_cast<int>(into.size()));
    if (got <= 0) break;
    bytes += got;
  }
  return bytes > 0 ? (thread_cpu_seconds() - began) / bytes : 0;
}

}  // namespace

Result<double> tls_receive_cost(std::string_view body, int times, const std::string& certificate,
                                const std::string& private_key) {
  const TcpPair pair;
  const Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), private_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return invalid("the certificate or its key cannot be read");
  }
  SSL_CTX_set_read_ahead(context.get(), 1);
  SSL_CTX_set_default_read_buffer_len(context.get(), size_t{64} << 10);
  const Session session(SSL_new(context.get()), SSL_free);
  SSL_set_fd(session.get(), pair.server);
  std::thread sender([&] { send_all(pair.client, body, times); });
  const bool connected = SSL_accept(session.get()) == 1;
  const double cost = connected ? receive_all(session.get()) : 0;
  if (!connected) shutdown(pair.server, SHUT_RDWR);
  sender.join();
  if (cost == 0) return fatal("no TLS connection over loopback");
  return cost;
}

Result<double> disk_cost(const std::string& folder, uint64_t bytes, int times) {
  const auto disk = make_posix_disk();
  const std::string journal = folder + "/limit-journal", object = folder + "/limit-object";
  CISTERN_TRY(disk->remove(journal));
  CISTERN_TRY(disk->remove(object));
  CISTERN_TRY(auto file, disk->open(journal, Disk::Open::create));
  CISTERN_TRY(auto second, disk->open(object, Disk::Open::create));
  Buffer noise;
  for (uint64_t i = 0; i < bytes; ++i) noise.append(static_cast<char>(i * 2654435761u >> 13));
  const std::string_view piece = noise.view();
  CISTERN_TRY(file->preallocate(bytes * static_cast<uint64_t>(times)));
  for (int i = 0; i < times; ++i) {
    CISTERN_TRY(file->write_at(bytes * static_cast<uint64_t>(i), {&piece, 1}));
  }
  CISTERN_TRY(file->sync());  // now its blocks are written, as those of a segment that was used before
  file->write_past_cache();
  second->write_past_cache();
  const double began = thread_cpu_seconds();
  for (int i = 0; i < times; ++i) {
    CISTERN_TRY(file->write_at(bytes * static_cast<uint64_t>(i), {&piece, 1}));
    CISTERN_TRY(file->sync());
    CISTERN_TRY(second->write_at(bytes * static_cast<uint64_t>(i), {&piece, 1}));
  }
  CISTERN_TRY(second->sync());
  const double cost = (thread_cpu_seconds() - began) / static_cast<double>(bytes) / times;
  CISTERN_TRY(disk->remove(journal));
  CISTERN_TRY(disk->remove(object));
  return cost;
}

}  // namespace cistern
