#include "tests/agent/fake_gateway.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "certs/csr.h"

namespace sekisho::agent::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;

template <typename T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

Instant now() {
  return SystemClock().now();
}

std::uint16_t port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

int bound_socket() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("bind");
  }
  return socket;
}

}  // namespace

TestAuthority::TestAuthority() {
  const auto files = must(certs::CertificateAuthority::create("test segment", now()));
  authority_ = std::make_unique<certs::CertificateAuthority>(
      must(certs::CertificateAuthority::load(files.certificate_pem, files.private_key_pem)));
}

TestAuthority::Pair TestAuthority::server(const std::vector<std::string>& names) const {
  certs::NewKey key = must(certs::make_key_and_csr("gateway"));
  const certs::Validity validity{now(), std::chrono::hours(24)};
  const auto issued = must(authority_->issue_server(key.csr_pem, names, validity));
  return {issued.pem + certificate_pem(), std::move(key.private_key_pem)};
}

TestAuthority::Pair TestAuthority::terminal(const std::string& name, std::chrono::hours age,
                                            std::chrono::hours length) const {
  certs::NewKey key = must(certs::make_key_and_csr(name));
  const certs::Validity validity{now() - age, length};
  const auto issued = must(authority_->issue_terminal(key.csr_pem, {name, 1, 1}, validity));
  return {issued.pem, std::move(key.private_key_pem)};
}

std::string TestAuthority::sign_terminal(const std::string& csr_pem,
                                         const std::string& name) const {
  const certs::Validity validity{now(), std::chrono::hours(24 * 90)};
  return must(authority_->issue_terminal(csr_pem, {name, 1, 1}, validity)).pem;
}

TerminalIdentity identity_of(const TestAuthority& authority, const std::string& name) {
  TestAuthority::Pair pair = authority.terminal(name);
  certs::CertificateFacts facts = must(certs::facts_of_pem(pair.certificate_pem));
  return {pair.certificate_pem, std::move(pair.private_key_pem), authority.certificate_pem(),
          std::move(facts)};
}

struct FakeGateway::Listener {
  Listener(const TestAuthority& authority, Handler answer_with,
           const std::vector<std::string>& names, const std::string& also_shown)
      : context(ssl::context::tls_server), acceptor(io), handler(std::move(answer_with)) {
    const TestAuthority::Pair pair = authority.server(names);
    const ByteView key = pair.private_key_pem.reveal();
    context.use_certificate_chain(asio::buffer(pair.certificate_pem + also_shown));
    context.use_private_key(asio::buffer(key.data(), key.size()), ssl::context::pem);
    context.add_certificate_authority(asio::buffer(authority.certificate_pem()));
    context.set_verify_mode(ssl::verify_peer);
    acceptor.open(tcp::v4());
    acceptor.bind({asio::ip::address_v4::loopback(), 0});
    acceptor.listen();
    address = {"127.0.0.1", acceptor.local_endpoint().port()};
    thread = std::thread([this] { serve(); });
  }

  void serve() {
    while (!is_stopping) {
      boost::system::error_code ec;
      tcp::socket socket(io);
      acceptor.accept(socket, ec);
      if (ec || is_stopping) return;
      try {
        answer(std::move(socket));
      } catch (const std::exception&) {
        // The agent hung up or refused us: that is what some tests want.
      }
    }
  }

  void answer(tcp::socket socket) {
    boost::beast::ssl_stream<tcp::socket> stream(std::move(socket), context);
    stream.handshake(ssl::stream_base::server);
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(stream, buffer, request);
    Question question{std::string(request.target()), request.body(), {}, {}};
    X509* const client = SSL_get1_peer_certificate(stream.native_handle());
    if (client != nullptr) {
      const certs::CertificateFacts facts = must(certs::facts_of(client));
      question.terminal = facts.subject;
      question.serial = facts.serial;
      X509_free(client);
    }
    {
      const std::scoped_lock lock(mutex);
      questions.push_back(question);
    }
    const Answer said = handler(question);
    http::response<http::string_body> response(static_cast<http::status>(said.status), 11);
    response.set(http::field::content_type, "application/json");
    response.body() = said.body;
    response.prepare_payload();
    http::write(stream, response);
    boost::system::error_code ignored;
    stream.shutdown(ignored);
  }

  asio::io_context io;
  ssl::context context;
  tcp::acceptor acceptor;
  Handler handler;
  GatewayAddress address;
  std::mutex mutex;
  std::vector<Question> questions;
  std::atomic<bool> is_stopping = false;
  std::thread thread;
};

FakeGateway::FakeGateway(const TestAuthority& authority, Handler handler,
                         const std::vector<std::string>& names, const std::string& also_shown)
    : listener_(std::make_unique<Listener>(authority, std::move(handler), names, also_shown)) {}

FakeGateway::~FakeGateway() {
  listener_->is_stopping = true;
  ::shutdown(listener_->acceptor.native_handle(), SHUT_RDWR);
  listener_->thread.join();
}

GatewayAddress FakeGateway::address() const {
  return listener_->address;
}

std::vector<FakeGateway::Question> FakeGateway::asked() const {
  const std::scoped_lock lock(listener_->mutex);
  return listener_->questions;
}

// The kernel accepts for it, up to the backlog.
SilentGateway::SilentGateway() : socket_(bound_socket()) {
  ::listen(socket_, 16);
}
SilentGateway::~SilentGateway() {
  ::close(socket_);
}
GatewayAddress SilentGateway::address() const {
  return {"127.0.0.1", port_of(socket_)};
}

GatewayAddress deserted_address() {
  const int socket = bound_socket();
  const GatewayAddress address{"127.0.0.1", port_of(socket)};
  ::close(socket);
  return address;
}

}  // namespace sekisho::agent::testing
