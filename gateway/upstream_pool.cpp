#include "gateway/upstream_pool.h"

#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "gateway/event_loop.h"

namespace sekisho::gateway {
namespace {

// Shorter than what servers usually keep (nginx 75 s, Apache 5 s, Node 5 s).
constexpr std::chrono::seconds kKeepFor{4};

// A kept connection on which the peer has said anything, or has closed, is of no use: what it said
// unasked would be taken for the next person's answer.
bool is_quiet(UpstreamConnection& connection) {
  Stream& stream = *connection.stream;
  if (!stream.input().empty()) return false;
  if (stream.has_pending()) return false;
  char byte = 0;
  const ssize_t got = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Result<void> name_the_server(Stream& stream, const std::string& host) {
  SSL* const tls = stream.tls();
  const bool is_address = IpAddress::parse(host).has_value();
  const bool is_set = is_address
                          ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host.c_str()) == 1
                          : SSL_set1_host(tls, host.c_str()) == 1 &&
                                SSL_set_tlsext_host_name(tls, host.c_str()) == 1;
  // dNSName and iPAddress only, never the common name (RFC 9525).
  SSL_set_hostflags(tls,
                    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (!is_set) return fail(ErrorCode::kInvalid, "the upstream's name cannot be verified: " + host);
  return {};
}

// ": certificate revoked", where that is why.
std::string reason_of(SSL* tls) {
  const long result = SSL_get_verify_result(tls);
  return result == X509_V_OK ? "" : std::string(": ") + X509_verify_cert_error_string(result);
}

Error outside(const std::string& host) {
  return {ErrorCode::kDenied, host + " has no address inside the segment"};
}

Error no_answer(const std::string& host, const std::string& why) {
  return {ErrorCode::kUnavailable, host + ": " + why};
}

}  // namespace

UpstreamPool::UpstreamPool(EventLoop& loop) : loop_(loop), names_(loop.executor()) {}

std::unique_ptr<UpstreamConnection> UpstreamPool::take(const UpstreamTarget& target) {
  const auto found = kept_.find(target.key);
  if (found == kept_.end()) return nullptr;
  while (!found->second.empty()) {
    std::unique_ptr<UpstreamConnection> connection = std::move(found->second.back());
    found->second.pop_back();
    // A reload may have brought other authorities to trust.
    if (connection->tls != target.tls || !is_quiet(*connection)) continue;
    connection->is_reused = true;
    return connection;
  }
  return nullptr;
}

Task<Result<std::unique_ptr<UpstreamConnection>>> UpstreamPool::connect(
    const UpstreamTarget& target) {
  using Outcome = Result<std::unique_ptr<UpstreamConnection>>;
  const auto site = loop_.site();
  const std::string& host = target.address.host;
  std::vector<Tcp::endpoint> endpoints;
  if (const auto literal = IpAddress::parse(host)) {
    endpoints.emplace_back(asio_address(*literal), target.address.port);
  } else {
    const auto found = co_await names_.find(host, site->settings.limits.upstream_connect_timeout);
    if (found.empty()) co_return Outcome(fail(no_answer(host, "the name leads nowhere")));
    for (const auto& address : found) endpoints.emplace_back(address, target.address.port);
  }
  Error last = outside(host);
  for (const Tcp::endpoint& endpoint : endpoints) {
    if (!site->settings.is_inside(address_of(endpoint.address()))) continue;
    auto connection = std::make_unique<UpstreamConnection>();
    connection->tls = target.tls;
    connection->stream =
        std::make_unique<Stream>(Socket(loop_.executor()), target.tls.get(), loop_.sweep());
    Stream& stream = *connection->stream;
    stream.expire_after(site->settings.limits.upstream_connect_timeout);
    error_code opened;
    stream.socket().open(endpoint.protocol(), opened);
    const auto [failed] = co_await stream.socket().async_connect(endpoint, use_outcome);
    if (failed) {
      last = no_answer(host, failed.message());
      continue;
    }
    error_code ignored;
    stream.socket().set_option(Tcp::no_delay(true), ignored);
    if (target.tls != nullptr) {
      if (auto named = name_the_server(stream, host); !named)
        co_return Outcome(fail(named.error()));
      const error_code refused = co_await stream.handshake(Stream::Side::kClient);
      if (refused) {
        last = no_answer(host, "TLS: " + refused.message() + reason_of(stream.tls()));
        if (SSL_get_verify_result(stream.tls()) != X509_V_OK) last.code = ErrorCode::kInvalid;
        continue;
      }
    }
    co_return Outcome(std::move(connection));
  }
  co_return Outcome(fail(last));
}

void UpstreamPool::keep(const UpstreamTarget& target,
                        std::unique_ptr<UpstreamConnection> connection) {
  const auto most = static_cast<std::size_t>(loop_.site()->settings.limits.upstream_idle);
  auto& kept = kept_[target.key];
  if (kept.size() >= most || loop_.is_stopping() || !connection->stream->input().empty()) return;
  connection->stream->expire_at(SteadyTime::max());
  connection->kept_since = std::chrono::steady_clock::now();
  kept.push_back(std::move(connection));
}

void UpstreamPool::drop_stale() {
  const SteadyTime oldest = std::chrono::steady_clock::now() - kKeepFor;
  for (auto& [key, kept] : kept_) {
    std::erase_if(kept, [&](const auto& connection) { return connection->kept_since < oldest; });
  }
}

}  // namespace sekisho::gateway
