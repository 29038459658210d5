#include "cli/error_text.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

namespace sekisho::cli {
namespace {

constexpr std::array kSentences = {
    Sentence{"there is no user {}", "利用者 {} はいません"},
    Sentence{"there is a user {} already", "利用者 {} はすでにいます"},
    Sentence{"{} is enabled already", "{} はすでに有効です"},
    Sentence{"{} is disabled already", "{} はすでに無効です"},
    Sentence{"{} is in the group {} already", "{} はすでにグループ {} に入っています"},
    Sentence{"{} is not in the group {}", "{} はグループ {} に入っていません"},
    Sentence{"a user name must be {}",
             "利用者名は 1〜64 文字の英数字と . _ - です(先頭に - と . は使えません)"},
    Sentence{"a group name must be {}",
             "グループ名は 1〜64 文字の英数字と . _ - です(先頭に - と . は使えません)"},
    Sentence{"a terminal name must be {}",
             "端末名は 1〜64 文字の英数字と . _ - です(先頭に - と . は使えません)"},
    Sentence{"a display name must be {}", "表示名は制御文字を含まない UTF-8 で 128 バイトまでです"},
    Sentence{"a label must be {}", "ラベルは制御文字を含まない UTF-8 で 64 バイトまでです"},
    Sentence{"digits must be 6 or 8", "桁数は 6 か 8 です"},
    Sentence{"the period must be 1 to 120 seconds", "周期は 1〜120 秒です"},
    Sentence{"a seed must have 128 to 1024 bits", "シードは 128〜1024 ビットです"},
    Sentence{"this seed already belongs to a credential",
             "このシードはすでに登録されています(1 つのトークンを 2 人で使うことはできません)"},
    Sentence{"there is no TOTP credential {}", "TOTP 認証器 {} はありません"},
    Sentence{"the credential is confirmed already", "この認証器はすでに確認済みです"},
    Sentence{"the code is wrong: {}",
             "コードが違います。次のコードに変わるのを待ち、トークンの時計も確かめてください"},
    Sentence{"the code was used: {}", "このコードは使用済みです。次のコードを待ってください"},
    Sentence{"these are not two codes in a row of this token: {}",
             "このトークンの連続した 2 つのコードではありません。1 つ控え、表示が変わるのを待って"
             "次を控え、その順に入力してください"},
    Sentence{"these codes, or later ones, were used: {}",
             "このコードかそれより新しいコードが使用済みです。新しい 2 つで試してください"},
    Sentence{"there is no live session {}", "有効なセッション {} はありません"},
    Sentence{"there is no terminal {}", "端末 {} はありません"},
    Sentence{"there is a terminal {} already: {}",
             "端末 {} はすでにあります。--again で新しいトークンを発行できます"
             "(今の証明書は無効になります)"},
    Sentence{"the terminal {} is revoked already", "端末 {} はすでに失効しています"},
    Sentence{"the password is not valid UTF-8", "パスワードが UTF-8 ではありません"},
    Sentence{"the password is longer than {} bytes", "パスワードは {} バイトまでです"},
    Sentence{"the password has fewer than {} characters", "パスワードは {} 文字以上にしてください"},
    Sentence{"the password repeats one character", "同じ文字だけのパスワードは使えません"},
    Sentence{"the password is the user name", "利用者名と同じパスワードは使えません"},
    Sentence{"the password is among the most common ones",
             "よく使われるパスワードなので使えません"},
    Sentence{"the two passwords differ", "2 回の入力が一致しません"},
    Sentence{"there is no terminal to ask for the password on: use --password-stdin",
             "パスワードを尋ねる端末がありません。--password-stdin を使ってください"},
    Sentence{"there is no terminal to ask for the code on: write it after the number",
             "コードを尋ねる端末がありません。番号の次にコードを書いてください"},
    Sentence{"there is no terminal to ask for the codes on: write both after the number",
             "コードを尋ねる端末がありません。番号の次に 2 つのコードを書いてください"},
    Sentence{"cancelled", "取り消しました"},
    Sentence{"standard input is empty", "標準入力が空です"},
    Sentence{"the store {} fails its integrity check ({}): restore a backup",
             "データベース {} が壊れています({})。バックアップから戻してください"},
    Sentence{"{} is not a Sekisho store",
             "{} は Sekisho のデータベースではないか、壊れています。控えから戻してください",
             "{} is not a Sekisho store, or is damaged: restore a copy"},
    Sentence{"{}: the file is a database, but not a Sekisho store",
             "{} は Sekisho のデータベースではありません。[store] の path を確かめてください",
             "{} is a database, but not a Sekisho store: look at [store] path"},
    Sentence{
        "the key file is not the one of the store {}: it needs the key with the id {}",
        "封印の鍵がデータベース {} のものではありません。番号 {} の鍵のファイルを戻してください"},
    Sentence{"the store refused \"{}\": database disk image is malformed",
             "データベースが壊れています。sekisho doctor で調べ、控えから戻してください",
             "the store is damaged: look with sekisho doctor, then restore a copy"},
    Sentence{"{}: the store refused \"{}\": database disk image is malformed",
             "データベース {} が壊れています。sekisho doctor で調べ、控えから戻してください",
             "the store {} is damaged: look with sekisho doctor, then restore a copy"},
    Sentence{"the store refused \"{}\": database is locked",
             "データベースをほかの処理が使用中です。もう一度試してください",
             "another process holds the store: try again"},
    Sentence{"the store refused \"{}\": {}",
             "データベースを操作できません({1})。sekisho doctor で調べてください",
             "the store could not do it ({1}): look with sekisho doctor"},
    Sentence{"{}: the store refused \"{}\": {}",
             "データベース {0} を操作できません({2})。sekisho doctor で調べてください",
             "the store {0} could not do it ({2}): look with sekisho doctor"},
    Sentence{"{} exists already", "{} はすでにあります"},
    Sentence{"{} holds a secret and others can read or change it: {}",
             "{} は秘密の鍵ですが、ほかの利用者が読める、または変更できる状態です: {}"},
    Sentence{"audit row {} was changed", "監査ログの {} 行目が書き換えられています"},
    Sentence{"audit row {} is missing at the head of the log",
             "監査ログの先頭の {} 行目がありません"},
    Sentence{"audit rows {} are missing at the head of the log",
             "監査ログの先頭の {} 行目がありません"},
    Sentence{"audit row {} is missing", "監査ログの {} 行目がありません"},
    Sentence{"audit rows {} are missing", "監査ログの {} 行目がありません"},
    Sentence{"audit row {} is out of order or inserted",
             "監査ログの {} 行目の順序が違うか、あとから挿入されています"},
    Sentence{"audit row {} does not follow the row before it: {}",
             "監査ログの {} 行目が前の行につながっていません(置換・挿入・入れ替え)"},
    Sentence{"audit row {} is not the one its checkpoint signed: {}",
             "監査ログの {} 行目がチェックポイントの署名と違います(ログ全体が書き直されています)"},
    Sentence{
        "the tail of the log is missing: a checkpoint signed row {}, and the log ends at row {}",
        "監査ログの末尾がありません: チェックポイントは {} 行目に署名していますが、ログは {} 行目"
        "で終わっています"},
    Sentence{"the checkpoint at audit row {} has a signature that does not verify",
             "監査ログの {} 行目のチェックポイントの署名が正しくありません"},
    Sentence{"the exported checkpoint belongs to another store",
             "このチェックポイントは別のデータベースのものです"},
    Sentence{"cannot open {}: No such file or directory", "{} がありません"},
    Sentence{"cannot open {}: Permission denied",
             "{} を開く権限がありません。root として実行してください(sudo sekisho …)",
             "no right to open {}: run the command as root (sudo sekisho …)"},
    Sentence{"there is no configuration {}: make one with sekisho init, or name another with "
             "--config",
             "設定ファイル {} がありません。sekisho init で作るか、--config で指定してください"},
    Sentence{"there is no store {}: restore a copy, or make a new deployment with sekisho init",
             "データベース {} がありません。控えから戻すか、sekisho init で新しい環境を作って"
             "ください"},
};

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

std::span<const Sentence> sentences() {
  return kSentences;
}

std::string error_text(const Error& error, Language language) {
  const Sentence* fitting = nullptr;
  std::vector<std::string_view> holes;
  for (const Sentence& sentence : kSentences) {
    if (fitting != nullptr && fixed_size(sentence.pattern) <= fixed_size(fitting->pattern)) {
      continue;
    }
    if (auto found = holes_of(sentence.pattern, error.message)) {
      fitting = &sentence;
      holes = *std::move(found);
    }
  }
  if (language == Language::kEnglish) {
    return fitting == nullptr || fitting->en.empty() ? error.message : filled(fitting->en, holes);
  }
  if (fitting != nullptr) return filled(fitting->ja, holes);
  return std::string(kind_of(error.code)) + ": " + error.message;
}

}  // namespace sekisho::cli
