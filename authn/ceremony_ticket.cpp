#include "authn/ceremony_ticket.h"

#include <algorithm>

#include "authn/keys.h"
#include "base/encoding.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kChallengeBytes = 32;
constexpr std::size_t kBodyBytes = 1 + sizeof(Digest) + 8 + 8 + kChallengeBytes;

void put_number(Bytes& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

std::uint64_t take_number(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace

IssuedCeremony issue_ceremony(const Keyring& keyring, Random& random, CeremonyTicket ticket) {
  ticket.challenge = random.bytes(kChallengeBytes);
  Bytes out;
  out.push_back(static_cast<std::uint8_t>(ticket.ceremony));
  out.insert(out.end(), ticket.binding.begin(), ticket.binding.end());
  put_number(out, static_cast<std::uint64_t>(ticket.user.value));
  put_number(out, static_cast<std::uint64_t>(to_milliseconds(ticket.expires_at)));
  out.insert(out.end(), ticket.challenge.begin(), ticket.challenge.end());
  const Secret key = ceremony_key(keyring);
  const Digest mac = hmac_sha256(key.reveal(), out);
  out.insert(out.end(), mac.begin(), mac.end());
  return {base64url_of(out), std::move(ticket.challenge)};
}

std::optional<CeremonyTicket> read_ceremony(const Keyring& keyring, std::string_view text) {
  const std::optional<Bytes> bytes = bytes_from_base64url(text);
  if (!bytes || bytes->size() != kBodyBytes + sizeof(Digest)) return std::nullopt;
  const ByteView body = ByteView(*bytes).first(kBodyBytes);
  const Secret key = ceremony_key(keyring);
  const Digest mac = hmac_sha256(key.reveal(), body);
  if (!equals_in_constant_time(mac, ByteView(*bytes).last(mac.size()))) return std::nullopt;
  CeremonyTicket ticket;
  ticket.ceremony = static_cast<KeyCeremony>(body[0]);  // put there by us: the MAC is checked
  std::ranges::copy(body.subspan(1, sizeof(Digest)), ticket.binding.begin());
  ticket.user = {static_cast<std::int64_t>(take_number(body.subspan(33, 8)))};
  ticket.expires_at = instant_of(static_cast<std::int64_t>(take_number(body.subspan(41, 8))));
  ticket.challenge = copy_of(body.last(kChallengeBytes));
  return ticket;
}

}  // namespace sekisho::authn
