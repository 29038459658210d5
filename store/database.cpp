#include "store/database.h"

#include <sqlite3.h>

#include <utility>

namespace sekisho::store {
namespace {

ErrorCode code_of(int outcome) {
  switch (outcome & 0xff) {
    case SQLITE_FULL:
      return ErrorCode::kFull;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kBusy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorrupt;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ErrorCode::kDenied;
    case SQLITE_CANTOPEN:
      return ErrorCode::kNotFound;
    case SQLITE_CONSTRAINT:
      return outcome == SQLITE_CONSTRAINT_UNIQUE || outcome == SQLITE_CONSTRAINT_PRIMARYKEY
                 ? ErrorCode::kAlreadyExists
                 : ErrorCode::kInvalid;
    case SQLITE_IOERR:
      // A write that finds no room surfaces as either code, depending on where it happens.
      return outcome == SQLITE_IOERR_WRITE || outcome == SQLITE_IOERR_SHMSIZE
                 ? ErrorCode::kFull
                 : ErrorCode::kInternal;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

std::int64_t Row::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Row::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Bytes Row::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  if (bytes == nullptr) return {};
  return {bytes, bytes + sqlite3_column_bytes(statement_, column)};
}

bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

void Database::CloseConnection::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}
void Database::FinalizeStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Database::Database(sqlite3* connection) : connection_(connection) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const std::string& path, Access access,
                                std::chrono::milliseconds busy_timeout) {
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
  flags |= access == Access::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  sqlite3* connection = nullptr;
  const int outcome = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  Database database(connection);
  if (outcome != SQLITE_OK) {
    return fail(code_of(outcome), "cannot open the store " + path + ": " + sqlite3_errstr(outcome));
  }
  sqlite3_busy_timeout(connection, static_cast<int>(busy_timeout.count()));
  // Reading schema_version reads the header: a file that is no database is found here.
  const std::string set_up =
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;"
      "PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA schema_version;";
  if (auto done = database.script(set_up); !done) {
    if (done.error().code == ErrorCode::kCorrupt) {
      return fail(ErrorCode::kCorrupt, path + " is not a Sekisho store");
    }
    return fail(done.error());
  }
  return database;
}

Error Database::last_error(int outcome, std::string_view sql) const {
  // The verb is enough to find the statement; arguments never appear in a message.
  const std::string verb(sql.substr(0, sql.find('\n')).substr(0, 60));
  return {code_of(outcome),
          std::string("the store refused \"") + verb + "\": " + sqlite3_errmsg(connection_.get())};
}

Result<void> Database::script(const std::string& sql) {
  const int outcome = sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (outcome != SQLITE_OK) return fail(last_error(outcome, sql));
  return {};
}

std::int64_t Database::last_insert_id() const {
  return sqlite3_last_insert_rowid(connection_.get());
}

bool Database::is_autocommit() const {
  return sqlite3_get_autocommit(connection_.get()) != 0;
}

Result<std::int64_t> Database::data_version() {
  // Looked at before the pragma is: what is committed in between is found the next time.
  const std::optional<WalIndex::Head> head = wal_index_.head();
  if (head && head == seen_head_) return data_version_;
  auto version = first("PRAGMA data_version", [](const Row& row) { return row.integer(0); });
  if (!version) return fail(version.error());
  data_version_ = version->value_or(0);
  seen_head_ = head;
  if (!head) wal_index_ = WalIndex::of(connection_.get());  // from the next time on
  return data_version_;
}

Database::Running::Running(Database& database, Sql sql) : database_(database) {
  Cached& cached = database.statements_[sql.text().data()];
  if (!cached.statement) {
    sqlite3_stmt* statement = nullptr;
    outcome_ = sqlite3_prepare_v3(database.connection_.get(), sql.text().data(),
                                  static_cast<int>(sql.text().size()), SQLITE_PREPARE_PERSISTENT,
                                  &statement, nullptr);
    cached.statement.reset(statement);
  }
  if (cached.in_use) {
    outcome_ = SQLITE_MISUSE;  // the same statement inside its own reader
    return;
  }
  cached.in_use = true;
  cached_ = &cached;
  statement_ = cached.statement.get();
}

Database::Running::~Running() {
  if (cached_ == nullptr) return;
  cached_->in_use = false;
  if (statement_ == nullptr) return;  // it could not be prepared
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Database::Running::bind(int index, std::int64_t value) {
  if (outcome_ == SQLITE_OK) outcome_ = sqlite3_bind_int64(statement_, index, value);
}

void Database::Running::bind(int index, std::string_view value) {
  if (outcome_ != SQLITE_OK) return;
  outcome_ = sqlite3_bind_text64(statement_, index, value.data() == nullptr ? "" : value.data(),
                                 value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Database::Running::bind(int index, ByteView value) {
  if (outcome_ != SQLITE_OK) return;
  outcome_ = value.empty() ? sqlite3_bind_zeroblob(statement_, index, 0)
                           : sqlite3_bind_blob64(statement_, index, value.data(), value.size(),
                                                 SQLITE_TRANSIENT);
}

void Database::Running::bind(int index, std::nullopt_t) {
  if (outcome_ == SQLITE_OK) outcome_ = sqlite3_bind_null(statement_, index);
}

bool Database::Running::step() {
  if (outcome_ != SQLITE_OK && outcome_ != SQLITE_ROW) return false;
  outcome_ = sqlite3_step(statement_);
  return outcome_ == SQLITE_ROW;
}

Result<void> Database::Running::end() {
  if (outcome_ == SQLITE_OK || outcome_ == SQLITE_ROW || outcome_ == SQLITE_DONE) return {};
  const char* sql = statement_ == nullptr ? "a statement" : sqlite3_sql(statement_);
  return fail(database_.last_error(outcome_, sql));
}

Result<std::int64_t> Database::Running::finish() {
  while (step()) {
  }
  if (auto ended = end(); !ended) return fail(ended.error());
  return sqlite3_changes64(database_.connection_.get());
}

Result<Transaction> Transaction::begin(Database& database) {
  const bool outermost = database.is_autocommit();
  const Result<std::int64_t> begun =
      outermost ? database.run("BEGIN IMMEDIATE") : database.run("SAVEPOINT nested");
  if (!begun) return fail(begun.error());
  return Transaction(database, outermost);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)), outermost_(other.outermost_) {}

Transaction::~Transaction() {
  if (database_ == nullptr || database_->is_autocommit()) return;
  // Nothing can be said from a destructor; a rollback that fails leaves the transaction to
  // SQLite, which rolls it back when the connection closes.
  if (outermost_) {
    if (!database_->run("ROLLBACK")) return;
  } else if (!database_->run("ROLLBACK TO nested") || !database_->run("RELEASE nested")) {
    return;
  }
}

Result<void> Transaction::commit() {
  if (database_->is_autocommit()) {
    database_ = nullptr;
    return fail(ErrorCode::kInternal, "the transaction was already rolled back by the store");
  }
  const Result<std::int64_t> done =
      outermost_ ? database_->run("COMMIT") : database_->run("RELEASE nested");
  if (!done) return fail(done.error());  // the destructor rolls back
  database_ = nullptr;
  return {};
}

}  // namespace sekisho::store
