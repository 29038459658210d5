#include "authn/factors/tpm_structures.h"

namespace sekisho::authn {
namespace {

constexpr std::uint32_t kGenerated = 0xff544347;  // TPM_GENERATED_VALUE
constexpr std::uint16_t kCertify = 0x8017;        // TPM_ST_ATTEST_CERTIFY
constexpr std::uint16_t kEcc = 0x0023;            // TPM_ALG_ECC
constexpr std::uint16_t kNull = 0x0010;           // TPM_ALG_NULL
constexpr std::uint16_t kEcdaa = 0x001a;          // TPM_ALG_ECDAA

// Takes big-endian numbers and sized buffers (TPM2B) from the front; once something is missing,
// everything is.
class Taker {
 public:
  explicit Taker(ByteView bytes) : rest_(bytes) {}

  ByteView take(std::size_t count) {
    if (!is_sound_ || count > rest_.size()) {
      is_sound_ = false;
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  std::uint32_t number(std::size_t width) {
    std::uint32_t value = 0;
    for (const std::uint8_t byte : take(width)) value = value << 8 | byte;
    return value;
  }
  std::uint16_t number16() { return static_cast<std::uint16_t>(number(2)); }
  ByteView sized() { return take(number(2)); }
  bool took_everything() const { return is_sound_ && rest_.empty(); }

 private:
  ByteView rest_;
  bool is_sound_ = true;
};

}  // namespace

// | magic, 4 | type, 2 | qualifiedSigner | extraData | clockInfo, 17 | firmwareVersion, 8 |
// | attested: name | qualifiedName |                        those without a number are TPM2B
std::optional<TpmCertification> read_tpm_certification(ByteView bytes) {
  Taker taker(bytes);
  if (taker.number(4) != kGenerated || taker.number16() != kCertify) return std::nullopt;
  TpmCertification read;
  taker.sized();
  read.extra_data = taker.sized();
  taker.take(17 + 8);
  read.attested_name = taker.sized();
  taker.sized();
  return taker.took_everything() ? std::optional(read) : std::nullopt;
}

// | type, 2 | nameAlg, 2 | objectAttributes, 4 | authPolicy, TPM2B |
// | parameters: symmetric, 2 [keyBits, 2, mode, 2] | scheme, 2 [hash, 2 [count, 2]] | curve, 2 |
// |             kdf, 2 [hash, 2] |                  those in brackets unless it is TPM_ALG_NULL
// | unique: x, TPM2B | y, TPM2B |
std::optional<TpmPublicKey> read_tpm_public_key(ByteView bytes) {
  Taker taker(bytes);
  if (taker.number16() != kEcc) return std::nullopt;
  TpmPublicKey read;
  read.name_algorithm = taker.number16();
  taker.take(4);
  taker.sized();
  if (taker.number16() != kNull) taker.take(4);
  const std::uint16_t scheme = taker.number16();
  if (scheme != kNull) taker.take(scheme == kEcdaa ? 4 : 2);
  read.curve = taker.number16();
  if (taker.number16() != kNull) taker.take(2);
  read.x = taker.sized();
  read.y = taker.sized();
  return taker.took_everything() ? std::optional(read) : std::nullopt;
}

}  // namespace sekisho::authn
