#include <array>
#include <memory>

#include "authn/enrollment.h"
#include "cli/commands.h"

namespace sekisho::cli {
namespace {

// The code is shown here, once, to be handed to the person it belongs to.
void show(const Console& console, const std::string& user, const std::string& portal,
          const authn::Enrollment::EnrolmentCode& issued) {
  if (console.as_json()) {
    console.report("", {{"done", "enroll_code"},
                        {"user", user},
                        {"code", issued.code.reveal_text()},
                        {"expires_at", rfc3339(issued.expires_at)},
                        {"portal", portal}});
    return;
  }
  console.print(console.in_words({"{} の登録コード(一度だけ、{} まで有効)\n\n  ",
                                  "Enrolment code of {}, good once and until {}\n\n  "},
                                 user, local_time(issued.expires_at)));
  console.print(issued.code.reveal_text());
  console.print(console.in_words(
      {"\n\n本人に、{}/ に利用者名 {} とパスワードでログインし、次の画面の「登録コード」に"
       "入力してもらってください。\n続けて鍵を登録できます。前のコードは使えなくなりました。\n",
       "\n\nThe person signs in at {}/ as {}, with the password, and types the code on the next "
       "page, under \"enrolment code\".\nThen a key can be registered.  An earlier code is no "
       "longer good.\n"},
      portal, user));
}

Result<Exit> issue(Desk& desk, const std::string& user) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const auto issued = authn::Enrollment(*office).issue_enrolment_code(user);
  if (!issued) return fail(issued.error());
  show(desk.console(), user, (*desk.settings())->portal_url, *issued);
  const auto known = authn::Administration(*office).user(user);
  if (!known) return fail(known.error());
  const auto password = office->store.users().password(known->id);
  if (!password) return fail(password.error());
  if (!*password) {
    desk.console().note(desk.console().in_words(
        {"注意: {0} にはパスワードがないので、先に設定してください: sekisho user passwd {0}",
         "note: {0} has no password, without which the code is of no use: sekisho user passwd {0}"},
        user));
  }
  return Exit::kDone;
}

Run declare_code(CLI::App& app, Language language) {
  auto user = std::make_shared<std::string>();
  app.add_option("NAME", *user, std::string(Text{"ログイン名", "login name"}.in(language)))
      ->required();
  return [user](Desk& desk) { return issue(desk, *user); };
}

constexpr std::array kCommands = {
    Command{"enroll",
            "code",
            {"本人が鍵を登録するための、一度限りのコードを発行する",
             "issue a code with which the person registers a key"},
            "enroll code hanako",
            &declare_code},
};

}  // namespace

std::span<const Command> enroll_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
