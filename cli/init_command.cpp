#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>

#include "base/text.h"
#include "cli/administrator.h"
#include "cli/commands.h"
#include "cli/deployment.h"

namespace sekisho::cli {
namespace {

constexpr std::string_view kServiceUser = "sekisho";
constexpr std::string_view kUsualFolder = "/etc/sekisho";
constexpr std::string_view kUsualStore = "/var/lib/sekisho/store.db";

struct InitArguments {
  Plan plan;
  std::string listen;
  std::string user;
};

// The owner for the gateway's files: the named user, or when root runs this and it exists, the
// service's.  nullopt: whoever runs this.
Result<std::optional<Owner>> owner_of(const std::string& named) {
  const std::string name = named.empty() ? std::string(kServiceUser) : named;
  if (named.empty() && ::geteuid() != 0) return std::nullopt;
  std::vector<char> space(4096);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(name.c_str(), &entry, space.data(), space.size(), &found);
  if (found == nullptr) {
    if (named.empty()) return std::nullopt;
    return fail(ErrorCode::kNotFound, "there is no system user " + printable(named));
  }
  return Owner{entry.pw_uid, entry.pw_gid};
}

// Host name of an "https://host[:port]" and its port; settings say what is wrong with the rest.
std::string port_of(const std::string& url) {
  const std::size_t colon = url.rfind(':');
  const std::string port = colon == std::string::npos ? "" : url.substr(colon + 1);
  return parse_unsigned(port) ? port : "443";
}

Result<Plan> completed(const InitArguments& arguments, const std::string& folder) {
  Plan plan = arguments.plan;
  if (plan.networks.empty() || plan.portal_url.empty() || arguments.listen.empty()) {
    return fail(ErrorCode::kInvalid,
                "there is no configuration yet: --segment, --portal-url and --listen say what to "
                "write into it");
  }
  if (plan.store_path.empty()) plan.store_path = folder == kUsualFolder ? kUsualStore : "store.db";
  const bool is_v6 = arguments.listen.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + arguments.listen + "]" : arguments.listen;
  plan.web_address = host + ":" + port_of(plan.portal_url);
  plan.terminal_address = host + ":8444";
  if (plan.terminal_names.empty()) plan.terminal_names = {arguments.listen};
  return plan;
}

// Options that mean nothing where there is a configuration already.
bool says_what_to_write(const InitArguments& arguments) {
  const Plan& plan = arguments.plan;
  return !plan.networks.empty() || !plan.terminal_names.empty() || !plan.portal_url.empty() ||
         !plan.organization.empty() || !plan.cookie_domain.empty() || !plan.store_path.empty() ||
         !arguments.listen.empty();
}

void tell_next_steps(const Console& console, const settings::Settings& settings,
                     const std::string& fingerprint) {
  console.print(
      console.in_words({"新しい環境ができました。\n"
                        "  設定          {0}\n"
                        "  データベース  {1}\n"
                        "  認証局の指紋  {2}\n\n"
                        "次の手順:\n"
                        "  1. {3} の控えを取り、金庫に保管する(失うとシードを復号できません)\n"
                        "  2. 職員のブラウザーに認証局 {4} を配る\n"
                        "  3. sekisho user add 名前 ; sekisho totp add 名前\n"
                        "  4. {0} にアプリケーションを書き、sekisho config check\n"
                        "  5. systemctl enable --now sekishod\n"
                        "  6. sekisho terminal add 端末名\n"
                        "  7. sekisho doctor\n",
                        "A new deployment is ready.\n"
                        "  configuration   {0}\n"
                        "  store           {1}\n"
                        "  CA fingerprint  {2}\n\n"
                        "Next:\n"
                        "  1. keep a copy of {3} in a safe: without it no seed can be read\n"
                        "  2. give the authority {4} to the browsers\n"
                        "  3. sekisho user add NAME ; sekisho totp add NAME\n"
                        "  4. write the applications into {0}, then sekisho config check\n"
                        "  5. systemctl enable --now sekishod\n"
                        "  6. sekisho terminal add NAME\n"
                        "  7. sekisho doctor\n"},
                       settings.path, settings.store_path, fingerprint, settings.seal_keys_path,
                       settings.ca_certificate_path));
}

Result<Exit> init(Desk& desk, const InitArguments& arguments) {
  std::error_code ignored;
  const std::string path =
      std::filesystem::absolute(desk.configuration_path(), ignored).lexically_normal().string();
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const auto owner = owner_of(arguments.user);
  if (!owner) return fail(owner.error());
  Deployment deployment(desk.random(), desk.clock(), *owner);
  std::optional<settings::Settings> settings;
  if (std::filesystem::exists(path, ignored)) {
    // A configuration that the administrator wrote is used as it is.
    if (says_what_to_write(arguments)) {
      return fail(ErrorCode::kAlreadyExists,
                  path + " exists already and is used as it is: leave out every option but --user");
    }
    const auto known = desk.settings();
    if (!known) return fail(known.error());
    settings = **known;
  } else {
    const auto plan = completed(arguments, folder);
    if (!plan) return fail(plan.error());
    const std::string text = configuration_text(*plan, desk.console().language());
    auto parsed = settings::parse(text, path);
    if (!parsed) {
      std::string findings;
      for (const auto& finding : parsed.error()) {
        findings += (findings.empty() ? "" : "\n") + finding.message;
      }
      return fail(ErrorCode::kInvalid, findings);
    }
    settings = std::move(*parsed);
    if (auto added = deployment.add_configuration(path, text); !added) return fail(added.error());
  }
  const auto added = deployment.add_parts(*settings, administrator_name(identity_of_process()));
  if (!added) return fail(added.error());
  deployment.finish();
  if (desk.console().as_json()) {
    desk.console().report("", {{"done", "init"},
                               {"configuration", settings->path},
                               {"store", settings->store_path},
                               {"ca_certificate", settings->ca_certificate_path},
                               {"ca_fingerprint", deployment.authority_fingerprint()}});
  } else {
    tell_next_steps(desk.console(), *settings, deployment.authority_fingerprint());
  }
  return Exit::kDone;
}

Run declare_init(CLI::App& app, Language language) {
  auto arguments = std::make_shared<InitArguments>();
  const auto in = [language](Text text) { return std::string(text.in(language)); };
  Plan& plan = arguments->plan;
  app.add_option("--segment", plan.networks,
                 in({"閉域網の範囲(何度でも)", "a network of the segment; may be repeated"}))
      ->expected(1)
      ->take_all()
      ->type_name("CIDR");
  app.add_option("--portal-url", plan.portal_url, in({"ポータルの URL", "the portal's address"}))
      ->type_name("URL");
  app.add_option("--listen", arguments->listen,
                 in({"待ち受けるアドレス(ポートは URL から、端末用は 8444)",
                     "the address to listen on; the port is the URL's, 8444 for terminals"}))
      ->type_name("ADDRESS");
  app.add_option("--organization", plan.organization,
                 in({"画面に出す組織名", "the organization, shown on every page"}));
  app.add_option("--cookie-domain", plan.cookie_domain,
                 in({"ポータルとアプリに共通のドメイン",
                     "the domain above the portal and the applications"}))
      ->type_name("DOMAIN");
  app.add_option("--terminal-name", plan.terminal_names,
                 in({"端末から見たゲートウェイの名前(何度でも)",
                     "a name that terminals reach the gateway by; may be repeated"}))
      ->expected(1)
      ->take_all()
      ->type_name("NAME");
  app.add_option("--store", plan.store_path, in({"データベースのパス", "where the store goes"}))
      ->type_name("PATH");
  app.add_option("--user", arguments->user,
                 in({"ゲートウェイを動かす利用者(root で実行したとき、省くと sekisho)",
                     "the system user of the gateway; as root, sekisho when there is one"}))
      ->type_name("USER");
  return [arguments](Desk& desk) { return init(desk, *arguments); };
}

constexpr std::array kCommands = {
    Command{"init",
            "",
            {"新しい環境を作る", "make a new deployment"},
            "init --segment 10.20.0.0/16 --portal-url https://portal.town.example "
            "--listen 10.20.0.2 --organization 関所町 --cookie-domain town.example "
            "--terminal-name gateway.town.example\n"
            "--config ./sekishod.toml init      (the configuration is there already)",
            &declare_init},
};

}  // namespace

std::span<const Command> init_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
