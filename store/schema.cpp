#include "store/schema.h"

#include <string>

#include "store/migrations.h"

namespace sekisho::store {
namespace {

Result<int> pragma_value(Database& database, Sql sql) {
  const auto value = database.first(sql, [](const Row& row) { return row.integer(0); });
  if (!value) return fail(value.error());
  return static_cast<int>(value->value_or(0));
}

Result<int> known_version(Database& database) {
  const Result<int> version = pragma_value(database, "PRAGMA user_version");
  if (!version) return fail(version.error());
  const Result<int> application = pragma_value(database, "PRAGMA application_id");
  if (!application) return fail(application.error());
  if (*application != kApplicationId) {
    return fail(ErrorCode::kCorrupt, "the file is a database, but not a Sekisho store");
  }
  if (*version > newest_schema_version()) {
    return fail(ErrorCode::kUnsupported, "the store has version " + std::to_string(*version) +
                                             " and this program knows versions up to " +
                                             std::to_string(newest_schema_version()) +
                                             ": use the newer program");
  }
  return *version;
}

Result<void> migrate_from(Database& database, int version) {
  for (int next = version + 1; next <= newest_schema_version(); ++next) {
    const std::string script = std::string(migrations()[static_cast<std::size_t>(next) - 1]) +
                               "PRAGMA user_version = " + std::to_string(next) + ";" +
                               "PRAGMA application_id = " + std::to_string(kApplicationId) + ";";
    if (auto done = database.script(script); !done) return done;
  }
  return {};
}

}  // namespace

int newest_schema_version() {
  return static_cast<int>(migrations().size());
}

Result<void> create_schema(Database& database) {
  Result<Transaction> transaction = Transaction::begin(database);
  if (!transaction) return fail(transaction.error());
  const Result<int> tables = pragma_value(database, "SELECT count(*) FROM sqlite_schema");
  if (!tables) return fail(tables.error());
  if (*tables != 0) return fail(ErrorCode::kCorrupt, "the file holds another database");
  if (auto done = migrate_from(database, 0); !done) return done;
  return transaction->commit();
}

Result<void> migrate(Database& database) {
  Result<int> version = known_version(database);
  if (!version) return fail(version.error());
  if (*version == newest_schema_version()) return {};
  Result<Transaction> transaction = Transaction::begin(database);
  if (!transaction) return fail(transaction.error());
  version = known_version(database);  // another process may have migrated meanwhile
  if (!version) return fail(version.error());
  if (auto done = migrate_from(database, *version); !done) return done;
  return transaction->commit();
}

Result<void> require_known_schema(Database& database) {
  const Result<int> version = known_version(database);
  return version ? Result<void>() : fail(version.error());
}

Result<void> require_newest_schema(Database& database) {
  const Result<int> version = known_version(database);
  if (!version) return fail(version.error());
  if (*version != newest_schema_version()) {
    return fail(ErrorCode::kUnsupported,
                "the store was made by an older program: start sekishod "
                "or run \"sekisho doctor\" once to bring it up to date");
  }
  return {};
}

}  // namespace sekisho::store
