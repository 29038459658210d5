// A security key on paper: what a client hands over at a registration and at an assertion (WebAuthn
// Level 3 sections 5.8.1 and 6.1), really signed.  A test sets what is to be a lie.
#ifndef SEKISHO_TESTS_SUPPORT_PAPER_KEY_H_
#define SEKISHO_TESTS_SUPPORT_PAPER_KEY_H_

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "tests/support/p256_key.h"

namespace sekisho::testing {

inline constexpr const char* kPaperRpId = "town.example";
inline constexpr const char* kPaperOrigin = "https://town.example";

class PaperKey {
 public:
  // A key like no other, whose counter grows.
  PaperKey();

  struct Made {
    Bytes client_data;
    Bytes attestation_object;  // format "none"
  };
  Made registration(ByteView challenge);

  struct Signed {
    Bytes client_data;
    Bytes authenticator_data;
    Bytes signature;
  };
  Signed assertion(ByteView challenge);

  Bytes credential_id;
  Bytes aaguid;
  std::string rp_id = kPaperRpId;
  std::string origin = kPaperOrigin;
  std::string type;  // instead of the ceremony's own
  bool is_present = true;
  bool is_verified = true;
  bool is_backup_eligible = false;
  bool is_backed_up = false;
  // Said with the next answer; grows with each unless it is 0.
  std::uint32_t counter = 1;
  P256Key pair = P256Key::make();

 private:
  Bytes client_data(const std::string& usual_type, ByteView challenge) const;
  Bytes authenticator_data(std::uint8_t more_flags);
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_PAPER_KEY_H_
