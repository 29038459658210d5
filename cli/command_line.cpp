#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/desk.h"
#include "cli/exit.h"

namespace sekisho::cli {
namespace {

constexpr const char* kDefaultConfiguration = "/etc/sekisho/sekishod.toml";

struct GlobalArguments {
  std::string configuration = kDefaultConfiguration;
  std::string language;
  bool as_json = false;
  bool assume_yes = false;
};

// The language must be known before the help texts are made, so --lang is looked for first.
Language language_of(const std::vector<std::string_view>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") break;
    std::string_view value;
    if (arguments[i].starts_with("--lang=")) value = arguments[i].substr(7);
    if (arguments[i] == "--lang" && i + 1 < arguments.size()) value = arguments[i + 1];
    if (const auto language = language_named(value)) return *language;
  }
  return language_of_environment();
}

void declare_globals(CLI::App& app, GlobalArguments& arguments, Language language) {
  app.add_option("--config", arguments.configuration,
                 std::string(Text{"設定ファイル", "the configuration file"}.in(language)))
      ->envname("SEKISHO_CONFIG")
      ->capture_default_str()
      ->type_name("PATH");
  app.add_flag("--json", arguments.as_json,
               std::string(Text{"結果を JSON で出力する", "print results as JSON"}.in(language)));
  app.add_flag("-y,--yes", arguments.assume_yes,
               std::string(Text{"確認の質問に「はい」と答える",
                                "answer yes to questions before what cannot be undone"}
                               .in(language)));
  app.add_option("--lang", arguments.language,
                 std::string(Text{"表示言語: ja または en", "language: ja or en"}.in(language)))
      ->check(CLI::IsMember({"ja", "en"}))
      ->type_name("");
}

std::string examples_of(const Command& command, Language language) {
  std::string out(Text{"例:", "Examples:"}.in(language));
  for (const std::string_view line : split(command.examples, '\n')) {
    out += "\n  sekisho " + std::string(line);
  }
  out += "\n\n";
  out += Text{"どのコマンドにも使えるオプション: --config --json --yes --lang (sekisho --help)",
              "Options of every command: --config --json --yes --lang (see sekisho --help)"}
             .in(language);
  return out;
}

void declare_command(CLI::App& app, const Command& command, Language language, Run& chosen) {
  app.footer(examples_of(command, language));
  app.get_help_ptr()->group(app.get_parent()->get_help_ptr()->get_group());
  Run run = command.declare(app, language);
  app.callback([run = std::move(run), &chosen] { chosen = run; });
}

void declare_nouns(CLI::App& app, Language language, Run& chosen) {
  const std::string group(Text{"コマンド", "Commands"}.in(language));
  for (const Noun& noun : all_nouns()) {
    CLI::App* parent =
        app.add_subcommand(std::string(noun.name), std::string(noun.summary.in(language)));
    parent->group(group);
    parent->get_help_ptr()->group(app.get_help_ptr()->get_group());
    for (const Command& command : noun.commands) {
      if (command.verb.empty()) {
        declare_command(*parent, command, language, chosen);
        continue;
      }
      // Exactly one: a user who is called "list" is then an argument, not a second command.
      parent->require_subcommand(1);
      CLI::App* child = parent->add_subcommand(std::string(command.verb),
                                               std::string(command.summary.in(language)));
      child->group(group);
      declare_command(*child, command, language, chosen);
    }
  }
}

void translate_labels(CLI::App& app, Language language) {
  if (language != Language::kJapanese) return;
  const auto formatter = app.get_formatter();
  formatter->label("Usage", "使い方");
  formatter->label("OPTIONS", "オプション");
  formatter->label("SUBCOMMAND", "コマンド");
  formatter->label("REQUIRED", "(必須)");
  formatter->label("Positionals", "引数");
  formatter->label("Env", "環境変数");
  formatter->label("Needs", "同時に必要");
  formatter->label("Excludes", "同時に使えない");
  formatter->label("TEXT", "文字列");
  formatter->label("INT", "整数");
  app.option_defaults()->group("オプション");
}

// The command that was being read when the line went wrong: "sekisho user add".
const CLI::App* last_of(const CLI::App& app, std::string& path) {
  const CLI::App* place = &app;
  path = app.get_name();
  while (!place->get_subcommands().empty()) {
    place = place->get_subcommands().front();
    path += " " + place->get_name();
  }
  return place;
}

bool is_asked_for(const std::vector<std::string_view>& words, std::string_view option) {
  return std::find(words.begin(), std::find(words.begin(), words.end(), "--"), option) !=
         std::find(words.begin(), words.end(), "--");
}

// `--help`, `--version`, or a command line that is wrong.
Exit explain(const CLI::App& app, const CLI::ParseError& error, const Console& console) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    app.exit(error);
    return Exit::kDone;
  }
  std::string path;
  const CLI::App* place = last_of(app, path);
  // A word that is no command is left over, and CLI11 says only that a command is missing.
  const std::vector<std::string> rest = app.remaining(true);
  const bool is_unknown_word = place->get_require_subcommand_min() > 0 && !rest.empty();
  console.complain_of_usage(
      is_unknown_word ? "there is no command " + rest.front() : std::string(error.what()), path);
  return Exit::kUsage;
}

Exit run(int count, const char* const* values, authn::SecurityKeys& keys) {
  const std::vector<std::string_view> words(values, values + count);
  const Language language = language_of(words);
  GlobalArguments arguments;
  Run chosen;
  CLI::App app(std::string(Text{"Sekisho (関所): 二要素認証ゲートウェイの管理コマンド",
                                "Sekisho: administers the multi-factor authentication gateway"}
                               .in(language)),
               "sekisho");
  translate_labels(app, language);
  app.set_help_flag("-h,--help", std::string(Text{"この説明", "this help"}.in(language)));
  app.set_version_flag("--version", "sekisho " SEKISHO_VERSION,
                       std::string(Text{"バージョン", "the version"}.in(language)));
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(std::string(exit_code_help().in(language)));
  declare_globals(app, arguments, language);
  declare_nouns(app, language, chosen);
  try {
    app.parse(count, values);
  } catch (const CLI::ParseError& error) {
    return explain(app, error, Console({language, is_asked_for(words, "--json")}));
  }
  const Console console({language, arguments.as_json, arguments.assume_yes});
  Desk desk(console, arguments.configuration, keys);
  const Result<Exit> outcome = chosen(desk);
  if (!outcome) {
    Console::flush();
    console.complain(outcome.error());
    return desk.is_broken() ? Exit::kDeployment : exit_of(outcome.error());
  }
  if (!Console::flush()) {
    console.complain({ErrorCode::kFull, "standard output could not be written"});
    return Exit::kDeployment;
  }
  return *outcome;
}

}  // namespace

int run_command_line(int count, const char* const* values, authn::SecurityKeys& keys) {
  log::set_level(log::Level::kError);
  try {
    return static_cast<int>(run(count, values, keys));
  } catch (const std::exception& error) {
    const std::string line = std::string("sekisho: unexpected: ") + error.what() + "\n";
    ::fwrite(line.data(), 1, line.size(), stderr);
    return static_cast<int>(Exit::kDeployment);
  }
}

}  // namespace sekisho::cli
