#include "authn/login_ticket.h"

#include "authn/keys.h"
#include "base/digest.h"
#include "base/encoding.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kChallengeBytes = 32;

void put_number(Bytes& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

bool put_field(Bytes& out, std::string_view text) {
  if (text.size() > 0xffff) return false;
  put_number(out, text.size(), 2);
  out.insert(out.end(), text.begin(), text.end());
  return true;
}

// What it takes was put there by us: the MAC is checked before.
class Taker {
 public:
  explicit Taker(ByteView bytes) : rest_(bytes) {}
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(bytes)) value = value << 8 | byte;
    return value;
  }
  ByteView take(std::size_t count) {
    is_short_ |= count > rest_.size();
    const ByteView taken = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  std::string field() {
    const ByteView bytes = take(number(2));
    return {bytes.begin(), bytes.end()};
  }
  bool is_whole() const { return !is_short_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool is_short_ = false;
};

}  // namespace

Result<std::string> issue_ticket(const Keyring& keyring, Random& random, LoginTicket& ticket) {
  ticket.challenge = random.bytes(kChallengeBytes);
  Bytes out;
  put_number(out, static_cast<std::uint64_t>(ticket.terminal.value), 8);
  put_number(out, static_cast<std::uint64_t>(to_milliseconds(ticket.expires_at)), 8);
  out.insert(out.end(), ticket.challenge.begin(), ticket.challenge.end());
  for (const std::string* field : {&ticket.login.claimed_user, &ticket.login.service,
                                   &ticket.login.tty, &ticket.login.remote_host}) {
    if (!put_field(out, *field)) return fail(ErrorCode::kInvalid, "a field is too long");
  }
  put_number(out, ticket.login.is_seated ? 1 : 0, 1);
  const Secret key = ticket_key(keyring);
  const Digest mac = hmac_sha256(key.reveal(), out);
  out.insert(out.end(), mac.begin(), mac.end());
  return base64url_of(out);
}

std::optional<LoginTicket> read_ticket(const Keyring& keyring, std::string_view text) {
  const std::optional<Bytes> bytes = bytes_from_base64url(text);
  if (!bytes || bytes->size() < sizeof(Digest)) return std::nullopt;
  const ByteView body = ByteView(*bytes).first(bytes->size() - sizeof(Digest));
  const Secret key = ticket_key(keyring);
  const Digest mac = hmac_sha256(key.reveal(), body);
  if (!equals_in_constant_time(mac, ByteView(*bytes).last(mac.size()))) return std::nullopt;
  Taker taker(body);
  LoginTicket ticket;
  ticket.terminal = {static_cast<std::int64_t>(taker.number(8))};
  ticket.expires_at = instant_of(static_cast<std::int64_t>(taker.number(8)));
  const ByteView challenge = taker.take(kChallengeBytes);
  ticket.challenge.assign(challenge.begin(), challenge.end());
  ticket.login.claimed_user = taker.field();
  ticket.login.service = taker.field();
  ticket.login.tty = taker.field();
  ticket.login.remote_host = taker.field();
  ticket.login.is_seated = taker.number(1) == 1;
  if (!taker.is_whole()) return std::nullopt;
  return ticket;
}

}  // namespace sekisho::authn
