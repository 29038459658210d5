#include "settings/table_reader.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace sekisho::settings {
namespace {

using std::chrono::milliseconds;

struct Unit {
  std::string_view suffix;
  long long factor;  // milliseconds
};
constexpr Unit kUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

// Levenshtein distance, to guess what a misspelt key was to be.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

int line_of(const toml::node& node) {
  return static_cast<int>(node.source().begin.line);
}

std::optional<milliseconds> parse_duration(std::string_view text) {
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos) return std::nullopt;
  const auto count = parse_unsigned(text.substr(0, digits));
  if (!count || *count > 1'000'000'000) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) == unit.suffix) {
      return milliseconds(static_cast<long long>(*count) * unit.factor);
    }
  }
  return std::nullopt;
}

std::string duration_text(milliseconds duration) {
  const Unit* best = &kUnits[0];
  for (const Unit& unit : kUnits) {
    if (duration.count() != 0 && duration.count() % unit.factor == 0) best = &unit;
  }
  return std::to_string(duration.count() / best->factor) + std::string(best->suffix);
}

TableReader::TableReader(const toml::table* table, std::string name, int line, Reading& reading)
    : table_(table), name_(std::move(name)), line_(line), reading_(reading) {
  if (table != nullptr && line == 0) line_ = settings::line_of(*table);
}

void TableReader::finish() {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    const std::string_view name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string message = name_ + " has no setting \"" + printable(name) + "\"";
    const auto nearest = std::min_element(
        known_.begin(), known_.end(),
        [&](const auto& a, const auto& b) { return distance(a, name) < distance(b, name); });
    if (nearest != known_.end() && distance(*nearest, name) <= 2) {
      message += "; did you mean \"" + *nearest + "\"?";
    } else {
      message += "; it knows ";
      for (std::size_t i = 0; i < known_.size(); ++i) {
        message += (i == 0 ? "" : ", ") + known_[i];
      }
    }
    reading_.findings.push_back({settings::line_of(node), message});
  }
}

const toml::node* TableReader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->get(key);
}

bool TableReader::has(std::string_view key) {
  return find(key) != nullptr;
}

bool TableReader::is_empty_list(std::string_view key) {
  const toml::node* node = find(key);
  return node != nullptr && node->is_array() && node->as_array()->empty();
}

int TableReader::line_of(std::string_view key) const {
  const toml::node* node = table_ == nullptr ? nullptr : table_->get(key);
  return node == nullptr ? line_ : settings::line_of(*node);
}

void TableReader::complain(std::string_view key, std::string message) {
  reading_.findings.push_back(
      {line_of(key), name_ + " " + std::string(key) + ": " + std::move(message)});
}

template <typename Value>
Value TableReader::noted(std::string_view key, Value value, std::string unit) {
  const bool is_in_file = table_ != nullptr && table_->contains(key);
  std::string table = name_.substr(name_.find_first_not_of('['));
  table.erase(table.find_last_not_of(']') + 1);
  reading_.effective.push_back({std::move(table), std::string(key), value, std::move(unit),
                                is_in_file ? line_of(key) : 0, line_});
  return value;
}

std::string TableReader::text(std::string_view key, std::string fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return noted(key, std::move(fallback));
  const auto value = node->value_exact<std::string>();
  if (!value) {
    complain(key, "must be a text in quotes");
    return fallback;
  }
  if (has_control_characters(*value)) {
    complain(key, "must not hold control characters");
    return fallback;
  }
  return noted(key, *value);
}

std::string TableReader::required_text(std::string_view key, std::string_view example) {
  if (!has(key)) {
    complain(key, "is missing; write for example " + std::string(key) + " = \"" +
                      std::string(example) + "\"");
    return {};
  }
  const std::size_t findings = reading_.findings.size();
  std::string value = text(key, "");
  if (value.empty() && reading_.findings.size() == findings) complain(key, "must not be empty");
  return value;
}

bool TableReader::flag(std::string_view key, bool fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return noted(key, fallback);
  const auto value = node->value_exact<bool>();
  if (!value) complain(key, "must be true or false");
  return noted(key, value.value_or(fallback));
}

std::int64_t TableReader::integer(std::string_view key, std::int64_t fallback, std::int64_t least,
                                  std::int64_t most) {
  const toml::node* node = find(key);
  if (node == nullptr) return noted(key, fallback);
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < least || *value > most) {
    complain(key, "must be a whole number from " + std::to_string(least) + " to " +
                      std::to_string(most));
    return fallback;
  }
  return noted(key, *value);
}

milliseconds TableReader::duration(std::string_view key, milliseconds fallback, milliseconds least,
                                   milliseconds most) {
  const auto noted_time = [&](milliseconds time) {
    const std::string text = duration_text(time);
    const std::size_t digits = text.find_first_not_of("0123456789");
    noted(key, std::int64_t{std::stoll(text)}, text.substr(digits));
    return time;
  };
  const toml::node* node = find(key);
  if (node == nullptr) return noted_time(fallback);
  const auto value = node->value_exact<std::string>();
  const auto parsed = value ? parse_duration(*value) : std::nullopt;
  if (!parsed || *parsed < least || *parsed > most) {
    complain(key, "must be a time from \"" + duration_text(least) + "\" to \"" +
                      duration_text(most) + "\", written like \"" + duration_text(fallback) + "\"");
    return fallback;
  }
  return noted_time(*parsed);
}

std::vector<std::string> TableReader::texts(std::string_view key,
                                            std::vector<std::string> fallback) {
  const toml::node* node = find(key);
  if (node == nullptr) return noted(key, std::move(fallback));
  const toml::array* array = node->as_array();
  std::vector<std::string> values;
  if (array == nullptr) {
    complain(key, "must be a list like [\"a\", \"b\"]");
    return {};
  }
  for (const toml::node& element : *array) {
    const auto value = element.value_exact<std::string>();
    if (!value || value->empty() || has_control_characters(*value)) {
      complain(key, "must hold only texts in quotes");
      return {};
    }
    values.push_back(*value);
  }
  return noted(key, std::move(values));
}

std::vector<IpNetwork> TableReader::networks(std::string_view key) {
  std::vector<IpNetwork> networks;
  for (const std::string& text : texts(key)) {
    const auto network = IpNetwork::parse(text);
    if (!network) {
      complain(key, "\"" + text +
                        "\" is not a network; write for example \"10.20.0.0/16\" (bits after the "
                        "prefix must be zero)");
      continue;
    }
    networks.push_back(*network);
  }
  return networks;
}

const toml::table* TableReader::table(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return nullptr;
  const toml::table* table = node->as_table();
  if (table == nullptr) complain(key, "must be a table: [" + std::string(key) + "]");
  return table;
}

std::vector<const toml::table*> TableReader::tables(std::string_view key) {
  const toml::node* node = find(key);
  if (node == nullptr) return {};
  std::vector<const toml::table*> tables;
  const toml::array* array = node->as_array();
  if (array == nullptr || !array->is_array_of_tables()) {
    complain(key, "must be written with two brackets: [[" + std::string(key) + "]]");
    return {};
  }
  for (const toml::node& element : *array) tables.push_back(element.as_table());
  return tables;
}

}  // namespace sekisho::settings
