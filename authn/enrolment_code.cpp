#include "authn/enrolment_code.h"

#include "authn/keys.h"
#include "base/encoding.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kCodeBytes = 8;
constexpr std::size_t kLongestTyped = 64;

}  // namespace

Secret new_enrolment_code(Random& random) {
  const Secret bytes(random.bytes(kCodeBytes));
  std::string code = base32_of(bytes.reveal());
  code.insert(8, "-").insert(4, "-");
  Secret shown{std::string_view(code)};
  wipe(code);
  return shown;
}

Result<Digest> enrolment_code_hash(const Keyring& keyring, std::string_view key_id,
                                   store::UserId user, std::string_view typed) {
  const Result<Secret> key = enrolment_key(keyring, key_id);
  if (!key) return fail(key.error());
  std::string text =
      std::to_string(user.value) + "/" + normalized_base32(typed.substr(0, kLongestTyped));
  const Digest hash = hmac_sha256(key->reveal(), as_bytes(text));
  wipe(text);
  return hash;
}

}  // namespace sekisho::authn
