// The shape of the store, as numbered migrations that only go forward.

#ifndef SEKISHO_STORE_SCHEMA_H_
#define SEKISHO_STORE_SCHEMA_H_

#include "base/result.h"
#include "store/database.h"

namespace sekisho::store {

// "SKSH", in the file's header (PRAGMA application_id).
inline constexpr int kApplicationId = 0x534b5348;

// The number of the newest migration this program knows (PRAGMA user_version).
int newest_schema_version();

// Makes the newest schema in an empty file.  kCorrupt when the file is not empty.
Result<void> create_schema(Database& database);

// Brings a store to the newest version, in one transaction.
//   kUnsupported: the file was written by a newer program.
//   kCorrupt: the file is a database, but not a Sekisho store; nothing was changed in it.
Result<void> migrate(Database& database);

// The same checks without changing anything.
Result<void> require_known_schema(Database& database);
// And an older file is kUnsupported too.
Result<void> require_newest_schema(Database& database);

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_SCHEMA_H_
