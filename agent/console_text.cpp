#include "agent/console_text.h"

#include <array>
#include <cstdlib>

#include "base/sentences.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

using conversation::Language;

constexpr std::array kSentences = {
    // The configuration; "{}" in front is the file and its line.
    Sentence{"{}: the file is not UTF-8", "{}: ファイルが UTF-8 ではありません"},
    Sentence{"{} must be a text, for example {}", "{} は文字列で書いてください(例: {})"},
    Sentence{"{} must be a time from {} to {}, for example {}",
             "{} は {} から {} までの時間で書いてください(例: {})"},
    Sentence{"{}: security_keys must be a section, [security_keys]",
             "{}: security_keys は [security_keys] という節で書いてください"},
    Sentence{"{}: [security_keys] has no setting {}; it has touch_timeout and plug_in_timeout",
             "{}: [security_keys] に {} という設定はありません。使えるのは touch_timeout と "
             "plug_in_timeout です"},
    Sentence{"{}: gateways must list 1 to 8 gateways, for example {}",
             "{}: gateways には 1〜8 台のゲートウェイを書いてください(例: {})"},
    Sentence{"{}: a gateway must be written like {}; nothing may follow the port",
             "{}: ゲートウェイは {} のように書いてください(ポート番号のあとには何も書けません)"},
    Sentence{"{} is listed twice", "{} が 2 回書かれています。1 つにしてください"},
    Sentence{"{}: there is no setting {}; there are gateways, {}",
             "{}: {} という設定はありません。使えるのは gateways, {}"},
    Sentence{"{}: the socket's path must be shorter than 108 bytes",
             "{}: ソケットのパスは 107 バイトまでです"},
    Sentence{"{}: language must be \"ja\" or \"en\"",
             "{}: language は \"ja\" か \"en\" にしてください"},
    // Joining.
    Sentence{"the gateway must be written like {}", "ゲートウェイは {} のように指定してください"},
    Sentence{"the fingerprint must have 64 hexadecimal digits",
             "フィンガープリントは 16 進数 64 桁で指定してください"},
    Sentence{"the token must have 26 letters and digits",
             "トークンは 26 文字の英数字です。ゲートウェイの表示と見比べてください"},
    Sentence{"the gateway shows no authority with the fingerprint {}; nothing was sent. {}",
             "フィンガープリント {} "
             "の認証局がゲートウェイにありません。何も送っていません。ゲートウェイで "
             "\"sekisho terminal add\" が表示した値と見比べてください"},
    Sentence{
        "{} names other gateways than {}: {}",
        "{} に {} "
        "がありません。参加はしていません。gateways に書き加えてから、もう一度実行してください"},
    Sentence{"this terminal has joined as {}; --replace joins again",
             "この端末は {} として参加済みです。参加し直すには --replace を付けてください"},
    Sentence{"this terminal has not joined: {} ({})",
             "この端末は参加していません。ゲートウェイで \"sekisho terminal add 端末名\" "
             "を実行し、表示されたコマンドをこの端末で実行してください"},
    Sentence{"joined, but {} was not written ({}): {}",
             "参加しましたが、{} を書けません({})。そのファイルに次の行を書いてください: {}"},
    Sentence{"{} cannot be written to: {}", "{} に書き込めません。root で実行してください"},
    Sentence{"{} answers 403 token_refused: {}",
             "{} は参加トークンを受け付けません(誤り、使用済み、または期限切れ)。ゲートウェイで "
             "\"sekisho terminal add 端末名 --again\" を実行し、新しいトークンを使ってください"},
    Sentence{"{} answers 403 {}",
             "{} はこの端末を受け付けません(未登録または失効)。ゲートウェイで \"sekisho terminal "
             "list\" を確かめてください: 403 {}"},
    Sentence{"{} answers {}", "{} の応答: {}"},
    // The way to the gateway.
    Sentence{"the name {} cannot be resolved",
             "{} の名前を解決できません。DNS か /etc/hosts を確かめてください"},
    Sentence{
        "{}: cannot connect: {}",
        "{} に接続できません。ゲートウェイが動いているか、アドレスが正しいか確かめてください: {}"},
    Sentence{"{}: TLS failed: {}", "{} と TLS で通信できません: {}"},
    Sentence{"{}: no answer: {}", "{} から応答がありません: {}"},
    Sentence{"{}: cannot send: {}", "{} に送信できません: {}"},
    Sentence{"{}: its certificate is refused: {}",
             "{} の証明書を信頼できません。別のサーバーか、参加したときと違う認証局です: {}"},
    Sentence{"{} shows no certificate", "{} は証明書を示しません"},
    Sentence{"no gateway serves this terminal",
             "この端末に応じるゲートウェイがありません。上の行の理由を確かめてください"},
    // Files and sockets.
    Sentence{"{} holds no certificate",
             "{} に証明書がありません。--replace を付けて参加し直してください"},
    Sentence{"{} is not the key of {}; join again",
             "{} は {} の鍵ではありません。--replace を付けて参加し直してください"},
    Sentence{"{} holds a secret and others can read or change it: {}",
             "{} は秘密の鍵ですが、ほかの利用者が読める、または変更できる状態です: {}"},
    Sentence{"another agent listens on {}",
             "{} ではすでに別の sekisho-agent が動いています。systemctl status sekisho-agent "
             "で確かめてください"},
    Sentence{"cannot listen on {}: {}", "{} で待ち受けできません: {}"},
    Sentence{"cannot open {} to every user", "{} をすべての利用者に開放できません"},
    Sentence{"cannot open {}: No such file or directory",
             "{} がありません。まず sekisho-agent join を実行してください"},
    Sentence{"cannot open {}: Permission denied",
             "{} を開く権限がありません。root で実行してください"},
    Sentence{"cannot create {}: Permission denied",
             "{} を作る権限がありません。root で実行してください"},
    Sentence{"cannot make {}: Permission denied",
             "{} を作る権限がありません。root で実行してください"},
    // What is typed.
    Sentence{"standard input is empty", "標準入力が空です。トークンを 1 行で渡してください"},
    Sentence{"the line is too long", "入力が長すぎます。トークンだけを 1 行で渡してください"},
    Sentence{"there is no terminal to ask on",
             "トークンを尋ねる端末がありません。標準入力から 1 行で渡してください"},
    Sentence{"cancelled", "取り消しました"},
};

}  // namespace

Language language_of_environment() {
  for (const char* const variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    return conversation::language_of_locale(value, Language::kEnglish);
  }
  return Language::kEnglish;
}

std::string error_text(const Error& error, Language language) {
  if (language == Language::kEnglish) return error.message;
  std::string text;
  for (const std::string_view line : split(error.message, '\n')) {
    if (!text.empty()) text.push_back('\n');
    const auto words = told(kSentences, line, true);
    text += words ? *words : std::string(japanese_name_of(error.code)) + ": " + std::string(line);
  }
  return text;
}

}  // namespace sekisho::agent
