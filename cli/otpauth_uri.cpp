#include "cli/otpauth_uri.h"

#include <algorithm>

#include "base/encoding.h"

namespace sekisho::cli {

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
