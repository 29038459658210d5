// The words for requests that got no answer of their own.  See messages.h.

#ifndef SEKISHO_GATEWAY_PAGES_PROBLEM_MESSAGES_H_
#define SEKISHO_GATEWAY_PAGES_PROBLEM_MESSAGES_H_

#include "gateway/pages/catalogue_entry.h"

namespace sekisho::pages {

// clang-format off
inline constexpr auto kProblemMessages = std::to_array<CatalogueEntry>({
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
  {"forbidden_terminal_lead", "このシステムは、ご自身がログインした端末({terminals})からだけ利用できます。",
   "This system is open only at the terminal where you signed in ({terminals})."},
  {"forbidden_terminal_next", "その端末をロックし、解除してから、もう一度お試しください。続くときは、情報システム担当へご連絡ください。",
   "Lock that terminal, unlock it, and try again. If it goes on, contact the information systems office."},
});
// clang-format on

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_PROBLEM_MESSAGES_H_
