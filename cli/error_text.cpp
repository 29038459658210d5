#include "cli/error_text.h"

#include <array>

#include "cli/key_texts.h"

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
    Sentence{
        "{} is disabled and cannot sign in to use a code",
        "{0} は無効なので、コードを使えません。先に有効にしてください(sekisho user enable {0})",
        "{0} is disabled and cannot use a code: enable the user first (sekisho user enable "
        "{0})"},
    Sentence{"there is no security key {}", "セキュリティキー {} はありません"},
    Sentence{"there is no security key number {} plugged in",
             "{} 番のセキュリティキーは差し込まれていません"},
    Sentence{"several security keys are plugged in: {}",
             "セキュリティキーが何本も差し込まれています。1 本だけにするか、--key の番号で選んで"
             "ください"},
    Sentence{"a key's name must be {}", "鍵の名前は制御文字を含まない UTF-8 で 1〜64 バイトです"},
    Sentence{"there is no folder {}", "フォルダー {} がありません"},
    Sentence{"cannot list {}: {}", "フォルダー {} を読めません({})"},
    Sentence{"{} holds no certificate, or a broken one",
             "{} に証明書がないか、壊れた証明書が入っています"},
    Sentence{"{} holds more than 256 certificates", "{} の証明書が 256 枚を超えています"},
    Sentence{"there is no terminal to ask for the PIN on: {}",
             "PIN を尋ねる端末がありません。端末から実行してください"},
    Sentence{"there is no live session {}", "有効なセッション {} はありません"},
    Sentence{
        "the identity key {} waits for its turn already, until {}",
        "鍵 {} がすでに公開されていて、{} から署名します。待てないときは --now を付けてください",
        "the key {} is published already and signs from {}; --now does not wait"},
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
    Sentence{
        "{} exists already and is used as it is: leave out every option but --user",
        "設定ファイル {} はすでにあり、そのまま使います。--user 以外のオプションを外してください"},
    Sentence{"there is no configuration yet: --segment, --portal-url and --listen say what to "
             "write into it",
             "設定ファイルがまだありません。--segment、--portal-url、--listen で内容を指定して"
             "ください"},
    Sentence{"there is no system user {}", "システムの利用者 {} はいません"},
    Sentence{"the seed is neither hexadecimal nor base32",
             "シードが 16 進でも base32 でもありません"},
    Sentence{"the configuration has no listener with kind = \"terminal\" for it to join at",
             "設定ファイルに kind = \"terminal\" の [[listener]] がないので、端末は参加できません"},
    Sentence{"the terminal cannot hide what is typed", "この端末では入力を隠せません"},
    Sentence{"the line is too long", "行が長すぎます"},
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
    Sentence{
        "no checkpoint verifies with {}: it is not the key that signed them, or all of them are "
        "forged; try the right public key before anything else",
        "{} で正しいと確かめられるチェックポイントがありません。署名した鍵ではないか、"
        "チェックポイントがすべて偽造されています。まず正しい公開鍵で確かめてください"},
    Sentence{"{}: not an Ed25519 public key in PEM",
             "{} は監査ログの公開鍵(PEM の Ed25519)ではありません"},
    Sentence{"{}: not an Ed25519 private key in PEM",
             "{} は監査ログの署名鍵(PEM の Ed25519)ではありません"},
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

}  // namespace

std::span<const Sentence> error_sentences() {
  return kSentences;
}

std::string error_text(const Error& error, Language language) {
  for (const auto sentences : {key_sentences(), error_sentences()}) {
    if (auto words = told(sentences, error.message, language == Language::kJapanese)) {
      return *std::move(words);
    }
  }
  if (language == Language::kEnglish) return error.message;
  return std::string(japanese_name_of(error.code)) + ": " + error.message;
}

}  // namespace sekisho::cli
