// Security keys plugged into this machine, as the agent and the administrator's desk use them
// (CTAP 2.1).  usb_security_keys.h is the real one, by libfido2.
//
// Calls block, at most as long as their timeout; another thread may end one through its
// Cancellation.  Nothing here decides: what a key answers goes to whoever issued the challenge.

#ifndef SEKISHO_AUTHN_FACTORS_SECURITY_KEY_H_
#define SEKISHO_AUTHN_FACTORS_SECURITY_KEY_H_

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/secret.h"

namespace sekisho::authn {

// Why a key did not do what it was asked.  Each has its own words for the person.
enum class KeyFault {
  kNoKey,              // nothing is plugged in, anywhere
  kUnplugged,          // pulled out half-way, or before: others may be plugged in
  kNoCredential,       // the key holds none of the credentials: somebody else's
  kAlreadyRegistered,  // making: the key holds one of the excluded credentials
  kPinRequired,        // the key wants its PIN and none was given, or no finger matches
  kPinNotSet,          // verification is wanted, and the key has neither a PIN nor biometrics
  kPinUnusable,        // empty, shorter than 4 characters or longer than 63 bytes; never sent
  kPinWrong,           // one try fewer
  kPinAuthBlocked,     // three wrong in a row: pull the key out and plug it in again
  kPinBlocked,         // no tries left: the key must be reset
  kPinChangeForced,    // the key demands a new PIN first
  kNotTouched,         // nobody touched it in time
  kCancelled,          // through the Cancellation
  kUnsupported,        // no CTAP 2, or none of the algorithms, or no room for a credential
  kBroken,             // it answered nonsense, did not verify as asked, or failed otherwise
};
std::string_view name_of(KeyFault fault);

template <typename T>
using FromKey = std::expected<T, KeyFault>;

// Ends a call from another thread.  One for each call or for a row of them; once cancelled, it
// stays so and calls return kCancelled at once.
class Cancellation {
 public:
  void cancel();
  bool is_cancelled() const;

 private:
  friend class CancellableCall;
  mutable std::mutex mutex_;
  bool is_cancelled_ = false;
  std::function<void()> interrupt_;  // set while a call runs
};

// What a key says of itself (CTAP 2.1 section 6.4).
struct KeyStatus {
  std::string path;     // where it is plugged in, as list() gave it
  std::string product;  // for people; printable
  bool has_pin = false;
  bool can_verify_by_itself = false;  // a fingerprint reader that is set up
  bool always_verifies = false;       // alwaysUv
  bool needs_new_pin = false;         // forcePINChange
  int least_pin = 4;                  // code points
  std::optional<int> pin_tries_left;  // of 8, where there is a PIN
};

struct AssertionRequest {
  std::string rp_id;
  Digest client_data_hash{};
  std::vector<Bytes> credentials;  // the allow-list; not empty
  bool verify_user = false;        // PIN or biometrics; else presence alone
  std::optional<Secret> pin;       // never retried
  std::chrono::milliseconds timeout{30'000};
};

struct KeyAssertion {
  Bytes credential_id;
  Bytes authenticator_data;
  Bytes signature;
  Bytes user_handle;  // empty when the key gives none
};

struct CreationRequest {
  std::string rp_id;
  std::string rp_name;
  Bytes user_handle;  // 1..64 bytes
  std::string user_name;
  std::string display_name;
  Digest client_data_hash{};
  std::vector<Bytes> excluded;  // credentials the key must not hold already
  bool verify_user = false;
  bool is_discoverable = false;  // a resident credential: no name need be typed
  // credProtect (CTAP 2.1 section 12.1), of keys that know it: 3, so that nothing is shown or
  // signed before the user is verified; else 2, which a touch is enough for where the credential is
  // named.
  bool protects_by_verification = false;
  std::optional<Secret> pin;
  std::chrono::milliseconds timeout{30'000};
};

struct KeyCredential {
  Bytes attestation_object;  // CBOR: fmt, authData, attStmt, as a browser would hand it over
};

// Whether a key has a credential, as far as it tells without touch and without verification.
enum class Holding {
  kNone,
  kMayHide,  // it shows none, and may have one that shows itself only to a verified user
  kShown,
};

class SecurityKeys {
 public:
  virtual ~SecurityKeys() = default;

  // The keys that are plugged in, asked for their status; keys that do not answer are left out,
  // after some seconds.  Keys that know CTAP 1 only are here: every call says kUnsupported of them.
  virtual std::vector<KeyStatus> list() = 0;

  // Whether the key at `path` holds one of `credentials` for `rp_id`.  Asks nobody for anything.
  // Every key with a PIN that knows credProtect may hide one, whosever key it is.
  virtual FromKey<Holding> holds(const std::string& path, const std::string& rp_id,
                                 const std::vector<Bytes>& credentials) = 0;

  // These two wait for a touch.  A PIN is sent once, when the key has one, and a wrong one costs
  // one try; without verify_user it need not be given.
  //
  // A key that may hide credentials until the user is verified, and shows none of those asked for,
  // wants verification whatever verify_user says: kPinRequired then, even of somebody else's key.
  virtual FromKey<KeyAssertion> get_assertion(const std::string& path,
                                              const AssertionRequest& request,
                                              Cancellation& cancellation) = 0;
  virtual FromKey<KeyCredential> make_credential(const std::string& path,
                                                 const CreationRequest& request,
                                                 Cancellation& cancellation) = 0;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_SECURITY_KEY_H_
