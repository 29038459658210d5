#include "agent/renewal.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/log.h"
#include "certs/csr.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry = std::chrono::minutes(1);
constexpr milliseconds kLongestWait = std::chrono::hours(1);

}  // namespace

asio::awaitable<Result<certs::CertificateFacts>> renew(GatewayClient& client,
                                                       const TerminalState& state,
                                                       std::string terminal) {
  Result<certs::NewKey> key = certs::make_key_and_csr(terminal);
  if (!key) co_return fail(key.error());
  terminal_api::RenewRequest request{key->csr_pem};
  const Result<terminal_api::RenewResponse> renewed = co_await client.renew(std::move(request));
  if (!renewed) co_return fail(renewed.error());
  const Result<void> replaced = state.replace(renewed->certificate, key->private_key_pem);
  if (!replaced) co_return fail(replaced.error());
  const Result<TerminalIdentity> identity = state.load();
  if (!identity) co_return fail(identity.error());
  const Result<TlsContext> tls = tls_of_terminal(*identity);
  if (!tls) co_return fail(tls.error());
  client.use(*tls);
  co_return identity->facts;
}

std::optional<TlsContext> identity_instead_of(const TlsContext& now, const TerminalState& state) {
  const Result<TerminalIdentity> identity = state.load();
  if (!identity || speaks_as(now, *identity)) return std::nullopt;
  Result<TlsContext> tls = tls_of_terminal(*identity);
  if (!tls) return std::nullopt;
  return std::move(*tls);
}

asio::awaitable<void> keep_renewing(GatewayClient& client, const TerminalState& state,
                                    certs::CertificateFacts facts, const Clock& clock) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  milliseconds retry = kFirstRetry;
  while (true) {
    const milliseconds until = certs::renewal_time(facts) - clock.now();
    if (until.count() > 0) {
      timer.expires_after(std::min(until, kLongestWait));
      const auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
      if (stopped) co_return;
      continue;
    }
    Result<certs::CertificateFacts> renewed = co_await renew(client, state, facts.subject);
    if (renewed) {
      facts = std::move(*renewed);
      retry = kFirstRetry;
      log::write(log::Level::kInfo, "certificate_renewed",
                 JsonObject().add("not_after", rfc3339(facts.not_after)));
    } else {
      const bool is_late = clock.now() >= facts.not_after;
      log::write(is_late ? log::Level::kError : log::Level::kWarning, "certificate_not_renewed",
                 JsonObject()
                     .add("reason", renewed.error().message)
                     .add("not_after", rfc3339(facts.not_after)));
    }
    // After a success too: with a clock far ahead, the new certificate is old at once.
    timer.expires_after(retry);
    const auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (stopped) co_return;
    retry = std::min(2 * retry, kLongestWait);
  }
}

}  // namespace sekisho::agent
