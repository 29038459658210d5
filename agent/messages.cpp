#include "agent/messages.h"

#include <time.h>

#include <array>
#include <string_view>

#include "protocol/conversation.h"

namespace sekisho::agent {
namespace {

using conversation::Language;

struct Entry {
  Message message;
  std::string_view japanese;
  std::string_view english;
};

constexpr std::array<Entry, 39> kTexts{{
    {Message::kPasswordPrompt, "パスワード: ", "Password: "},
    {Message::kCodePrompt, "確認コード: ", "One-time code: "},
    {Message::kCodeOrRecoveryPrompt,
     "確認コード (または予備コード): ", "One-time code (or recovery code): "},
    {Message::kNotACode, "確認コードは 6 桁または 8 桁の数字です。",
     "A one-time code is 6 or 8 digits."},
    {Message::kDenied, "認証できませんでした。", "Authentication failed."},
    {Message::kLocked, "失敗が続いたためロックされています。情報システム担当に連絡してください。",
     "Locked after too many failures. Please tell your administrator."},
    {Message::kTooSlow, "時間切れです。もう一度やり直してください。",
     "That took too long. Please try again."},
    {Message::kNoGateway, "認証サーバーに接続できません。情報システム担当に連絡してください。",
     "The authentication gateway cannot be reached. Please tell your administrator."},
    {Message::kTerminalRefused,
     "この端末は認証サーバーに登録されていないか、失効しています。情報システム担当に連絡してくださ"
     "い。",
     "This terminal is not registered or has been revoked. Please tell your administrator."},
    {Message::kNoFactorHere,
     "この端末で使える認証方法がありません。情報システム担当に連絡してください。",
     "No authentication method can be used at this terminal. Please tell your administrator."},
    {Message::kNotEntitled, "ほかの利用者の認証はできません。",
     "Only your own user can be authenticated here."},
    {Message::kBusy, "認証が混み合っています。もう一度やり直してください。",
     "Too many logins at once. Please try again."},
    {Message::kPasswordThenTouchPrompt, "パスワード (入力後、セキュリティキーに触れてください): ",
     "Password (then touch your security key): "},
    {Message::kCodeOrKeyPrompt,
     "確認コード (セキュリティキーを使うときは差し込んで、何も入力せず Enter、次に鍵に触れる): ",
     "One-time code (to use your security key plug it in, press Enter alone, and touch it): "},
    {Message::kCodeRecoveryOrKeyPrompt,
     "確認コードか予備コード (セキュリティキーを使うときは差し込んで、何も入力せず Enter、"
     "次に鍵に触れる): ",
     "One-time or recovery code (to use your security key plug it in, press Enter alone, and touch "
     "it): "},
    {Message::kCodeOrPinPrompt,
     "確認コード (セキュリティキーを使うときは何も入力せず Enter。PIN は次に入力): ",
     "One-time code (to use your security key press Enter alone; its PIN is asked next): "},
    {Message::kCodeRecoveryOrPinPrompt,
     "確認コードか予備コード (セキュリティキーを使うときは何も入力せず Enter。PIN は次に入力): ",
     "One-time or recovery code (to use your security key press Enter alone; its PIN is asked "
     "next): "},
    {Message::kPlugInPrompt, "セキュリティキーを差し込んで Enter (光ったら触れてください): ",
     "Plug in your security key and press Enter (touch it when it blinks): "},
    {Message::kPlugInKey, "セキュリティキーを差し込んでください。", "Plug in your security key."},
    {Message::kTouchKey, "鍵が光ったら触れてください。", "Touch your security key when it blinks."},
    {Message::kKeyOnlyHere,
     "この認証にはセキュリティキーが必要で、端末の前でしか使えません。端末でログインしてください。",
     "This login needs a security key, which works only at the terminal itself. Log in there."},
    {Message::kNoKey,
     "セキュリティキーが見つかりません。差し込んでから、もう一度ログインしてください。",
     "No security key was found. Plug it in and log in again."},
    {Message::kKeyUnplugged,
     "セキュリティキーが途中で抜かれました。差し込んだまま、もう一度ログインしてください。",
     "The security key was pulled out. Leave it plugged in and log in again."},
    {Message::kNotYourKey,
     "この鍵はあなたの鍵として登録されていません。自分の鍵で、もう一度ログインしてください。",
     "This key is not registered as yours. Log in again with your own."},
    {Message::kPinNotSet,
     "この鍵には PIN が設定されていません。情報システム担当に連絡してください。",
     "This key has no PIN. Please tell your administrator."},
    {Message::kPinUnusable,
     "PIN は半角で 63 文字まで(漢字やかなは 21 文字まで)です。鍵には送っていません。"
     "もう一度ログインしてください。",
     "A PIN is text of at most 63 bytes. Nothing was sent to the key; log in again."},
    {Message::kPinIsPassword,
     "PIN ではなくパスワードが入力されました。鍵には送っていません。もう一度ログインしてください。",
     "That was your password, not the PIN. It was not sent to the key; log in again."},
    {Message::kPinWrong, "PIN が違います。もう一度ログインしてください。",
     "Wrong PIN. Log in again."},
    {Message::kPinAuthBlocked,
     "PIN を続けて間違えました。鍵を抜き差ししてから、もう一度ログインしてください。",
     "Too many wrong PINs in a row. Pull the key out, plug it in again, and log in again."},
    {Message::kPinBlocked,
     "PIN を間違え続けたため、この鍵は使えません。情報システム担当に連絡してください。",
     "This key is blocked after too many wrong PINs. Please tell your administrator."},
    {Message::kPinChangeForced,
     "この鍵は PIN を変更するまで使えません。情報システム担当に連絡してください。",
     "This key cannot be used before its PIN is changed. Please tell your administrator."},
    {Message::kNotTouched, "時間内に鍵に触れませんでした。もう一度ログインしてください。",
     "The key was not touched in time. Log in again."},
    {Message::kKeyUnsupported, "この種類の鍵は使えません。情報システム担当に連絡してください。",
     "This kind of key cannot be used. Please tell your administrator."},
    {Message::kKeyBroken, "鍵が応答しません。抜き差ししてから、もう一度ログインしてください。",
     "The key does not answer. Pull it out, plug it in again, and log in again."},
    {Message::kKeyNotVerified,
     "この認証には PIN か指紋で本人を確認できる鍵が必要です。情報システム担当に連絡してください。",
     "This login needs a key that checks your PIN or fingerprint. Please tell your administrator."},
    {Message::kKeyModelRefused, "この機種の鍵は使えません。情報システム担当に連絡してください。",
     "Keys of this model are not accepted. Please tell your administrator."},
    {Message::kKeySuspected,
     "この鍵は複製された疑いがあるため使えません。すぐに情報システム担当に連絡してください。",
     "This key may have been copied and is not accepted. Tell your administrator at once."},
    {Message::kKeyNeeded,
     "ここでのログインにはセキュリティキーが必要です。鍵を挿して、もう一度ログインしてください。",
     "Your account needs its security key here. Plug it in and log in again."},
    {Message::kKeyRefused,
     "この鍵では認証できませんでした。続くときは情報システム担当に連絡してください。",
     "This key was not accepted. If it happens again, please tell your administrator."},
}};

// `at` in the terminal's time zone by strftime's `format`.
std::string local_time(Instant at, const char* format) {
  const time_t seconds =
      static_cast<time_t>(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  tm parts{};
  char text[32];
  if (::localtime_r(&seconds, &parts) == nullptr) return "-";
  return std::string(text, ::strftime(text, sizeof text, format, &parts));
}

}  // namespace

std::string text_of(Message message, Language language) {
  for (const Entry& entry : kTexts) {
    if (entry.message != message) continue;
    return std::string(language == Language::kJapanese ? entry.japanese : entry.english);
  }
  return {};
}

namespace {

std::string tries_and_touch(std::optional<int> tries, Language language) {
  if (language == Language::kJapanese) {
    const std::string left = tries ? "残り " + std::to_string(*tries) + " 回、" : "";
    return left + "入力後に鍵に触れてください): ";
  }
  std::string left;
  if (tries) left = std::to_string(*tries) + (*tries == 1 ? " try left; " : " tries left; ");
  return left + "then touch your key): ";
}

}  // namespace

std::string pin_prompt(std::optional<int> tries, Language language) {
  const bool is_japanese = language == Language::kJapanese;
  return (is_japanese ? "セキュリティキーの PIN (" : "Security key PIN (") +
         tries_and_touch(tries, language);
}

std::string doubtful_pin_prompt(std::optional<int> tries, std::string_view product,
                                Language language) {
  const std::string name = conversation::made_plain(product, 64);
  const std::string rest = tries_and_touch(tries, language);
  if (language == Language::kJapanese) {
    return "セキュリティキーの PIN (「" + name + "」が自分の鍵のときだけ、ほかの鍵は抜いて入力、" +
           rest;
  }
  return "Security key PIN (only if \"" + name + "\" is yours and no other key is plugged in; " +
         rest;
}

std::string short_pin(int least, Language language) {
  const std::string count = std::to_string(least);
  if (language == Language::kJapanese) {
    return "この鍵の PIN は " + count +
           " 文字以上です。鍵には送っていません。もう一度ログインしてください。";
  }
  return "This key's PIN has " + count +
         " characters or more. Nothing was sent to the key; log in again.";
}

std::string wrong_pin(std::optional<int> tries, Language language) {
  if (!tries) return text_of(Message::kPinWrong, language);
  const std::string count = std::to_string(*tries);
  if (language == Language::kJapanese) {
    return "PIN が違います。残り " + count + " 回です。もう一度ログインしてください。";
  }
  return "Wrong PIN. " + count + (*tries == 1 ? " try" : " tries") + " left. Log in again.";
}

std::string locked_until(Instant until, Instant now, Language language) {
  const Instant end = std::chrono::ceil<std::chrono::minutes>(until);
  const bool is_today = local_time(end, "%F") == local_time(now, "%F");
  const std::string when = local_time(end, is_today ? "%H:%M" : "%F %H:%M");
  if (language == Language::kJapanese) {
    return "失敗が続いたため " + when +
           " までロックされています。その時刻を過ぎてからやり直すか、情報システム担当に連絡してくだ"
           "さい。";
  }
  return "Locked after too many failures until " + when +
         ". Try again then, or tell your administrator.";
}

std::string last_login(const terminal_api::FinishResponse& response, Language language) {
  const bool is_japanese = language == Language::kJapanese;
  std::string text;
  if (response.last_login) {
    text = (is_japanese ? "前回のログイン: " : "Last login: ") +
           local_time(*response.last_login, "%F %H:%M");
    if (response.last_login_from && !response.last_login_from->empty()) {
      const std::string from = conversation::made_plain(*response.last_login_from, 128);
      text += is_japanese ? " (" + from + ")" : " from " + from;
    }
  }
  if (response.failures_since.value_or(0) > 0) {
    const std::string count = std::to_string(*response.failures_since);
    if (!text.empty()) text += "\n";
    text += is_japanese ? "その後に失敗した試行: " + count + " 回"
                        : "Failed attempts since then: " + count;
  }
  return text;
}

}  // namespace sekisho::agent
