// What a software security key remembers, in memory or in a file that several programs share.
//
//   {"attached": true, "product": "Software key", "pin": "1234", "pin_tries": 8,
//    "wrong_in_a_row": 0, "blinking": false, "faults": ["slow_touch"],
//    "always_verifies": false, "verifies_by_itself": false, "protects": true,
//    "speaks_ctap2": true, "has_pin_tokens": true, "needs_new_pin": false, "least_pin": 4,
//    "pin_protocols": [2, 1], "longest_message": 1200, "most_in_list": 8,
//    "credentials": [{"credential_id": "...", "private_key": "...", "rp_id": "...",
//                     "user_handle": "...", "sign_count": 1, "discoverable": false,
//                     "protect": 2}]}
//
// Bytes are base64url; private_key is PKCS#8, as Chromium's virtual authenticator exports it.
// Members that are missing have the values of a new SoftwareKeyState.
#ifndef SEKISHO_TESTS_SUPPORT_SOFTWARE_KEY_STATE_H_
#define SEKISHO_TESTS_SUPPORT_SOFTWARE_KEY_STATE_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace sekisho::testing {

// What can be wrong with a key.  In the file by name: "stale_counter".  None is a wrong origin: the
// client writes it, and a key sees but the client data's digest; tests/support/paper_key.py plays
// such clients.
enum class SoftwareKeyFault {
  kStaleCounter,      // the counter stands still: the key may have been cloned
  kNoPresence,        // signs without UP
  kNoVerification,    // signs without UV, though asked for it
  kBadSignature,      // one bit of it
  kPinBlocked,        // no tries left
  kSlowTouch,         // nobody touches it until touch() or until this fault goes
  kDeaf,              // the same, and it does not hear the cancellation
  kBabbling,          // the same, and it says without a pause that it waits
  kHardOfHearing,     // a cancellation takes two seconds to be written, or until a touch
  kTouchTimesOut,     // nobody touched it, it says
  kUnpluggedHalfway,  // is gone when it should wait for a touch
  kGarbage,           // answers what is no CBOR
  kWrongCredential,   // answers for a credential it was not asked for
  kSilent,            // answers nothing, from the start
  kForeign,           // holds no credential
  kWeakProtection,    // gives credProtect one level lower than asked for
  kFull,              // no room for another credential
};
std::string_view name_of(SoftwareKeyFault fault);

struct SoftwareCredential {
  Bytes id;
  Bytes private_key;  // PKCS#8
  std::string rp_id;
  Bytes user_handle;
  std::uint32_t sign_count = 0;
  bool is_discoverable = false;
  int protection = 1;  // credProtect
};

struct SoftwareKeyState {
  bool is_attached = true;
  std::string product = "Software key";
  std::string pin;  // empty: none
  int pin_tries = 8;
  int wrong_in_a_row = 0;    // since it was plugged in
  bool is_blinking = false;  // waits for a touch; the key says so, nobody else
  std::set<SoftwareKeyFault> faults;
  bool always_verifies = false;
  bool verifies_by_itself = false;
  bool protects = true;
  bool speaks_ctap2 = true;
  bool has_pin_tokens = true;  // pinUvAuthToken with permissions, of CTAP 2.1
  bool needs_new_pin = false;
  int least_pin = 4;  // code points
  std::vector<int> pin_protocols{2, 1};
  int longest_message = 1200;  // bytes
  int most_in_list = 8;
  std::vector<SoftwareCredential> credentials;

  bool has(SoftwareKeyFault fault) const { return faults.contains(fault); }
};

// These throw std::runtime_error: a test with a broken file is broken.
std::string text_of(const SoftwareKeyState& state);
SoftwareKeyState state_from(std::string_view text);

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_SOFTWARE_KEY_STATE_H_
