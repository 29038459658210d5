#include "agent/https_client.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <span>

#include "base/ip_network.h"
#include "base/log.h"
#include "certs/openssl_handles.h"
#include "protocol/terminal_api.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using std::chrono::steady_clock;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using Body = http::span_body<const char>;

constexpr std::uint32_t kHeaderLimit = 8192;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

Error unreachable(const Route& route, const char* what, const error_code& ec) {
  return {ErrorCode::kUnavailable, route.gateway.url() + ": " + what + ": " + ec.message()};
}

// Why the handshake failed.  A certificate that was refused is no network trouble: it is logged,
// because it may be an attack.
Error handshake_error(const Route& route, Stream& stream, const error_code& ec) {
  const long verdict = SSL_get_verify_result(stream.native_handle());
  if (verdict == X509_V_OK) return unreachable(route, "TLS failed", ec);
  const char* const why = X509_verify_cert_error_string(verdict);
  log::write(log::Level::kWarning, "gateway_certificate_refused",
             JsonObject().add("gateway", route.gateway.url()).add("reason", why));
  return {ErrorCode::kInvalid, route.gateway.url() + ": its certificate is refused: " + why};
}

// Why no answer came.  TLS 1.3 tells a client only here that its own certificate was refused.
Error answer_error(const Route& route, const error_code& ec) {
  Error error = unreachable(route, "no answer", ec);
  const bool is_alert = ec.category() == asio::error::get_ssl_category();
  const error_code hung_up = http::error::end_of_stream;
  const bool is_malformed =
      ec.category() == hung_up.category() && ec != hung_up && ec != http::error::partial_message;
  if (is_alert || is_malformed) error.code = ErrorCode::kInvalid;
  return error;
}

// Sets whom the certificate must name.  False when OpenSSL will not have it.
bool expect_host(Stream& stream, const std::string& host) {
  SSL* const native = stream.native_handle();
  X509_VERIFY_PARAM* const expected = SSL_get0_param(native);
  if (IpAddress::parse(host)) return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(native, host.c_str()) == 1;
}

// A stream on which the handshake is done.  On the heap, because it outlives this coroutine.
asio::awaitable<Result<std::unique_ptr<Stream>>> connected(AddressBook& book, const Route& route) {
  const auto deadline =
      steady_clock::now() + std::min(route.patience.connect, route.patience.question);
  const Result<Endpoints> endpoints = co_await book.find(route.gateway, deadline);
  if (!endpoints) co_return fail(endpoints.error());
  auto stream = std::make_unique<Stream>(co_await asio::this_coro::executor, *route.tls);
  if (!expect_host(*stream, route.gateway.host)) {
    co_return fail(ErrorCode::kInternal, "cannot prepare TLS for " + route.gateway.url());
  }
  beast::tcp_stream& tcp = beast::get_lowest_layer(*stream);
  tcp.expires_at(deadline);
  const auto [unconnected, endpoint] = co_await tcp.async_connect(*endpoints, as_result);
  if (unconnected) co_return fail(unreachable(route, "cannot connect", unconnected));
  error_code ignored;
  tcp.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto [unshaken] =
      co_await stream->async_handshake(asio::ssl::stream_base::client, as_result);
  if (unshaken) co_return fail(handshake_error(route, *stream, unshaken));
  co_return std::move(stream);
}

http::request<Body> request_for(const Route& route, const HttpRequest& request) {
  const bool has_body = !request.body.empty();
  http::request<Body> message(has_body ? http::verb::post : http::verb::get,
                              {request.path.data(), request.path.size()}, 11);
  message.set(http::field::host, route.gateway.url().substr(8));
  message.set(http::field::user_agent, "sekisho-agent/" SEKISHO_VERSION);
  message.keep_alive(false);
  if (has_body) {
    const std::string_view text = request.body.reveal_text();
    message.set(http::field::content_type, "application/json");
    message.body() = boost::beast::span<const char>(text.data(), text.size());
  }
  message.prepare_payload();
  return message;
}

}  // namespace

asio::awaitable<Result<HttpResponse>> exchange(AddressBook& book, Route route,
                                               HttpRequest request) {
  const auto end = steady_clock::now() + route.patience.question;
  const Result<std::unique_ptr<Stream>> opened = co_await connected(book, route);
  if (!opened) co_return fail(opened.error());
  Stream& stream = **opened;
  beast::get_lowest_layer(stream).expires_at(
      std::min(end, steady_clock::now() + route.patience.answer));

  const http::request<Body> message = request_for(route, request);
  const auto [unsent, sent] = co_await http::async_write(stream, message, as_result);
  if (unsent) co_return fail(unreachable(route, "cannot send", unsent));

  beast::flat_buffer buffer(kHeaderLimit + terminal_api::kMaxBody);
  http::response_parser<http::string_body> parser;
  parser.header_limit(kHeaderLimit);
  parser.body_limit(terminal_api::kMaxBody);
  const auto [unread, read] = co_await http::async_read(stream, buffer, parser, as_result);
  if (unread) {
    co_return fail(answer_error(route, unread));
  }
  HttpResponse response;
  response.status = parser.get().result_int();
  response.body = std::move(parser.get().body());
  co_return response;
}

asio::awaitable<Result<std::string>> shown_chain(AddressBook& book, Route route) {
  const Result<std::unique_ptr<Stream>> opened = co_await connected(book, route);
  if (!opened) co_return fail(opened.error());
  const STACK_OF(X509)* const chain = SSL_get_peer_cert_chain((*opened)->native_handle());
  const certs::BioHandle memory(BIO_new(BIO_s_mem()));
  for (int i = 0; memory != nullptr && i < sk_X509_num(chain); ++i) {
    if (PEM_write_bio_X509(memory.get(), sk_X509_value(chain, i)) != 1) {
      co_return fail(certs::openssl_error("cannot read the gateway's certificates"));
    }
  }
  if (memory == nullptr || chain == nullptr) {
    co_return fail(ErrorCode::kInvalid, route.gateway.url() + " shows no certificate");
  }
  co_return certs::text_of(memory.get());
}

}  // namespace sekisho::agent
