#include "settings/holidays.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"

namespace sekisho::settings {
namespace {

// "2026-11-23" or "2026/1/1", and then nothing, a comma or a blank.
std::optional<std::chrono::sys_days> date_at_start(std::string_view line) {
  const std::string_view date = line.substr(0, line.find_first_of(", \t"));
  if (date.size() < 8 || (date[4] != '-' && date[4] != '/')) return std::nullopt;
  const std::size_t second = date.find(date[4], 5);
  if (second == std::string_view::npos) return std::nullopt;
  const auto year = parse_unsigned(date.substr(0, 4));
  const auto month = parse_unsigned(date.substr(5, second - 5));
  const auto day = parse_unsigned(date.substr(second + 1));
  if (!year || !month || !day || *month > 12 || *day > 31) return std::nullopt;
  const std::chrono::year_month_day found{std::chrono::year(static_cast<int>(*year)),
                                          std::chrono::month(static_cast<unsigned>(*month)),
                                          std::chrono::day(static_cast<unsigned>(*day))};
  return found.ok() ? std::optional(std::chrono::sys_days(found)) : std::nullopt;
}

}  // namespace

Result<std::vector<std::chrono::sys_days>> read_holidays(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::chrono::sys_days> days;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const auto day = date_at_start(line);
    if (day) {
      days.push_back(*day);
    } else if (number > 1) {
      return fail(ErrorCode::kInvalid,
                  "line " + std::to_string(number) + " does not begin with a date like 2026-11-23");
    }
  }
  if (days.empty()) return fail(ErrorCode::kInvalid, "it names no day");
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  return days;
}

}  // namespace sekisho::settings
