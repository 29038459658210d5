// Time-based one-time passwords (RFC 6238), computed by liboath.
//
// This file answers one question: which time step, if any, does this code belong to?  It keeps
// no state.  Refusing a code that was already used is the store's promise: see consume_step in
// store/totp_credentials.h.

#ifndef SEKISHO_AUTHN_FACTORS_TOTP_H_
#define SEKISHO_AUTHN_FACTORS_TOTP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace sekisho::authn {

enum class TotpAlgorithm { kSha1, kSha256, kSha512 };

// "SHA1", "SHA256", "SHA512": as the store and otpauth URIs spell them.
std::string_view name_of(TotpAlgorithm algorithm);
std::optional<TotpAlgorithm> totp_algorithm(std::string_view name);
// Bytes of a new seed: the length of the HMAC's output (RFC 6238 section 5.1).
std::size_t seed_bytes(TotpAlgorithm algorithm);

struct TotpParameters {
  TotpAlgorithm algorithm = TotpAlgorithm::kSha1;
  int digits = 6;   // 6 or 8
  int period = 30;  // seconds, 1..120
};

// The time step of `now`: floor(seconds since 1970 / period).
std::int64_t time_step(const TotpParameters& parameters, Instant now);

// The code of one step.
Result<std::string> totp_code(ByteView seed, const TotpParameters& parameters, std::int64_t step);

// Which steps are looked at: centre - back .. centre + forward.
struct StepWindow {
  std::int64_t centre = 0;
  int back = 1;
  int forward = 1;
};

// The step that `code` proves knowledge of, nearest to the centre first; nullopt when none.
// Every step of the window is computed and compared in constant time.  An Error means "we could
// not tell"; the caller must refuse.  `code` comes from outside and may hold any bytes of any
// length.
Result<std::optional<std::int64_t>> match_totp(ByteView seed, const TotpParameters& parameters,
                                               const StepWindow& window, std::string_view code);

// What a person typed, with spaces and hyphens removed and full-width digits (as a Japanese input
// method leaves them) made ASCII.  Anything else stays, and will not match.
std::string normalized_code(std::string_view typed);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_TOTP_H_
