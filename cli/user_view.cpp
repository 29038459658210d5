#include "cli/user_view.h"

#include <algorithm>

#include "authn/live_view.h"
#include "authn/throttle.h"
#include "base/text.h"
#include "cli/key_view.h"

namespace sekisho::cli {
namespace {

constexpr Word kCounts{"confirmed", {"確認済み", "confirmed"}};
constexpr Word kWaits{"unconfirmed", {"未確認(まだ使えません)", "unconfirmed (cannot log in)"}};

constexpr Word kFree{"free", {"受付中", "free"}};
constexpr Word kBlocked{"blocked", {"一時停止中", "blocked for now"}};
constexpr Word kDisabled{"disabled", {"停止(再登録が必要)", "disabled (must be set anew)"}};

Listing list_attempts(const std::vector<std::pair<store::AttemptKey, store::AttemptCount>>& counts,
                      const authn::ThrottlePolicy& policy, Instant now) {
  Listing listing{{{"factor", {"要素", "factor"}},
                   {"source", {"接続元", "source"}},
                   {"failures", {"失敗", "failures"}},
                   {"last_failure_at", {"最後の失敗", "last failure"}},
                   {"state", {"状態", "state"}},
                   {"blocked_until", {"解除時刻", "blocked until"}}},
                  {},
                  {"失敗の記録はありません", "no failures"}};
  for (const auto& [key, count] : counts) {
    const bool is_disabled = key.source == "*" && count.failures >= policy.disable_after;
    const bool is_blocked = count.blocked_until > now;
    listing.rows.push_back({key.factor, key.source, count.failures, count.last_failure_at,
                            is_disabled  ? kDisabled
                            : is_blocked ? kBlocked
                                         : kFree,
                            is_blocked ? Cell(count.blocked_until) : Cell()});
  }
  return listing;
}

Listing list_seats(const std::vector<authn::Seat>& seats, std::chrono::milliseconds seat_life,
                   Instant now) {
  Listing listing{{{"terminal", {"端末", "terminal"}},
                   {"address", {"アドレス", "address"}},
                   {"taken_at", {"ログイン", "signed in"}},
                   {"counts_until", {"規則での有効期限", "counts for rules until"}}},
                  {},
                  {"端末へのログインの記録はありません", "signed in at no terminal"}};
  for (const authn::Seat& seat : seats) {
    listing.rows.push_back(
        {seat.terminal_name, seat.address.text(), seat.taken_at,
         seat.counts_at(now, seat_life) ? Cell(seat.ends_at(seat_life)) : Cell()});
  }
  return listing;
}

Listing list_sessions(const std::vector<store::Session>& sessions) {
  Listing listing{{{"id", {"番号", "id"}},
                   {"source", {"接続元", "source"}},
                   {"factors", {"要素", "factors"}},
                   {"created_at", {"開始", "since"}},
                   {"last_seen_at", {"最後の操作", "last seen"}}},
                  {},
                  {"セッションはありません", "no sessions"}};
  for (const store::Session& session : sessions) {
    listing.rows.push_back({session.id.value, session.source, session.factors, session.created_at,
                            session.last_seen_at});
  }
  return listing;
}

}  // namespace

Result<store::User> find_user(store::Store& store, std::string_view name) {
  auto found = store.users().find(name);
  if (!found) return fail(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "there is no user " + printable(name));
  return **std::move(found);
}

Listing list_totp(const std::vector<store::TotpCredential>& credentials) {
  Listing listing{{{"id", {"番号", "id"}},
                   {"label", {"ラベル", "label"}},
                   {"state", {"状態", "state"}},
                   {"algorithm", {"方式", "algorithm"}},
                   {"digits", {"桁", "digits"}},
                   {"period", {"周期", "period"}},
                   {"drift", {"ずれ", "drift"}},
                   {"created_at", {"登録", "added"}},
                   {"last_used_at", {"最後の使用", "last used"}}},
                  {},
                  {"TOTP 認証器はありません", "no TOTP credentials"}};
  for (const store::TotpCredential& credential : credentials) {
    listing.rows.push_back({credential.id.value, credential.label,
                            credential.confirmed_at ? kCounts : kWaits, credential.algorithm,
                            std::int64_t{credential.digits}, std::int64_t{credential.period},
                            std::int64_t{credential.drift.steps}, credential.created_at,
                            cell_of(credential.last_used_at)});
  }
  return listing;
}

Result<Listing> list_users(store::Store& store, const std::optional<std::string>& group) {
  const auto users = store.users().list();
  if (!users) return fail(users.error());
  Listing listing{{{"name", {"利用者", "user"}},
                   {"display_name", {"表示名", "display name"}},
                   {"enabled", {"有効", "enabled"}},
                   {"groups", {"グループ", "groups"}},
                   {"second_factors", {"第2要素", "2nd factors"}},
                   {"last_login_at", {"最後のログイン", "last login"}}},
                  {},
                  {"利用者はいません", "no users"}};
  for (const store::User& user : *users) {
    if (group && std::find(user.groups.begin(), user.groups.end(), *group) == user.groups.end()) {
      continue;
    }
    const auto credentials = store.totp_credentials().list(user.id);
    if (!credentials) return fail(credentials.error());
    const auto keys = store.security_keys().list(user.id);
    if (!keys) return fail(keys.error());
    const std::int64_t confirmed =
        std::count_if(credentials->begin(), credentials->end(),
                      [](const store::TotpCredential& c) { return c.confirmed_at.has_value(); });
    const auto factors = confirmed + static_cast<std::int64_t>(keys->size());
    listing.rows.push_back({user.name, user.display_name, user.is_enabled, user.groups, factors,
                            cell_of(user.last_login_at)});
  }
  return listing;
}

Result<Record> show_user(store::Store& store, std::string_view name, const authn::Policy& policy,
                         Instant now) {
  const auto user = find_user(store, name);
  if (!user) return fail(user.error());
  const auto password = store.users().password(user->id);
  if (!password) return fail(password.error());
  const auto credentials = store.totp_credentials().list(user->id);
  if (!credentials) return fail(credentials.error());
  const auto keys = store.security_keys().list(user->id);
  if (!keys) return fail(keys.error());
  const auto recovery = store.recovery_codes().remaining(user->id);
  if (!recovery) return fail(recovery.error());
  const auto sessions = store.sessions().live_of(user->id, now);
  if (!sessions) return fail(sessions.error());
  const auto seats = authn::seats_of(store, user->id);
  if (!seats) return fail(seats.error());
  const auto attempts = store.attempts().of_subject(authn::subject_of(user->id));
  if (!attempts) return fail(attempts.error());
  Record record;
  record.fields = {
      {{"name", {"利用者", "user"}}, user->name},
      {{"display_name", {"表示名", "display name"}}, user->display_name},
      {{"enabled", {"有効", "enabled"}}, user->is_enabled},
      {{"groups", {"グループ", "groups"}}, user->groups},
      {{"created_at", {"登録", "added"}}, user->created_at},
      {{"password_changed_at", {"パスワード設定", "password set"}},
       *password ? Cell((*password)->changed_at) : Cell()},
      {{"recovery_codes_left", {"残りの予備コード", "recovery codes left"}}, *recovery},
      {{"last_login_at", {"最後のログイン", "last login"}}, cell_of(user->last_login_at)},
      {{"last_login_from", {"ログイン元", "last login from"}}, user->last_login_from},
      {{"failures_since", {"その後の失敗", "failures since"}}, user->failures_since}};
  record.parts = {
      {{"totp", {"TOTP 認証器", "TOTP credentials"}}, list_totp(*credentials)},
      {{"security_keys", {"セキュリティキー", "security keys"}}, list_keys(*keys)},
      {{"attempts", {"失敗と停止", "failures and locks"}},
       list_attempts(*attempts, policy.throttle, now)},
      {{"terminals", {"端末", "terminals"}}, list_seats(*seats, policy.terminal.seat_life, now)},
      {{"sessions", {"Web セッション", "web sessions"}}, list_sessions(*sessions)}};
  return record;
}

}  // namespace sekisho::cli
