#include "gateway/pages/page_templates.h"

#include <array>
#include <cassert>

#include "base/text.h"
#include "gateway/pages/embedded_files.h"
#include "gateway/pages/messages.h"

namespace sekisho::pages {
namespace {

using kainjow::mustache::mustache;

// The layout takes in a page, the page what asks a key, and that a form's guard.
constexpr int kDeepestPart = 3;

std::string missing(std::string_view name) {
  return "[missing: " + std::string(name) + "]";
}

std::string part(std::string_view name) {
  for (const TemplateFile& file : template_files()) {
    if (file.name == name) return std::string(file.text);
  }
  return missing(name);
}

std::string message_html(std::string_view key, Language language) {
  const std::size_t position = position_of(key);
  if (position == kCatalogue.size()) return missing(key);
  return kainjow::mustache::html_escape(std::string(text_of(kCatalogue[position], language)));
}

// Replaces each {{<mark>name}} in `text` by what `replacement` gives for the name.
template <typename Replacement>
std::string with_tags_replaced(std::string_view text, std::string_view mark,
                               Replacement replacement) {
  const std::string opening = "{{" + std::string(mark);
  std::string out;
  while (true) {
    const auto open = text.find(opening);
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    text.remove_prefix(open + opening.size());
    const auto close = text.find("}}");
    out += replacement(trimmed(text.substr(0, close)));
    if (close == std::string_view::npos) return out;
    text.remove_prefix(close + 2);
  }
}

std::string_view content_of(Template page) {
  switch (page) {
    case Template::kSignIn:
      return "sign_in";
    case Template::kSecondFactor:
      return "second_factor";
    case Template::kHome:
      return "home";
    case Template::kAddKey:
      return "add_key";
    case Template::kSignedOut:
      return "signed_out";
    case Template::kProblem:
      break;
  }
  return "problem";
}

constexpr std::size_t kTemplates = 6;

class ParsedTemplates {
 public:
  ParsedTemplates() {
    for (std::size_t i = 0; i < kTemplates; ++i) {
      const auto page = static_cast<Template>(i);
      for (const Language language : {Language::kJapanese, Language::kEnglish}) {
        parsed_.push_back(mustache(composed_template(content_of(page), language)));
        assert(parsed_.back().is_valid());
      }
    }
  }

  mustache& at(Template page, Language language) {
    return parsed_[2 * static_cast<std::size_t>(page) + (language == Language::kEnglish ? 1 : 0)];
  }

 private:
  std::vector<mustache> parsed_;
};

}  // namespace

std::span<const TemplateFile> template_files() {
  return embedded_templates();
}

std::string composed_template(std::string_view content, Language language) {
  std::string text = part("layout");
  for (int depth = 0; depth < kDeepestPart; ++depth) {
    text = with_tags_replaced(text, ">", [content](std::string_view name) {
      std::string body = part(name == "content" ? content : name);
      // The part ends in a line end, and so does the line that names it.
      if (body.ends_with('\n')) body.pop_back();
      return body;
    });
  }
  return with_tags_replaced(
      text, "t.", [language](std::string_view key) { return message_html(key, language); });
}

std::string render_template(Template page, Language language, const kainjow::mustache::data& data) {
  static ParsedTemplates templates;
  return templates.at(page, language).render(data);
}

}  // namespace sekisho::pages
