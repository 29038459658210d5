#include "cli/key_registration.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "authn/factors/key_pin.h"
#include "authn/factors/trust_anchors.h"
#include "authn/factors/webauthn_registration.h"
#include "authn/key_binding.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/secret_input.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/key_texts.h"
#include "cli/key_view.h"

namespace sekisho::cli {
namespace {

using authn::KeyFault;
using authn::KeyStatus;

constexpr std::chrono::milliseconds kLookAgain{300};
constexpr std::size_t kChallengeBytes = 32;

// ---- the key

// Waits until one is plugged in, or several are.
std::vector<KeyStatus> wait_for_keys(Desk& desk, std::chrono::seconds patience) {
  std::vector<KeyStatus> keys = desk.keys().list();
  if (!keys.empty() || patience.count() == 0) return keys;
  desk.console().note(desk.console().in_words(
      {"セキュリティキーを差し込んでください({} 秒待ちます)", "plug the security key in ({} s)"},
      patience.count()));
  const auto end = std::chrono::steady_clock::now() + patience;
  while (keys.empty() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kLookAgain);
    keys = desk.keys().list();
  }
  return keys;
}

Result<KeyStatus> choose_key(Desk& desk, const KeyToRegister& what) {
  const std::vector<KeyStatus> keys = wait_for_keys(desk, what.patience);
  if (keys.empty()) return fail(error_of(KeyFault::kNoKey));
  if (what.number == 0 && keys.size() == 1) return keys.front();
  const auto number = static_cast<std::size_t>(what.number);
  if (number >= 1 && number <= keys.size()) return keys[number - 1];
  for (std::size_t i = 0; i < keys.size(); ++i) {
    desk.console().note("  " + std::to_string(i + 1) + "  " + printable(keys[i].product) + "  " +
                        printable(keys[i].path));
  }
  if (number == 0) {
    return fail(ErrorCode::kInvalid,
                "several security keys are plugged in: leave one, or name it with --key");
  }
  return fail(ErrorCode::kNotFound,
              "there is no security key number " + std::to_string(number) + " plugged in");
}

// What makes asking for a PIN, or for a touch, vain.
std::optional<KeyFault> fault_before(const KeyStatus& key, bool requires_verification) {
  if (requires_verification && !key.has_pin && !key.can_verify_by_itself) {
    return KeyFault::kPinNotSet;
  }
  if (!key.has_pin) return std::nullopt;
  if (key.needs_new_pin) return KeyFault::kPinChangeForced;
  if (key.pin_tries_left == 0) return KeyFault::kPinBlocked;
  return std::nullopt;
}

Result<Secret> ask_for_pin(const Console& console, const KeyStatus& key) {
  const std::string tries =
      key.pin_tries_left
          ? console.in_words({"(残り {} 回)", " (tries left: {})"}, *key.pin_tries_left)
          : std::string();
  return secret_from_terminal(
      console.in_words({"{} の PIN{}: ", "PIN of {}{}: "}, printable(key.product), tries),
      "there is no terminal to ask for the PIN on: run the command in one");
}

// ---- the ceremony

struct Ceremony {
  Bytes challenge;
  std::string origin;
  std::string client_data;
};

Ceremony new_ceremony(Random& random) {
  char host[HOST_NAME_MAX + 1] = {};
  ::gethostname(host, HOST_NAME_MAX);
  Ceremony ceremony{random.bytes(kChallengeBytes), "sekisho-desk://" + printable(host), {}};
  ceremony.client_data = JsonObject()
                             .add("type", "webauthn.create")
                             .add("challenge", base64url_of(ceremony.challenge))
                             .add("origin", ceremony.origin)
                             .add_flag("crossOrigin", false)
                             .text();
  return ceremony;
}

// The person's handle is made here, when there is none yet.
Result<authn::CreationRequest> new_request(const authn::Office& office, const store::User& user,
                                           const settings::Settings& settings,
                                           const Ceremony& ceremony) {
  auto transaction = office.store.begin();
  if (!transaction) return fail(transaction.error());
  auto handle = authn::user_handle(office.store, office.random, user.id);
  if (!handle) return fail(handle.error());
  const auto keys = office.store.security_keys().list(user.id);
  if (!keys) return fail(keys.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  const authn::SecurityKeyPolicy& policy = office.policy.security_keys;
  authn::CreationRequest request;
  request.rp_id = policy.rp_id;
  request.rp_name = settings.organization.empty() ? "Sekisho" : settings.organization;
  request.user_handle = std::move(*handle);
  request.user_name = user.name;
  request.display_name = user.display_name.empty() ? user.name : user.display_name;
  request.client_data_hash = sha256(ceremony.client_data);
  for (const store::SecurityKey& key : *keys) request.excluded.push_back(key.credential_id);
  request.is_discoverable = policy.allows_passwordless;
  // As the portal does it (gateway/key_ceremonies.cpp).
  request.protects_by_verification = policy.requires_user_verification;
  return request;
}

// One call to the key, which Ctrl-C ends.
authn::FromKey<authn::KeyCredential> make_credential(Desk& desk, const KeyStatus& key,
                                                     const authn::CreationRequest& request) {
  desk.console().note(desk.console().in_words({"{} が点滅したら触れてください(Ctrl-C で取り消し)",
                                               "touch {} when it blinks (Ctrl-C: stop)"},
                                              printable(key.product)));
  authn::Cancellation cancellation;
  const InterruptWatch interrupts([&cancellation] { cancellation.cancel(); });
  return desk.keys().make_credential(key.path, request, cancellation);
}

// How many tries are left is known to the key alone.
Error wrong_pin(Desk& desk, const KeyStatus& key) {
  const std::vector<KeyStatus> keys = desk.keys().list();
  const auto same = std::ranges::find(keys, key.path, &KeyStatus::path);
  if (same == keys.end() || !same->pin_tries_left) return error_of(KeyFault::kPinWrong);
  return error_of_wrong_pin(*same->pin_tries_left);
}

// Asks for the PIN where there is one, unless a fingerprint does; then for that finger's want.
Result<authn::KeyCredential> credential_of(Desk& desk, const KeyStatus& key,
                                           authn::CreationRequest request) {
  request.verify_user = request.verify_user || key.has_pin || key.can_verify_by_itself;
  authn::FromKey<authn::KeyCredential> made = std::unexpected(KeyFault::kPinRequired);
  if (!key.has_pin || key.can_verify_by_itself) made = make_credential(desk, key, request);
  if (!made && made.error() == KeyFault::kPinRequired && key.has_pin) {
    Result<Secret> pin = ask_for_pin(desk.console(), key);
    if (!pin) return fail(pin.error());
    const auto flaw = authn::flaw_of(*pin, key.least_pin);
    if (flaw == authn::PinFlaw::kTooShort) return fail(error_of_short_pin(key.least_pin));
    if (flaw) return fail(error_of(KeyFault::kPinUnusable));
    request.pin = std::move(*pin);
    made = make_credential(desk, key, request);
  }
  if (made) return *std::move(made);
  return fail(made.error() == KeyFault::kPinWrong ? wrong_pin(desk, key) : error_of(made.error()));
}

// ---- what came of it

Result<authn::VerifiedRegistration> verified(const authn::Office& office, const std::string& user,
                                             const Ceremony& ceremony,
                                             const authn::TrustAnchors& anchors,
                                             const authn::KeyCredential& credential) {
  const authn::SecurityKeyPolicy& policy = office.policy.security_keys;
  const std::vector<std::string> origins = {ceremony.origin};
  authn::ExpectedRegistration expected;
  expected.rp_id = policy.rp_id;
  expected.origins = origins;
  expected.challenge = ceremony.challenge;
  expected.requires_user_verification = policy.requires_user_verification;
  expected.allows_syncable = policy.allows_syncable;
  expected.anchors = &anchors;
  expected.now = office.clock.now();
  auto outcome = authn::verify_registration(
      expected, {as_bytes(ceremony.client_data), credential.attestation_object});
  if (outcome) return *std::move(outcome);
  const auto written = write_down(office, "key_add", "denied", "user:" + user,
                                  JsonObject().add("reason", name_of(outcome.error())).text());
  if (!written) return fail(written.error());
  return fail(error_of(outcome.error()));
}

Result<store::SecurityKey> bound(const authn::Office& office, const store::User& before,
                                 authn::KeyToBind key) {
  auto transaction = office.store.begin();
  if (!transaction) return fail(transaction.error());
  // As the person is now: minutes may have gone by, in which the name may have become another's.
  const auto user = office.store.users().find(before.id);
  if (!user) return fail(user.error());
  if (!*user) return fail(ErrorCode::kNotFound, "there is no user " + before.name);
  const auto id = authn::bind_key(office.store, office.policy.security_keys, **user, key,
                                  {office.actor, "console"}, office.clock.now());
  if (!id) return fail(id.error());
  const auto row = *id ? office.store.security_keys().find(**id)
                       : Result<std::optional<store::SecurityKey>>(std::nullopt);
  if (!row) return fail(row.error());
  // An objection is written down, too.
  if (auto done = transaction->commit(); !done) return fail(done.error());
  if (!*id) return fail(error_of(id->error()));
  return **row;
}

void report(const Console& console, const std::string& user, const store::SecurityKey& key) {
  console.report(
      console.in_words({"鍵「{1}」を {0} に登録しました(番号 {2})。すぐに使えます",
                        "registered the key \"{1}\" to {0} as number {2}; it counts at once"},
                       user, printable(key.label), key.id.value),
      {{"done", "key_add"},
       {"user", user},
       {"key", key.id.value},
       {"label", key.label},
       {"aaguid", key_model(key.aaguid).value_or("")},
       {"attestation", key.attestation},
       {"user_verification", key.is_verifying}});
  if (key.is_verifying) return;
  console.note(console.in_words(
      {"注意: PIN のない鍵なので、PIN か指紋を求める規則(fido2+uv)では使えません",
       "note: the key has no PIN, so it is not enough where a rule asks for fido2+uv"}));
}

std::string label_of(const KeyToRegister& what, const KeyStatus& key) {
  if (what.label) return *what.label;
  return authn::is_key_label(key.product) ? key.product : "Security key";
}

Result<authn::TrustAnchors> anchors_of(Desk& desk, const settings::Settings& settings) {
  if (settings.trust_anchors_path.empty()) return authn::TrustAnchors();
  Result<authn::TrustAnchors> anchors = authn::TrustAnchors::load(settings.trust_anchors_path);
  if (!anchors) return fail(desk.broken(anchors.error()));
  return anchors;
}

// What can be refused before anybody plugs in or touches anything.
Result<store::User> user_who_may_have_one_more(const authn::Office& office,
                                               const KeyToRegister& what) {
  auto user = authn::Administration(office).user(what.user);
  if (!user) return user;
  if (what.label && !authn::is_key_label(*what.label)) {
    return fail(ErrorCode::kInvalid,
                "a key's name must be UTF-8 without control characters, 1 to 64 bytes");
  }
  const auto keys = office.store.security_keys().list(user->id);
  if (!keys) return fail(keys.error());
  if (keys->size() >= static_cast<std::size_t>(office.policy.security_keys.keys_most)) {
    return fail(error_of(authn::BindingObjection::kTooMany));
  }
  return user;
}

}  // namespace

Result<Exit> register_key(Desk& desk, const KeyToRegister& what) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const auto user = user_who_may_have_one_more(*office, what);
  if (!user) return fail(user.error());
  const settings::Settings& settings = **desk.settings();
  const auto anchors = anchors_of(desk, settings);
  if (!anchors) return fail(anchors.error());
  const Result<KeyStatus> key = choose_key(desk, what);
  if (!key) return fail(key.error());
  const bool requires_verification = office->policy.security_keys.requires_user_verification;
  if (const auto fault = fault_before(*key, requires_verification)) return fail(error_of(*fault));

  const Ceremony ceremony = new_ceremony(desk.random());
  auto request = new_request(*office, *user, settings, ceremony);
  if (!request) return fail(request.error());
  request->verify_user = requires_verification;
  const auto credential = credential_of(desk, *key, std::move(*request));
  if (!credential) return fail(credential.error());
  auto registration = verified(*office, user->name, ceremony, *anchors, *credential);
  if (!registration) return fail(registration.error());
  const auto row = bound(*office, *user, {label_of(what, *key), "usb", std::move(*registration)});
  if (!row) return fail(row.error());
  report(desk.console(), user->name, *row);
  return Exit::kDone;
}

}  // namespace sekisho::cli
