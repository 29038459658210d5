// A strict reader of the pages' HTML for tests: tags with their attributes, and the text between.
// It refuses what a browser would quietly repair.

#ifndef SEKISHO_TESTS_GATEWAY_PAGES_HTML_TAGS_H_
#define SEKISHO_TESTS_GATEWAY_PAGES_HTML_TAGS_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::pages {

struct Tag {
  std::string name;  // "form", "/form", "!DOCTYPE"
  std::map<std::string, std::string> attributes;
  std::string text;  // up to the next tag

  bool has(const std::string& attribute) const { return attributes.contains(attribute); }
  // The attribute's value as written; "" when there is none.
  std::string get(const std::string& attribute) const {
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? "" : found->second;
  }
};

// nullopt when an attribute has no quotes, a tag does not end, or elements do not nest.
std::optional<std::vector<Tag>> read_tags(std::string_view html);

// The tags of each <form> up to its </form>.
std::vector<std::vector<Tag>> forms_in(const std::vector<Tag>& tags);

}  // namespace sekisho::pages

#endif  // SEKISHO_TESTS_GATEWAY_PAGES_HTML_TAGS_H_
