#include <array>
#include <memory>

#include "authn/enrollment.h"
#include "base/encoding.h"
#include "base/secret_input.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/otpauth_uri.h"
#include "cli/qr.h"
#include "cli/usage_text.h"
#include "cli/user_view.h"

namespace sekisho::cli {
namespace {

constexpr std::string_view kIssuerWithoutOrganization = "Sekisho";

struct AddArguments {
  std::string user;
  std::string label;
  std::string algorithm = "sha1";
  int digits = 6;
  int period = 30;
  bool seed_from_stdin = false;
  bool is_confirmed = false;
  bool as_ascii = false;
};

struct CredentialArguments {
  std::string user;
  std::int64_t id = 0;
  std::string code;
  std::string next_code;
};

// A hardware token's seed as its list gives it: hexadecimal or base32, in any case, with spaces
// or hyphens.  A text that could be both is read as hexadecimal, which base32 seeds of 26 or more
// characters practically never look like.
std::optional<Secret> seed_of_text(const Secret& text) {
  std::string hex = lower_case(normalized_base32(text.reveal_text()));
  std::string base32 = normalized_base32(text.reveal_text());
  std::optional<Bytes> bytes = bytes_from_hex(hex);
  if (!bytes) bytes = bytes_from_base32(base32);
  wipe(hex);
  wipe(base32);
  if (!bytes) return std::nullopt;
  return Secret(std::move(*bytes));
}

Result<std::optional<Secret>> imported_seed(const AddArguments& arguments) {
  if (!arguments.seed_from_stdin) return std::nullopt;
  const Result<Secret> line = secret_from_stdin();
  if (!line) return fail(line.error());
  std::optional<Secret> seed = seed_of_text(*line);
  if (!seed) return fail(ErrorCode::kInvalid, "the seed is neither hexadecimal nor base32");
  return seed;
}

void show_imported(const Console& console, const AddArguments& arguments, std::int64_t id) {
  const Text counts{"トークンを {0} に登録しました(番号 {1})。すぐに使えます",
                    "bound the token to {0} as credential {1}; it counts at once"};
  const Text waits{
      "トークンを {0} に登録しました(番号 {1})。コードで確認すると使えます: sekisho totp confirm "
      "{1}",
      "bound the token to {0} as credential {1}; confirm it with a code: sekisho totp confirm {1}"};
  console.report(console.in_words(arguments.is_confirmed ? counts : waits, arguments.user, id),
                 {{"done", "totp_add"},
                  {"user", arguments.user},
                  {"credential", id},
                  {"confirmed", arguments.is_confirmed}});
}

// The seed is shown here, once, to the person it belongs to, and nowhere else.
Result<void> show_new(const Console& console, const AddArguments& arguments, std::int64_t id,
                      const Secret& uri) {
  if (console.as_json()) {
    console.report("", {{"done", "totp_add"},
                        {"user", arguments.user},
                        {"credential", id},
                        {"confirmed", false},
                        {"uri", uri.reveal_text()}});
    return {};
  }
  const Result<QrCode> code = QrCode::encode(uri);
  if (!code) return fail(code.error());
  const Secret drawing =
      code->drawn(arguments.as_ascii ? QrStyle::kAscii : QrStyle::kBlocks, console.has_colour());
  console.print(drawing.reveal_text());
  console.print("\n");
  console.print(uri.reveal_text());
  console.print("\n\n" + console.in_words(
                             {"{} の TOTP 認証器(番号 {})です。この画面は一度しか表示されません。\n"
                              "アプリで QR コードを読み取り、表示されたコードで確認してください:\n"
                              "  sekisho totp confirm {} コード\n",
                              "TOTP credential of {}, number {}.  It is shown only this once.\n"
                              "Scan it with the app, then confirm it with the code it shows:\n"
                              "  sekisho totp confirm {} CODE\n"},
                             arguments.user, id, id));
  return {};
}

Result<Exit> add(Desk& desk, const AddArguments& arguments) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  if (const auto known = authn::Administration(*office).user(arguments.user); !known) {
    return fail(known.error());
  }
  const auto algorithm = [&] {
    if (arguments.algorithm == "sha256") return authn::TotpAlgorithm::kSha256;
    if (arguments.algorithm == "sha512") return authn::TotpAlgorithm::kSha512;
    return authn::TotpAlgorithm::kSha1;
  }();
  Result<std::optional<Secret>> seed = imported_seed(arguments);
  if (!seed) return fail(seed.error());
  authn::Enrollment::NewTotp totp{arguments.label,
                                  {algorithm, arguments.digits, arguments.period},
                                  std::move(*seed),
                                  arguments.is_confirmed};
  const auto added = authn::Enrollment(*office).add_totp(arguments.user, std::move(totp));
  if (!added) return fail(added.error());
  if (arguments.seed_from_stdin) {
    show_imported(desk.console(), arguments, added->id.value);
    return Exit::kDone;
  }
  const std::string& organization = (*desk.settings())->organization;
  const Secret uri = otpauth_uri(
      added->seed,
      {organization.empty() ? kIssuerWithoutOrganization : std::string_view(organization),
       arguments.user, authn::name_of(algorithm), arguments.digits, arguments.period});
  if (auto shown = show_new(desk.console(), arguments, added->id.value, uri); !shown) {
    return fail(shown.error());
  }
  return Exit::kDone;
}

Run declare_add(CLI::App& app, Language language) {
  auto arguments = std::make_shared<AddArguments>();
  const auto in = [language](Text text) { return std::string(text.in(language)); };
  app.add_option("NAME", arguments->user, in({"ログイン名", "login name"}))->required();
  app.add_option(
      "--label", arguments->label,
      in({"区別のためのラベル(製造番号など)", "to tell it apart, such as a serial number"}));
  app.add_option("--algorithm", arguments->algorithm,
                 in({"sha1、sha256 または sha512", "sha1, sha256 or sha512"}))
      ->check(CLI::IsMember({"sha1", "sha256", "sha512"}))
      ->capture_default_str()
      ->type_name("");
  app.add_option("--digits", arguments->digits, in({"6 または 8", "6 or 8"}))
      ->check(CLI::IsMember({6, 8}))
      ->capture_default_str()
      ->type_name("");
  app.add_option("--period", arguments->period, in({"周期(秒)", "seconds a code lives"}))
      ->check(CLI::Range(1, 120))
      ->capture_default_str()
      ->type_name("");
  CLI::Option* seed = app.add_flag(
      "--seed-stdin", arguments->seed_from_stdin,
      in({"ハードウェアトークンのシード(base32 か 16 進、128 ビット以上)を標準入力から読む",
          "read a hardware token's seed (base32 or hex, 128 bits or more) from standard input"}));
  app.add_flag("--confirmed", arguments->is_confirmed,
               in({"コードでの確認なしで有効にする(ハードウェアトークンのみ)",
                   "count it at once, without a code (hardware tokens only)"}))
      ->needs(seed);
  app.add_flag("--ascii", arguments->as_ascii,
               in({"QR コードを ASCII 文字で描く", "draw the QR code with ASCII characters"}));
  return [arguments](Desk& desk) { return add(desk, *arguments); };
}

std::shared_ptr<CredentialArguments> declare_id(CLI::App& app, Language language) {
  auto arguments = std::make_shared<CredentialArguments>();
  app.add_option("ID", arguments->id,
                 std::string(Text{"認証器の番号(sekisho totp list で分かります)",
                                  "the credential's number, from sekisho totp list"}
                                 .in(language)))
      ->required()
      ->check(&number_objection)
      ->type_name("");
  return arguments;
}

// A code that was not given is asked for, so that it does not stay in the shell's history.
Result<std::string> code_or_ask(const Console& console, const std::string& given, Text question,
                                std::string_view without_terminal) {
  if (!given.empty()) return given;
  const Result<Secret> typed = secret_from_terminal(console.in_words(question), without_terminal);
  if (!typed) return fail(typed.error());
  return std::string(typed->reveal_text());
}

Run declare_confirm(CLI::App& app, Language language) {
  const auto arguments = declare_id(app, language);
  app.add_option("CODE", arguments->code,
                 std::string(Text{"表示されているコード(省くと尋ねます)",
                                  "the code it shows; asked for when left out"}
                                 .in(language)));
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto office = desk.office();
    if (!office) return fail(office.error());
    const Result<std::string> code =
        code_or_ask(desk.console(), arguments->code, {"コード: ", "Code: "},
                    "there is no terminal to ask for the code on: write it after the number");
    if (!code) return fail(code.error());
    const store::TotpCredentialId id{arguments->id};
    if (auto done = authn::Enrollment(*office).confirm_totp(id, *code); !done) {
      return fail(done.error());
    }
    desk.console().report(desk.console().in_words({"認証器 {} を確認しました。ログインに使えます",
                                                   "confirmed the credential {}; it can log in"},
                                                  arguments->id),
                          {{"done", "totp_confirm"}, {"credential", arguments->id}});
    return Exit::kDone;
  };
}

Run declare_resync(CLI::App& app, Language language) {
  const auto arguments = declare_id(app, language);
  app.add_option("CODE", arguments->code,
                 std::string(Text{"表示されているコード", "the code it shows"}.in(language)));
  app.add_option("NEXT", arguments->next_code,
                 std::string(Text{"その次のコード", "the one after it"}.in(language)));
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto office = desk.office();
    if (!office) return fail(office.error());
    const Console& console = desk.console();
    constexpr std::string_view kWithoutTerminal =
        "there is no terminal to ask for the codes on: write both after the number";
    const Result<std::string> first = code_or_ask(
        console, arguments->code, {"1 つ目のコード: ", "First code: "}, kWithoutTerminal);
    if (!first) return fail(first.error());
    const Result<std::string> second = code_or_ask(
        console, arguments->next_code, {"次のコード: ", "Next code: "}, kWithoutTerminal);
    if (!second) return fail(second.error());
    const store::TotpCredentialId id{arguments->id};
    const auto drift = authn::Enrollment(*office).resync_totp(id, *first, *second);
    if (!drift) return fail(drift.error());
    console.report(console.in_words({"認証器 {} を合わせ直しました(ずれ {} 周期)",
                                     "resynchronised the credential {} (drift: {} steps)"},
                                    arguments->id, *drift),
                   {{"done", "totp_resync"}, {"credential", arguments->id}, {"drift", *drift}});
    return Exit::kDone;
  };
}

Run declare_list(CLI::App& app, Language language) {
  auto arguments = std::make_shared<CredentialArguments>();
  app.add_option("NAME", arguments->user,
                 std::string(Text{"ログイン名", "login name"}.in(language)))
      ->required();
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto store = desk.reader();
    if (!store) return fail(store.error());
    const auto user = find_user(**store, arguments->user);
    if (!user) return fail(user.error());
    const auto credentials = (*store)->totp_credentials().list(user->id);
    if (!credentials) return fail(credentials.error());
    desk.console().show(list_totp(*credentials));
    return Exit::kDone;
  };
}

Run declare_remove(CLI::App& app, Language language) {
  const auto arguments = declare_id(app, language);
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto office = desk.office();
    if (!office) return fail(office.error());
    const store::TotpCredentialId id{arguments->id};
    const auto found = office->store.totp_credentials().find(id);
    if (!found) return fail(found.error());
    if (!*found) {
      return fail(ErrorCode::kNotFound,
                  "there is no TOTP credential " + std::to_string(arguments->id));
    }
    const auto owner = office->store.users().find((*found)->user);
    if (!owner) return fail(owner.error());
    const Exit answer = confirmed(
        desk.console(),
        desk.console().in_words(
            {"{} の認証器 {} ({}) を削除し、本人を全てログアウトさせますか? 元に戻せません",
             "Remove the credential of {}, number {} ({}), and sign the person out "
             "everywhere? This cannot be undone."},
            *owner ? (*owner)->name : "-", arguments->id, printable((*found)->label)));
    if (answer != Exit::kDone) return answer;
    const auto ended = authn::Enrollment(*office).remove_totp(id);
    if (!ended) return fail(ended.error());
    desk.console().report(
        desk.console().in_words({"認証器 {} を削除しました", "removed the credential {}"},
                                arguments->id),
        {{"done", "totp_remove"}, {"credential", arguments->id}, {"sessions_ended", *ended}});
    return Exit::kDone;
  };
}

constexpr std::array kCommands = {
    Command{"totp",
            "add",
            {"認証器を登録し、QR コードを表示する", "enrol one and show its QR code"},
            "totp add hanako\n"
            "totp add hanako --label 'token 0042' --algorithm sha256 --digits 8\n"
            "totp add hanako --label 'token 0042' --seed-stdin --confirmed < seed.txt",
            &declare_add},
    Command{"totp",
            "confirm",
            {"コードで確認し、使えるようにする", "prove it with a code"},
            "totp confirm 12 123456",
            &declare_confirm},
    Command{"totp",
            "resync",
            {"時計のずれたトークンを連続 2 コードで合わせる",
             "find a token whose clock went astray, by two codes in a row"},
            "totp resync 12 123456 654321",
            &declare_resync},
    Command{
        "totp", "list", {"一覧", "list a user's credentials"}, "totp list hanako", &declare_list},
    Command{"totp",
            "remove",
            {"削除する(元に戻せません)", "remove one for good"},
            "totp remove 12",
            &declare_remove},
};

}  // namespace

std::span<const Command> totp_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
