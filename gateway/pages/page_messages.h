// The words of the ordinary pages.  See messages.h.

#ifndef SEKISHO_GATEWAY_PAGES_PAGE_MESSAGES_H_
#define SEKISHO_GATEWAY_PAGES_PAGE_MESSAGES_H_

#include "gateway/pages/catalogue_entry.h"

namespace sekisho::pages {

// clang-format off
inline constexpr auto kPageMessages = std::to_array<CatalogueEntry>({
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
  {"at_terminal", "端末 {terminal}", "terminal {terminal}"},
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
});
// clang-format on

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_PAGE_MESSAGES_H_
