#include "cli/otpauth_uri.h"

#include <algorithm>

#include "base/encoding.h"

namespace sekisho::cli {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
                               c == '~';
    if (is_unreserved) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

Secret otpauth_uri(const Secret& seed, const OtpauthParameters& parameters) {
  std::string issuer(parameters.issuer);
  std::replace(issuer.begin(), issuer.end(), ':', ' ');
  issuer = percent_encoded(issuer);
  std::string encoded_seed = base32_of(seed.reveal());
  std::string uri = "otpauth://totp/" + issuer + ":" + percent_encoded(parameters.account) +
                    "?secret=" + encoded_seed + "&issuer=" + issuer +
                    "&algorithm=" + std::string(parameters.algorithm) +
                    "&digits=" + std::to_string(parameters.digits) +
                    "&period=" + std::to_string(parameters.period);
  Secret out{std::string_view(uri)};
  wipe(encoded_seed);
  wipe(uri);
  return out;
}

}  // namespace sekisho::cli
