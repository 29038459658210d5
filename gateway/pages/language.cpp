#include "gateway/pages/language.h"

#include <cstddef>
#include <optional>

#include "base/text.h"

namespace sekisho::pages {
namespace {

constexpr std::size_t kMaximumEntries = 32;

// A weight in thousandths.  nullopt for what the grammar does not allow:
// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
std::optional<int> parse_weight(std::string_view text) {
  if (text.empty() || text.size() > 5) return std::nullopt;
  if (text[0] != '0' && text[0] != '1') return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int thousandths = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char digit : text.substr(text.size() > 1 ? 2 : 1)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    thousandths += (digit - '0') * unit;
    unit /= 10;
  }
  if (thousandths > 1000) return std::nullopt;
  return thousandths;
}

struct Entry {
  std::string_view range;
  int weight = 1000;
};

// nullopt for an entry to leave out: empty, or with a weight that cannot be read.
std::optional<Entry> parse_entry(std::string_view text) {
  const auto semicolon = text.find(';');
  Entry entry{trimmed(text.substr(0, semicolon))};
  if (entry.range.empty()) return std::nullopt;
  if (semicolon == std::string_view::npos) return entry;
  const std::string_view parameter = trimmed(text.substr(semicolon + 1));
  if (parameter.size() < 2 || (parameter[0] != 'q' && parameter[0] != 'Q') || parameter[1] != '=') {
    return std::nullopt;
  }
  const auto weight = parse_weight(parameter.substr(2));
  if (!weight) return std::nullopt;
  entry.weight = *weight;
  return entry;
}

bool names(std::string_view range, std::string_view language) {
  return equals_ignoring_case(range.substr(0, range.find('-')), language);
}

// How much the header wants one language, and where it says so first.
struct Preference {
  int weight = -1;  // -1: not named
  std::size_t position = kMaximumEntries;

  void hear(int new_weight, std::size_t new_position) {
    if (new_weight <= weight) return;
    weight = new_weight;
    position = new_position;
  }
};

}  // namespace

std::string_view code_of(Language language) {
  return language == Language::kEnglish ? "en" : "ja";
}

Language language_from(std::string_view accept_language) {
  Preference japanese;
  Preference english;
  Preference rest;
  std::size_t position = 0;
  while (!accept_language.empty() && position < kMaximumEntries) {
    const auto comma = accept_language.find(',');
    if (const auto entry = parse_entry(accept_language.substr(0, comma))) {
      if (names(entry->range, "ja")) japanese.hear(entry->weight, position);
      if (names(entry->range, "en")) english.hear(entry->weight, position);
      if (entry->range == "*") rest.hear(entry->weight, position);
    }
    ++position;
    if (comma == std::string_view::npos) break;
    accept_language.remove_prefix(comma + 1);
  }
  if (japanese.weight < 0) japanese = rest;
  if (english.weight < 0) english = rest;
  if (english.weight <= 0) return Language::kJapanese;
  if (english.weight != japanese.weight) {
    return english.weight > japanese.weight ? Language::kEnglish : Language::kJapanese;
  }
  return english.position < japanese.position ? Language::kEnglish : Language::kJapanese;
}

}  // namespace sekisho::pages
