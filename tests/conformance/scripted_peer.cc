#include "tests/conformance/scripted_peer.h"

#include <atomic>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "pipeline/store/http_message.h"

namespace cistern::store_rig {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

// Over the socket itself, or TLS upon it.
template <class Stream>
class Connection : public PeerConnection {
 public:
  Connection(Stream& stream, tcp::socket& socket) : stream_(stream), socket_(socket) {}

  std::string read_head() override {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = read(1);
      if (byte.empty()) return {};
      head += byte;
    }
    return head;
  }
  std::string read(size_t bytes) override {
    std::string out(bytes, '\0');
    error_code failed;
    out.resize(asio::read(stream_, asio::buffer(out), failed));
    return out;
  }
  void write(std::string_view bytes) override {
    error_code failed;
    asio::write(stream_, asio::buffer(bytes), failed);
  }
  void reset() override {
    error_code failed;
    socket_.set_option(asio::socket_base::linger(true, 0), failed);
    socket_.close(failed);
  }
  bool resumed() const override {
    if constexpr (std::is_same_v<Stream, tcp::socket>) {
      return false;
    } else {
      return SSL_session_reused(stream_.native_handle()) == 1;
    }
  }

 private:
  Stream& stream_;
  tcp::socket& socket_;
};

}  // namespace

std::string PeerConnection::read_request() {
  const std::string head = read_head();
  const size_t at = head.find("Content-Length: ");
  return head + (at == std::string::npos ? "" : read(std::stoul(head.substr(at + 16))));
}

void PeerConnection::read_to_end() {
  while (!read(1).empty()) {
  }
}

struct ScriptedPeer::State {
  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::make_address("127.0.0.1"), 0}};
  asio::ssl::context tls{asio::ssl::context::tls_server};
  bool with_tls = false;
  std::string connect_answer;
  std::string connect_head;
  std::vector<Script> scripts;
  std::atomic<size_t> taken = 0;
  std::thread thread;

  void serve() {
    for (const Script& script : scripts) {
      error_code failed;
      tcp::socket socket(io);
      acceptor.accept(socket, failed);
      if (failed) return;
      ++taken;
      socket.set_option(tcp::no_delay(true), failed);
      with_tls ? serve_tls(script, socket) : serve_plain(script, socket);
    }
  }
  void serve_plain(const Script& script, tcp::socket& socket) {
    Connection<tcp::socket> connection(socket, socket);
    script(connection);
  }
  void serve_tls(const Script& script, tcp::socket& socket) {
    if (!connect_answer.empty()) {
      Connection<tcp::socket> asked(socket, socket);
      connect_head = asked.read_head();
      asked.write(connect_answer);
      if (connect_answer.find(" 200 ") == std::string::npos) return;
    }
    asio::ssl::stream<tcp::socket&> stream(socket, tls);
    error_code failed;
    stream.handshake(asio::ssl::stream_base::server, failed);
    if (failed) return;
    Connection<asio::ssl::stream<tcp::socket&>> connection(stream, socket);
    script(connection);
  }
};

ScriptedPeer::ScriptedPeer(std::vector<Script> scripts, Certificate certificate)
    : state_(std::make_shared<State>()) {
  state_->scripts = std::move(scripts);
  state_->with_tls = !certificate.certificate_file.empty();
  if (state_->with_tls) {
    state_->connect_answer = certificate.connect_answer;
    state_->tls.use_certificate_chain_file(certificate.certificate_file);
    state_->tls.use_private_key_file(certificate.key_file, asio::ssl::context::pem);
  }
  state_->thread = std::thread([state = state_.get()] { state->serve(); });
}

// Wakes an accept() that still waits by connecting to it until the scripts are through.
ScriptedPeer::~ScriptedPeer() {
  while (state_->taken < state_->scripts.size()) {
    error_code failed;
    tcp::socket socket(state_->io);
    socket.connect(state_->acceptor.local_endpoint(), failed);
    std::this_thread::yield();
  }
  state_->thread.join();
}

uint16_t ScriptedPeer::port() const { return state_->acceptor.local_endpoint().port(); }
size_t ScriptedPeer::connections() const { return state_->taken; }
std::string ScriptedPeer::connect_head() const { return state_->connect_head; }

}  // namespace cistern::store_rig
