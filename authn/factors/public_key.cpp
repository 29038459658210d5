#include "authn/factors/public_key.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>

#include "authn/factors/openssl_handles.h"
#include "authn/factors/signature.h"

namespace sekisho::authn {
namespace {

// A curve's parameters without a point.  Copying them costs a third of what OpenSSL 3.0 takes to
// make them from the curve's name.
KeyHandle parameters_of(int curve) {
  EVP_PKEY* made = nullptr;
  const KeyContext context(EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nullptr));
  if (!context || EVP_PKEY_paramgen_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context.get(), curve) <= 0 ||
      EVP_PKEY_paramgen(context.get(), &made) <= 0) {
    return nullptr;
  }
  return KeyHandle(made);
}

// OpenSSL refuses a point that is not on the curve.  Both curves have the cofactor 1, so a point
// on them is in the group.
KeyHandle point_on(const EVP_PKEY* curve, ByteView coordinates) {
  std::array<std::uint8_t, 97> point;
  if (curve == nullptr || coordinates.size() >= point.size()) return nullptr;
  point[0] = 0x04;  // SEC 1 section 2.3.3: x and y follow, uncompressed
  std::ranges::copy(coordinates, point.begin() + 1);
  KeyHandle key(EVP_PKEY_new());
  if (!key || EVP_PKEY_copy_parameters(key.get(), curve) <= 0 ||
      EVP_PKEY_set1_encoded_public_key(key.get(), point.data(), coordinates.size() + 1) <= 0) {
    return nullptr;
  }
  return key;
}

KeyHandle imported(const PublicKey& key) {
  switch (key.algorithm) {
    case kEs256: {
      static const KeyHandle curve = parameters_of(NID_X9_62_prime256v1);
      return key.bytes.size() == 64 ? point_on(curve.get(), key.bytes) : nullptr;
    }
    case kEs384: {
      static const KeyHandle curve = parameters_of(NID_secp384r1);
      return key.bytes.size() == 96 ? point_on(curve.get(), key.bytes) : nullptr;
    }
    case kEdDsa:
      return KeyHandle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(),
                                                   key.bytes.size()));
    default:
      return nullptr;
  }
}

}  // namespace

bool is_usable(const PublicKey& key) {
  const bool usable = imported(key) != nullptr;
  ERR_clear_error();
  return usable;
}

bool has_signed(const PublicKey& key, ByteView message, ByteView signature) {
  const KeyHandle pkey = imported(key);
  if (pkey) return has_signed(pkey.get(), key.algorithm, message, signature);
  ERR_clear_error();
  return false;
}

}  // namespace sekisho::authn
