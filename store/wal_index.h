// SQLite's WAL index, looked at to learn that nobody has committed.
//
// The index is memory that all connections to a store share; each commit writes its head anew,
// with a counter and checksums (https://www.sqlite.org/walformat.html section 2.1).  A head that is
// the same as before means that what was read then is still so.  A head that differs means nothing
// by itself: ask SQLite.

#ifndef SEKISHO_STORE_WAL_INDEX_H_
#define SEKISHO_STORE_WAL_INDEX_H_

#include <array>
#include <cstdint>
#include <optional>

struct sqlite3;

namespace sekisho::store {

class WalIndex {
 public:
  using Head = std::array<std::uint64_t, 6>;

  WalIndex() = default;  // of no connection: tells nothing
  // SQLite's own mapping, so that no second descriptor of the file is ever closed, which would drop
  // the process's locks.  Tells nothing where the store keeps no such index.  Must not be used once
  // the connection is closed.
  static WalIndex of(sqlite3* connection);

  std::optional<Head> head() const;

 private:
  const volatile std::uint64_t* memory_ = nullptr;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_WAL_INDEX_H_
