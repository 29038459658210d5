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

constexpr std::array<Entry, 12> kTexts{{
    {Message::kPasswordPrompt, "パスワード: ", "Password: "},
    {Message::kCodePrompt, "ワンタイムコード: ", "One-time code: "},
    {Message::kCodeOrRecoveryPrompt,
     "ワンタイムコード (またはリカバリーコード): ", "One-time code (or recovery code): "},
    {Message::kNotACode, "ワンタイムコードは 6 桁または 8 桁の数字です。",
     "A one-time code is 6 or 8 digits."},
    {Message::kDenied, "認証できませんでした。", "Authentication failed."},
    {Message::kLocked, "失敗が続いたためロックされています。管理者に連絡してください。",
     "Locked after too many failures. Please tell your administrator."},
    {Message::kTooSlow, "時間切れです。もう一度やり直してください。",
     "That took too long. Please try again."},
    {Message::kNoGateway, "認証サーバーに接続できません。管理者に連絡してください。",
     "The authentication gateway cannot be reached. Please tell your administrator."},
    {Message::kTerminalRefused,
     "この端末は認証サーバーに登録されていないか、失効しています。管理者に連絡してください。",
     "This terminal is not registered or has been revoked. Please tell your administrator."},
    {Message::kNoFactorHere, "この端末で使える認証方法がありません。管理者に連絡してください。",
     "No authentication method can be used at this terminal. Please tell your administrator."},
    {Message::kNotEntitled, "ほかの利用者の認証はできません。",
     "Only your own user can be authenticated here."},
    {Message::kBusy, "認証が混み合っています。もう一度やり直してください。",
     "Too many logins at once. Please try again."},
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

std::string locked_until(Instant until, Instant now, Language language) {
  const Instant end = std::chrono::ceil<std::chrono::minutes>(until);
  const bool is_today = local_time(end, "%F") == local_time(now, "%F");
  const std::string when = local_time(end, is_today ? "%H:%M" : "%F %H:%M");
  if (language == Language::kJapanese) {
    return "失敗が続いたため " + when +
           " までロックされています。その時刻を過ぎてからやり直すか、管理者に連絡してください。";
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
