#include "authn/factors/totp.h"

#include <liboath/oath.h>

#include <array>

#include "base/digest.h"

namespace sekisho::authn {
namespace {

int flags_of(TotpAlgorithm algorithm) {
  switch (algorithm) {
    case TotpAlgorithm::kSha1:
      return 0;
    case TotpAlgorithm::kSha256:
      return OATH_TOTP_HMAC_SHA256;
    case TotpAlgorithm::kSha512:
      return OATH_TOTP_HMAC_SHA512;
  }
  return 0;
}

}  // namespace

std::string_view name_of(TotpAlgorithm algorithm) {
  switch (algorithm) {
    case TotpAlgorithm::kSha1:
      return "SHA1";
    case TotpAlgorithm::kSha256:
      return "SHA256";
    case TotpAlgorithm::kSha512:
      return "SHA512";
  }
  return "SHA1";
}

std::optional<TotpAlgorithm> totp_algorithm(std::string_view name) {
  for (const auto algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    if (name == name_of(algorithm)) return algorithm;
  }
  return std::nullopt;
}

std::size_t seed_bytes(TotpAlgorithm algorithm) {
  switch (algorithm) {
    case TotpAlgorithm::kSha1:
      return 20;
    case TotpAlgorithm::kSha256:
      return 32;
    case TotpAlgorithm::kSha512:
      return 64;
  }
  return 20;
}

std::int64_t time_step(const TotpParameters& parameters, Instant now) {
  const std::int64_t seconds = to_milliseconds(now) / 1000;
  return seconds < 0 ? -1 : seconds / parameters.period;
}

Result<std::string> totp_code(ByteView seed, const TotpParameters& parameters, std::int64_t step) {
  std::array<char, 10> code{};
  if (step < 0) return fail(ErrorCode::kInvalid, "a time step before 1970");
  const int outcome = oath_totp_generate2(
      reinterpret_cast<const char*>(seed.data()), seed.size(),
      static_cast<time_t>(step * parameters.period), static_cast<unsigned>(parameters.period),
      OATH_TOTP_DEFAULT_START_TIME, static_cast<unsigned>(parameters.digits),
      flags_of(parameters.algorithm), code.data());
  if (outcome != OATH_OK) {
    return fail(ErrorCode::kInternal, std::string("liboath: ") + oath_strerror_name(outcome));
  }
  return std::string(code.data());
}

Result<std::optional<std::int64_t>> match_totp(ByteView seed, const TotpParameters& parameters,
                                               const StepWindow& window, std::string_view code) {
  std::optional<std::int64_t> found;
  const int farthest = std::max(window.back, window.forward);
  const auto compare = [&](std::int64_t step) -> Result<void> {
    if (step < 0) return {};
    Result<std::string> expected = totp_code(seed, parameters, step);
    if (!expected) return fail(expected.error());
    const bool equal = equals_in_constant_time(as_bytes(*expected), as_bytes(code));
    if (equal && !found) found = step;
    return {};
  };
  for (int distance = 0; distance <= farthest; ++distance) {
    if (distance <= window.back) {
      if (auto done = compare(window.centre - distance); !done) return fail(done.error());
    }
    if (distance > 0 && distance <= window.forward) {
      if (auto done = compare(window.centre + distance); !done) return fail(done.error());
    }
  }
  return found;
}

std::string normalized_code(std::string_view typed) {
  std::string code;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    if (typed[i] == ' ' || typed[i] == '-') continue;
    // U+FF10..FF19 is EF BC 90..99; U+3000 (ideographic space) is E3 80 80.
    if (typed.substr(i, 2) == "\xef\xbc" && i + 2 < typed.size()) {
      const auto last = static_cast<unsigned char>(typed[i + 2]);
      if (last >= 0x90 && last <= 0x99) {
        code.push_back(static_cast<char>('0' + (last - 0x90)));
        i += 2;
        continue;
      }
    }
    if (typed.substr(i, 3) == "\xe3\x80\x80") {
      i += 2;
      continue;
    }
    code.push_back(typed[i]);
  }
  return code;
}

}  // namespace sekisho::authn
