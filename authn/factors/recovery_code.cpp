#include "authn/factors/recovery_code.h"

#include "authn/factors/password.h"
#include "base/encoding.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kCodeBytes = 10;
constexpr std::size_t kCharacters = 16;

}  // namespace

Secret new_recovery_code(Random& random) {
  const Secret bytes(random.bytes(kCodeBytes));
  std::string plain = base32_of(bytes.reveal());
  std::string shown;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (i > 0 && i % 4 == 0) shown.push_back('-');
    shown.push_back(plain[i]);
  }
  Secret code{std::string_view(shown)};
  wipe(plain);
  wipe(shown);
  return code;
}

bool looks_like_recovery_code(std::string_view typed) {
  if (typed.size() > 64) return false;
  const std::string text = normalized_base32(typed);
  return text.size() == kCharacters && bytes_from_base32(text).has_value();
}

Result<Bytes> hash_recovery_code(std::string_view typed, ByteView salt, ByteView key) {
  std::string text = normalized_base32(typed.substr(0, 64));
  Result<Bytes> hash = argon2id(as_bytes(text), salt, key, Argon2Cost{});
  wipe(text);
  return hash;
}

}  // namespace sekisho::authn
