#include "cli/view.h"

#include <time.h>

#include <boost/json.hpp>

#include "base/text.h"
#include "cli/display_width.h"

namespace sekisho::cli {
namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

std::string joined(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (out.empty() ? "" : " ") + printable(value);
  return out;
}

std::string cell_text(const Cell& cell, Language language) {
  std::string text =
      std::visit(Overloaded{[](std::monostate) { return std::string(); },
                            [](const std::string& value) { return printable(value); },
                            [](std::int64_t value) { return std::to_string(value); },
                            [&](bool value) {
                              constexpr Text kYes{"はい", "yes"};
                              constexpr Text kNo{"いいえ", "no"};
                              return std::string((value ? kYes : kNo).in(language));
                            },
                            [](Instant value) { return local_time(value); },
                            [&](const Word& value) { return std::string(value.text.in(language)); },
                            [](const std::vector<std::string>& values) { return joined(values); }},
                 cell);
  return text.empty() ? "-" : text;
}

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell);
}

std::string without_trailing_spaces(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                    const std::vector<bool>& to_the_right) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) line += "  ";
    if (to_the_right[i]) {
      line.append(widths[i] - display_width(cells[i]), ' ');
      line += cells[i];
    } else {
      line += padded(cells[i], widths[i]);
    }
  }
  return without_trailing_spaces(std::move(line)) + "\n";
}

boost::json::string json_text(std::string_view value) {
  // Control characters are JSON's own to escape; only broken UTF-8 must be replaced.
  return boost::json::string(is_utf8(value) ? std::string(value) : printable(value));
}

}  // namespace

std::string local_time(Instant at) {
  const auto seconds =
      static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  std::tm parts{};
  if (::localtime_r(&seconds, &parts) == nullptr) return rfc3339(at);
  char text[32];
  const std::size_t size = ::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  return {text, size};
}

std::string as_text(const Listing& listing, Language language) {
  if (listing.rows.empty()) return std::string(listing.when_empty.in(language)) + "\n";
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> headings;
  std::vector<bool> to_the_right;
  for (std::size_t i = 0; i < listing.columns.size(); ++i) {
    headings.emplace_back(listing.columns[i].heading.in(language));
    to_the_right.push_back(is_number(listing.rows.front()[i]));
  }
  lines.push_back(std::move(headings));
  for (const auto& row : listing.rows) {
    std::vector<std::string> cells;
    for (const Cell& cell : row) cells.push_back(cell_text(cell, language));
    lines.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths(listing.columns.size(), 0);
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(line[i]));
    }
  }
  std::string out;
  for (const auto& line : lines) out += line_of(line, widths, to_the_right);
  return out;
}

std::string as_text(const Record& record, Language language) {
  std::size_t width = 0;
  for (const Record::Field& field : record.fields) {
    width = std::max(width, display_width(field.column.heading.in(language)));
  }
  std::string out;
  for (const Record::Field& field : record.fields) {
    out += padded(field.column.heading.in(language), width) + "  " +
           cell_text(field.cell, language) + "\n";
  }
  for (const Record::Part& part : record.parts) {
    out += "\n" + std::string(part.column.heading.in(language)) + "\n";
    const std::string table = as_text(part.listing, language);
    for (const std::string_view line :
         split(std::string_view(table).substr(0, table.size() - 1), '\n')) {
      out += "  " + std::string(line) + "\n";
    }
  }
  return out;
}

boost::json::value as_json(const Cell& cell) {
  return std::visit(
      Overloaded{[](std::monostate) { return boost::json::value(nullptr); },
                 [](const std::string& value) { return boost::json::value(json_text(value)); },
                 [](std::int64_t value) { return boost::json::value(value); },
                 [](bool value) { return boost::json::value(value); },
                 [](Instant value) { return boost::json::value(json_text(rfc3339(value))); },
                 [](const Word& value) { return boost::json::value(json_text(value.json)); },
                 [](const std::vector<std::string>& values) {
                   boost::json::array array;
                   for (const std::string& value : values) array.emplace_back(json_text(value));
                   return boost::json::value(std::move(array));
                 }},
      cell);
}

boost::json::value as_json(const Listing& listing) {
  boost::json::array array;
  for (const auto& row : listing.rows) {
    boost::json::object object;
    for (std::size_t i = 0; i < row.size(); ++i) {
      object[listing.columns[i].json] = as_json(row[i]);
    }
    array.emplace_back(std::move(object));
  }
  return array;
}

boost::json::value as_json(const Record& record) {
  boost::json::object object;
  for (const Record::Field& field : record.fields) {
    object[field.column.json] = as_json(field.cell);
  }
  for (const Record::Part& part : record.parts) {
    object[part.column.json] = as_json(part.listing);
  }
  return object;
}

}  // namespace sekisho::cli
