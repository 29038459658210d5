// The town hall, where hanako has a security key with a PIN beside her token.
#ifndef SEKISHO_TESTS_SUPPORT_KEY_TOWN_H_
#define SEKISHO_TESTS_SUPPORT_KEY_TOWN_H_

#include <string>
#include <string_view>
#include <utility>

#include "authn/key_binding.h"
#include "tests/support/paper_key.h"
#include "tests/support/test_town.h"

namespace sekisho::testing {

class KeyTown : public TestTown {
 public:
  KeyTown() {
    policy.security_keys.rp_id = kPaperRpId;
    handle = must(authn::user_handle(**this, random, hanako));
    key_id = bind(key);
  }

  store::User user(std::string_view name = "hanako") { return must(administration().user(name)); }
  store::UserId hire(std::string_view name) {
    const auto id = must(administration().add_user(name, "", {}));
    must(administration().set_password(name, Secret(kPassword)));
    return id;
  }

  // What `paper` makes at a registration, verified as it is at the portal.
  authn::KeyToBind to_bind(PaperKey& paper, std::string_view label = "青い鍵") {
    const Bytes challenge = random.bytes(32);
    const std::vector<std::string> origins{kPaperOrigin};
    const PaperKey::Made made = paper.registration(challenge);
    const auto verified = authn::verify_registration(
        {kPaperRpId, origins, challenge, false, true, nullptr, clock.now()},
        {made.client_data, made.attestation_object});
    if (!verified) FAIL(authn::name_of(verified.error()));
    return {std::string(label), "usb,nfc", *verified};
  }
  Result<authn::BoundKey> try_binding(const authn::KeyToBind& what,
                                      std::string_view name = "hanako") {
    auto transaction = (*this)->begin();
    if (!transaction) return fail(transaction.error());
    auto bound = authn::bind_key(**this, policy.security_keys, user(name), what,
                                 {"user:" + std::string(name), "10.1.2.3"}, clock.now());
    if (!bound) return bound;
    if (auto done = transaction->commit(); !done) return fail(done.error());
    return bound;
  }
  store::SecurityKeyId bind(PaperKey& paper, std::string_view name = "hanako") {
    const auto bound = must(try_binding(to_bind(paper), name));
    if (!bound) FAIL(authn::name_of(bound.error()));
    return *bound;
  }

  // The portal after the password: what the second step claims.
  static authn::Claim second_step(std::string_view name = "hanako",
                                  std::string_view source = "10.1.2.3") {
    authn::Claim claim = TestTown::claim(name, source);
    claim.proven_factors = "password";
    return claim;
  }
  // The portal where no name was typed.
  static authn::Claim nobody(std::string_view source = "10.1.2.3") { return claim("", source); }

  // `paper` answers to a new challenge, with a ticket that is not spent.
  authn::PresentedKey answer(PaperKey& paper) {
    authn::PresentedKey presented;
    presented.challenge = random.bytes(32);
    presented.origins = {kPaperOrigin};
    presented.credential_id = paper.credential_id;
    presented.ticket = {sha256(presented.challenge), clock.now() + policy.security_keys.ceremony};
    PaperKey::Signed made = paper.assertion(presented.challenge);
    presented.client_data = std::move(made.client_data);
    presented.authenticator_data = std::move(made.authenticator_data);
    presented.signature = std::move(made.signature);
    return presented;
  }
  // As a key answers that names its holder.
  authn::PresentedKey naming_answer(PaperKey& paper) {
    authn::PresentedKey presented = answer(paper);
    presented.user_handle = handle;
    return presented;
  }
  static authn::Presented shown(authn::PresentedKey key) {
    authn::Presented what;
    what.second_factor = authn::Factor::kSecurityKey;
    what.key = std::move(key);
    return what;
  }
  std::string key_verdict(const authn::Claim& who, authn::PresentedKey what) {
    return verdict(who, shown(std::move(what)));
  }
  std::string key_verdict(PaperKey& paper) { return key_verdict(second_step(), answer(paper)); }

  store::SecurityKey row(store::SecurityKeyId id) {
    return must((*this)->security_keys().find(id)).value();
  }
  store::SecurityKey row() { return row(key_id); }

  // Failures of one person's factor, at all sources.
  std::int64_t failures(std::string_view factor = "security_key", std::string_view source = "*") {
    return must((*this)->attempts().count(
                    {authn::subject_of(hanako), std::string(factor), std::string(source)}))
        .failures;
  }

  PaperKey key;
  store::SecurityKeyId key_id;
  Bytes handle;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_KEY_TOWN_H_
