// One SQLite connection, with three ways to run a statement and transactions that nest.
//
// SQLite's result codes become Errors here and nowhere else: kFull (disk), kBusy (locked past
// the timeout), kAlreadyExists (a UNIQUE rule), kInvalid (another constraint), kCorrupt.
// A Database belongs to one thread at a time.

#ifndef SEKISHO_STORE_DATABASE_H_
#define SEKISHO_STORE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/ids.h"
#include "store/wal_index.h"

struct sqlite3;
struct sqlite3_stmt;

namespace sekisho::store {

// The current row of a running statement.  Columns count from 0.  Views and rows are valid only
// inside the reader they are passed to.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Bytes blob(int column) const;
  bool is_null(int column) const;
  Instant instant(int column) const { return instant_of(integer(column)); }
  std::optional<Instant> optional_instant(int column) const {
    return is_null(column) ? std::nullopt : std::optional(instant(column));
  }

 private:
  sqlite3_stmt* statement_;
};

// The text of a statement.  Only literals convert, so nothing from outside can become SQL.
class Sql {
 public:
  consteval Sql(const char* literal) : text_(literal) {}  // NOLINT(google-explicit-constructor)
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class Database {
 public:
  enum class Access { kReadWrite, kReadOnly };

  // Opens `path` with foreign keys and synchronous=FULL, and changes nothing in it.
  // `busy_timeout` bounds how long a statement waits for another process's lock.
  static Result<Database> open(const std::string& path, Access access,
                               std::chrono::milliseconds busy_timeout);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Runs a statement that returns no rows; the result is the number of rows it changed, which
  // is the answer where "is it new?" and "mark it used" are one statement.
  template <typename... Arguments>
  Result<std::int64_t> run(Sql sql, const Arguments&... arguments) {
    Running statement(*this, sql);
    int index = 0;
    (statement.bind(++index, arguments), ...);
    return statement.finish();
  }

  // The first row as `read(Row)` tells it, or nullopt when there is none.
  template <typename Read, typename... Arguments>
  auto first(Sql sql, Read read, const Arguments&... arguments)
      -> Result<std::optional<decltype(read(std::declval<Row>()))>> {
    Running statement(*this, sql);
    int index = 0;
    (statement.bind(++index, arguments), ...);
    std::optional<decltype(read(std::declval<Row>()))> value;
    if (statement.step()) value = read(statement.row());
    if (auto ended = statement.end(); !ended) return fail(ended.error());
    return value;
  }

  // Every row.  Callers bound the number of rows in the SQL.
  template <typename Read, typename... Arguments>
  auto all(Sql sql, Read read, const Arguments&... arguments)
      -> Result<std::vector<decltype(read(std::declval<Row>()))>> {
    Running statement(*this, sql);
    int index = 0;
    (statement.bind(++index, arguments), ...);
    std::vector<decltype(read(std::declval<Row>()))> values;
    while (statement.step()) values.push_back(read(statement.row()));
    if (auto ended = statement.end(); !ended) return fail(ended.error());
    return values;
  }

  // Runs several statements without arguments (migrations).
  Result<void> script(const std::string& sql);

  std::int64_t last_insert_id() const;
  // False inside BEGIN; SQLite leaves a transaction by itself on some errors (disk full).
  bool is_autocommit() const;
  // Changes when another connection has committed (PRAGMA data_version).  Where nobody has, it
  // costs a look at shared memory and no system call.
  Result<std::int64_t> data_version();

 private:
  struct CloseConnection {
    void operator()(sqlite3* connection) const;
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const;
  };
  struct Cached {
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
    bool in_use = false;
  };

  // A prepared statement in use; gives it back, reset, to the cache when it goes.
  class Running {
   public:
    Running(Database& database, Sql sql);
    ~Running();
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    void bind(int index, std::int64_t value);
    void bind(int index, int value) { bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, unsigned value) { bind(index, static_cast<std::int64_t>(value)); }
    void bind(int index, std::string_view value);
    void bind(int index, const char* value) { bind(index, std::string_view(value)); }
    void bind(int index, const std::string& value) { bind(index, std::string_view(value)); }
    void bind(int index, ByteView value);
    void bind(int index, const Bytes& value) { bind(index, ByteView(value)); }
    void bind(int index, Instant value) { bind(index, to_milliseconds(value)); }
    void bind(int index, std::nullopt_t);
    template <typename Tag>
    void bind(int index, Id<Tag> id) {
      bind(index, id.value);
    }
    template <typename T>
    void bind(int index, const std::optional<T>& value) {
      if (value) {
        bind(index, *value);
      } else {
        bind(index, std::nullopt);
      }
    }

    // True while there is a row; false at the end and on any error, which end() tells.
    bool step();
    Row row() const { return Row(statement_); }
    Result<void> end();
    Result<std::int64_t> finish();

   private:
    Database& database_;
    Cached* cached_ = nullptr;  // nullptr: not ours to give back
    sqlite3_stmt* statement_ = nullptr;
    int outcome_ = 0;  // SQLITE_OK
  };

  explicit Database(sqlite3* connection);
  Error last_error(int outcome, std::string_view sql) const;

  std::unique_ptr<sqlite3, CloseConnection> connection_;
  // Keyed by the address of the literal.
  std::unordered_map<const char*, Cached> statements_;
  WalIndex wal_index_;
  std::optional<WalIndex::Head> seen_head_;  // before the last look at data_version_
  std::int64_t data_version_ = 0;
};

// A transaction, or a savepoint inside one.  Rolled back when it goes without commit().
class Transaction {
 public:
  // BEGIN IMMEDIATE: takes the write lock at once, so that what is read inside stays true.
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // Outermost: durable on disk when this returns a value.
  Result<void> commit();

 private:
  Transaction(Database& database, bool outermost) : database_(&database), outermost_(outermost) {}
  Database* database_;
  bool outermost_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_DATABASE_H_
