#include "authn/factors/authenticator_data.h"

#include <algorithm>

#include "authn/factors/cbor.h"
#include "authn/factors/signature.h"
#include "base/digest.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kHeadBytes = 37;  // hash, flags, counter

enum Flag : std::uint8_t {
  kPresent = 0x01,
  kVerified = 0x04,
  kBackupEligible = 0x08,
  kBackedUp = 0x10,
  kAttested = 0x40,
  kExtended = 0x80,
};

// The members of a COSE key, each at most once.
struct CoseKey {
  std::optional<int> kind;       // 1
  std::optional<int> algorithm;  // 3
  std::optional<int> curve;      // -1
  std::optional<ByteView> x;     // -2
  std::optional<ByteView> y;     // -3
  bool is_sound = true;

  void take(const cbor_pair& pair) {
    switch (small_number(pair.key).value_or(0)) {
      case 1:
        return keep(kind, small_number(pair.value));
      case 3:
        return keep(algorithm, small_number(pair.value));
      case -1:
        return keep(curve, small_number(pair.value));
      case -2:
        return keep(x, byte_string(pair.value));
      case -3:
        return keep(y, byte_string(pair.value));
      default:
        is_sound = false;  // no key of ours has more members
    }
  }

 private:
  template <typename T>
  void keep(std::optional<T>& member, std::optional<T> value) {
    is_sound = is_sound && value && !member;
    member = value;
  }
};

struct KeyKind {
  int algorithm;
  int kind;
  int curve;
  std::size_t coordinate;
  bool has_y;
};

// RFC 9053: EC2 with P-256 and P-384, OKP with Ed25519.
constexpr KeyKind kKinds[] = {
    {kEs256, 2, 1, 32, true}, {kEs384, 2, 2, 48, true}, {kEdDsa, 1, 6, 32, false}};

std::optional<PublicKey> public_key(const cbor_item_t* map) {
  CoseKey cose;
  for (const cbor_pair& pair : pairs_of(map)) cose.take(pair);
  if (!cose.is_sound || !cose.algorithm) return std::nullopt;
  for (const KeyKind& kind : kKinds) {
    if (kind.algorithm != *cose.algorithm) continue;
    if (cose.kind != kind.kind || cose.curve != kind.curve || !cose.x ||
        cose.x->size() != kind.coordinate || cose.y.has_value() != kind.has_y) {
      return std::nullopt;
    }
    PublicKey key{kind.algorithm, copy_of(*cose.x)};
    if (kind.has_y) {
      if (cose.y->size() != kind.coordinate) return std::nullopt;
      key.bytes.insert(key.bytes.end(), cose.y->begin(), cose.y->end());
    }
    return key;
  }
  return std::nullopt;
}

std::unexpected<WebauthnFault> malformed() {
  return std::unexpected(WebauthnFault::kMalformedAuthenticatorData);
}

Webauthn<AttestedCredential> take_credential(ByteView& rest) {
  AttestedCredential credential;
  if (rest.size() < kAaguidBytes + 2) return malformed();
  credential.aaguid = rest.first(kAaguidBytes);
  const std::size_t length =
      static_cast<std::size_t>(rest[kAaguidBytes]) << 8 | rest[kAaguidBytes + 1];
  rest = rest.subspan(kAaguidBytes + 2);
  if (length == 0 || length > kMaxCredentialId || length > rest.size()) return malformed();
  credential.id = rest.first(length);
  rest = rest.subspan(length);
  const CborItem map = take_cbor_map(rest);
  if (!map) return malformed();
  std::optional<PublicKey> key = public_key(map.get());
  if (!key) return std::unexpected(WebauthnFault::kUnsupportedKey);
  credential.key = std::move(*key);
  return credential;
}

// The outputs of extensions (section 9.5).  Those we do not know are tolerated (section 7.1 step
// 28); credProtect has the levels 1 to 3.
bool take_extensions(ByteView& rest, AuthenticatorData& data) {
  const CborItem map = take_cbor_map(rest);
  if (!map) return false;
  for (const cbor_pair& pair : pairs_of(map.get())) {
    const std::optional<std::string_view> name = text_string(pair.key);
    if (!name) return false;
    if (name != "credProtect") continue;
    const int level = small_number(pair.value).value_or(0);
    if (level < 1 || level > 3) return false;
    data.cred_protect = level;
  }
  data.has_extensions = true;
  return true;
}

}  // namespace

Webauthn<AuthenticatorData> read_authenticator_data(ByteView bytes) {
  if (bytes.size() < kHeadBytes || bytes.size() > kMaxAuthenticatorData) return malformed();
  const std::uint8_t flags = bytes[32];
  AuthenticatorData data;
  data.rp_id_hash = bytes.first(32);
  data.is_user_present = (flags & kPresent) != 0;
  data.is_user_verified = (flags & kVerified) != 0;
  data.is_backup_eligible = (flags & kBackupEligible) != 0;
  data.is_backed_up = (flags & kBackedUp) != 0;
  for (int i = 0; i < 4; ++i) data.sign_count = data.sign_count << 8 | bytes[33 + i];
  ByteView rest = bytes.subspan(kHeadBytes);
  if ((flags & kAttested) != 0) {
    Webauthn<AttestedCredential> credential = take_credential(rest);
    if (!credential) return std::unexpected(credential.error());
    data.credential = std::move(*credential);
  }
  if ((flags & kExtended) != 0 && !take_extensions(rest, data)) return malformed();
  if (!rest.empty()) return malformed();
  return data;
}

Webauthn<void> check_authenticator_data(const AuthenticatorData& data, std::string_view rp_id,
                                        bool requires_user_verification) {
  if (!std::ranges::equal(data.rp_id_hash, sha256(rp_id))) {
    return std::unexpected(WebauthnFault::kWrongRelyingParty);
  }
  if (!data.is_user_present) return std::unexpected(WebauthnFault::kNotPresent);
  if (requires_user_verification && !data.is_user_verified) {
    return std::unexpected(WebauthnFault::kNotVerified);
  }
  if (data.is_backed_up && !data.is_backup_eligible) {
    return std::unexpected(WebauthnFault::kImpossibleBackupState);
  }
  return {};
}

}  // namespace sekisho::authn
