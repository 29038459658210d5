#include <array>

#include "cli/commands.h"
#include "cli/doctor_checks.h"

namespace sekisho::cli {
namespace {

Run declare_doctor(CLI::App&, Language) {
  return [](Desk& desk) -> Result<Exit> {
    const auto settings = desk.settings();
    if (!settings) return fail(settings.error());
    Examination examination(desk.console().language());
    const Instant now = desk.clock().now();
    examine_keys(examination, **settings);
    examine_certificates(examination, **settings, now);
    examine_upstream_trust(examination, **settings, now);
    examine_trust_anchors(examination, **settings, now);
    examine_holidays(examination, **settings, now);
    examine_store(examination, **settings, desk.random(), now);
    examine_segment(examination, **settings);
    examine_machine(examination, **settings);
    desk.console().show(examination.listing());
    return examination.has_failures() ? Exit::kRefused : Exit::kDone;
  };
}

constexpr std::array kCommands = {
    Command{"doctor",
            "",
            {"環境全体を検査する(異常があれば終了コード 1)",
             "examine the whole deployment; exit 1 on a failure"},
            "doctor\ndoctor --json",
            &declare_doctor},
};

}  // namespace

std::span<const Command> doctor_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
