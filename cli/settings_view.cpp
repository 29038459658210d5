#include "cli/settings_view.h"

#include <algorithm>
#include <array>

#include "authn/enrollment.h"
#include "authn/factors/password.h"

namespace sekisho::cli {
namespace {

constexpr Word kFile{"file", {"設定", "file"}};
constexpr Word kDefault{"default", {"既定", "default"}};

constexpr Word kBytes{"bytes", {"バイト", "bytes"}};
constexpr Word kConnections{"connections", {"接続", "connections"}};
constexpr Word kDays{"d", {"日", "days"}};
constexpr Word kFailures{"failures", {"回の失敗", "failures"}};
constexpr Word kSteps{"steps", {"周期", "time steps"}};

constexpr std::array kTimes = {Word{"ms", {"ミリ秒", "ms"}}, Word{"s", {"秒", "seconds"}},
                               Word{"m", {"分", "minutes"}}, Word{"h", {"時間", "hours"}}, kDays};

struct Unit {
  std::string_view setting;
  Word word;
};

// Of every whole number; times bring their own.
constexpr std::array kUnits = {
    Unit{"ca.terminal_days", kDays},
    Unit{"identity.rotate_days", kDays},
    Unit{"throttle.backoff_from", kFailures},
    Unit{"throttle.lock_after", kFailures},
    Unit{"privileged.lock_after", kFailures},
    Unit{"throttle.account_backoff_from", kFailures},
    Unit{"throttle.disable_after", kFailures},
    Unit{"throttle.source_after", kFailures},
    Unit{"totp.window", kSteps},
    Unit{"totp.drift_most", kSteps},
    Unit{"totp.resync_window", kSteps},
    Unit{"security_keys.keys_most", {"keys", {"本(1 人あたり)", "keys of one person"}}},
    Unit{"application.health.fall", kFailures},
    Unit{"application.health.rise", {"answers", {"回の正常応答", "good answers"}}},
    Unit{"limits.threads",
         {"threads", {"スレッド(0: コアごとに 1 つ)", "threads (0: one for each core)"}}},
    Unit{"access_log.waiting_bytes", kBytes},
    Unit{"limits.header_bytes", kBytes},
    Unit{"limits.request_line_bytes", kBytes},
    Unit{"limits.form_bytes", kBytes},
    Unit{"limits.connections", kConnections},
    Unit{"limits.connections_per_source", kConnections},
    Unit{"limits.connections_per_second", kConnections},
    Unit{"limits.password_workers",
         {"threads", {"スレッド(0: コア数の半分)", "threads (0: half the cores)"}}},
    Unit{"limits.password_queue", {"logins", {"件のログイン", "logins"}}},
    Unit{"limits.upstream_idle", kConnections},
};

Cell unit_of(const settings::EffectiveSetting& setting, std::string_view name) {
  if (!setting.unit.empty()) {
    const auto* found = std::ranges::find(kTimes, setting.unit, &Word::json);
    return found == kTimes.end() ? Cell() : Cell(*found);
  }
  const auto* found = std::ranges::find(kUnits, name, &Unit::setting);
  return found == kUnits.end() ? Cell() : Cell(found->word);
}

Listing list_effective(const std::vector<settings::EffectiveSetting>& effective) {
  Listing listing{{{"setting", {"設定項目", "setting"}},
                   {"value", {"値", "value"}},
                   {"unit", {"単位", "unit"}},
                   {"from", {"出所", "from"}},
                   {"line", {"行", "line"}},
                   {"table_line", {"表の行", "table's line"}}},
                  {},
                  {"", ""}};
  for (const settings::EffectiveSetting& setting : effective) {
    const std::string name = setting.table + "." + setting.key;
    listing.rows.push_back(
        {name, std::visit([](const auto& value) { return Cell(value); }, setting.value),
         unit_of(setting, name), setting.line > 0 ? kFile : kDefault,
         setting.line > 0 ? Cell(std::int64_t{setting.line}) : Cell(),
         setting.table_line > 0 ? Cell(std::int64_t{setting.table_line}) : Cell()});
  }
  return listing;
}

Listing list_fixed() {
  constexpr authn::Argon2Cost kCost;
  return {{{"name", {"項目", "name"}}, {"value", {"値", "value"}}, {"unit", {"単位", "unit"}}},
          {{"password.argon2id.memory", std::int64_t{kCost.memory_kib}, "KiB"},
           {"password.argon2id.passes", std::int64_t{kCost.passes}, Cell()},
           {"password.argon2id.lanes", std::int64_t{kCost.lanes}, Cell()},
           {"password.longest", std::int64_t{authn::kPasswordLimit}, kBytes},
           {"recovery_codes", std::int64_t{authn::Enrollment::kRecoveryCodes}, Cell()},
           {"tls.oldest_version", "1.2", Cell()},
           {"tls.newest_version", "1.3", Cell()},
           {"seal.cipher", "AES-256-GCM", Cell()},
           {"audit.hash", "SHA-256", Cell()},
           {"audit.signature", "Ed25519", Cell()}},
          {"", ""}};
}

}  // namespace

Record show_settings(const settings::Settings& settings) {
  return {{{{"configuration", {"設定ファイル", "configuration"}}, settings.path}},
          {{{"settings", {"有効な設定", "Settings that hold"}}, list_effective(settings.effective)},
           {{"fixed", {"設定では変わらないもの", "Fixed, whatever the settings"}}, list_fixed()}}};
}

}  // namespace sekisho::cli
