#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>

#include "base/file.h"
#include "base/json_text.h"
#include "certs/authority.h"
#include "cli/commands.h"
#include "cli/deployment.h"
#include "cli/doctor_checks.h"
#include "cli/settings_view.h"
#include "settings/settings.h"

namespace sekisho::cli {
namespace {

// The file itself: every mistake with its line.
Exit tell_mistakes(const Console& console, const std::string& path,
                   const std::vector<settings::Finding>& findings) {
  Listing listing{{{"line", {"行", "line"}}, {"mistake", {"誤り", "mistake"}}}, {}, {"", ""}};
  for (const settings::Finding& finding : findings) {
    listing.rows.push_back(
        {finding.line > 0 ? Cell(std::int64_t{finding.line}) : Cell(), finding.message});
  }
  if (console.as_json()) {
    console.print_json({{"valid", false}, {"path", path}, {"mistakes", as_json(listing)}});
  } else {
    console.show(listing);
    console.note(
        console.in_words({"sekisho: {} に誤りが {} 件あります", "sekisho: {} has {} mistakes"},
                         path, findings.size()));
  }
  return Exit::kRefused;
}

Result<Exit> check(Desk& desk) {
  const Console& console = desk.console();
  const std::string& path = desk.configuration_path();
  const auto settings = settings::load(path);
  if (const auto known = obstacle_to_configuration(path)) return fail(desk.broken(*known));
  if (!settings) return tell_mistakes(console, path, settings.error());
  // The files it names, which the gateway would stumble over at its start.
  Examination examination(console.language());
  examine_keys(examination, *settings);
  examine_certificates(examination, *settings, desk.clock().now());
  Listing faults = examination.listing();
  std::size_t index = 0;
  std::erase_if(faults.rows, [&](const auto&) {
    return examination.diagnoses()[index++].health == Health::kGood;
  });
  const bool is_valid = !examination.has_failures();
  if (console.as_json()) {
    console.print_json({{"valid", is_valid},
                        {"path", path},
                        {"listeners", settings->listeners.size()},
                        {"applications", settings->applications.size()},
                        {"files", as_json(faults)}});
    return is_valid ? Exit::kDone : Exit::kRefused;
  }
  if (!faults.rows.empty()) console.show(faults);
  if (is_valid) {
    console.print(console.in_words({"{} は正しい設定です: 待ち受け {}、アプリケーション {}\n",
                                    "{} is good: {} listeners, {} applications\n"},
                                   path, settings->listeners.size(),
                                   settings->applications.size()));
  }
  return is_valid ? Exit::kDone : Exit::kRefused;
}

Run declare_check(CLI::App&, Language) {
  return [](Desk& desk) { return check(desk); };
}

Run declare_show(CLI::App&, Language) {
  return [](Desk& desk) -> Result<Exit> {
    const auto settings = desk.settings();
    if (!settings) return fail(settings.error());
    desk.console().show(show_settings(**settings));
    return Exit::kDone;
  };
}

// Replaces `path` and leaves owner and mode as they were.
Result<void> replace_file(const std::string& path, std::string_view content) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0) return fail(error_from_errno("cannot stat " + path));
  if (auto written = write_file_durably(path, content, before.st_mode & 0777); !written) {
    return written;
  }
  if (::lchown(path.c_str(), before.st_uid, before.st_gid) != 0) {
    return fail(error_from_errno("cannot change the owner of " + path));
  }
  return {};
}

Result<certs::CertificateAuthority> load_authority(const settings::Settings& settings) {
  const auto pem = read_file(settings.ca_certificate_path, certs::kMaxPemBytes);
  if (!pem) return fail(pem.error());
  const auto key = read_secret_file(settings.ca_key_path, certs::kMaxPemBytes);
  if (!key) return fail(key.error());
  return certs::CertificateAuthority::load(*pem, *key);
}

Result<Exit> renew(Desk& desk) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const settings::Settings& settings = **desk.settings();
  const auto authority = load_authority(settings);
  if (!authority) return fail(desk.broken(authority.error()));
  const Console& console = desk.console();
  const Exit answer = confirmed(
      console, console.in_words({"ポータルの鍵と証明書を、閉域網の認証局で作り直しますか? "
                                 "今のものは失われます",
                                 "Replace the portal's key and certificate by new ones from the "
                                 "segment's authority? The present ones are lost."}));
  if (answer != Exit::kDone) return answer;
  const auto issued = issue_portal_certificate(*authority, settings, desk.clock().now());
  if (!issued) return fail(issued.error());
  // Written down first: a certificate without a row must not exist.
  const auto written = write_down(*office, "certificate_issue", "done", "portal",
                                  JsonObject()
                                      .add("fingerprint", issued->facts.fingerprint)
                                      .add("until", rfc3339(issued->facts.not_after))
                                      .text());
  if (!written) return fail(written.error());
  for (const settings::Listener& listener : settings.listeners) {
    if (listener.kind != settings::Listener::Kind::kWeb) continue;
    if (auto done = replace_file(listener.key_path, issued->key_pem.reveal_text()); !done) {
      return fail(done.error());
    }
    if (auto done = replace_file(listener.certificate_path, issued->chain_pem); !done) {
      return fail(done.error());
    }
  }
  console.report(
      console.in_words({"{} まで有効な証明書に替えました。反映: systemctl reload sekishod",
                        "replaced; valid until {}. To use it: systemctl reload sekishod"},
                       local_time(issued->facts.not_after)),
      {{"done", "certificate_issue"},
       {"fingerprint", issued->facts.fingerprint},
       {"until", rfc3339(issued->facts.not_after)}});
  return Exit::kDone;
}

Run declare_renew(CLI::App&, Language) {
  return [](Desk& desk) { return renew(desk); };
}

constexpr std::array kCommands = {
    Command{"config",
            "check",
            {"設定ファイルと、そこに書かれた鍵・証明書を検査する",
             "check the file, and the keys and certificates it names"},
            "config check\n--config ./new.toml config check --json",
            &declare_check},
    Command{"config",
            "show",
            {"有効な設定をすべて表示する(既定値も)", "show every setting that holds, defaults too"},
            "config show\nconfig show --json",
            &declare_show},
    Command{"config",
            "renew",
            {"ポータルの証明書を作り直す", "renew the portal's certificate"},
            "config renew",
            &declare_renew},
};

}  // namespace

std::span<const Command> config_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
