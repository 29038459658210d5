#include "gateway/pages/japan_time.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>

namespace sekisho::pages {
namespace {

constexpr std::array<std::string_view, 7> kJapaneseDays = {"日", "月", "火", "水",
                                                           "木", "金", "土"};
constexpr std::array<std::string_view, 7> kEnglishDays = {"Sun", "Mon", "Tue", "Wed",
                                                          "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kEnglishMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct JapanTime {
  int year = 0;
  unsigned month = 0;    // 1 to 12
  unsigned day = 0;      // 1 to 31
  unsigned weekday = 0;  // 0 is Sunday
  long hour = 0;
  long minute = 0;
};

JapanTime in_japan(Instant at) {
  const auto local = std::chrono::floor<std::chrono::minutes>(at) + std::chrono::hours(9);
  const auto midnight = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day day(midnight);
  const long minutes = (local - midnight).count();
  return {static_cast<int>(day.year()),
          static_cast<unsigned>(day.month()),
          static_cast<unsigned>(day.day()),
          std::chrono::weekday(midnight).c_encoding(),
          minutes / 60,
          minutes % 60};
}

}  // namespace

std::string date_and_time(Instant at, Language language) {
  const JapanTime t = in_japan(at);
  if (language == Language::kEnglish) {
    return fmt::format("{} {} {} {}, {}:{:02}", kEnglishDays[t.weekday], t.day,
                       kEnglishMonths[t.month - 1], t.year, t.hour, t.minute);
  }
  return fmt::format("{}年{}月{}日（{}）{}:{:02}", t.year, t.month, t.day, kJapaneseDays[t.weekday],
                     t.hour, t.minute);
}

std::string date(Instant at, Language language) {
  const JapanTime t = in_japan(at);
  if (language == Language::kEnglish) {
    return fmt::format("{} {} {}", t.day, kEnglishMonths[t.month - 1], t.year);
  }
  return fmt::format("{}年{}月{}日", t.year, t.month, t.day);
}

std::string near_time(Instant at, Language language) {
  const JapanTime t = in_japan(at);
  if (language == Language::kEnglish) {
    return fmt::format("{}:{:02} on {} {} {}", t.hour, t.minute, kEnglishDays[t.weekday], t.day,
                       kEnglishMonths[t.month - 1]);
  }
  return fmt::format("{}月{}日（{}）{}:{:02}", t.month, t.day, kJapaneseDays[t.weekday], t.hour,
                     t.minute);
}

std::string machine_time(Instant at) {
  const JapanTime t = in_japan(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}+09:00", t.year, t.month, t.day, t.hour,
                     t.minute);
}

}  // namespace sekisho::pages
