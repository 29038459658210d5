#include "authn/factors/password.h"

#include <argon2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

struct Parsed {
  Argon2Cost cost;
  Bytes salt;
  Bytes hash;
};

std::string encoded(const Argon2Cost& cost, ByteView salt, ByteView hash) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=" + std::to_string(cost.lanes) + "$" +
         base64url_of(salt) + "$" + base64url_of(hash);
}

std::optional<std::uint32_t> cost_field(std::string_view field, std::string_view name,
                                        std::uint32_t most) {
  if (!field.starts_with(name)) return std::nullopt;
  const auto value = parse_unsigned(field.substr(name.size()));
  if (!value || *value == 0 || *value > most) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<Parsed> parse(std::string_view text) {
  const auto parts = split(text, '$');
  if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") {
    return std::nullopt;
  }
  const auto costs = split(parts[3], ',');
  if (costs.size() != 3) return std::nullopt;
  // Bounds keep a row that was tampered with from eating the machine.
  const auto memory = cost_field(costs[0], "m=", 1024 * 1024);
  const auto passes = cost_field(costs[1], "t=", 64);
  const auto lanes = cost_field(costs[2], "p=", 16);
  auto salt = bytes_from_base64url(parts[4]);
  auto hash = bytes_from_base64url(parts[5]);
  if (!memory || !passes || !lanes || !salt || !hash || salt->size() < kSaltBytes ||
      hash->size() != kHashBytes) {
    return std::nullopt;
  }
  return Parsed{{*memory, *passes, *lanes}, std::move(*salt), std::move(*hash)};
}

}  // namespace

Result<Bytes> argon2id(ByteView input, ByteView salt, ByteView key, const Argon2Cost& cost) {
  Bytes out(kHashBytes);
  Secret input_copy{input};  // the library takes pointers to non-const
  Secret key_copy{key};
  Bytes salt_copy = copy_of(salt);
  argon2_context context{};
  context.out = out.data();
  context.outlen = static_cast<std::uint32_t>(out.size());
  context.pwd = const_cast<std::uint8_t*>(input_copy.reveal().data());
  context.pwdlen = static_cast<std::uint32_t>(input_copy.size());
  context.salt = salt_copy.data();
  context.saltlen = static_cast<std::uint32_t>(salt_copy.size());
  context.secret = const_cast<std::uint8_t*>(key_copy.reveal().data());
  context.secretlen = static_cast<std::uint32_t>(key_copy.size());
  context.t_cost = cost.passes;
  context.m_cost = cost.memory_kib;
  context.lanes = cost.lanes;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  context.flags = ARGON2_DEFAULT_FLAGS;
  const int outcome = argon2id_ctx(&context);
  if (outcome != ARGON2_OK) {
    return fail(ErrorCode::kInternal, std::string("argon2: ") + argon2_error_message(outcome));
  }
  return out;
}

Result<std::string> hash_password(const Secret& password, ByteView key, Random& random,
                                  const Argon2Cost& cost) {
  const Bytes salt = random.bytes(kSaltBytes);
  const Result<Bytes> hash = argon2id(password.reveal(), salt, key, cost);
  if (!hash) return fail(hash.error());
  return encoded(cost, salt, *hash);
}

Result<bool> verify_password(const Secret& password, ByteView key, std::string_view hash) {
  const std::optional<Parsed> parsed = parse(hash);
  if (!parsed) return fail(ErrorCode::kCorrupt, "a password hash in the store is malformed");
  const Result<Bytes> computed = argon2id(password.reveal(), parsed->salt, key, parsed->cost);
  if (!computed) return fail(computed.error());
  return equals_in_constant_time(*computed, parsed->hash);
}

std::string decoy_password_hash(const Argon2Cost& cost) {
  return encoded(cost, Bytes(kSaltBytes, 0), Bytes(kHashBytes, 0));
}

const char* password_objection(std::string_view user_name, const Secret& password) {
  const std::string_view text = password.reveal_text();
  if (!is_utf8(text)) return "the password is not valid UTF-8";
  if (text.size() > kPasswordLimit) return "the password is longer than 256 bytes";
  if (code_points(text) < 8) return "the password has fewer than 8 characters";
  if (text.find_first_not_of(text.front()) == std::string_view::npos) {
    return "the password repeats one character";
  }
  if (equals_ignoring_case(text, user_name)) return "the password is the user name";
  static constexpr std::array kCommon = {
      "password",   "password1", "password123", "passw0rd",  "12345678", "123456789",
      "1234567890", "87654321",  "qwertyui",    "qwerty123", "abcd1234", "administrator",
      "iloveyou",   "11112222",  "1q2w3e4r",    "1qaz2wsx",  "q1w2e3r4", "sekisho1"};
  if (std::any_of(kCommon.begin(), kCommon.end(),
                  [&](const char* common) { return equals_ignoring_case(text, common); })) {
    return "the password is among the most common ones";
  }
  return nullptr;
}

}  // namespace sekisho::authn
