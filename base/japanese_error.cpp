#include "base/japanese_error.h"

#include <optional>
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

std::string filled(std::string_view sentence, const std::vector<std::string_view>& holes) {
  std::string out;
  for (const std::string_view hole : holes) {
    const std::size_t place = sentence.find("{}");
    if (place == std::string_view::npos) break;
    out.append(sentence.substr(0, place)).append(hole);
    sentence.remove_prefix(place + 2);
  }
  return out.append(sentence);
}

std::string_view kind_of(ErrorCode code) {
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

}  // namespace

std::string in_japanese(const Error& error, std::span<const Sentence> sentences) {
  for (const Sentence& sentence : sentences) {
    if (const auto holes = holes_of(sentence.en, error.message)) {
      return filled(sentence.ja, *holes);
    }
  }
  return std::string(kind_of(error.code)) + ": " + error.message;
}

}  // namespace sekisho
