// The file of holidays: a date at the beginning of each line, as in the list that the Cabinet
// Office of Japan publishes (syukujitsu.csv, whatever its encoding), or written by hand.
//
//   2026-11-23 勤労感謝の日
//   2026/12/29,年末の閉庁日
//   # a remark

#ifndef SEKISHO_SETTINGS_HOLIDAYS_H_
#define SEKISHO_SETTINGS_HOLIDAYS_H_

#include <chrono>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sekisho::settings {

inline constexpr std::size_t kMostHolidayBytes = 1024 * 1024;

// Sorted, each once.  Only a first line may be without a date (a heading), and lines that are empty
// or begin with '#'.  kInvalid, with the line: anything else, or no date at all.
Result<std::vector<std::chrono::sys_days>> read_holidays(std::string_view text);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_HOLIDAYS_H_
