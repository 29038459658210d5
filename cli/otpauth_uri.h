// The URI that a TOTP app reads from a QR code (Key URI Format).
//
//   otpauth://totp/<issuer>:<account>?secret=<base32>&issuer=<issuer>&algorithm=SHA1&digits=6&period=30

#ifndef SEKISHO_CLI_OTPAUTH_URI_H_
#define SEKISHO_CLI_OTPAUTH_URI_H_

#include <string>
#include <string_view>

#include "base/secret.h"

namespace sekisho::cli {

struct OtpauthParameters {
  std::string_view issuer;     // the organization; ':' in it becomes ' ', because it separates
  std::string_view account;    // the login name
  std::string_view algorithm;  // "SHA1", "SHA256", "SHA512"
  int digits = 6;
  int period = 30;  // seconds
};

// Holds the seed, so it is a secret too: to show once.
Secret otpauth_uri(const Secret& seed, const OtpauthParameters& parameters);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_OTPAUTH_URI_H_
