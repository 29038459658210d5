#include "gateway/pages/messages.h"

namespace sekisho::pages {

std::string fill(Message message, Language language,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string_view text = text_of(message, language);
  std::string filled;
  while (!text.empty()) {
    const auto open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    const std::string_view word = text.substr(open + 1, close - open - 1);
    for (const auto& [name, value] : values) {
      if (name == word) filled += value;
    }
    if (close == std::string_view::npos) break;
    text.remove_prefix(close + 1);
  }
  return filled;
}

}  // namespace sekisho::pages
