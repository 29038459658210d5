#include "cli/sentences.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <vector>

namespace sekisho::cli {
namespace {

// What the holes of `pattern` hold when `text` is of its form.
std::optional<std::vector<std::string_view>> holes_of(std::string_view pattern,
                                                      std::string_view text) {
  std::vector<std::string_view> holes;
  std::size_t hole = pattern.find("{}");
  if (text.substr(0, hole) != pattern.substr(0, hole)) return std::nullopt;
  if (hole == std::string_view::npos) return holes;
  text.remove_prefix(hole);
  while (true) {
    pattern.remove_prefix(hole + 2);
    hole = pattern.find("{}");
    const std::string_view fixed = pattern.substr(0, hole);
    // The last piece must end the text; "{}" at the end takes all that is left.
    const std::size_t found = hole != std::string_view::npos ? text.find(fixed)
                              : text.ends_with(fixed)        ? text.size() - fixed.size()
                                                             : std::string_view::npos;
    if (found == std::string_view::npos) return std::nullopt;
    holes.push_back(text.substr(0, found));
    if (hole == std::string_view::npos) return holes;
    text.remove_prefix(found + fixed.size());
  }
}

// Of two sentences that fit, the one that says more of the text itself is meant.
std::size_t fixed_size(std::string_view pattern) {
  std::size_t holes = 0;
  for (std::size_t at = pattern.find("{}"); at != std::string_view::npos;
       at = pattern.find("{}", at + 2)) {
    ++holes;
  }
  return pattern.size() - 2 * holes;
}

std::string filled(std::string_view sentence, const std::vector<std::string_view>& holes) {
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  for (const std::string_view hole : holes) arguments.push_back(hole);
  return fmt::vformat(sentence, arguments);
}

}  // namespace

std::optional<std::string> told(std::span<const Sentence> sentences, std::string_view message,
                                Language language) {
  const Sentence* fitting = nullptr;
  std::vector<std::string_view> holes;
  for (const Sentence& sentence : sentences) {
    if (fitting != nullptr && fixed_size(sentence.pattern) <= fixed_size(fitting->pattern)) {
      continue;
    }
    if (auto found = holes_of(sentence.pattern, message)) {
      fitting = &sentence;
      holes = *std::move(found);
    }
  }
  if (fitting == nullptr) return std::nullopt;
  if (language == Language::kJapanese) return filled(fitting->ja, holes);
  return fitting->en.empty() ? std::string(message) : filled(fitting->en, holes);
}

}  // namespace sekisho::cli
