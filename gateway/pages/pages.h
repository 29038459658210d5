// The portal's pages: a view in, the HTML of a whole page out.  Start here.
//
// Every value of a view is untrusted text: it is escaped where it is put into the page, and bytes
// that are not UTF-8, control characters and text-direction overrides are shown as \xNN.  The
// pages have no inline script or style and ask for nothing from outside the portal (ASVS 3.4.3).
// They hold no status, header or cookie: those are the caller's, as is "Cache-Control: no-store"
// (ASVS 14.3.2).
//
// Only a security key needs JavaScript: a page with a KeyCeremony includes the portal's one script
// and says what to do where it cannot run.  Everything else works without.
//
// Where the forms go; each sends csrf_token and return_to besides the fields named here:
//
//   POST /signin             user, password
//   POST /signin/key         an assertion
//   POST /second-factor      code           (as typed: spaces and full-width digits may be in it)
//   POST /second-factor/key  an assertion
//   POST /recovery           recovery_code  (as typed)
//   POST /enrol              enrolment_code (as typed)
//   POST /keys/add           an attestation, label
//   POST /keys/rename        key, label     (1 to 63 bytes, unless somebody changed the page)
//   POST /keys/remove        key
//   POST /signout
//   POST /sessions/end       session
//
// An assertion is ticket, credential_id, client_data, authenticator_data, signature and
// user_handle; an attestation is ticket, client_data, attestation_object and transports.  The bytes
// are in base64url without padding; user_handle may be empty; transports are the key's own words
// ("usb,nfc") or empty.
//
// "/" is the page of whoever is signed in.

#ifndef SEKISHO_GATEWAY_PAGES_PAGES_H_
#define SEKISHO_GATEWAY_PAGES_PAGES_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "gateway/pages/language.h"

namespace sekisho::pages {

inline constexpr std::string_view kHtmlContentType = "text/html; charset=utf-8";

// What every page needs.
struct Page {
  Language language = Language::kJapanese;
  std::string organization;  // "関所町"
  // Empty on the portal itself.  On a page shown under an application's host, where assets and
  // links must lead back to the portal: its origin, "https://portal.town.example:8443".
  std::string portal_origin;
};

// What every form carries.
struct FormGuard {
  std::string csrf_token;
  std::string return_to = "/";  // already proven safe by the caller; only ever a hidden field
};

// What happened just before, told at the top of a page together with what to do next.
struct Notice {
  // Up to kUnavailable these are refusals, announced as errors; from kSignInNeeded on they are
  // told calmly.
  enum class Kind {
    kWrongPassword,       // also for an unknown user: the same words
    kWrongCode,           // the TOTP code
    kWrongRecoveryCode,   // opens the recovery form
    kCodeUsed,            // only when the verdict says so
    kLocked,              // needs `until`
    kDisabled,            // locked until an administrator unlocks
    kTooManyTries,        // needs `wait`
    kNoSecondFactor,      // nothing is enrolled
    kFactorExpired,       // NIST SP 800-63B 4.4: the cause must be told
    kSignInExpired,       // the half-finished sign-in is too old
    kKeyRefused,          // the key's answer did not count
    kKeyUnknown,          // registered to nobody, or not to this person: the same words
    kKeyNotVerified,      // neither PIN nor fingerprint
    kKeySuspected,        // its counter went back: it may have been copied
    kKeyTaken,            // already registered
    kKeyModelRefused,     // this model is not accepted for this person's work
    kKeySyncable,         // a passkey that can be copied to other devices
    kWrongEnrolmentCode,  // opens the enrolment form
    kLastSecondFactor,    // the last one is not removed
    kCeremonyExpired,     // the key was asked too long ago, or the answer came twice
    kFormExpired,         // CSRF token wrong or missing: the form is old, or cookies are refused
    kUnavailable,         // we could not tell; nothing was decided
    kSignInNeeded,        // this address needs a sign-in
    kFreshFactorNeeded,   // signed in, but this application or change wants the factor again
    kKeyNeeded,           // signed in, but this application wants a security key
    kEnrolmentNeeded,     // opens the enrolment form: nothing else lets this person add a key
    kEnrolmentReady,      // the enrolment code was right: a key may be registered now
    kKeyAdded,
    kKeyRemoved,
    kKeyRenamed,
    kIdle,                // ended: nothing done for too long
    kSessionOver,         // ended: the absolute limit
    kSessionEndedByUser,  // done: another session was ended on request
  };
  Kind kind;
  Instant until{};
  std::chrono::seconds wait{0};
};

// One WebAuthn ceremony in a page.  security_key.js reads `options`, asks the key and sends the
// form.
struct KeyCeremony {
  std::string ticket;  // names the challenge and binds the answer to it
  // JSON of PublicKeyCredentialCreationOptions or PublicKeyCredentialRequestOptions, bytes in
  // base64url.  A name in it has been made printable(): what would be shown as \xNN is no JSON.
  std::string options;
};

struct SignInView {
  Page page;
  FormGuard form;
  std::string claimed_user;  // typed before a refusal; empty the first time
  std::string destination;   // the application this sign-in leads to; empty: the person's own page
  std::optional<KeyCeremony> key;  // an assertion without a user name
  std::optional<Notice> notice;
};
std::string render(const SignInView& view);

struct SecondFactorView {
  Page page;
  FormGuard form;
  std::string display_name;
  std::string user;
  bool offers_code = true;      // the TOTP code counts here; if not, no recovery code does either
  bool offers_recovery = true;  // besides the TOTP code
  std::optional<KeyCeremony> key;  // an assertion by a key of this person
  bool offers_enrolment = false;   // an enrolment code lets this person register a key
  std::string destination;
  std::optional<Notice> notice;
};
std::string render(const SecondFactorView& view);

// When something happened, and at which terminal or address.
struct Occasion {
  Instant at{};
  std::string from;
};

struct HomeView {
  struct Application {
    std::string name;    // "tax", or a title
    std::string url;     // https or http; anything else is not made a link
    std::string detail;  // a second line, such as its host; may be empty
  };
  struct TotpCredential {
    std::string label;
    Instant confirmed{};
    std::optional<Instant> last_used;
  };
  struct SecurityKey {
    std::string id;  // what the forms send as `key`
    std::string label;
    Instant added{};
    std::optional<Occasion> last_used;
    bool is_verifying = false;  // used with PIN or fingerprint
  };
  struct Session {
    std::string id;  // what POST /sessions/end gets: never the session's token
    Instant started{};
    Instant last_seen{};
    std::string from;
    bool is_current = false;
  };

  Page page;
  FormGuard form;
  std::string display_name;
  std::string user;
  std::optional<Occasion> last_sign_in;  // before this one; none: this is the first
  unsigned failures_since = 0;           // between that one and this one
  std::optional<Occasion> last_failure;
  std::vector<Application> applications;
  std::vector<TotpCredential> totp_credentials;
  std::vector<SecurityKey> security_keys;
  bool may_add_keys = true;  // shows the way to GET /keys/add
  unsigned recovery_codes_left = 0;
  std::vector<Session> sessions;
  std::optional<Notice> notice;
};
std::string render(const HomeView& view);

// Registers one more security key.
struct AddKeyView {
  Page page;
  FormGuard form;
  KeyCeremony key;
  std::string display_name;
  std::string user;
  unsigned keys_so_far = 0;
  std::string claimed_label;  // typed before a refusal; empty: one is suggested
  std::optional<Notice> notice;
};
std::string render(const AddKeyView& view);

struct SignedOutView {
  enum class Reason { kSignedOut, kIdle, kSessionOver, kEndedElsewhere };
  Page page;
  Reason reason = Reason::kSignedOut;
};
std::string render(const SignedOutView& view);

// A request that got no answer of its own.  Statuses with words of their own: 400, 401, 403, 404,
// 405, 408, 413, 421, 429, 431, 500, 502, 503, 504; any other is told as 400 or 500.
struct ProblemView {
  Page page;
  unsigned status = 500;
  std::string reference;         // what the log calls this request; may be empty
  std::chrono::seconds wait{0};  // when a later try may succeed; 0: not known
};
std::string render(const ProblemView& view);

// Signed in, but this application is closed to this person, here or now.  Status 403.
struct ForbiddenView {
  enum class Reason {
    kNotPermitted,  // no rule names a group of this person's
    kNetwork,       // not from this place
    kHours,         // not at this time; needs `hours`
    kTerminal,      // not signed in at one of `terminals`, or it was too long ago
  };
  Page page;
  std::string application;
  std::string display_name;
  Reason reason = Reason::kNotPermitted;
  std::string hours;        // "08:00-18:00"
  std::string terminals{};  // "zeimu-*, madoguchi-01"
  std::string reference;
};
std::string render(const ForbiddenView& view);

// What a page may run: the portal's own script where it has a KeyCeremony, else nothing.
enum class Scripts { kNone, kOwn };

// The Content-Security-Policy for a page made with this `portal_origin` and `return_to` (empty or
// a path where there is none).  A browser also checks form-action against the redirect that
// answers a form, so a return address on another host is named in it.
std::string content_security_policy(std::string_view portal_origin, std::string_view return_to,
                                    Scripts scripts = Scripts::kNone);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_PAGES_H_
