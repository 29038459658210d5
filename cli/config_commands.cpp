#include <array>
#include <boost/json.hpp>

#include "cli/commands.h"
#include "cli/doctor_checks.h"
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

constexpr std::array kCommands = {
    Command{"config",
            "check",
            {"設定ファイルと、そこに書かれた鍵・証明書を検査する",
             "check the file, and the keys and certificates it names"},
            "config check\n--config ./new.toml config check --json",
            &declare_check},
};

}  // namespace

std::span<const Command> config_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
