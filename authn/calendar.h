// The segment's local time and its holidays: what "hours" and "days" of a rule are reckoned by.

#ifndef SEKISHO_AUTHN_CALENDAR_H_
#define SEKISHO_AUTHN_CALENDAR_H_

#include <algorithm>
#include <chrono>
#include <vector>

namespace sekisho::authn {

struct Calendar {
  std::chrono::minutes utc_offset{540};           // Japan; no daylight saving
  std::vector<std::chrono::sys_days> holidays{};  // sorted; none: nobody told of any

  bool is_holiday(std::chrono::sys_days day) const {
    return std::binary_search(holidays.begin(), holidays.end(), day);
  }
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_CALENDAR_H_
