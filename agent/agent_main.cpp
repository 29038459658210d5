#include "agent/agent_main.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "agent/commands.h"
#include "agent/console_text.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

using conversation::Language;

int report(const Result<void>& outcome, Language language) {
  if (outcome) return 0;
  std::fprintf(stderr, "sekisho-agent: %s\n", error_text(outcome.error(), language).c_str());
  return 1;
}

void translate_labels(CLI::App& app, Language language) {
  if (language != Language::kJapanese) return;
  const auto formatter = app.get_formatter();
  formatter->label("Usage", "使い方");
  formatter->label("OPTIONS", "オプション");
  formatter->label("SUBCOMMAND", "コマンド");
  formatter->label("REQUIRED", "(必須)");
  formatter->label("TEXT", "文字列");
  formatter->label("INT", "整数");
  app.option_defaults()->group("オプション");
}

CLI::App* command(CLI::App& app, const char* name, const Text& summary, std::string& configuration,
                  Language language) {
  CLI::App* const made = app.add_subcommand(name, summary.in(language));
  made->group(Text{"コマンド", "Commands"}.in(language));
  made->get_help_ptr()->group(app.get_help_ptr()->get_group());
  made->add_option("--config", configuration,
                   Text{"設定ファイル", "The configuration file"}.in(language))
      ->capture_default_str();
  return made;
}

CLI::App* declare_run(CLI::App& app, RunArguments& run, Language language) {
  CLI::App* const made = command(
      app, "run", {"この端末の PAM モジュールに応える", "Serve the PAM module of this terminal"},
      run.configuration, language);
  made->add_option(
      "--ready-fd", run.ready_fd,
      Text{"準備ができたらこの記述子に 1 行書く", "Write a line to this descriptor when serving"}
          .in(language));
  return made;
}

CLI::App* declare_join(CLI::App& app, JoinArguments& join, Language language) {
  CLI::App* const made =
      command(app, "join",
              {"この端末を登録する(ゲートウェイで \"sekisho terminal add\" が表示した値を使う)",
               "Enrol this terminal, with what \"sekisho terminal add\" printed on the gateway"},
              join.configuration, language);
  made->add_option("--gateway", join.gateway,
                   Text{"端末用リスナーの https://ホスト:ポート",
                        "https://HOST:PORT of the terminal listener"}
                       .in(language))
      ->required();
  made->add_option("--ca-fingerprint", join.ca_fingerprint,
                   Text{"認証局の SHA-256(16 進数 64 桁)",
                        "SHA-256 of the segment's authority, 64 hexadecimal digits"}
                       .in(language))
      ->required();
  made->add_option(
          "--token", join.token,
          Text{"一度だけ使えるトークン。- なら表示せずに尋ねるか、標準入力から 1 行読む",
               "The one-time token; - asks without showing it, or reads a line of the input"}
              .in(language))
      ->required();
  made->add_flag(
      "--replace", join.replaces,
      Text{"参加済みでも参加し直す", "Join although this terminal has joined"}.in(language));
  return made;
}

// `--help`, `--version`, or a command line that is wrong.
int explain(const CLI::App& app, const CLI::ParseError& problem, Language language) {
  if (problem.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    return app.exit(problem);
  }
  std::string path = "sekisho-agent";
  for (const CLI::App* const chosen : app.get_subcommands()) path += " " + chosen->get_name();
  const std::string text = Text{"コマンドの書き方が違います: ", ""}.in(language) +
                           printable(problem.what()) + "\n" +
                           Text{"使い方: ", "see "}.in(language) + path + " --help";
  std::fprintf(stderr, "sekisho-agent: %s\n", text.c_str());
  return 2;
}

int run_command_line(int argc, char** argv, authn::SecurityKeys& keys) {
  const Language language = language_of_environment();
  CLI::App app(Text{"Sekisho (関所) の端末側: この端末に誰がログインできるかをゲートウェイに尋ねる",
                    "The terminal's half of Sekisho: asks the gateway who may log in here."}
                   .in(language),
               "sekisho-agent");
  translate_labels(app, language);
  app.set_help_flag("-h,--help", Text{"この説明", "this help"}.in(language));
  app.set_version_flag("--version", SEKISHO_VERSION,
                       Text{"バージョン", "the version"}.in(language));
  app.require_subcommand(1);

  RunArguments run;
  JoinArguments join;
  StatusArguments status;
  join.language = status.language = language;
  const CLI::App* const run_command = declare_run(app, run, language);
  const CLI::App* const join_command = declare_join(app, join, language);
  command(app, "status",
          {"証明書を表示し、すべてのゲートウェイに尋ねる",
           "Show the certificate and ask every gateway"},
          status.configuration, language);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return explain(app, problem, language);
  }
  if (*run_command) return report(agent::run(run, keys), language);
  if (*join_command) return report(join_terminal(join), language);
  return report(show_status(status), language);
}

}  // namespace

int agent_main(int argc, char** argv, authn::SecurityKeys& keys) {
  try {
    return run_command_line(argc, argv, keys);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "sekisho-agent: %s\n", problem.what());
    return 1;
  }
}

}  // namespace sekisho::agent
