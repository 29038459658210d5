// What happened just before, and what to do next.  See messages.h.

#ifndef SEKISHO_GATEWAY_PAGES_NOTICE_MESSAGES_H_
#define SEKISHO_GATEWAY_PAGES_NOTICE_MESSAGES_H_

#include "gateway/pages/catalogue_entry.h"

namespace sekisho::pages {

// clang-format off
inline constexpr auto kNoticeMessages = std::to_array<CatalogueEntry>({
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
  {"notice_no_second_factor", "トークンもセキュリティキーも登録されていないため、ログインできません。情報システム担当で登録を受けてください。",
   "No token or security key is registered for you, so you cannot sign in. Please have one registered at the information systems office."},
  {"notice_factor_expired", "トークンの有効期限が切れています。情報システム担当で交換を受けてください。",
   "Your token has expired. Please have it replaced at the information systems office."},
  {"notice_sign_in_expired", "時間がたったため、ログインの手続きを中止しました。最初からやり直してください。",
   "The sign-in took too long and was cancelled. Please start again."},
  {"notice_key_refused", "セキュリティキーを確認できませんでした。もう一度お試しください。続くときは、情報システム担当へご連絡ください。",
   "The security key could not be verified. Please try again. If it goes on, contact the information systems office."},
  {"notice_key_unknown", "この鍵は登録されていません。登録した鍵を差し込んで、もう一度お試しください。",
   "This key is not registered. Please insert the one you registered, then try again."},
  {"notice_key_not_verified", "PINまたは指紋の確認が必要です。もう一度お試しになり、PINを入力してください。",
   "A PIN or fingerprint is needed. Please try again and enter the PIN of the key."},
  {"notice_key_suspected", "この鍵は複製されたおそれがあるため、使えません。すぐに情報システム担当へご連絡ください。",
   "This key was refused because it may have been copied. Contact the information systems office at once."},
  {"notice_key_taken", "この鍵はすでに登録されています。別の鍵を差し込んで、もう一度お試しください。",
   "This key is already registered. Please insert another one, then try again."},
  {"notice_key_model_refused", "この機種の鍵は、業務では使えません。情報システム担当が配付した鍵をお使いください。",
   "Keys of this model are not accepted for your work. Please use one issued by the information systems office."},
  {"notice_key_syncable", "ほかの機器へコピーできるパスキーは使えません。情報システム担当が配付したセキュリティキーをお使いください。",
   "A passkey that can be copied to other devices is not accepted. Please use a security key issued by the information systems office."},
  {"notice_wrong_enrolment_code", "登録コードが違うか、期限が切れています。確かめて、もう一度入力してください。新しいコードは、情報システム担当でお受け取りください。",
   "The enrolment code is not right or has expired. Please check it and try again. For a new one, ask the information systems office."},
  {"notice_last_second_factor", "最後の1つは登録を外せません。先に別の鍵を登録するか、情報システム担当へご連絡ください。",
   "The last one cannot be removed. Please add another key first, or contact the information systems office."},
  {"notice_ceremony_expired", "時間がかかりすぎたため、中止しました。もう一度お試しください。",
   "It took too long and was cancelled. Please try again."},
  {"notice_form_expired", "画面の有効期限が切れたか、Cookieが使えません。Cookieを許可して、もう一度入力してください。",
   "This page has expired, or cookies are blocked. Please allow cookies and try again."},
  {"notice_unavailable", "ただいま確認ができません。しばらく待ってから、もう一度お試しください。続くときは、情報システム担当へご連絡ください。",
   "We cannot verify this right now. Please try again in a while. If it goes on, contact the information systems office."},
  {"notice_sign_in_needed", "続けるには、ログインしてください。", "Please sign in to continue."},
  {"notice_fresh_factor_needed", "続けるには、もう一度本人確認が必要です。", "To go on, please confirm again that it is you."},
  {"notice_key_needed", "続けるには、セキュリティキーが必要です。", "To go on, you need your security key."},
  {"notice_enrolment_needed", "鍵の登録には、登録コードが必要です。情報システム担当で受け取り、入力してください。",
   "To register a key you need an enrolment code. Get one from the information systems office and enter it."},
  {"notice_enrolment_ready", "登録コードを確認しました。続けて、鍵を登録してください。",
   "The enrolment code is right. Now register your key."},
  {"notice_key_added", "鍵を登録しました。今から使えます。",
   "The key has been registered. You can use it at once."},
  {"notice_key_removed", "鍵の登録を外しました。この鍵ではもうログインできません。",
   "The key has been removed. It can no longer be used to sign in."},
  {"notice_key_renamed", "鍵の名前を変更しました。", "The key has been renamed."},
  {"notice_idle", "しばらく操作がなかったため、ログアウトしました。もう一度ログインしてください。",
   "You were signed out after a time without activity. Please sign in again."},
  {"notice_session_over", "1回のログインで使える時間を過ぎました。もう一度ログインしてください。",
   "You have reached the time allowed for one sign-in. Please sign in again."},
  {"notice_session_ended", "選んだ端末のログインを終了しました。", "The session you chose has been ended."},
});
// clang-format on

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_NOTICE_MESSAGES_H_
