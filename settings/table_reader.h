// Reads one TOML table member by member, keeps a list of what is wrong and of what holds, and at
// the end knows which members nobody asked for.

#ifndef SEKISHO_SETTINGS_TABLE_READER_H_
#define SEKISHO_SETTINGS_TABLE_READER_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_network.h"
#include "settings/settings.h"
#include "settings/toml.h"

namespace sekisho::settings {

// "1500ms", "2s", "15m", "12h", "90d"; nullopt for anything else.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
// The shortest such text.
std::string duration_text(std::chrono::milliseconds duration);

// What reading a file comes to.  Asking a TableReader for a value is what puts it here, so no
// setting can be read and not shown.
struct Reading {
  std::vector<Finding> findings;
  std::vector<EffectiveSetting> effective;
};

class TableReader {
 public:
  // `name` is for messages: "[portal]".  A table that is not there is `table == nullptr`; every
  // member then has its default, and required ones are findings.
  TableReader(const toml::table* table, std::string name, int line, Reading& reading);
  // Reports members that were not read.
  void finish();

  bool has(std::string_view key);
  // True for `key = []`.
  bool is_empty_list(std::string_view key);
  int line_of(std::string_view key) const;
  int line() const { return line_; }
  void complain(std::string_view key, std::string message);

  std::string text(std::string_view key, std::string fallback);
  std::string required_text(std::string_view key, std::string_view example);
  bool flag(std::string_view key, bool fallback);
  template <typename Number>
  Number number(std::string_view key, Number fallback, Number least, Number most) {
    return static_cast<Number>(integer(key, static_cast<std::int64_t>(fallback),
                                       static_cast<std::int64_t>(least),
                                       static_cast<std::int64_t>(most)));
  }
  std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds fallback,
                                     std::chrono::milliseconds least,
                                     std::chrono::milliseconds most);
  std::vector<std::string> texts(std::string_view key, std::vector<std::string> fallback = {});
  std::vector<IpNetwork> networks(std::string_view key);
  // The sub-table, or nullptr.
  const toml::table* table(std::string_view key);
  // The tables of an array of tables, in order.
  std::vector<const toml::table*> tables(std::string_view key);

 private:
  const toml::node* find(std::string_view key);
  // Notes that `value` holds, and gives it back.
  template <typename Value>
  Value noted(std::string_view key, Value value, std::string unit = {});
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                       std::int64_t most);
  const toml::table* table_;
  std::string name_;
  int line_;
  Reading& reading_;
  std::vector<std::string> known_;
};

int line_of(const toml::node& node);

}  // namespace sekisho::settings

#endif  // SEKISHO_SETTINGS_TABLE_READER_H_
