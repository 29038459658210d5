// The client data of a WebAuthn ceremony: what the client says it was asked, and by whom
// (WebAuthn Level 3 section 5.8.1).

#ifndef SEKISHO_AUTHN_FACTORS_CLIENT_DATA_H_
#define SEKISHO_AUTHN_FACTORS_CLIENT_DATA_H_

#include <span>
#include <string>

#include "authn/factors/webauthn_fault.h"
#include "base/bytes.h"

namespace sekisho::authn {

inline constexpr std::size_t kMaxClientData = 4096;  // bytes

enum class Ceremony { kRegistration, kAssertion };

struct ExpectedClientData {
  Ceremony ceremony = Ceremony::kAssertion;
  ByteView challenge;                    // as issued: 32 random bytes
  std::span<const std::string> origins;  // exactly as a client writes them
};

// Section 7.1 steps 5 to 11, section 7.2 steps 8 to 14.  No page of ours is shown in a frame, so
// crossOrigin and topOrigin are refused.  Members we do not know are tolerated, as the section
// asks.
Webauthn<void> check_client_data(ByteView client_data, const ExpectedClientData& expected);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_CLIENT_DATA_H_
