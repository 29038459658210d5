#include "cli/usage_text.h"

#include <array>
#include <limits>

#include "base/text.h"

namespace sekisho::cli {
namespace {

constexpr std::array kSentences = {
    Sentence{"A subcommand is required", "コマンドがありません", "a command is missing"},
    Sentence{"there is no command {}", "コマンド {} はありません"},
    Sentence{"The following argument was not expected: {}", "余分な引数があります: {}",
             "this is too much: {}"},
    Sentence{"The following arguments were not expected: {}", "余分な引数があります: {}",
             "this is too much: {}"},
    Sentence{"{} is required", "{} がありません", "{} is missing"},
    Sentence{"{} requires {}", "{} は {} と同時に使います", "{} needs {}"},
    Sentence{"{} excludes {}", "{} は {} と同時に使えません", "{} cannot be used with {}"},
    Sentence{"{}: {} not in {}", "{}: {} は使えません。使えるのは {}", "{}: {} is none of {}"},
    Sentence{"{}: Value {} not in range {} to {}", "{}: {} は {}〜{} の数ではありません",
             "{}: {} is not a number from {} to {}"},
    Sentence{"{}: {} is not a number like 12", "{}: {} は 12 のような番号ではありません"},
    Sentence{"Could not convert: {} = {}", "{}: {} は使えません", "{}: {} cannot be used"},
    Sentence{"{}: {} required {} missing", "{} の値がありません", "{} needs a value"},
    Sentence{"At least 1 option from [{}] is required", "次のどれかが必要です: {}",
             "one of these is needed: {}"},
    Sentence{"Exactly 1 option from [{}] is required", "次のどれか 1 つが必要です: {}",
             "one of these is needed: {}"},
    Sentence{"Exactly 1 option from [{}] is required and {} were given",
             "次のうち 1 つだけを使います: {}", "only one of these can be used: {}"},
};

}  // namespace

std::span<const Sentence> usage_sentences() {
  return kSentences;
}

std::string usage_text(std::string_view message, Language language) {
  return told(kSentences, message, language == Language::kJapanese).value_or(std::string(message));
}

std::string number_objection(const std::string& text) {
  const auto number = parse_unsigned(text);
  const bool is_good =
      number && *number > 0 &&
      *number <= static_cast<unsigned long long>(std::numeric_limits<std::int64_t>::max());
  return is_good ? std::string() : text + " is not a number like 12";
}

}  // namespace sekisho::cli
