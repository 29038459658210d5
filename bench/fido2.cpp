// Verifies one assertion of a security key over and over, and prints how many times per second of
// CPU time.  bench/fido2.py says which, and compares.
//
// usage: sekisho_bench_fido2 SECONDS <FILE, with lines of hexadecimal digits:
// registration's challenge, client data, attestation object; assertion's challenge, client data,
// authenticator data, signature.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "authn/factors/webauthn_assertion.h"
#include "authn/factors/webauthn_registration.h"
#include "base/encoding.h"

namespace sekisho {
namespace {

[[noreturn]] void stop(const char* reason) {
  std::fprintf(stderr, "sekisho_bench_fido2: %s\n", reason);
  std::exit(1);
}

Bytes next_line() {
  std::string line;
  std::getline(std::cin, line);
  std::optional<Bytes> bytes = bytes_from_hex(line);
  if (!bytes || bytes->empty()) stop("a line of hexadecimal digits is missing");
  return *std::move(bytes);
}

double cpu_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + static_cast<double>(spent.tv_nsec) * 1e-9;
}

void measure(double seconds) {
  const std::string rp_id = "example.org";
  const std::vector<std::string> origins = {"https://example.org"};
  const Bytes made_challenge = next_line(), made_client_data = next_line(), made = next_line();
  const Bytes challenge = next_line(), client_data = next_line();
  const Bytes authenticator_data = next_line(), signature = next_line();

  const auto registered = authn::verify_registration(
      {rp_id, origins, made_challenge, false, true, nullptr, SystemClock().now()},
      {made_client_data, made});
  if (!registered) stop("the registration is refused");
  const authn::RegisteredKey key{registered->key, registered->is_backup_eligible,
                                 registered->sign_count};
  const auto is_accepted = [&](const Bytes& signed_so) {
    return authn::verify_assertion(key, {rp_id, origins, challenge, false},
                                   {client_data, authenticator_data, signed_so})
        .has_value();
  };
  Bytes forged = signature;
  forged.back() ^= 1;
  if (is_accepted(forged)) stop("a forged signature is accepted");

  long count = 0;
  const double begin = cpu_seconds();
  double spent = 0;
  while (spent < seconds) {
    for (int i = 0; i < 100; ++i, ++count) {
      if (!is_accepted(signature)) stop("the assertion is refused");
    }
    spent = cpu_seconds() - begin;
  }
  std::printf("%.1f\n", static_cast<double>(count) / spent);
}

}  // namespace
}  // namespace sekisho

int main(int count, char** arguments) {
  if (count != 2) sekisho::stop("usage: sekisho_bench_fido2 SECONDS");
  sekisho::measure(std::atof(arguments[1]));
}
