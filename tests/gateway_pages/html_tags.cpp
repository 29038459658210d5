#include "tests/gateway_pages/html_tags.h"

#include <algorithm>
#include <array>

namespace sekisho::pages {
namespace {

constexpr std::array<std::string_view, 5> kVoidElements = {"!DOCTYPE", "meta", "link", "img",
                                                           "input"};

bool is_void(std::string_view name) {
  return std::find(kVoidElements.begin(), kVoidElements.end(), name) != kVoidElements.end();
}

// Reads `inside`, what stands between < and >.
std::optional<Tag> read_tag(std::string_view inside) {
  Tag tag;
  const auto space = inside.find(' ');
  tag.name = inside.substr(0, space);
  if (tag.name.empty()) return std::nullopt;
  if (space == std::string_view::npos) return tag;
  inside.remove_prefix(space);
  while (!inside.empty()) {
    if (inside.front() != ' ') return std::nullopt;
    inside.remove_prefix(1);
    const auto end = std::min(inside.find_first_of(" ="), inside.size());
    const std::string name(inside.substr(0, end));
    if (name.empty() || tag.has(name)) return std::nullopt;
    inside.remove_prefix(end);
    std::string value;
    if (!inside.empty() && inside.front() == '=') {
      if (inside.size() < 2 || inside[1] != '"') return std::nullopt;
      const auto close = inside.find('"', 2);
      if (close == std::string_view::npos) return std::nullopt;
      value = inside.substr(2, close - 2);
      inside.remove_prefix(close + 1);
    }
    tag.attributes[name] = value;
  }
  return tag;
}

// Where the tag that opens at `open` closes; a > inside quotes does not count.
std::size_t end_of_tag(std::string_view html, std::size_t open) {
  bool quoted = false;
  for (std::size_t i = open; i < html.size(); ++i) {
    if (html[i] == '"') quoted = !quoted;
    if (html[i] == '>' && !quoted) return i;
  }
  return std::string_view::npos;
}

bool nests(const std::vector<Tag>& tags) {
  std::vector<std::string> open;
  for (const Tag& tag : tags) {
    if (is_void(tag.name)) continue;
    if (!tag.name.starts_with('/')) {
      open.push_back(tag.name);
    } else if (open.empty() || open.back() != tag.name.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

}  // namespace

std::optional<std::vector<Tag>> read_tags(std::string_view html) {
  std::vector<Tag> tags;
  for (auto open = html.find('<'); open != std::string_view::npos;) {
    const auto close = end_of_tag(html, open);
    if (close == std::string_view::npos) return std::nullopt;
    auto tag = read_tag(html.substr(open + 1, close - open - 1));
    if (!tag) return std::nullopt;
    open = html.find('<', close);
    tag->text = html.substr(close + 1, open == std::string_view::npos ? open : open - close - 1);
    tags.push_back(std::move(*tag));
  }
  if (!nests(tags)) return std::nullopt;
  return tags;
}

std::vector<std::vector<Tag>> forms_in(const std::vector<Tag>& tags) {
  std::vector<std::vector<Tag>> forms;
  bool inside = false;
  for (const Tag& tag : tags) {
    if (tag.name == "form") {
      forms.emplace_back();
      inside = true;
    }
    if (inside) forms.back().push_back(tag);
    if (tag.name == "/form") inside = false;
  }
  return forms;
}

}  // namespace sekisho::pages
