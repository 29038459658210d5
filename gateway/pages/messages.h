// Everything the pages say to a person, in Japanese and English, in one place.
//
// Templates name a message as {{t.key}}; C++ names it as Message("key"), checked when compiled.
// {word} in a text is filled in by fill() and may only stand in messages that C++ names.  Each
// refusal says what to do next.  None tells a wrong password from an unknown user (ASVS 6.3.8).

#ifndef SEKISHO_GATEWAY_PAGES_MESSAGES_H_
#define SEKISHO_GATEWAY_PAGES_MESSAGES_H_

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/pages/language.h"

namespace sekisho::pages {

struct CatalogueEntry {
  std::string_view key;
  std::string_view japanese;
  std::string_view english;
};

// clang-format off
inline constexpr auto kCatalogue = std::to_array<CatalogueEntry>({
  // Around every page.
  {"skip", "本文へ進む", "Skip to content"},
  {"portal", "業務システム入口", "Staff systems entrance"},
  {"error_prefix", "エラー：", "Error: "},
  {"recorded", "職員専用のページです。ログインの日時と場所は記録されます。",
   "For staff only. The time and place of every sign-in are recorded."},
  {"contact", "お困りのときは、情報システム担当へご連絡ください。",
   "Need help? Please contact the information systems office."},
  {"reference", "受付番号", "Reference"},
  {"to_my_page", "マイページへ", "Go to my page"},

  // Sign-in: the first step.
  {"sign_in_title", "ログイン", "Sign in"},
  {"sign_in_lead", "ユーザー名とパスワードを入力してください。",
   "Enter your user name and password."},
  {"step_one", "手順 1／2", "Step 1 of 2"},
  {"user_name", "ユーザー名", "User name"},
  {"password", "パスワード", "Password"},
  {"next", "次へ", "Next"},
  {"password_help", "パスワードを忘れたときは、情報システム担当へお申し出ください。",
   "Forgotten your password? Please ask the information systems office."},
  {"continuing_to", "ログインすると「{destination}」へ進みます。",
   "After signing in you will continue to “{destination}”."},

  // Sign-in: the second step.
  {"second_factor_title", "確認コードの入力", "Enter your code"},
  {"step_two", "手順 2／2", "Step 2 of 2"},
  {"destination", "ログイン後の行き先", "Continuing to"},
  {"signing_in_as", "ログインする人", "Signing in as"},
  {"code", "確認コード", "Code"},
  {"code_hint", "トークンまたは認証アプリに表示されている数字を入力してください。",
   "Type the digits shown on your token or authenticator app."},
  {"sign_in", "ログインする", "Sign in"},
  {"recovery_summary", "トークンが手元にないとき", "No token at hand?"},
  {"recovery_code", "予備コード", "Recovery code"},
  {"recovery_hint", "お渡ししてある予備コードを1つ入力してください。使えるのは1回だけです。",
   "Type one of the recovery codes you were given. Each works only once."},
  {"recovery_submit", "予備コードでログインする", "Sign in with a recovery code"},
  {"no_recovery_help", "トークンが手元にないときは、情報システム担当へお申し出ください。",
   "No token at hand? Please ask the information systems office."},
  {"someone_else", "別の人としてログインする", "Sign in as someone else"},

  // My page.
  {"home_title", "マイページ", "My page"},
  {"greeting", "{name} さん、お疲れさまです。", "Welcome, {name}."},
  {"sign_out", "ログアウト", "Sign out"},
  {"last_sign_in", "前回のログイン", "Last sign-in"},
  {"first_sign_in", "今回がはじめてのログインです。", "This is your first sign-in."},
  {"no_failures", "その後、失敗したログインはありません。", "No failed attempts since then."},
  {"failures", "その後、ログインの失敗が{count}回ありました。", "Failed attempts since then: {count}."},
  {"no_failures_ever", "これまでに失敗したログインはありません。", "No failed attempts so far."},
  {"failures_ever", "これまでに、ログインの失敗が{count}回ありました。",
   "Failed attempts so far: {count}."},
  {"last_failure", "最後の失敗", "Latest failure"},
  {"not_you_help", "心当たりがないときは、すぐに情報システム担当へご連絡ください。",
   "If this was not you, contact the information systems office at once."},
  {"applications", "利用できる業務システム", "Systems you can open"},
  {"no_applications", "利用できる業務システムはまだありません。必要なときは、所属の上司を通じて情報システム担当へお申し出ください。",
   "There are none yet. If you need one, please ask the information systems office through your supervisor."},
  {"factors", "本人確認の手段", "How you prove it is you"},
  {"factors_lead", "紛失や故障のときは、すぐに情報システム担当へご連絡ください。",
   "If one is lost or broken, contact the information systems office at once."},
  {"token_label", "トークン・認証アプリ", "Token or app"},
  {"confirmed", "登録日", "Registered"},
  {"last_used", "最終利用", "Last used"},
  {"never_used", "まだ使っていません", "Not used yet"},
  {"no_tokens", "トークンは登録されていません。情報システム担当へお申し出ください。",
   "No token is registered. Please ask the information systems office."},
  {"recovery_codes", "予備コード", "Recovery codes"},
  {"recovery_left", "残り {count} 個", "{count} left"},
  {"recovery_low", "残りが少なくなっています。情報システム担当で新しいものをお受け取りください。",
   "You are running low. Please get new ones from the information systems office."},
  {"recovery_none", "使える予備コードがありません。情報システム担当でお受け取りください。",
   "You have none left. Please get new ones from the information systems office."},
  {"sessions", "ログイン中の端末", "Where you are signed in"},
  {"sessions_lead", "見覚えのないものは終了し、情報システム担当へご連絡ください。",
   "End any you do not recognise, and tell the information systems office."},
  {"session_started", "開始", "Started"},
  {"session_last_seen", "最終操作", "Last active"},
  {"session_current", "この画面", "This one"},
  {"end", "終了する", "End"},
  {"end_session", "{from} のログインを終了する", "End the session at {from}"},

  // Signed out.
  {"signed_out_title", "ログアウトしました", "You have signed out"},
  {"signed_out_lead", "お疲れさまでした。共用の端末では、ブラウザーの画面もすべて閉じてください。",
   "On a shared terminal, please close all browser windows as well."},
  {"idle_title", "自動的にログアウトしました", "You have been signed out"},
  {"idle_lead", "しばらく操作がなかったため、安全のためにログアウトしました。続けるときは、もう一度ログインしてください。",
   "For safety you were signed out after a time without activity. To go on, please sign in again."},
  {"session_over_title", "ログインの期限が切れました", "Your sign-in has run out"},
  {"session_over_lead", "1回のログインで使える時間を過ぎました。続けるときは、もう一度ログインしてください。",
   "You have reached the time allowed for one sign-in. To go on, please sign in again."},
  {"ended_elsewhere_title", "ログインが終了されました", "Your session was ended"},
  {"ended_elsewhere_lead", "ほかの端末または情報システム担当の操作により、このログインは終了しました。続けるときは、もう一度ログインしてください。",
   "It was ended from another terminal or by the information systems office. To go on, please sign in again."},
  {"sign_in_again", "ログイン画面へ", "Go to sign-in"},

  // Notices.
  {"notice_wrong_password", "ユーザー名またはパスワードが違います。確かめて、もう一度入力してください。",
   "The user name or password is not right. Please check them and try again."},
  {"notice_wrong_code", "確認コードが違います。いま表示されている数字を確かめて、もう一度入力してください。",
   "The code is not right. Please check the digits shown now and try again."},
  {"notice_wrong_recovery_code", "予備コードが違うか、すでに使われています。別の予備コードを入力してください。",
   "The recovery code is not right or has been used. Please try another one."},
  {"notice_code_used", "この確認コードは使用済みです。次の数字が表示されるまで待ってから入力してください。",
   "This code has been used. Please wait for the next one, then enter it."},
  {"notice_locked", "失敗が続いたため、{until}まで入力を受け付けません。その後もう一度お試しください。お急ぎのときは、情報システム担当へご連絡ください。",
   "Too many failed attempts: sign-in is locked until {until}. Please try again after that. If it is urgent, contact the information systems office."},
  {"notice_disabled", "失敗が重なったため、この方法ではログインできません。情報システム担当へご連絡ください。",
   "After too many failed attempts this way of signing in is closed. Please contact the information systems office."},
  {"notice_too_many_tries", "続けて失敗しました。{seconds}秒ほど待ってから、もう一度お試しください。",
   "Several attempts failed. Please wait {seconds} seconds, then try again."},
  {"notice_no_second_factor", "トークンが登録されていないため、ログインできません。情報システム担当で登録を受けてください。",
   "No token is registered for you, so you cannot sign in. Please have one registered at the information systems office."},
  {"notice_factor_expired", "トークンの有効期限が切れています。情報システム担当で交換を受けてください。",
   "Your token has expired. Please have it replaced at the information systems office."},
  {"notice_sign_in_expired", "時間がたったため、ログインの手続きを中止しました。最初からやり直してください。",
   "The sign-in took too long and was cancelled. Please start again."},
  {"notice_form_expired", "画面の有効期限が切れたか、Cookieが使えません。Cookieを許可して、もう一度入力してください。",
   "This page has expired, or cookies are blocked. Please allow cookies and try again."},
  {"notice_unavailable", "ただいま確認ができません。しばらく待ってから、もう一度お試しください。続くときは、情報システム担当へご連絡ください。",
   "We cannot verify this right now. Please try again in a while. If it goes on, contact the information systems office."},
  {"notice_sign_in_needed", "続けるには、ログインしてください。", "Please sign in to continue."},
  {"notice_fresh_factor_needed", "このシステムを開くには、もう一度本人確認が必要です。",
   "To open this system, please confirm again that it is you."},
  {"notice_idle", "しばらく操作がなかったため、ログアウトしました。もう一度ログインしてください。",
   "You were signed out after a time without activity. Please sign in again."},
  {"notice_session_over", "1回のログインで使える時間を過ぎました。もう一度ログインしてください。",
   "You have reached the time allowed for one sign-in. Please sign in again."},
  {"notice_session_ended", "選んだ端末のログインを終了しました。", "The session you chose has been ended."},

  // Problems: what happened, and what to do next.
  {"p400_title", "リクエストを処理できません", "This request cannot be handled"},
  {"p400_lead", "送られた内容に誤りがあります。", "Something in what was sent is not right."},
  {"p400_next", "前の画面に戻り、もう一度やり直してください。", "Please go back and try again."},
  {"p401_title", "ログインが必要です", "Please sign in"},
  {"p401_lead", "この画面を開くには、ログインが必要です。", "You need to be signed in to open this page."},
  {"p401_next", "マイページからログインし、もう一度開いてください。",
   "Please sign in from “My page”, then open it again."},
  {"p403_title", "この操作はできません", "This is not allowed"},
  {"p403_lead", "この画面または操作は許可されていません。", "This page or action is not open to you."},
  {"p403_next", "必要なときは、情報システム担当へお申し出ください。",
   "If you need it, please ask the information systems office."},
  {"p404_title", "ページが見つかりません", "Page not found"},
  {"p404_lead", "アドレスが違うか、ページがなくなっています。",
   "The address may be wrong, or the page may be gone."},
  {"p404_next", "アドレスを確かめるか、マイページからお進みください。",
   "Please check the address, or start from “My page”."},
  {"p405_title", "この操作はできません", "This cannot be done here"},
  {"p405_lead", "このアドレスでは、その操作を受け付けていません。",
   "This address does not accept that kind of request."},
  {"p405_next", "マイページからお進みください。", "Please start from “My page”."},
  {"p408_title", "時間切れになりました", "The request took too long"},
  {"p408_lead", "送信が時間内に終わりませんでした。", "It did not arrive completely in time."},
  {"p408_next", "もう一度やり直してください。続くときは、情報システム担当へご連絡ください。",
   "Please try again. If it goes on, contact the information systems office."},
  {"p413_title", "送る内容が大きすぎます", "Too large to send"},
  {"p413_lead", "受け付けられる大きさを超えているため、保存されていません。",
   "It is larger than this system accepts. Nothing was saved."},
  {"p413_next", "ファイルを小さくするか分けて、もう一度送ってください。",
   "Please make the file smaller or split it, then send it again."},
  {"p421_title", "このアドレスでは開けません", "Not served at this address"},
  {"p421_lead", "お使いのアドレスは、この入口に登録されていません。",
   "The address you used is not registered at this entrance."},
  {"p421_next", "アドレスを確かめるか、ブラウザーを開き直してお試しください。",
   "Please check the address, or close the browser and open it again."},
  {"p429_title", "しばらくお待ちください", "Please wait a moment"},
  {"p429_lead", "短い間にたくさんの操作がありました。", "There were many requests within a short time."},
  {"p429_next", "少し待ってから、もう一度お試しください。", "Please wait a little, then try again."},
  {"p431_title", "リクエストを処理できません", "This request cannot be handled"},
  {"p431_lead", "ブラウザーから送られた情報が大きすぎます。",
   "Your browser sent more information than this system accepts."},
  {"p431_next", "このサイトのCookieを削除して、もう一度お試しください。",
   "Please delete the cookies of this site, then try again."},
  {"p500_title", "問題が発生しました", "Something went wrong"},
  {"p500_lead", "こちらの不具合により、処理できませんでした。", "A fault on our side stopped the request."},
  {"p500_next", "もう一度お試しください。続くときは、情報システム担当へご連絡ください。",
   "Please try again. If it goes on, contact the information systems office."},
  {"p502_title", "業務システムから応答がありません", "The system did not answer"},
  {"p502_lead", "業務システムにつながりませんでした。ログインの状態はそのままです。",
   "It could not be reached. You are still signed in."},
  {"p502_next", "少し待ってから、もう一度お試しください。続くときは、情報システム担当へご連絡ください。",
   "Please try again in a while. If it goes on, contact the information systems office."},
  {"p503_title", "ただいま利用できません", "Not available at the moment"},
  {"p503_lead", "混み合っているか、一時的に確認ができなくなっています。",
   "The service is busy, or cannot verify requests for the moment."},
  {"p503_next", "しばらく待ってから、もう一度お試しください。続くときは、情報システム担当へご連絡ください。",
   "Please try again in a while. If it goes on, contact the information systems office."},
  {"p504_title", "業務システムの応答に時間がかかっています", "The system is taking too long"},
  {"p504_lead", "時間内に応答がありませんでした。送った内容が処理されたかどうかは分かりません。",
   "There was no answer in time. What you sent may or may not have been handled."},
  {"p504_next", "業務システムを開き直し、結果を確かめてからやり直してください。",
   "Please open the system again and check the result before you repeat anything."},
  {"wait_seconds", "{seconds}秒ほど待ってから、もう一度お試しください。",
   "Please try again in about {seconds} seconds."},

  // An application that is closed to this person.
  {"forbidden_title", "このシステムは利用できません", "This system is not open to you"},
  {"forbidden_application", "システム", "System"},
  {"forbidden_account", "ログイン中の人", "Signed in as"},
  {"forbidden_not_permitted_lead", "このシステムを利用する権限が登録されていません。",
   "You are not registered to use this system."},
  {"forbidden_not_permitted_next", "業務で必要なときは、所属の上司を通じて情報システム担当へお申し出ください。",
   "If you need it for your work, please ask the information systems office through your supervisor."},
  {"forbidden_network_lead", "このシステムは、決められた場所の端末からだけ利用できます。",
   "This system can be used only from terminals in certain places."},
  {"forbidden_network_next", "許可された端末からお試しください。ご不明のときは、情報システム担当へご連絡ください。",
   "Please use one of those terminals. If in doubt, contact the information systems office."},
  {"forbidden_hours_lead", "このシステムを利用できる時間は {hours} です。",
   "This system can be used during these hours: {hours}."},
  {"forbidden_hours_next", "時間内にもう一度お試しください。時間外の利用が必要なときは、情報システム担当へご相談ください。",
   "Please try again within them. If you need it at other times, talk to the information systems office."},
});
// clang-format on

// Where a key stands in the catalogue; kCatalogue.size() when it does not.
constexpr std::size_t position_of(std::string_view key) {
  std::size_t position = 0;
  while (position < kCatalogue.size() && kCatalogue[position].key != key) ++position;
  return position;
}

// A key of the catalogue; one that is not there does not compile.
class Message {
 public:
  consteval explicit Message(const char* key) : position_(position_of(key)) {
    if (position_ == kCatalogue.size()) throw "no such message in the catalogue";
  }
  constexpr const CatalogueEntry& entry() const { return kCatalogue[position_]; }

 private:
  std::size_t position_;
};

constexpr std::string_view text_of(const CatalogueEntry& entry, Language language) {
  return language == Language::kEnglish ? entry.english : entry.japanese;
}
constexpr std::string_view text_of(Message message, Language language) {
  return text_of(message.entry(), language);
}

// The message with each {word} replaced by the value given for it.  A value is put in as it is:
// braces in it mean nothing.  The result is text, not HTML.
std::string fill(Message message, Language language,
                 std::initializer_list<std::pair<std::string_view, std::string_view>> values);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_MESSAGES_H_
