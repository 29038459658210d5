#include "base/sentences.h"

#include <vector>

namespace sekisho {
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

// "{}" is the next hole, "{1}" the second.
std::string filled(std::string_view sentence, const std::vector<std::string_view>& holes) {
  std::string out;
  std::size_t next = 0;
  while (true) {
    const std::size_t open = sentence.find('{');
    const std::size_t close = sentence.find('}', open);
    if (open == std::string_view::npos || close == std::string_view::npos) break;
    const std::string_view number = sentence.substr(open + 1, close - open - 1);
    const std::size_t hole = number.empty() ? next++ : static_cast<std::size_t>(number[0] - '0');
    out.append(sentence.substr(0, open));
    if (hole < holes.size()) out.append(holes[hole]);
    sentence.remove_prefix(close + 1);
  }
  return out.append(sentence);
}

}  // namespace

std::optional<std::string> told(std::span<const Sentence> sentences, std::string_view message,
                                bool in_japanese) {
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
  if (in_japanese) return filled(fitting->ja, holes);
  return fitting->en.empty() ? std::string(message) : filled(fitting->en, holes);
}

std::string_view japanese_name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return "受け付けられません";
    case ErrorCode::kNotFound:
      return "見つかりません";
    case ErrorCode::kAlreadyExists:
      return "すでにあります";
    case ErrorCode::kConflict:
      return "すでに変わっています";
    case ErrorCode::kBusy:
      return "ほかの処理が使用中です。もう一度試してください";
    case ErrorCode::kFull:
      return "ディスクの空きがありません";
    case ErrorCode::kCorrupt:
      return "壊れているか、書き換えられています";
    case ErrorCode::kUnsupported:
      return "このバージョンでは扱えません";
    case ErrorCode::kDenied:
      return "権限がありません";
    case ErrorCode::kUnavailable:
      return "利用できません";
    case ErrorCode::kInternal:
      return "予期しないエラーです";
  }
  return "予期しないエラーです";
}

}  // namespace sekisho
