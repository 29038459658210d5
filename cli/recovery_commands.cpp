#include <array>
#include <memory>

#include "authn/enrollment.h"
#include "base/text.h"
#include "cli/commands.h"

namespace sekisho::cli {
namespace {

Result<Exit> issue(Desk& desk, const std::string& user) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const Console& console = desk.console();
  const auto known = authn::Administration(*office).user(user);
  if (!known) return fail(known.error());
  const auto remaining = office->store.recovery_codes().remaining(known->id);
  if (!remaining) return fail(remaining.error());
  if (*remaining > 0) {
    const Exit answer = confirmed(
        console,
        console.in_words({"{} には未使用のコードが {} 個あります。新しく発行すると、それらは"
                          "使えなくなります。発行しますか?",
                          "{} has {} unused codes, which new ones replace. Issue?"},
                         user, *remaining));
    if (answer != Exit::kDone) return answer;
  }
  const auto codes = authn::Enrollment(*office).issue_recovery_codes(user);
  if (!codes) return fail(codes.error());
  if (console.as_json()) {
    boost::json::array array;
    for (const Secret& code : *codes) array.emplace_back(code.reveal_text());
    console.report("", {{"done", "recovery_issue"}, {"user", user}, {"codes", std::move(array)}});
    return Exit::kDone;
  }
  console.print(console.in_words({"{} の予備コード(1 つにつき 1 回だけ使えます)\n\n",
                                  "Recovery codes of {}; each is good once\n\n"},
                                 user));
  for (const Secret& code : *codes) {
    console.print("  ");
    console.print(code.reveal_text());
    console.print("\n");
  }
  console.print("\n" + console.in_words(
                           {"この画面は一度しか表示されません。紙に書いて金庫などに保管し、"
                            "端末の近くに置かないでください。\n",
                            "They are shown only this once.  Keep them on paper, locked away, and "
                            "not near the terminal.\n"}));
  return Exit::kDone;
}

Run declare_issue(CLI::App& app, Language language) {
  auto user = std::make_shared<std::string>();
  app.add_option("NAME", *user, std::string(Text{"ログイン名", "login name"}.in(language)))
      ->required();
  return [user](Desk& desk) { return issue(desk, *user); };
}

constexpr std::array kCommands = {
    Command{"recovery",
            "issue",
            {"新しい一組を発行し、前のものを無効にする", "issue a new set, ending the old one"},
            "recovery issue hanako",
            &declare_issue},
};

}  // namespace

std::span<const Command> recovery_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
