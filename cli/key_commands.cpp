#include <array>
#include <memory>

#include "authn/key_binding.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/key_registration.h"
#include "cli/key_view.h"
#include "cli/usage_text.h"
#include "cli/user_view.h"

namespace sekisho::cli {
namespace {

struct IdArguments {
  std::int64_t id = 0;
  std::string label;
};

struct AddArguments {
  KeyToRegister what;
  std::string label;
  int patience = 30;
};

struct OwnedKey {
  store::SecurityKey key;
  store::User owner;
};

// kNotFound when there is no such key.
Result<OwnedKey> key_numbered(store::Store& store, std::int64_t number) {
  auto key = store.security_keys().find(store::SecurityKeyId{number});
  if (!key) return fail(key.error());
  const std::string none = "there is no security key " + std::to_string(number);
  if (!*key) return fail(ErrorCode::kNotFound, none);
  auto owner = store.users().find((*key)->user);
  if (!owner) return fail(owner.error());
  if (!*owner) return fail(ErrorCode::kNotFound, none);
  return OwnedKey{**std::move(key), **std::move(owner)};
}

Run declare_add(CLI::App& app, Language language) {
  auto arguments = std::make_shared<AddArguments>();
  const auto in = [language](Text text) { return std::string(text.in(language)); };
  app.add_option("NAME", arguments->what.user, in({"ログイン名", "login name"}))->required();
  const CLI::Option* label = app.add_option(
      "--label", arguments->label,
      in({"区別のための名前(省くと製品名)", "to tell it apart; the product's name when left out"}));
  app.add_option("--key", arguments->what.number,
                 in({"何本も差してあるときの番号", "which one, when several are plugged in"}))
      ->check(CLI::Range(1, 99))
      ->type_name("");
  app.add_option("--wait", arguments->patience,
                 in({"鍵が差し込まれるのを待つ秒数", "seconds to wait for a key to be plugged in"}))
      ->check(CLI::Range(0, 600))
      ->capture_default_str()
      ->type_name("");
  return [arguments, label](Desk& desk) {
    KeyToRegister what = arguments->what;
    if (label->count() > 0) what.label = arguments->label;
    what.patience = std::chrono::seconds(arguments->patience);
    return register_key(desk, what);
  };
}

Run declare_list(CLI::App& app, Language language) {
  auto user = std::make_shared<std::string>();
  app.add_option("NAME", *user, std::string(Text{"ログイン名", "login name"}.in(language)))
      ->required();
  return [user](Desk& desk) -> Result<Exit> {
    const auto store = desk.reader();
    if (!store) return fail(store.error());
    const auto known = find_user(**store, *user);
    if (!known) return fail(known.error());
    const auto keys = (*store)->security_keys().list(known->id);
    if (!keys) return fail(keys.error());
    desk.console().show(list_keys(*keys));
    return Exit::kDone;
  };
}

std::shared_ptr<IdArguments> declare_id(CLI::App& app, Language language) {
  auto arguments = std::make_shared<IdArguments>();
  app.add_option("ID", arguments->id,
                 std::string(Text{"鍵の番号(sekisho key list で分かります)",
                                  "the key's number, from sekisho key list"}
                                 .in(language)))
      ->required()
      ->check(&number_objection)
      ->type_name("");
  return arguments;
}

Result<Exit> rename(Desk& desk, const IdArguments& arguments) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  auto transaction = office->store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = key_numbered(office->store, arguments.id);
  if (!found) return fail(found.error());
  const auto renamed =
      authn::rename_key(office->store, found->owner, found->key.id, arguments.label,
                        {office->actor, "console"}, office->clock.now());
  if (!renamed) return fail(renamed.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  desk.console().report(
      desk.console().in_words({"鍵 {} の名前を「{}」にしました", "the key {} is now \"{}\""},
                              arguments.id, printable(arguments.label)),
      {{"done", "key_rename"}, {"key", arguments.id}, {"label", arguments.label}});
  return Exit::kDone;
}

Run declare_rename(CLI::App& app, Language language) {
  const auto arguments = declare_id(app, language);
  app.add_option("LABEL", arguments->label,
                 std::string(Text{"新しい名前", "its new name"}.in(language)))
      ->required();
  return [arguments](Desk& desk) { return rename(desk, *arguments); };
}

// The question has been answered; the key may be gone since.
Result<std::int64_t> remove_at_once(const authn::Office& office, const OwnedKey& found) {
  auto transaction = office.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto removed = authn::remove_key(office.store, found.owner, found.key.id, std::nullopt,
                                         {office.actor, "console"}, office.clock.now());
  if (!removed) return fail(removed.error());
  if (!removed->is_removed) {
    return fail(ErrorCode::kNotFound,
                "there is no security key " + std::to_string(found.key.id.value));
  }
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return removed->sessions_ended;
}

Result<Exit> remove(Desk& desk, const IdArguments& arguments) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const auto found = key_numbered(office->store, arguments.id);
  if (!found) return fail(found.error());
  const Console& console = desk.console();
  const Exit answer = confirmed(
      console, console.in_words({"{} の鍵 {}「{}」を削除し、本人を全てログアウトさせますか? "
                                 "元に戻せません",
                                 "Remove the key of {}, number {} \"{}\", and sign the person out "
                                 "everywhere? This cannot be undone."},
                                found->owner.name, arguments.id, printable(found->key.label)));
  if (answer != Exit::kDone) return answer;
  const auto ended = remove_at_once(*office, *found);
  if (!ended) return fail(ended.error());
  console.report(
      console.in_words({"{1} の鍵 {0} を削除しました。もう使えません(終了したセッション: {2})",
                        "removed the key {0} of {1}; it opens nothing any more (sessions ended: "
                        "{2})"},
                       arguments.id, found->owner.name, *ended),
      {{"done", "key_remove"},
       {"user", found->owner.name},
       {"key", arguments.id},
       {"sessions_ended", *ended}});
  return Exit::kDone;
}

Run declare_remove(CLI::App& app, Language language) {
  const auto arguments = declare_id(app, language);
  return [arguments](Desk& desk) { return remove(desk, *arguments); };
}

constexpr std::array kCommands = {
    Command{"key",
            "add",
            {"このコンピューターに差した鍵を登録する", "register a key that is plugged in here"},
            "key add hanako\n"
            "key add hanako --label 'blue 0042'\n"
            "key add hanako --key 2",
            &declare_add},
    Command{"key", "list", {"一覧", "list a user's keys"}, "key list hanako", &declare_list},
    Command{"key",
            "rename",
            {"名前を変える", "give one another name"},
            "key rename 12 'blue 0042'",
            &declare_rename},
    Command{"key",
            "remove",
            {"削除する: 紛失した鍵など(元に戻せません)", "remove one for good, such as a lost one"},
            "key remove 12\nkey remove 12 --yes",
            &declare_remove},
};

}  // namespace

std::span<const Command> key_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
