#include <algorithm>

#include "authn/throttle.h"
#include "base/keyring.h"
#include "base/signing.h"
#include "base/text.h"
#include "cli/desk.h"
#include "cli/doctor_checks.h"

namespace sekisho::cli {
namespace {

constexpr Word kStore{"store", {"データベース", "store"}};
constexpr Word kAudit{"audit", {"監査ログ", "audit log"}};
constexpr Word kClock{"clock", {"時計", "clock"}};
constexpr Word kUsers{"users", {"利用者", "users"}};
constexpr Word kSecurityKeys{"security_keys", {"セキュリティキー", "security keys"}};
constexpr Word kTerminals{"terminals", {"端末", "terminals"}};

constexpr std::size_t kNamesShown = 10;
constexpr std::chrono::days kTerminalNotice{14};
// A row of the log may be this much ahead: two gateways' clocks are never quite the same.
constexpr std::chrono::minutes kClockTolerance{2};

// "a, b, c ... (+12)": enough to begin with.
std::string some_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
    out += (i == 0 ? "" : ", ") + printable(names[i]);
  }
  if (names.size() > kNamesShown) out += fmt::format(" ... (+{})", names.size() - kNamesShown);
  return out;
}

Result<void> examine_audit(Examination& examination, store::Store& store,
                           const settings::Settings& settings, Instant now) {
  const auto key = SigningKey::load(settings.audit_key_path);
  if (!key) return {};  // told among the keys
  const auto verified = store.audit_log().verify(key->verifying_key(), std::nullopt);
  if (!verified) {
    examination.fail(kAudit, verified.error());
  } else {
    examination.good(kAudit,
                     {"途切れも書き換えもありません: {} 行、チェックポイント {} 個",
                      "unbroken: {} rows, {} checkpoints"},
                     verified->rows, verified->checkpoints);
  }
  const auto last = store.audit_log().newest(1);
  if (!last) return fail(last.error());
  if (!last->empty() && last->back().at > now + kClockTolerance) {
    examination.fail(kClock,
                     {"時計が遅れています: 最後の記録は {}、今は {}",
                      "the clock is behind: the newest row is of {}, now it is {}"},
                     local_time(last->back().at), local_time(now));
  }
  return {};
}

// A counter that failed to grow (WebAuthn Level 3 section 7.2 step 22) is for a person to look
// into.
Result<void> examine_suspected_keys(Examination& examination, store::Store& store) {
  const auto keys = store.security_keys().suspected();
  if (!keys) return fail(keys.error());
  std::vector<std::string> names;
  for (const store::SecurityKey& key : *keys) {
    const auto owner = store.users().find(key.user);
    if (!owner) return fail(owner.error());
    names.push_back((*owner ? (*owner)->name : "?") + " (" + std::to_string(key.id.value) + ")");
  }
  if (!names.empty()) {
    examination.warn(kSecurityKeys,
                     {"複製が疑われる鍵 {} 本: {}(本人に確かめ、外すなら sekisho key remove 番号)",
                      "{} keys of which a copy is suspected: {}; ask their owners, and take away "
                      "with sekisho key remove ID"},
                     names.size(), some_of(names));
  }
  return {};
}

Result<void> examine_users(Examination& examination, store::Store& store,
                           const settings::Settings& settings) {
  const auto users = store.users().list();
  if (!users) return fail(users.error());
  std::vector<std::string> without_second_factor;
  std::vector<std::string> without_password;
  std::vector<std::string> stopped;
  std::size_t enabled = 0;
  std::size_t without_key = 0;
  for (const store::User& user : *users) {
    if (!user.is_enabled) continue;
    ++enabled;
    const auto keys = store.security_keys().list(user.id);
    if (!keys) return fail(keys.error());
    without_key += keys->empty() ? 1 : 0;
    const auto credentials = store.totp_credentials().list(user.id);
    if (!credentials) return fail(credentials.error());
    if (keys->empty() &&
        std::none_of(credentials->begin(), credentials->end(),
                     [](const store::TotpCredential& c) { return c.confirmed_at.has_value(); })) {
      without_second_factor.push_back(user.name);
    }
    const auto password = store.users().password(user.id);
    if (!password) return fail(password.error());
    if (!*password) without_password.push_back(user.name);
    const auto counts = store.attempts().of_subject(authn::subject_of(user.id));
    if (!counts) return fail(counts.error());
    for (const auto& [key, count] : *counts) {
      if (key.source == "*" && count.failures >= settings.policy.throttle.disable_after) {
        stopped.push_back(user.name + " (" + key.factor + ")");
      }
    }
  }
  if (!without_second_factor.empty()) {
    examination.warn(kUsers,
                     {"第 2 要素のない利用者 {} 人: {}", "{} users without a second factor: {}"},
                     without_second_factor.size(), some_of(without_second_factor));
  }
  if (!without_password.empty()) {
    examination.warn(kUsers,
                     {"パスワードのない利用者 {} 人: {}", "{} users without a password: {}"},
                     without_password.size(), some_of(without_password));
  }
  if (!stopped.empty()) {
    examination.warn(kUsers,
                     {"失敗の上限に達し、再登録が必要な利用者: {}",
                      "stopped after too many failures, to be set anew: {}"},
                     some_of(stopped));
  }
  if (without_second_factor.empty() && without_password.empty() && stopped.empty()) {
    examination.good(kUsers, {"{} 人、全員がログインできます", "{} users, all able to log in"},
                     users->size());
  }
  // NIST SP 800-63B-4 section 2.2.2: everybody should have what withstands phishing.
  examination.good(kSecurityKeys,
                   {"有効な利用者 {} 人のうち、鍵のない人は {} 人",
                    "{} enabled users, of whom {} have no security key"},
                   enabled, without_key);
  return examine_suspected_keys(examination, store);
}

Result<void> examine_terminals(Examination& examination, store::Store& store, Instant now) {
  const auto terminals = store.terminals().list();
  if (!terminals) return fail(terminals.error());
  std::vector<std::string> expired;
  std::vector<std::string> not_renewed;
  for (const store::Terminal& terminal : *terminals) {
    if (terminal.revoked_at || !terminal.certificate_expires_at) continue;
    if (*terminal.certificate_expires_at <= now) {
      expired.push_back(terminal.name);
    } else if (*terminal.certificate_expires_at - now < kTerminalNotice) {
      not_renewed.push_back(terminal.name);
    }
  }
  if (!expired.empty()) {
    examination.fail(
        kTerminals,
        {"証明書の期限が切れた端末 {} 台: {}", "{} terminals with an expired certificate: {}"},
        expired.size(), some_of(expired));
  }
  if (!not_renewed.empty()) {
    examination.warn(kTerminals,
                     {"14 日以内に期限が切れる(更新していない)端末 {} 台: {}",
                      "{} terminals did not renew and expire within 14 days: {}"},
                     not_renewed.size(), some_of(not_renewed));
  }
  if (expired.empty() && not_renewed.empty()) {
    examination.good(kTerminals,
                     {"{} 台、期限の問題なし", "{} terminals, no certificate is ending"},
                     terminals->size());
  }
  return {};
}

}  // namespace

void examine_store(Examination& examination, const settings::Settings& settings, Random& random,
                   Instant now) {
  const auto keyring = Keyring::load(settings.seal_keys_path);
  if (!keyring) return;  // told among the keys
  // Opening looks through the file, brings an older one up to date, and tries the key.
  auto store = store::Store::open(settings.store_path, *keyring, random);
  if (!store) {
    return examination.fail(kStore, store_error(store.error(), settings.store_path));
  }
  if (auto sound = store->check_integrity(); !sound) {
    examination.fail(kStore, sound.error());
  } else {
    examination.good(kStore, {"壊れていません。封印の鍵も合っています",
                              "sound, and sealed with the configured key"});
  }
  for (const Result<void>& done : {examine_audit(examination, *store, settings, now),
                                   examine_users(examination, *store, settings),
                                   examine_terminals(examination, *store, now)}) {
    if (!done) examination.fail(kStore, done.error());
  }
}

}  // namespace sekisho::cli
