#include <array>
#include <memory>

#include "authn/administration.h"
#include "base/secret_input.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/password_prompt.h"
#include "cli/user_view.h"

namespace sekisho::cli {
namespace {

struct UserArguments {
  std::string name;
  std::string display_name;
  std::vector<std::string> groups;
  std::vector<std::string> groups_to_remove;
  std::string only_group;
  bool password_from_stdin = false;
  bool without_password = false;
};

std::shared_ptr<UserArguments> declare_name(CLI::App& app, Language language) {
  auto arguments = std::make_shared<UserArguments>();
  app.add_option("NAME", arguments->name,
                 std::string(Text{"ログイン名", "login name"}.in(language)))
      ->required();
  return arguments;
}

CLI::Option* declare_password_stdin(CLI::App& app, UserArguments& arguments, Language language) {
  return app.add_flag("--password-stdin", arguments.password_from_stdin,
                      std::string(Text{"パスワードを標準入力の 1 行から読む",
                                       "read the password from one line of standard input"}
                                      .in(language)));
}

boost::json::object done(std::string_view what, std::string_view user) {
  return {{"done", what}, {"user", user}};
}

Result<Secret> new_password(const Console& console, const UserArguments& arguments) {
  if (arguments.password_from_stdin) return secret_from_stdin();
  return new_secret_from_terminal(
      console.in_words({"{} の新しいパスワード: ", "New password of {}: "},
                       printable(arguments.name)),
      console.in_words({"もう一度: ", "Once more: "}));
}

// All but the password, and taken back: what would be refused is refused before anybody is asked.
Result<void> try_adding(const authn::Office& office, const UserArguments& arguments) {
  auto transaction = office.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto id = authn::Administration(office).add_user(arguments.name, arguments.display_name,
                                                         arguments.groups);
  return id ? Result<void>() : fail(id.error());
}

// User and password are one change: a refused password leaves no user behind.
Result<Exit> add(Desk& desk, const UserArguments& arguments) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  if (auto tried = try_adding(*office, arguments); !tried) return fail(tried.error());
  std::optional<Secret> password;
  if (!arguments.without_password) {
    Result<Secret> given = new_password(desk.console(), arguments);
    if (!given) return fail(given.error());
    password = std::move(*given);
  }
  authn::Administration administration(*office);
  auto transaction = office->store.begin();
  if (!transaction) return fail(transaction.error());
  const auto id = administration.add_user(arguments.name, arguments.display_name, arguments.groups);
  if (!id) return fail(id.error());
  if (password) {
    if (auto set = administration.set_password(arguments.name, *password); !set) {
      return fail(set.error());
    }
  }
  if (auto committed = transaction->commit(); !committed) return fail(committed.error());
  desk.console().report(
      desk.console().in_words({"利用者 {0} を登録しました。次は第 2 要素です: sekisho totp add {0} "
                               "または sekisho enroll code {0}",
                               "added the user {0}; the second factor comes next: "
                               "sekisho totp add {0}, or sekisho enroll code {0}"},
                              arguments.name),
      done("user_add", arguments.name));
  return Exit::kDone;
}

Run declare_add(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  app.add_option(
      "--display-name", arguments->display_name,
      std::string(Text{"表示名(漢字など何でも)", "name to show, in any script"}.in(language)));
  app.add_option("--group", arguments->groups,
                 std::string(Text{"グループ(何度でも)", "a group; may be repeated"}.in(language)))
      ->expected(1)
      ->take_all()
      ->type_name("GROUP");
  CLI::Option* from_stdin = declare_password_stdin(app, *arguments, language);
  app.add_flag("--no-password", arguments->without_password,
               std::string(Text{"パスワードなしで登録する(端末側で確認する場合)",
                                "without a password (the terminal verifies its own)"}
                               .in(language)))
      ->excludes(from_stdin);
  return [arguments](Desk& desk) { return add(desk, *arguments); };
}

Run declare_list(CLI::App& app, Language language) {
  auto arguments = std::make_shared<UserArguments>();
  app.add_option("--group", arguments->only_group,
                 std::string(Text{"このグループだけ", "only this group"}.in(language)))
      ->type_name("GROUP");
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto store = desk.reader();
    if (!store) return fail(store.error());
    const auto listing =
        list_users(**store, arguments->only_group.empty() ? std::nullopt
                                                          : std::optional(arguments->only_group));
    if (!listing) return fail(listing.error());
    desk.console().show(*listing);
    return Exit::kDone;
  };
}

Run declare_show(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto store = desk.reader();
    if (!store) return fail(store.error());
    const auto settings = desk.settings();
    if (!settings) return fail(settings.error());
    const auto record =
        show_user(**store, arguments->name, (*settings)->policy, desk.clock().now());
    if (!record) return fail(record.error());
    desk.console().show(*record);
    return Exit::kDone;
  };
}

Run declare_passwd(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  declare_password_stdin(app, *arguments, language);
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto office = desk.office();
    if (!office) return fail(office.error());
    authn::Administration administration(*office);
    // Before asking for a password that nobody needs.
    if (const auto known = administration.user(arguments->name); !known) {
      return fail(known.error());
    }
    const Result<Secret> password = new_password(desk.console(), *arguments);
    if (!password) return fail(password.error());
    if (auto set = administration.set_password(arguments->name, *password); !set) {
      return fail(set.error());
    }
    desk.console().report(
        desk.console().in_words({"{} のパスワードを変更し、セッションを終了しました",
                                 "changed the password of {} and ended the sessions"},
                                arguments->name),
        done("user_password", arguments->name));
    return Exit::kDone;
  };
}

Result<Exit> set_enabled(Desk& desk, const std::string& name, bool is_enabled) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  if (auto set = authn::Administration(*office).set_enabled(name, is_enabled); !set) {
    return fail(set.error());
  }
  const Text enabled{"{} を有効にしました", "enabled {}"};
  const Text disabled{"{} を無効にし、セッションを終了しました",
                      "disabled {} and ended the sessions"};
  desk.console().report(desk.console().in_words(is_enabled ? enabled : disabled, name),
                        done(is_enabled ? "user_enable" : "user_disable", name));
  return Exit::kDone;
}

Run declare_disable(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  return [arguments](Desk& desk) { return set_enabled(desk, arguments->name, false); };
}

Run declare_enable(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  return [arguments](Desk& desk) { return set_enabled(desk, arguments->name, true); };
}

Run declare_remove(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto office = desk.office();
    if (!office) return fail(office.error());
    authn::Administration administration(*office);
    const auto user = administration.user(arguments->name);
    if (!user) return fail(user.error());
    const Exit answer = confirmed(
        desk.console(),
        desk.console().in_words({"{}({})を、認証器とセッションとともに削除しますか? "
                                 "元に戻せません",
                                 "Remove {} ({}) with every credential and session? This cannot "
                                 "be undone."},
                                user->name, printable(user->display_name)));
    if (answer != Exit::kDone) return answer;
    if (auto removed = administration.remove_user(arguments->name); !removed) {
      return fail(removed.error());
    }
    desk.console().report(
        desk.console().in_words({"利用者 {} を削除しました", "removed the user {}"}, user->name),
        done("user_remove", user->name));
    return Exit::kDone;
  };
}

Result<Exit> unlock(Desk& desk, const std::string& name) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const auto unlocked = authn::Administration(*office).unlock(name);
  if (!unlocked) return fail(unlocked.error());
  boost::json::object members = done("user_unlock", name);
  members["cleared"] = unlocked->cleared;
  boost::json::array disabled;
  for (const std::string& factor : unlocked->still_disabled) disabled.emplace_back(factor);
  members["still_disabled"] = disabled;
  desk.console().report(desk.console().in_words({"{} の停止を解除しました(記録 {} 件)",
                                                 "unlocked {} ({} counters forgotten)"},
                                                name, unlocked->cleared),
                        members);
  if (unlocked->still_disabled.empty()) return Exit::kDone;
  // NIST SP 800-63B-4 section 3.2.2: past the hard limit only a new binding helps.
  for (const std::string& factor : unlocked->still_disabled) {
    desk.console().note(desk.console().in_words(
        {"{} は失敗が上限に達したため停止したままです。登録し直してください",
         "{} stays disabled: too many failures in all, it must be set anew"},
        factor));
  }
  return Exit::kRefused;
}

Run declare_unlock(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  return [arguments](Desk& desk) { return unlock(desk, arguments->name); };
}

Result<Exit> change_groups(Desk& desk, const UserArguments& arguments) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  authn::Administration administration(*office);
  auto transaction = office->store.begin();
  if (!transaction) return fail(transaction.error());
  for (const std::string& group : arguments.groups) {
    if (auto added = administration.add_to_group(arguments.name, group); !added) {
      return fail(added.error());
    }
  }
  for (const std::string& group : arguments.groups_to_remove) {
    if (auto removed = administration.remove_from_group(arguments.name, group); !removed) {
      return fail(removed.error());
    }
  }
  const auto user = administration.user(arguments.name);
  if (!user) return fail(user.error());
  const auto keys = office->store.security_keys().list(user->id);
  if (!keys) return fail(keys.error());
  if (auto committed = transaction->commit(); !committed) return fail(committed.error());
  boost::json::object members = done("user_groups", user->name);
  members["groups"] = as_json(Cell(user->groups));
  std::string groups;
  for (const std::string& group : user->groups) groups += (groups.empty() ? "" : " ") + group;
  desk.console().report(desk.console().in_words({"{} のグループ: {}", "groups of {}: {}"},
                                                user->name, groups.empty() ? "-" : groups),
                        members);
  // Whoever had the password and a code could bind one before, and it counts for more now.
  if (!keys->empty() && office->policy.privileged.covers(arguments.groups)) {
    desk.console().note(desk.console().in_words(
        {"注意: {} の鍵 {} 本は特権グループに入る前に登録されたものです。本人のものか sekisho key "
         "list {} で確かめてください",
         "note: {} had {} keys before joining a privileged group; see that they are theirs: "
         "sekisho "
         "key list {}"},
        user->name, keys->size(), user->name));
  }
  return Exit::kDone;
}

Run declare_groups(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  app.add_option("--add", arguments->groups,
                 std::string(Text{"加えるグループ(何度でも)", "group to add; may be repeated"}.in(
                     language)))
      ->expected(1)
      ->take_all()
      ->type_name("GROUP");
  app.add_option("--remove", arguments->groups_to_remove,
                 std::string(Text{"外すグループ(何度でも)", "group to leave; may be repeated"}.in(
                     language)))
      ->expected(1)
      ->take_all()
      ->type_name("GROUP");
  return [arguments](Desk& desk) { return change_groups(desk, *arguments); };
}

Run declare_rename(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  app.add_option("--display-name", arguments->display_name,
                 std::string(Text{"新しい表示名", "the new display name"}.in(language)))
      ->required();
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto office = desk.office();
    if (!office) return fail(office.error());
    if (auto set = authn::Administration(*office).set_display_name(arguments->name,
                                                                   arguments->display_name);
        !set) {
      return fail(set.error());
    }
    desk.console().report(
        desk.console().in_words({"{} の表示名を変更しました", "changed the display name of {}"},
                                arguments->name),
        done("user_rename", arguments->name));
    return Exit::kDone;
  };
}

constexpr std::array kCommands = {
    Command{"user",
            "add",
            {"利用者を登録する", "add a user"},
            "user add hanako --display-name 関所花子 --group tax --group resident\n"
            "user add hanako --password-stdin < password.txt",
            &declare_add},
    Command{"user",
            "list",
            {"一覧", "list the users"},
            "user list\nuser list --group tax --json",
            &declare_list},
    Command{"user",
            "show",
            {"一人を詳しく表示する", "show one user with all that belongs to them"},
            "user show hanako",
            &declare_show},
    Command{"user",
            "passwd",
            {"パスワードを設定する", "set a password"},
            "user passwd hanako",
            &declare_passwd},
    Command{"user",
            "groups",
            {"グループを変更する", "change a user's groups"},
            "user groups hanako --add resident --remove tax",
            &declare_groups},
    Command{"user",
            "rename",
            {"表示名を変更する", "change the display name"},
            "user rename hanako --display-name 峠花子",
            &declare_rename},
    Command{"user",
            "disable",
            {"無効にし、セッションを終了する", "disable, ending all sessions"},
            "user disable hanako",
            &declare_disable},
    Command{
        "user", "enable", {"有効に戻す", "enable again"}, "user enable hanako", &declare_enable},
    Command{"user",
            "unlock",
            {"失敗による停止を解除する", "lift delays and locks after failures"},
            "user unlock hanako",
            &declare_unlock},
    Command{"user",
            "remove",
            {"削除する(元に戻せません)", "remove for good"},
            "user remove hanako\nuser remove hanako --yes",
            &declare_remove},
};

}  // namespace

std::span<const Command> user_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
