// The words for security keys: using one, registering one, the list of them.  See messages.h.
//
// key_status_* are what security_key.js may show; the page hands them over in its own language.

#ifndef SEKISHO_GATEWAY_PAGES_KEY_MESSAGES_H_
#define SEKISHO_GATEWAY_PAGES_KEY_MESSAGES_H_

#include "gateway/pages/catalogue_entry.h"

namespace sekisho::pages {

// clang-format off
inline constexpr auto kKeyMessages = std::to_array<CatalogueEntry>({
  // Signing in.
  {"confirm_title", "本人確認", "Confirm it is you"},
  {"or", "または", "or"},
  {"key_sign_in", "セキュリティキーでログイン", "Sign in with a security key"},
  {"key_sign_in_hint", "ユーザー名の入力は不要です。", "No user name needed."},
  {"key_use", "セキュリティキーを使う", "Use your security key"},
  {"key_use_hint", "登録した鍵を用意して、ボタンを押してください。",
   "Have your registered key ready, then press the button."},
  {"key_lost_help", "鍵が手元にないときは、情報システム担当へお申し出ください。",
   "No key at hand? Please ask the information systems office."},
  {"no_key_help", "セキュリティキーが登録されていません。情報システム担当で登録を受けてください。",
   "No security key is registered for you. Please have one registered at the information systems office."},
  {"enrolment_summary", "はじめての方・鍵をなくした方：登録コード",
   "First time, or key lost? Enrolment code"},
  {"enrolment_code", "登録コード", "Enrolment code"},
  {"enrolment_hint", "情報システム担当からお渡しした登録コードを入力してください。続けて鍵を登録できます。",
   "Type the enrolment code you were given by the information systems office. You can then register a key."},
  {"enrolment_submit", "登録に進む", "Go on to register"},

  // While the key is asked.
  {"key_status_waiting", "鍵を差し込み、光ったら触れてください。PINを聞かれたら、鍵のPINを入力してください。",
   "Insert the key and touch it when it lights up. If asked for a PIN, enter the PIN of the key."},
  {"key_status_sending", "確認しています。そのままお待ちください。", "Checking. Please wait."},
  {"key_status_cancelled", "取り消されたか、時間内に鍵が使われませんでした。登録した鍵を差し込み、もう一度お試しください。",
   "It was cancelled, or no key was used in time. Please insert your registered key and try again."},
  {"key_status_not_registered", "取り消されたか、時間内に鍵が使われませんでした。登録する鍵を差し込み、もう一度お試しください。",
   "It was cancelled, or no key was used in time. Please insert the key to register and try again."},
  {"key_status_taken", "この鍵はすでに登録されています。別の鍵を差し込んで、もう一度お試しください。",
   "This key is already registered. Please insert another one and try again."},
  {"key_status_unusable", "この鍵はここでは使えません。別の鍵でお試しになるか、情報システム担当へご連絡ください。",
   "This key cannot be used here. Please try another one, or contact the information systems office."},
  {"key_status_address", "この画面のアドレスでは鍵を使えません。情報システム担当へご連絡ください。",
   "Keys do not work at the address of this page. Please contact the information systems office."},
  {"key_status_failed", "鍵を読み取れませんでした。差し込み直して、もう一度お試しください。",
   "The key could not be read. Please take it out, insert it again and try once more."},
  {"key_status_unsupported", "このブラウザーではセキュリティキーを使えません。別のブラウザーで開くか、情報システム担当へご連絡ください。",
   "This browser cannot use security keys. Please open another one, or contact the information systems office."},
  {"key_status_stuck", "ボタンを押せないときは、画面を再読み込みしてください。",
   "If the button cannot be pressed, please reload this page."},
  {"key_no_script", "セキュリティキーを使うには、ブラウザーのJavaScriptを有効にしてください。設定できないときは、情報システム担当へご連絡ください。",
   "To use a security key, please turn on JavaScript in this browser. If you cannot, contact the information systems office."},

  // Registering one.
  {"add_key_title", "セキュリティキーの登録", "Register a security key"},
  {"add_key_ready", "登録する鍵を手元に用意してください。", "Have the key you want to register at hand."},
  {"add_key_pin", "ブラウザーが鍵のPINを聞くことがあります。PINがまだない鍵では、ここで決めます。",
   "The browser may ask for the PIN of the key. If it has none yet, you choose one now."},
  {"add_key_touch", "鍵が光ったら触れてください。2回触れることもあります。",
   "Touch the key when it lights up. It may ask for a second touch."},
  {"add_key_first", "終わったら、予備の鍵も登録しておくと安心です。", "Afterwards, it is wise to register a spare key too."},
  {"add_key_spare", "登録済みの鍵は {count} 本です。新しい鍵は別の場所に保管してください。",
   "Keys registered so far: {count}. Please keep the new one in a different place."},
  {"add_key_owner", "登録する人", "Registering for"},
  {"key_label", "鍵の名前", "Name of the key"},
  {"key_label_hint", "見分けがつく名前にします。例：職員証と一緒の鍵、机の予備",
   "One you can tell it by, such as “on my badge” or “spare in desk”."},
  {"key_label_suggestion", "セキュリティキー {number}", "Security key {number}"},
  {"add_key_submit", "鍵を登録する", "Register the key"},
  {"add_key_leave", "登録せずに戻る", "Back without registering"},

  // The list on my page.
  {"key_kind", "セキュリティキー", "Security key"},
  {"key_verifying", "PIN・指紋で確認", "With PIN or fingerprint"},
  {"key_added_on", "登録日", "Registered"},
  {"key_change", "名前の変更・登録の解除", "Rename or remove"},
  {"key_change_which", "{label} の名前を変える、または登録を外す", "Rename or remove {label}"},
  {"key_new_label", "新しい名前", "New name"},
  {"key_rename", "名前を変える", "Rename"},
  {"key_remove_hint", "登録を外すと、この鍵ではログインできなくなります。",
   "Once removed, this key can no longer be used to sign in."},
  {"key_remove", "登録を外す", "Remove"},
  {"key_rename_which", "{label} の名前を変える", "Rename {label}"},
  {"key_remove_which", "{label} の登録を外す", "Remove {label}"},
  {"key_add", "鍵を追加する", "Add a key"},
  {"key_only_one", "鍵は2本登録しておくのが普通です。1本をなくしても仕事を続けられます。",
   "Two keys are the usual number: if you lose one, you can go on working."},
  {"key_none", "セキュリティキーは登録されていません。情報システム担当で受け取り、ここで登録できます。",
   "No security key is registered. You can get one from the information systems office and register it here."},
  {"key_add_first", "受け取った鍵を登録する", "Register the key you got"},
});
// clang-format on

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_KEY_MESSAGES_H_
