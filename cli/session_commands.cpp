#include <array>
#include <map>
#include <memory>

#include "authn/administration.h"
#include "cli/commands.h"
#include "cli/usage_text.h"
#include "cli/user_view.h"

namespace sekisho::cli {
namespace {

struct SessionArguments {
  std::int64_t id = 0;
  std::string user;
};

Result<Exit> list(Desk& desk, const SessionArguments& arguments) {
  const auto store = desk.reader();
  if (!store) return fail(store.error());
  const Instant now = desk.clock().now();
  std::optional<store::UserId> only;
  if (!arguments.user.empty()) {
    const auto user = find_user(**store, arguments.user);
    if (!user) return fail(user.error());
    only = user->id;
  }
  const auto sessions =
      only ? (*store)->sessions().live_of(*only, now) : (*store)->sessions().live(now);
  if (!sessions) return fail(sessions.error());
  Listing listing{{{"id", {"番号", "id"}},
                   {"user", {"利用者", "user"}},
                   {"assurance", {"保証", "assurance"}},
                   {"factors", {"要素", "factors"}},
                   {"source", {"接続元", "source"}},
                   {"created_at", {"開始", "since"}},
                   {"last_seen_at", {"最後の操作", "last seen"}},
                   {"expires_at", {"期限", "until"}}},
                  {},
                  {"有効なセッションはありません", "no live sessions"}};
  std::map<store::UserId, std::string> names;
  for (const store::Session& session : *sessions) {
    if (!names.contains(session.user)) {
      const auto user = (*store)->users().find(session.user);
      if (!user) return fail(user.error());
      names[session.user] = *user ? (*user)->name : "-";
    }
    const auto assurance = static_cast<authn::Assurance>(session.assurance);
    listing.rows.push_back({session.id.value, names[session.user],
                            std::string(authn::name_of(assurance)), session.factors, session.source,
                            session.created_at, session.last_seen_at, session.expires_at});
  }
  desk.console().show(listing);
  return Exit::kDone;
}

Run declare_list(CLI::App& app, Language language) {
  auto arguments = std::make_shared<SessionArguments>();
  app.add_option("--user", arguments->user,
                 std::string(Text{"この利用者だけ", "only of this user"}.in(language)))
      ->type_name("NAME");
  return [arguments](Desk& desk) { return list(desk, *arguments); };
}

Result<Exit> end(Desk& desk, const SessionArguments& arguments) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  authn::Administration administration(*office);
  const Console& console = desk.console();
  if (arguments.user.empty()) {
    if (auto ended = administration.end_session(store::SessionId{arguments.id}); !ended) {
      return fail(ended.error());
    }
    console.report(
        console.in_words({"セッション {} を終了しました", "ended the session {}"}, arguments.id),
        {{"done", "session_end"}, {"session", arguments.id}});
    return Exit::kDone;
  }
  const auto ended = administration.end_sessions_of(arguments.user);
  if (!ended) return fail(ended.error());
  console.report(console.in_words({"{} のセッションを {} 件終了しました", "{}: ended {} sessions"},
                                  arguments.user, *ended),
                 {{"done", "session_end"}, {"user", arguments.user}, {"ended", *ended}});
  return Exit::kDone;
}

Run declare_end(CLI::App& app, Language language) {
  auto arguments = std::make_shared<SessionArguments>();
  CLI::Option* id = app.add_option("ID", arguments->id,
                                   std::string(Text{"セッションの番号(sekisho session list)",
                                                    "the session's number, from session list"}
                                                   .in(language)))
                        ->check(&number_objection)
                        ->type_name("");
  app.add_option("--user", arguments->user,
                 std::string(Text{"この利用者のすべて", "all of this user"}.in(language)))
      ->type_name("NAME")
      ->excludes(id);
  // One of the two, or CLI11 would let an empty line pass.
  app.require_option(1);
  return [arguments](Desk& desk) { return end(desk, *arguments); };
}

constexpr std::array kCommands = {
    Command{"session",
            "list",
            {"有効なセッションの一覧", "list the live sessions"},
            "session list\nsession list --user hanako",
            &declare_list},
    Command{"session",
            "end",
            {"終了させる(次のリクエストから無効)",
             "end one or all of a user; counts at the next request"},
            "session end 17\nsession end --user hanako",
            &declare_end},
};

}  // namespace

std::span<const Command> session_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
