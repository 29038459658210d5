// What a command shows, said once: printed as an aligned table, or with --json as JSON.

#ifndef SEKISHO_CLI_VIEW_H_
#define SEKISHO_CLI_VIEW_H_

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "cli/language.h"

namespace sekisho::cli {

// A word that has a stable name in JSON and a text for people ("ok": 正常).
struct Word {
  std::string_view json;
  Text text;
};

// monostate is "none": "-" in a table, null in JSON.
using Cell = std::variant<std::monostate, std::string, std::int64_t, bool, Instant, Word,
                          std::vector<std::string>>;

template <typename T>
Cell cell_of(const std::optional<T>& value) {
  return value ? Cell(*value) : Cell();
}

struct Column {
  std::string_view json;  // the member's name
  Text heading;
};

// Rows of the same kind.
struct Listing {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  Text when_empty;
};

// One thing and its properties, with listings of what belongs to it.
struct Record {
  struct Field {
    Column column;
    Cell cell;
  };
  struct Part {
    Column column;
    Listing listing;
  };
  std::vector<Field> fields;
  std::vector<Part> parts;
};

// Times are local, to the second; values from outside have their control characters escaped.
std::string as_text(const Listing& listing, Language language);
std::string as_text(const Record& record, Language language);

// Times are RFC 3339 in UTC.  Bytes that are not UTF-8 become \xNN, so the result is valid JSON.
boost::json::value as_json(const Cell& cell);
boost::json::value as_json(const Listing& listing);
boost::json::value as_json(const Record& record);

// "2026-11-23 08:20:00" in the time zone of the environment.
std::string local_time(Instant at);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_VIEW_H_
