#include <array>
#include <memory>

#include "authn/administration.h"
#include "base/file.h"
#include "base/text.h"
#include "certs/certificate.h"
#include "cli/commands.h"

namespace sekisho::cli {
namespace {

constexpr Word kWaiting{"waiting", {"参加待ち", "waiting to join"}};
constexpr Word kTokenExpired{"token_expired", {"トークン期限切れ", "token expired"}};
constexpr Word kJoined{"joined", {"参加済み", "joined"}};
constexpr Word kCertificateExpired{"certificate_expired",
                                   {"証明書期限切れ", "certificate expired"}};
constexpr Word kRevoked{"revoked", {"失効", "revoked"}};

struct TerminalArguments {
  std::string name;
  bool again = false;
};

std::shared_ptr<TerminalArguments> declare_name(CLI::App& app, Language language) {
  auto arguments = std::make_shared<TerminalArguments>();
  app.add_option("NAME", arguments->name,
                 std::string(Text{"端末名", "the terminal's name"}.in(language)))
      ->required();
  return arguments;
}

Word state_of(const store::Terminal& terminal, Instant now) {
  if (terminal.revoked_at) return kRevoked;
  if (terminal.token_expires_at) {
    return *terminal.token_expires_at > now ? kWaiting : kTokenExpired;
  }
  if (terminal.certificate_expires_at && *terminal.certificate_expires_at <= now) {
    return kCertificateExpired;
  }
  return kJoined;
}

// "https://gateway.town.example:8444" of the first terminal listener; "" when there is none.
std::string gateway_url(const settings::Settings& settings) {
  for (const settings::Listener& listener : settings.listeners) {
    if (listener.kind != settings::Listener::Kind::kTerminal) continue;
    const std::string& name = listener.names.front();
    const std::string host = name.find(':') == std::string::npos ? name : "[" + name + "]";
    return "https://" + host + ":" + std::to_string(listener.port);
  }
  return "";
}

Result<std::string> authority_fingerprint(const settings::Settings& settings) {
  const auto pem = read_file(settings.ca_certificate_path, certs::kMaxPemBytes);
  if (!pem) return fail(pem.error());
  const auto facts = certs::facts_of_pem(*pem);
  if (!facts) return fail(facts.error());
  return facts->fingerprint;
}

// A new token ends the certificate of a terminal that works.
Result<Exit> confirmed_again(Desk& desk, store::Store& store, const std::string& name) {
  const auto found = store.terminals().find(name);
  if (!found) return fail(found.error());
  if (!*found || !(*found)->joined_at || (*found)->revoked_at) return Exit::kDone;
  return confirmed(
      desk.console(),
      desk.console().in_words(
          {"端末 {} は参加済みです。今の証明書を無効にし、新しいトークンを発行しますか? "
           "参加し直すまで、この端末からは誰もログインできません",
           "The terminal {} has joined. End its certificate and issue a new token? Nobody can log "
           "in there until it has joined again."},
          name));
}

Result<Exit> add(Desk& desk, const TerminalArguments& arguments) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const settings::Settings& settings = **desk.settings();
  const std::string gateway = gateway_url(settings);
  if (gateway.empty()) {
    return fail(ErrorCode::kInvalid,
                "the configuration has no listener with kind = \"terminal\" for it to join at");
  }
  // Before the token exists: without the fingerprint it could not be used.
  const auto fingerprint = authority_fingerprint(settings);
  if (!fingerprint) return fail(desk.broken(fingerprint.error()));
  if (arguments.again) {
    const auto answer = confirmed_again(desk, office->store, arguments.name);
    if (!answer || *answer != Exit::kDone) return answer;
  }
  const auto invitation =
      authn::Administration(*office).invite_terminal(arguments.name, arguments.again);
  if (!invitation) return fail(invitation.error());
  const std::string_view token = invitation->token.reveal_text();
  const std::string line =
      "sekisho-agent join --gateway " + gateway + " --ca-fingerprint " + *fingerprint + " --token ";
  const Console& console = desk.console();
  if (console.as_json()) {
    console.report("", {{"done", "terminal_add"},
                        {"terminal", arguments.name},
                        {"token", token},
                        {"expires_at", rfc3339(invitation->expires_at)},
                        {"gateway", gateway},
                        {"ca_fingerprint", *fingerprint},
                        {"command", line + std::string(token)}});
    return Exit::kDone;
  }
  std::string groups;
  for (std::size_t i = 0; i < token.size(); i += 4) {
    groups += (i == 0 ? "" : "-") + std::string(token.substr(i, 4));
  }
  console.print(console.in_words(
      {"端末 {} の参加トークン(一度だけ、{} まで有効)\n\n  {}\n\n端末で root "
       "として実行してください:\n\n"
       "  {}{}\n",
       "Join token of the terminal {}, good once and until {}\n\n  {}\n\nRun on the terminal, as "
       "root:\n\n  {}{}\n"},
      arguments.name, local_time(invitation->expires_at), groups, line, token));
  if (gateway.ends_with(":0")) {
    console.note(
        console.in_words({"注意: リスナーのポートが 0 なので、実際の番号に読み替えてください",
                          "note: the listener's port is 0; use the number that sekishod chose"}));
  }
  return Exit::kDone;
}

Run declare_add(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  app.add_flag("--again", arguments->again,
               std::string(Text{"登録済みの端末に新しいトークンを出す(今の証明書は無効になる)",
                                "a new token for a terminal that is there; ends its certificates"}
                               .in(language)));
  return [arguments](Desk& desk) { return add(desk, *arguments); };
}

Run declare_list(CLI::App&, Language) {
  return [](Desk& desk) -> Result<Exit> {
    const auto store = desk.reader();
    if (!store) return fail(store.error());
    const auto terminals = (*store)->terminals().list();
    if (!terminals) return fail(terminals.error());
    Listing listing{{{"name", {"端末", "terminal"}},
                     {"state", {"状態", "state"}},
                     {"generation", {"世代", "generation"}},
                     {"created_at", {"登録", "added"}},
                     {"joined_at", {"参加", "joined"}},
                     {"certificate_expires_at", {"証明書の期限", "certificate until"}},
                     {"revoked_at", {"失効", "revoked"}}},
                    {},
                    {"端末はありません", "no terminals"}};
    for (const store::Terminal& terminal : *terminals) {
      listing.rows.push_back({terminal.name, state_of(terminal, desk.clock().now()),
                              terminal.generation, terminal.created_at, cell_of(terminal.joined_at),
                              cell_of(terminal.certificate_expires_at),
                              cell_of(terminal.revoked_at)});
    }
    desk.console().show(listing);
    return Exit::kDone;
  };
}

Run declare_revoke(CLI::App& app, Language language) {
  const auto arguments = declare_name(app, language);
  return [arguments](Desk& desk) -> Result<Exit> {
    const auto office = desk.office();
    if (!office) return fail(office.error());
    const auto found = office->store.terminals().find(arguments->name);
    if (!found) return fail(found.error());
    if (!*found) {
      return fail(ErrorCode::kNotFound, "there is no terminal " + printable(arguments->name));
    }
    const Exit answer = confirmed(
        desk.console(), desk.console().in_words(
                            {"端末 {} を失効させますか? この端末からは誰もログインできなくなります",
                             "Revoke the terminal {}? Nobody can log in there any more."},
                            arguments->name));
    if (answer != Exit::kDone) return answer;
    if (auto revoked = authn::Administration(*office).revoke_terminal(arguments->name); !revoked) {
      return fail(revoked.error());
    }
    desk.console().report(
        desk.console().in_words({"端末 {} を失効させました", "revoked the terminal {}"},
                                arguments->name),
        {{"done", "terminal_revoke"}, {"terminal", arguments->name}});
    return Exit::kDone;
  };
}

constexpr std::array kCommands = {
    Command{"terminal",
            "add",
            {"端末を登録し、参加トークンを表示する", "add a terminal and show its join token"},
            "terminal add zeimu-03\nterminal add zeimu-03 --again",
            &declare_add},
    Command{"terminal",
            "list",
            {"一覧", "list the terminals"},
            "terminal list\nterminal list --json",
            &declare_list},
    Command{"terminal",
            "revoke",
            {"失効させる(ただちに拒否される)", "revoke one; refused at once"},
            "terminal revoke zeimu-03",
            &declare_revoke},
};

}  // namespace

std::span<const Command> terminal_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
