#include "authn/key_binding.h"

#include <future>
#include <latch>

#include "authn/session.h"
#include "authn/throttle.h"
#include "base/encoding.h"
#include "tests/support/key_town.h"

namespace sekisho::authn {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::KeyTown;
using testing::kPassword;
using testing::must;
using testing::outcome_of;
using testing::PaperKey;

const Actor kHanako{"user:hanako", "10.1.2.3"};

struct Binding : KeyTown {
  // "bound", or the objection.
  std::string bind(const KeyToBind& what, std::string_view name = "hanako") {
    const auto bound = must(try_binding(what, name));
    return bound ? "bound" : std::string(name_of(bound.error()));
  }
  using KeyTown::bind;
  std::size_t keys(std::string_view name = "hanako") {
    return must((*this)->security_keys().list(user(name).id)).size();
  }
};

// ---- refusals

TEST_CASE("a credential that is registered is taken, by whomever", "[authn]") {
  Binding test;
  test.hire("taro");
  CHECK(test.bind(test.to_bind(test.key)) == "taken");
  CHECK(test.bind(test.to_bind(test.key), "taro") == "taken");
  CHECK(test.last_audit() ==
        "key_add denied user:taro user:taro 10.1.2.3 {\"label\":\"青い鍵\",\"aaguid\":\"" +
            hex_of(test.key.aaguid) +
            "\",\"format\":\"none\",\"attestation\":\"none\",\"reason\":\"taken\"}");
  // Also a key that took over another's credential id.
  PaperKey copy;
  copy.credential_id = test.key.credential_id;
  CHECK(test.bind(test.to_bind(copy), "taro") == "taken");
  CHECK(test.keys() == 1);
  CHECK(test.keys("taro") == 0);
}

TEST_CASE("a person may have so many keys and no more", "[authn]") {
  Binding test;
  test.policy.security_keys.keys_most = 3;
  for (const char* expected : {"bound", "bound", "too_many"}) {
    PaperKey another;
    CHECK(test.bind(test.to_bind(another)) == expected);
  }
  CHECK_THAT(test.last_audit(), has("key_add denied user:hanako user:hanako 10.1.2.3 "));
  CHECK_THAT(test.last_audit(), has("\"reason\":\"too_many\""));
  CHECK(test.keys() == 3);
  test.hire("taro");
  PaperKey taros;
  CHECK(test.bind(test.to_bind(taros), "taro") == "bound");
  must(remove_key(*test, test.user(), test.key_id, {}, kHanako, test.clock.now()));
  PaperKey another;
  CHECK(test.bind(test.to_bind(another)) == "bound");
}

TEST_CASE("where a group demands a model, only its maker's word for one of them counts",
          "[authn]") {
  Binding test;
  PaperKey paper;
  KeyToBind what = test.to_bind(paper);
  test.policy.security_keys.models = {
      {{"admins", "tax"}, {std::string(32, '0'), hex_of(what.registration.aaguid)}}};
  for (const auto trust :
       {AttestationTrust::kNone, AttestationTrust::kSelf, AttestationTrust::kUnanchored}) {
    what.registration.trust = trust;
    CHECK(test.bind(what) == "model_refused");
    CHECK_THAT(test.last_audit(), has("key_add denied user:hanako"));
    CHECK_THAT(test.last_audit(), has("\"reason\":\"model_refused\""));
  }
  CHECK_THAT(test.last_audit(), has("\"attestation\":\"unanchored\""));
  what.registration.trust = AttestationTrust::kAnchored;
  what.registration.aaguid[15] ^= 1;
  CHECK(test.bind(what) == "model_refused");
  what.registration.aaguid[15] ^= 1;
  CHECK(test.bind(what) == "bound");
}

TEST_CASE("a group whose list of models is empty takes none", "[authn]") {
  Binding test;
  test.policy.security_keys.models = {{{"tax"}, {}}};
  PaperKey paper;
  KeyToBind what = test.to_bind(paper);
  what.registration.trust = AttestationTrust::kAnchored;
  CHECK(test.bind(what) == "model_refused");
}

TEST_CASE("who is in two groups that demand models needs one that both list", "[authn]") {
  Binding test;
  must(test.administration().add_to_group("hanako", "admins"));
  PaperKey paper;
  KeyToBind what = test.to_bind(paper);
  what.registration.trust = AttestationTrust::kAnchored;
  const std::string model = hex_of(what.registration.aaguid);
  test.policy.security_keys.models = {{{"tax"}, {model}}, {{"admins"}, {std::string(32, 'f')}}};
  CHECK(test.bind(what) == "model_refused");
  test.policy.security_keys.models[1].aaguids.push_back(model);
  CHECK(test.bind(what) == "bound");
}

TEST_CASE("a colleague outside the group may bind any key", "[authn]") {
  Binding test;
  test.policy.security_keys.models = {{{"tax"}, {std::string(32, '0')}}};
  test.hire("taro");
  PaperKey paper;
  CHECK(test.bind(test.to_bind(paper), "taro") == "bound");
}

TEST_CASE("a key's name that could mislead or break a page is refused", "[authn]") {
  Binding test;
  PaperKey paper;
  const std::string longest(64, 'x');
  for (const std::string& label :
       {std::string(), longest + "x", std::string("鍵\n"), std::string("\0", 1),
        std::string("\x1b[2J"), std::string("\x7f"), std::string("\xff"), std::string("\xe9\x8d"),
        std::string("\xc2\x85")}) {
    CHECK_FALSE(is_key_label(label));
    CHECK_THAT(outcome_of(test.try_binding(test.to_bind(paper, label))),
               has("invalid: a key's name must be UTF-8"));
    CHECK_THAT(
        outcome_of(rename_key(*test, test.user(), test.key_id, label, kHanako, test.clock.now())),
        has("invalid: a key's name must be UTF-8"));
  }
  CHECK(test.keys() == 1);
  CHECK(test.row().label == "青い鍵");
  for (const std::string& label :
       {std::string("x"), longest, std::string("<b>'\"&"), std::string("窓口の鍵 (予備)")}) {
    CHECK(is_key_label(label));
    CHECK(must(rename_key(*test, test.user(), test.key_id, label, kHanako, test.clock.now())));
  }
  CHECK(test.bind(test.to_bind(paper, longest)) == "bound");
}

TEST_CASE("nobody renames or removes another person's key, nor one that is not there", "[authn]") {
  Binding test;
  test.hire("taro");
  const store::User taro = test.user("taro");
  const auto rows = test.audit().size();
  for (const auto& [who, id] :
       {std::pair(taro, test.key_id), std::pair(test.user(), store::SecurityKeyId{4711})}) {
    CHECK_FALSE(must(rename_key(*test, who, id, "x", kHanako, test.clock.now())));
    const RemovedKey removed = must(remove_key(*test, who, id, {}, kHanako, test.clock.now()));
    CHECK_FALSE(removed.is_removed);
    CHECK(removed.sessions_ended == 0);
  }
  CHECK(test.row().label == "青い鍵");
  CHECK(test.audit().size() == rows);
}

// ---- at once

std::string bind_elsewhere(Binding& test, const KeyToBind& what, const store::User& user,
                           std::latch& start) {
  store::Store store = test.another();
  start.arrive_and_wait();
  auto transaction = store.begin();
  if (!transaction) return outcome_of(transaction);
  const auto bound =
      bind_key(store, test.policy.security_keys, user, what, kHanako, test.clock.now());
  if (!bound) return outcome_of(bound);
  if (auto done = transaction->commit(); !done) return outcome_of(done);
  return *bound ? "bound" : std::string(name_of(bound->error()));
}

std::string at_once(Binding& test, const KeyToBind& one, const store::User& his,
                    const KeyToBind& other, const store::User& hers) {
  std::latch start(2);
  auto first =
      std::async(std::launch::async, [&] { return bind_elsewhere(test, one, his, start); });
  auto second =
      std::async(std::launch::async, [&] { return bind_elsewhere(test, other, hers, start); });
  const std::string a = first.get();
  const std::string b = second.get();
  return std::min(a, b) + ", " + std::max(a, b);
}

TEST_CASE("of two people who bind one credential at once, exactly one has it", "[authn]") {
  Binding test;
  test.hire("taro");
  PaperKey paper;
  const KeyToBind what = test.to_bind(paper);
  CHECK(at_once(test, what, test.user("taro"), what, test.user()) == "bound, taken");
}

TEST_CASE("of two keys bound at once where one is left, exactly one is", "[authn]") {
  Binding test;
  test.policy.security_keys.keys_most = 2;
  PaperKey one;
  PaperKey other;
  CHECK(at_once(test, test.to_bind(one), test.user(), test.to_bind(other), test.user()) ==
        "bound, too_many");
  CHECK(test.keys() == 2);
}

// ---- a store that is broken

TEST_CASE("a key whose binding cannot be written down is not bound", "[authn]") {
  Binding test;
  PaperKey paper;
  const KeyToBind what = test.to_bind(paper);
  test.block_audit();
  CHECK_THAT(outcome_of(test.try_binding(what)), has("invalid: "));
  CHECK(test.keys() == 1);
  CHECK_THAT(outcome_of(test.try_binding(test.to_bind(test.key))), has("invalid: "));  // taken
}

TEST_CASE("a removal or a new name that cannot be written down is an error", "[authn]") {
  Binding test;
  test.block_audit();
  CHECK_FALSE(rename_key(*test, test.user(), test.key_id, "x", kHanako, test.clock.now()));
  CHECK_FALSE(remove_key(*test, test.user(), test.key_id, {}, kHanako, test.clock.now()));
}

TEST_CASE("a store without its tables is an error at every change to keys", "[authn]") {
  for (const char* table : {"security_keys", "attempts", "audit_log", "sessions", "users"}) {
    Binding test;
    PaperKey paper;
    const KeyToBind what = test.to_bind(paper);
    const store::User hanako = test.user();
    test.sql("PRAGMA foreign_keys = OFF; DROP TABLE " + std::string(table));
    INFO(table);
    const std::string_view gone = table;
    if (gone != "sessions" && gone != "users") {
      CHECK_FALSE(
          bind_key(*test, test.policy.security_keys, hanako, what, kHanako, test.clock.now()));
    }
    if (gone == "security_keys" || gone == "sessions" || gone == "audit_log") {
      CHECK_FALSE(remove_key(*test, hanako, test.key_id, {}, kHanako, test.clock.now()));
    }
    if (gone == "users") CHECK_FALSE(user_handle(*test, test.random, hanako.id));
  }
}

// ---- what is done

TEST_CASE("a key that is bound is kept as it was registered, and written down", "[authn]") {
  Binding test;
  PaperKey paper;
  paper.is_verified = false;
  paper.is_backup_eligible = paper.is_backed_up = true;
  paper.counter = 12;
  const KeyToBind what = test.to_bind(paper, "庁舎の鍵");
  const auto id = **test.try_binding(what);
  const store::SecurityKey row = test.row(id);
  CHECK(row.user == test.hanako);
  CHECK(row.label == "庁舎の鍵");
  CHECK(row.credential_id == paper.credential_id);
  CHECK(row.algorithm == -7);
  CHECK(row.public_key == paper.pair.coordinates());
  CHECK(row.aaguid == paper.aaguid);
  CHECK(row.attestation == "none");
  CHECK(row.transports == "usb,nfc");
  CHECK(row.is_backup_eligible);
  CHECK(row.is_backed_up);
  CHECK_FALSE(row.is_verifying);
  CHECK(row.sign_count == 12);
  CHECK(row.added_at == test.clock.now());
  CHECK(row.added_from == "10.1.2.3");
  CHECK_FALSE(row.last_used_at);
  CHECK(test.last_audit() ==
        "key_add done user:hanako user:hanako 10.1.2.3 {\"label\":\"庁舎の鍵\",\"aaguid\":\"" +
            hex_of(paper.aaguid) +
            "\",\"format\":\"none\",\"attestation\":\"none\",\"key\":2,\"algorithm\":-7,"
            "\"user_verified\":false,\"backup_eligible\":true}");
}

TEST_CASE("how well a key protects the credential is written down, where it tells", "[authn]") {
  Binding test;
  PaperKey paper;
  KeyToBind what = test.to_bind(paper);
  what.registration.cred_protect = 2;
  REQUIRE(test.bind(what) == "bound");
  CHECK_THAT(test.last_audit(), has("\"cred_protect\":2"));
}

TEST_CASE("the hint of transports is kept only when it looks like one", "[authn]") {
  Binding test;
  const std::string longest(64, 'u');
  for (const auto& [told, kept] : {std::pair<std::string, std::string>{"usb", "usb"},
                                   {"smart-card,hybrid,ble", "smart-card,hybrid,ble"},
                                   {"", ""},
                                   {longest, longest},
                                   {longest + "u", ""},
                                   {"USB", ""},
                                   {"usb nfc", ""},
                                   {"usb;nfc", ""},
                                   {"<script>", ""},
                                   {std::string("usb\0", 4), ""},
                                   {"\xff", ""}}) {
    INFO(told);
    test.policy.security_keys.keys_most = 100;
    PaperKey paper;
    KeyToBind what = test.to_bind(paper);
    what.transports = told;
    CHECK(test.row(**test.try_binding(what)).transports == kept);
    CHECK(test.key_verdict(paper) == "granted proven");  // the hint is under the row's tag
  }
}

TEST_CASE("binding a key forgets the failures with keys, and no others", "[authn]") {
  Binding test;
  test.key_verdict(test.key);  // a success is known of this source
  PaperKey wrong;
  for (int i = 0; i < 3; ++i) test.key_verdict(wrong);
  test.verdict(test.second_step(), test.presented({}, "000000"));
  CHECK(test.failures() == 3);
  CHECK(test.key_verdict(test.key) == "locked throttled");
  PaperKey paper;
  // An objection changes nothing.
  CHECK(test.bind(test.to_bind(test.key)) == "taken");
  CHECK(test.failures() == 3);
  CHECK(test.bind(test.to_bind(paper)) == "bound");
  CHECK(test.failures() == 0);
  CHECK(test.failures("security_key", "10.1.2.3") == 0);
  CHECK(test.failures("totp") == 1);
  CHECK_FALSE(must(test->attempts().has_success_since(
      {subject_of(test.hanako), "security_key", "10.1.2.3"}, Instant())));
  CHECK(test.key_verdict(paper) == "granted proven");
}

TEST_CASE("a person's handle is 64 random bytes, made once", "[authn]") {
  Binding test;
  const auto taro = test.hire("taro");
  CHECK_FALSE(must(test->users().handle(taro)));
  const Bytes made = must(user_handle(*test, test.random, taro));
  CHECK(made.size() == 64);
  CHECK(made != test.handle);
  CHECK(must(user_handle(*test, test.random, taro)) == made);
  test.reopen();
  CHECK(must(user_handle(*test, test.random, taro)) == made);
}

TEST_CASE("a key is renamed by its owner, and both names are written down", "[authn]") {
  Binding test;
  CHECK(must(rename_key(*test, test.user(), test.key_id, "赤い鍵", kHanako, test.clock.now())));
  CHECK(test.row().label == "赤い鍵");
  CHECK(test.last_audit() ==
        "key_rename done user:hanako user:hanako 10.1.2.3 "
        "{\"key\":1,\"from\":\"青い鍵\",\"to\":\"赤い鍵\"}");
  CHECK(test.key_verdict(test.key) == "granted proven");
}

TEST_CASE("removing a key ends the person's other sessions, and keeps the one that asks",
          "[authn]") {
  Binding test;
  const auto open = [&](std::string_view name) {
    const LoginResult granted = test.log_in(test.claim(name), test.presented(kPassword));
    return must(open_session(*test, test.random, test.policy, granted, "10.1.2.3", {},
                             test.clock.now()))
        .id;
  };
  const auto end_of = [&](store::SessionId id) {
    return must(test->sessions().find(id))->end_reason;
  };
  test.hire("taro");
  const auto asking = open("hanako");
  const auto other = open("hanako");
  const auto ended_before = open("hanako");
  const auto taros = open("taro");
  must(test->sessions().end(ended_before, "signed out", test.clock.now()));
  SECTION("at the portal") {
    const RemovedKey removed =
        must(remove_key(*test, test.user(), test.key_id, asking, kHanako, test.clock.now()));
    CHECK(removed.is_removed);
    CHECK(removed.sessions_ended == 1);
    CHECK(end_of(asking).empty());
    CHECK(test.last_audit() ==
          "key_remove done user:hanako user:hanako 10.1.2.3 "
          "{\"key\":1,\"label\":\"青い鍵\",\"sessions_ended\":1}");
  }
  SECTION("at the desk") {
    const RemovedKey removed = must(remove_key(*test, test.user(), test.key_id, {},
                                               {"admin:root", "console"}, test.clock.now()));
    CHECK(removed.sessions_ended == 2);
    CHECK(end_of(asking) == "key removed");
    CHECK_THAT(test.last_audit(), has("key_remove done admin:root user:hanako console "));
  }
  CHECK(end_of(other) == "key removed");
  CHECK(end_of(ended_before) == "signed out");
  CHECK(end_of(taros).empty());
  CHECK(test.key_verdict(test.key) == "denied key_unknown");
  CHECK_FALSE(
      must(remove_key(*test, test.user(), test.key_id, {}, kHanako, test.clock.now())).is_removed);
}

TEST_CASE("a key that was removed can be bound again, also by a colleague", "[authn]") {
  Binding test;
  must(remove_key(*test, test.user(), test.key_id, {}, kHanako, test.clock.now()));
  test.hire("taro");
  CHECK(test.bind(test.to_bind(test.key), "taro") == "bound");
  CHECK(test.key_verdict(test.key) == "denied key_unknown");
  CHECK(test.key_verdict(test.second_step("taro"), test.answer(test.key)) == "granted proven");
}

TEST_CASE("removing a person removes the person's keys", "[authn]") {
  Binding test;
  must(test.administration().remove_user("hanako"));
  CHECK(test.number("SELECT count(*) FROM security_keys") == 0);
}

}  // namespace
}  // namespace sekisho::authn
