// The journal of changed sessions, users, terminals and identity keys, for readers with a copy in
// memory.

#ifndef SEKISHO_STORE_CHANGES_H_
#define SEKISHO_STORE_CHANGES_H_

#include <vector>

#include "store/database.h"

namespace sekisho::store {

struct Change {
  enum class Kind { kSession, kUser, kTerminal, kIdentityKey };
  std::int64_t revision = 0;
  Kind kind = Kind::kSession;
  std::int64_t row_id = 0;
};

class Changes {
 public:
  explicit Changes(Database& database) : database_(database) {}

  // Changes after `revision`, oldest first.
  Result<std::vector<Change>> since(std::int64_t revision);
  // The oldest and newest revision still in the journal; {0, 0} when it is empty.  A reader
  // older than the oldest must read everything again.
  struct Range {
    std::int64_t oldest = 0;
    std::int64_t newest = 0;
  };
  Result<Range> range();
  // Keeps the newest `count`.
  Result<std::int64_t> purge(std::int64_t count);

 private:
  Database& database_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_CHANGES_H_
