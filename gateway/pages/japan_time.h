// Times as the pages show them: Japan Standard Time, which is UTC+9 all year.

#ifndef SEKISHO_GATEWAY_PAGES_JAPAN_TIME_H_
#define SEKISHO_GATEWAY_PAGES_JAPAN_TIME_H_

#include <string>

#include "base/clock.h"
#include "gateway/pages/language.h"

namespace sekisho::pages {

// "2026年11月23日（月）8:20" or "Mon 23 Nov 2026, 8:20".
std::string date_and_time(Instant at, Language language);

// "2026年11月23日" or "23 Nov 2026".
std::string date(Instant at, Language language);

// "11月23日（月）8:20" or "8:20 on Mon 23 Nov", for a moment that is near.
std::string near_time(Instant at, Language language);

// The value of a datetime attribute: "2026-11-23T08:20+09:00".
std::string machine_time(Instant at);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_JAPAN_TIME_H_
