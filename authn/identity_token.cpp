#include "authn/identity_token.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/json_text.h"

namespace sekisho::authn {
namespace {

std::int64_t to_seconds(Instant at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::string claims_text(const IdentityClaims& claims, Instant issued_at,
                        std::chrono::milliseconds life) {
  const std::string& name = claims.display_name.empty() ? claims.user : claims.display_name;
  return JsonObject()
      .add("iss", claims.issuer)
      .add("aud", claims.audience)
      .add("sub", claims.user)
      .add("name", name)
      .add_list("groups", claims.groups)
      .add("acr", name_of(claims.assurance))
      .add_list("amr", methods_of(claims))
      .add("auth_time", to_seconds(claims.authenticated_at))
      .add("iat", to_seconds(issued_at))
      .add("exp", to_seconds(issued_at + life))
      .text();
}

std::string x_of(ByteView public_key) {
  return base64url_of(public_key.first(Es256Key::kCoordinateBytes));
}

std::string y_of(ByteView public_key) {
  return base64url_of(public_key.subspan(Es256Key::kCoordinateBytes));
}

}  // namespace

std::vector<std::string> methods_of(const IdentityClaims& claims) {
  const auto has = [&](std::string_view factor) { return has_factor(claims.factors, factor); };
  std::vector<std::string> methods;
  if (has(name_of(Factor::kPassword))) methods.emplace_back("pwd");
  if (has(name_of(Factor::kTotp)) || has(name_of(Factor::kRecovery))) methods.emplace_back("otp");
  if (has(name_of(Factor::kSecurityKey)) || has(kVerifiedKeyFactor)) {
    methods.emplace_back(claims.keys_may_be_synced ? "pop" : "hwk");
    methods.emplace_back("user");
  }
  if (claims.assurance >= Assurance::kSecondFactor) methods.emplace_back("mfa");
  return methods;
}

Result<std::string> identity_token(const Es256Key& key, std::string_view kid,
                                   const IdentityClaims& claims, Instant issued_at,
                                   std::chrono::milliseconds life) {
  const std::string header =
      JsonObject().add("alg", "ES256").add("typ", "JWT").add("kid", kid).text();
  std::string token = base64url_of(as_bytes(header));
  token.append(".").append(base64url_of(as_bytes(claims_text(claims, issued_at, life))));
  const Result<Bytes> signature = key.sign(as_bytes(token));
  if (!signature) return fail(signature.error());
  token.append(".").append(base64url_of(*signature));
  return token;
}

// The required members in the order of their names, without white space (RFC 7638 section 3).
std::string thumbprint_of(ByteView public_key) {
  const std::string text = JsonObject()
                               .add("crv", "P-256")
                               .add("kty", "EC")
                               .add("x", x_of(public_key))
                               .add("y", y_of(public_key))
                               .text();
  return base64url_of(sha256(text));
}

std::string key_set_text(std::span<const Bytes> public_keys) {
  std::string keys;
  for (const Bytes& public_key : public_keys) {
    if (!keys.empty()) keys.push_back(',');
    keys += JsonObject()
                .add("kty", "EC")
                .add("use", "sig")
                .add("alg", "ES256")
                .add("kid", thumbprint_of(public_key))
                .add("crv", "P-256")
                .add("x", x_of(public_key))
                .add("y", y_of(public_key))
                .text();
  }
  return "{\"keys\":[" + keys + "]}";
}

}  // namespace sekisho::authn
