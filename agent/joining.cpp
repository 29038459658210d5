#include "agent/joining.h"

#include <unistd.h>

#include <array>
#include <utility>
#include <vector>

#include "agent/gateway_client.h"
#include "agent/https_client.h"
#include "base/encoding.h"
#include "base/text.h"
#include "certs/certificate.h"
#include "certs/csr.h"

namespace sekisho::agent {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kTokenCharacters = 26;
constexpr std::size_t kFingerprintDigits = 64;

// The PEM of the certificate in `chain_pem` with this fingerprint.
Result<std::string> pinned_authority(const std::string& chain_pem, const std::string& fingerprint) {
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";
  std::string_view rest = chain_pem;
  while (true) {
    const std::size_t end = rest.find(kEnd);
    if (end == std::string_view::npos) break;
    const std::string_view pem = rest.substr(0, end + kEnd.size());
    rest.remove_prefix(pem.size());
    const Result<certs::CertificateFacts> facts = certs::facts_of_pem(pem);
    if (facts && facts->fingerprint == fingerprint && facts->is_authority) return std::string(pem);
  }
  return fail(ErrorCode::kDenied,
              "the gateway shows no authority with the fingerprint " + fingerprint +
                  "; nothing was sent. Compare it with what \"sekisho terminal add\" printed");
}

// For people who look at the request; the gateway names the terminal by the token.
std::string own_name() {
  std::array<char, 65> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "terminal";
  const std::string text = printable(std::string_view(name.data()).substr(0, 48));
  return text.size() <= 64 ? text : "terminal";
}

}  // namespace

Result<Invitation> read_invitation(std::string_view url, std::string_view fingerprint,
                                   std::string_view token) {
  const std::optional<GatewayAddress> gateway = parse_gateway(url);
  if (!gateway) {
    return fail(ErrorCode::kInvalid,
                "the gateway must be written like https://gateway.town.example:8444");
  }
  std::string digits;
  for (const char c : lower_case(fingerprint)) {
    if (c != ':' && c != ' ') digits.push_back(c);
  }
  if (digits.size() != kFingerprintDigits || !bytes_from_hex(digits)) {
    return fail(ErrorCode::kInvalid, "the fingerprint must have 64 hexadecimal digits");
  }
  std::string normal = normalized_base32(token);
  const bool is_token =
      normal.size() == kTokenCharacters &&
      normal.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == std::string::npos;
  Invitation invitation{*gateway, std::move(digits), Secret(std::string_view(normal))};
  wipe(normal);
  if (!is_token) return fail(ErrorCode::kInvalid, "the token must have 26 letters and digits");
  return invitation;
}

asio::awaitable<Result<std::string>> join(Invitation invitation, Patience patience,
                                          const TerminalState& state) {
  // First a look at the certificates, by which nothing is believed and nothing is sent; then TLS
  // as always, trusting only the authority that was pinned.
  const Result<TlsContext> look = tls_for_a_look();
  if (!look) co_return fail(look.error());
  AddressBook book;
  Route route{invitation.gateway, *look, patience};
  const Result<std::string> chain = co_await shown_chain(book, std::move(route));
  if (!chain) co_return fail(chain.error());
  const Result<std::string> ca = pinned_authority(*chain, invitation.ca_fingerprint);
  if (!ca) co_return fail(ca.error());
  const Result<TlsContext> tls = tls_trusting(*ca);
  if (!tls) co_return fail(tls.error());

  const Result<void> has_folder = state.make_folder();
  if (!has_folder) co_return fail(has_folder.error());
  Result<certs::NewKey> key = certs::make_key_and_csr(own_name());
  if (!key) co_return fail(key.error());
  std::vector<GatewayAddress> gateways{invitation.gateway};
  GatewayClient client(std::move(gateways), patience, *tls);
  terminal_api::JoinRequest request{std::move(invitation.token), key->csr_pem};
  const Result<terminal_api::JoinResponse> joined =
      co_await client.join(invitation.gateway, std::move(request));
  if (!joined) co_return fail(joined.error());

  const Result<void> pinned = state.pin_authority(*ca);
  if (!pinned) co_return fail(pinned.error());
  const Result<void> kept = state.replace(joined->certificate, key->private_key_pem);
  if (!kept) co_return fail(kept.error());
  const Result<void> handed_over = state.hand_over();
  if (!handed_over) co_return fail(handed_over.error());
  co_return joined->terminal;
}

}  // namespace sekisho::agent
