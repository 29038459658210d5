// Everything the pages say to a person, in Japanese and English: the catalogue.
//
// Templates name a message as {{t.key}}; C++ names it as Message("key"), checked when compiled.
// {word} in a text is filled in by fill() and may only stand in messages that C++ names.  Each
// refusal says what to do next.  None tells a wrong password from an unknown user (ASVS 6.3.8).

#ifndef SEKISHO_GATEWAY_PAGES_MESSAGES_H_
#define SEKISHO_GATEWAY_PAGES_MESSAGES_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/pages/catalogue_entry.h"
#include "gateway/pages/key_messages.h"
#include "gateway/pages/language.h"
#include "gateway/pages/notice_messages.h"
#include "gateway/pages/page_messages.h"
#include "gateway/pages/problem_messages.h"

namespace sekisho::pages {

// The tables of one subject each, in one row.
template <std::size_t... Sizes>
constexpr auto joined(const std::array<CatalogueEntry, Sizes>&... tables) {
  std::array<CatalogueEntry, (Sizes + ...)> all;
  auto end = all.begin();
  ((end = std::copy(tables.begin(), tables.end(), end)), ...);
  return all;
}

inline constexpr auto kCatalogue =
    joined(kPageMessages, kKeyMessages, kNoticeMessages, kProblemMessages);

// Where a key stands in the catalogue; kCatalogue.size() when it does not.
constexpr std::size_t position_of(std::string_view key) {
  std::size_t position = 0;
  while (position < kCatalogue.size() && kCatalogue[position].key != key) ++position;
  return position;
}

// A key of the catalogue; one that is not there does not compile.
class Message {
 public:
  consteval explicit Message(const char* key) : position_(position_of(key)) {
    if (position_ == kCatalogue.size()) throw "no such message in the catalogue";
  }
  constexpr const CatalogueEntry& entry() const { return kCatalogue[position_]; }

 private:
  std::size_t position_;
};

constexpr std::string_view text_of(const CatalogueEntry& entry, Language language) {
  return language == Language::kEnglish ? entry.english : entry.japanese;
}
constexpr std::string_view text_of(Message message, Language language) {
  return text_of(message.entry(), language);
}

// The message with each {word} replaced by the value given for it.  A value is put in as it is:
// braces in it mean nothing.  The result is text, not HTML.
std::string fill(Message message, Language language,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> values);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_MESSAGES_H_
