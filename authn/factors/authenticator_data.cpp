#include "authn/factors/authenticator_data.h"

#include <cbor.h>

#include <algorithm>
#include <memory>

#include "base/digest.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kHeadBytes = 37;  // hash, flags, counter
constexpr std::size_t kAaguidBytes = 16;

enum Flag : std::uint8_t {
  kPresent = 0x01,
  kVerified = 0x04,
  kBackupEligible = 0x08,
  kBackedUp = 0x10,
  kAttested = 0x40,
  kExtended = 0x80,
};

struct FreeItem {
  void operator()(cbor_item_t* item) const { cbor_decref(&item); }
};
using Item = std::unique_ptr<cbor_item_t, FreeItem>;

// One CBOR map at the front of `rest`, which moves behind it; nullptr when there is none.
Item take_map(ByteView& rest) {
  cbor_load_result result{};
  Item item(cbor_load(rest.data(), rest.size(), &result));
  if (!item || result.error.code != CBOR_ERR_NONE || !cbor_isa_map(item.get()) ||
      !cbor_map_is_definite(item.get())) {
    return nullptr;
  }
  rest = rest.subspan(result.read);
  return item;
}

std::optional<int> small_number(const cbor_item_t* item) {
  if (!cbor_is_int(item)) return std::nullopt;
  const std::uint64_t value = cbor_get_int(item);
  if (value > 0xffff) return std::nullopt;
  return cbor_isa_negint(item) ? -1 - static_cast<int>(value) : static_cast<int>(value);
}

// The members of a COSE key, each at most once.
struct CoseKey {
  std::optional<int> kind;       // 1
  std::optional<int> algorithm;  // 3
  std::optional<int> curve;      // -1
  std::optional<ByteView> x;     // -2
  std::optional<ByteView> y;     // -3
  bool is_sound = true;

  void take(const cbor_pair& pair) {
    const std::optional<int> label = small_number(pair.key);
    if (!label) {
      is_sound = false;
    } else if (*label == -2 || *label == -3) {
      keep(*label == -2 ? x : y, text_of(pair.value));
    } else if (*label == 1) {
      keep(kind, small_number(pair.value));
    } else if (*label == 3) {
      keep(algorithm, small_number(pair.value));
    } else if (*label == -1) {
      keep(curve, small_number(pair.value));
    } else {
      is_sound = false;  // no key of ours has more members
    }
  }

 private:
  static std::optional<ByteView> text_of(const cbor_item_t* item) {
    if (!cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item)) return std::nullopt;
    return ByteView(cbor_bytestring_handle(item), cbor_bytestring_length(item));
  }
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
constexpr KeyKind kKinds[] = {{-7, 2, 1, 32, true}, {-35, 2, 2, 48, true}, {-8, 1, 6, 32, false}};

std::optional<PublicKey> public_key(const cbor_item_t* map) {
  CoseKey cose;
  for (std::size_t i = 0; i < cbor_map_size(map); ++i) cose.take(cbor_map_handle(map)[i]);
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
  const Item map = take_map(rest);
  if (!map) return malformed();
  std::optional<PublicKey> key = public_key(map.get());
  if (!key) return std::unexpected(WebauthnFault::kUnsupportedKey);
  credential.key = std::move(*key);
  return credential;
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
  if ((flags & kExtended) != 0 && !take_map(rest)) return malformed();
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
