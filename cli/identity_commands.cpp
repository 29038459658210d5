#include <array>
#include <memory>

#include "authn/identity_keys.h"
#include "cli/commands.h"

namespace sekisho::cli {
namespace {

constexpr Word kWaits{"waits", {"公開済み(署名前)", "published, signs later"}};
constexpr Word kSigns{"signs", {"署名中", "signs"}};
constexpr Word kLeaves{"leaves", {"公開のみ(署名終了)", "published, signs no more"}};
constexpr Word kRetired{"retired", {"終了", "retired"}};

Word state_of(const store::IdentityKey& key, const store::IdentityKey* signing, Instant now) {
  if (!authn::is_published(key, now)) return kRetired;
  if (signing != nullptr && key.id == signing->id) return kSigns;
  return key.signs_from > now ? kWaits : kLeaves;
}

Run declare_keys(CLI::App&, Language) {
  return [](Desk& desk) -> Result<Exit> {
    const auto store = desk.reader();
    if (!store) return fail(store.error());
    const auto keys = (*store)->identity_keys().list();
    if (!keys) return fail(keys.error());
    Listing listing{{{"kid", {"鍵(kid)", "key (kid)"}},
                     {"state", {"状態", "state"}},
                     {"created_at", {"作成", "made"}},
                     {"signs_from", {"署名開始", "signs since"}},
                     {"retires_at", {"公開終了", "published until"}}},
                    {},
                    {"署名鍵はありません(identity_token = true のアプリケーションがあれば、"
                     "sekishod が作ります)",
                     "no identity keys; sekishod makes one when an application has "
                     "identity_token = true"}};
    const Instant now = desk.clock().now();
    const store::IdentityKey* const signing = authn::signing_key(*keys, now);
    for (const store::IdentityKey& key : *keys) {
      listing.rows.push_back({key.kid, state_of(key, signing, now), key.created_at, key.signs_from,
                              cell_of(key.retires_at)});
    }
    desk.console().show(listing);
    return Exit::kDone;
  };
}

void tell(const Console& console, const store::IdentityKey& key, authn::Succession succession) {
  console.report(
      succession == authn::Succession::kAtOnce
          ? console.in_words({"新しい鍵 {} が署名します。ほかの鍵は終了しました",
                              "the new key {} signs; every other key has ended"},
                             key.kid)
          : console.in_words({"新しい鍵 {} を公開しました。{} から署名します",
                              "published the new key {}; it signs from {}"},
                             key.kid, local_time(key.signs_from)),
      {{"done", "identity_rotate"}, {"kid", key.kid}, {"signs_from", rfc3339(key.signs_from)}});
}

Result<Exit> rotate(Desk& desk, authn::Succession succession) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  if (succession == authn::Succession::kAtOnce) {
    const Exit answer = confirmed(
        desk.console(),
        desk.console().in_words(
            {"今の鍵をただちに終了しますか? アプリケーションは、公開鍵を読み直すまで"
             "(最大 5 分)利用者を拒否することがあります",
             "End the present keys at once? Applications may refuse people until they have read "
             "the new key, at most five minutes."}));
    if (answer != Exit::kDone) return answer;
  }
  auto transaction = office->store.begin();
  if (!transaction) return fail(transaction.error());
  const auto key = authn::rotate_identity_keys({office->store,
                                                office->keyring,
                                                office->random,
                                                {office->actor, "console"},
                                                office->clock.now()},
                                               succession);
  if (!key) return fail(key.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  tell(desk.console(), *key, succession);
  return Exit::kDone;
}

Run declare_rotate(CLI::App& app, Language language) {
  auto is_now = std::make_shared<bool>(false);
  app.add_flag("--now", *is_now,
               std::string(Text{"漏えいしたとき: 今の鍵とその署名をただちに無効にする",
                                "after a leak: end the present keys, and what they signed, at once"}
                               .in(language)));
  return [is_now](Desk& desk) {
    return rotate(desk, *is_now ? authn::Succession::kAtOnce : authn::Succession::kInTurn);
  };
}

constexpr std::array kCommands = {
    Command{"identity",
            "keys",
            {"署名鍵の一覧", "list the keys that sign identity tokens"},
            "identity keys\nidentity keys --json",
            &declare_keys},
    Command{"identity",
            "rotate",
            {"新しい署名鍵を作る(1 時間公開してから署名する)",
             "make a new key; it is published for an hour before it signs"},
            "identity rotate\nidentity rotate --now",
            &declare_rotate},
};

}  // namespace

std::span<const Command> identity_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
