// Who has signed in at which terminal, sitting there, and from which address its agent came.

#ifndef SEKISHO_STORE_SEATS_H_
#define SEKISHO_STORE_SEATS_H_

#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace sekisho::store {

struct Seat {
  TerminalId terminal;
  std::string terminal_name;
  std::string address;
  Instant taken_at;
};

class Seats {
 public:
  explicit Seats(Database& database) : database_(database) {}

  struct Place {
    TerminalId terminal;
    std::int64_t generation = 0;  // of the terminal's certificate
    std::string address;
  };
  // The person's seat at the terminal is at this place from now on.  An address is one terminal's,
  // and a terminal has one: what else was noted of either is forgotten.
  Result<void> take(UserId user, const Place& place, Instant now);
  // The person is not at the terminal any more.
  Result<void> leave(UserId user, TerminalId terminal);
  // Those at terminals that may log in, and that have not joined anew since; newest first.
  Result<std::vector<Seat>> of(UserId user);
  // Forgets those taken before `before`, or after `after` by a clock that ran ahead; their number.
  Result<std::int64_t> purge(Instant before, Instant after);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_SEATS_H_
