// `cistern health` against a listener that says what a test wants.
#include "server/command_health.h"

#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "server/exit_codes.h"
#include "server/socket_address.h"

namespace cistern {
namespace {

class CommandHealth : public testing::Test {
 protected:
  CommandHealth() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = socket_address({"127.0.0.1", 0});
    EXPECT_EQ(::bind(listener_, address.get(), address.length), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    sockaddr_in bound{};
    socklen_t length = sizeof bound;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &length);
    config_.metrics_listen = Endpoint{"0.0.0.0", ntohs(bound.sin_port)};
  }
  ~CommandHealth() override { ::close(listener_); }

  // One exchange: the peer answers `reply`.
  int run(const std::string& reply) {
    std::thread peer([&] {
      int fd = ::accept(listener_, nullptr, nullptr);
      std::string request(4096, '\0');
      auto size = ::recv(fd, request.data(), request.size(), 0);
      request_ = request.substr(0, size < 0 ? 0 : static_cast<size_t>(size));
      ::send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
      ::close(fd);
    });
    int code = ask();
    peer.join();
    return code;
  }
  int ask() {
    std::ostringstream out;
    int code = run_health(config_, out);
    said_ = out.str();
    return code;
  }

  int listener_ = -1;
  Config config_;
  std::string request_, said_;
};

TEST_F(CommandHealth, Alive) {
  EXPECT_EQ(run("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), kExitOk);
  EXPECT_EQ(request_.rfind("GET /livez HTTP/1.1\r\nHost: 127.0.0.1:", 0), 0u) << request_;
  EXPECT_NE(said_.find("/livez: HTTP/1.1 200 OK\n"), std::string::npos) << said_;
}

TEST_F(CommandHealth, NotAlive) {
  EXPECT_EQ(run("HTTP/1.1 503 Service Unavailable\r\n\r\n"), kExitFailed);
  EXPECT_EQ(run(""), kExitFailed);
  EXPECT_EQ(run("nonsense"), kExitFailed);
}

TEST_F(CommandHealth, NobodyThereOrNothingToAsk) {
  ::close(listener_);
  listener_ = -1;
  EXPECT_EQ(ask(), kExitFailed);
  EXPECT_NE(said_.find("no connection: Connection refused"), std::string::npos) << said_;
  config_.metrics_listen.reset();
  EXPECT_EQ(ask(), kExitFailed);
}

}  // namespace
}  // namespace cistern
