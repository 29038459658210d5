#include "cli/key_texts.h"

#include <array>
#include <string>

namespace sekisho::cli {
namespace {

using authn::BindingObjection;
using authn::KeyFault;
using authn::WebauthnFault;

template <typename Reason>
struct Row {
  Reason reason;
  ErrorCode code;
  Sentence sentence;
};

// Every reason has its row, and stands where its number says.
template <typename Rows, typename Reason>
constexpr bool are_complete(const Rows& rows, Reason last) {
  if (rows.size() != static_cast<std::size_t>(last) + 1) return false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].reason) != i) return false;
  }
  return true;
}

constexpr ErrorCode kInvalid = ErrorCode::kInvalid;
constexpr ErrorCode kPerson = ErrorCode::kUnavailable;  // who did not do what was asked

using FaultRow = Row<KeyFault>;
constexpr std::array kFaults = {
    FaultRow{KeyFault::kNoKey,
             kPerson,
             {"no security key is plugged in: plug it in and run the command again",
              "セキュリティキーが差し込まれていません。差し込んで、もう一度実行してください"}},
    FaultRow{KeyFault::kUnplugged,
             kPerson,
             {"the key was pulled out: leave it in until the command ends, and run it again",
              "鍵が抜かれました。終わるまで差したままにして、もう一度実行してください"}},
    FaultRow{KeyFault::kNoCredential,
             kInvalid,
             {"the key holds none of the user's credentials: take the user's own key",
              "この利用者の登録がない鍵です。本人の鍵を使ってください"}},
    FaultRow{KeyFault::kAlreadyRegistered,
             ErrorCode::kAlreadyExists,
             {"the user has registered this key already: take another one, or remove the entry "
              "first (sekisho key list, key remove)",
              "この鍵はこの利用者に登録済みです。別の鍵を使うか、先に登録を削除してください"
              "(sekisho key list、key remove)"}},
    FaultRow{KeyFault::kPinRequired,
             kInvalid,
             {"the key wants its PIN, and no fingerprint matched: run the command again",
              "鍵の PIN が必要か、指紋が一致しませんでした。もう一度実行してください"}},
    FaultRow{
        KeyFault::kPinNotSet,
        kInvalid,
        {"a PIN is demanded and the key has none: let the user set one (fido2-token -S, or the "
         "maker's program), then run the command again",
         "PIN が必要ですが、この鍵には設定されていません。本人に設定してもらい"
         "(fido2-token -S か製造元のソフト)、もう一度実行してください"}},
    FaultRow{
        KeyFault::kPinUnusable,
        kInvalid,
        {"a PIN is UTF-8 text of at most 63 bytes, so the key was not asked: run the command again "
         "with the right one",
         "PIN は UTF-8 で 63 バイト以下(半角 63 文字、漢字やかなは 21 文字まで)です。鍵には送って"
         "いません。正しい PIN で、もう一度実行してください"}},
    FaultRow{KeyFault::kPinWrong,
             kInvalid,
             {"the PIN is wrong: run the command again with the right one",
              "PIN が違います。確かめて、もう一度実行してください"}},
    FaultRow{KeyFault::kPinAuthBlocked,
             kInvalid,
             {"the PIN was wrong three times in a row: pull the key out, plug it in again, then "
              "run the command again",
              "PIN を 3 回続けて間違えました。鍵を抜いて差し直し、もう一度実行してください"}},
    FaultRow{KeyFault::kPinBlocked,
             kInvalid,
             {"the PIN has no tries left: take another key, or reset this one (fido2-token -R), "
              "which deletes everything on it",
              "PIN の試行回数が残っていません。別の鍵を使うか、この鍵を初期化してください"
              "(fido2-token -R。鍵の中身はすべて消えます)"}},
    FaultRow{KeyFault::kPinChangeForced,
             kInvalid,
             {"the key demands a new PIN first: change it (fido2-token -C, or the maker's "
              "program), then run the command again",
              "先に PIN の変更が必要な鍵です。変更してから(fido2-token -C か製造元のソフト)、"
              "もう一度実行してください"}},
    FaultRow{KeyFault::kNotTouched,
             kPerson,
             {"nobody touched the key in time: run the command again and touch it when it blinks",
              "時間内に鍵に触れませんでした。もう一度実行し、点滅したら触れてください"}},
    FaultRow{KeyFault::kCancelled,
             kPerson,
             {"cancelled; no key was registered", "取り消しました。鍵は登録していません"}},
    FaultRow{KeyFault::kUnsupported,
             kInvalid,
             {"the key does not know FIDO2, or has no room left: take another one",
              "FIDO2 に対応していないか、空きのない鍵です。別の鍵を使ってください"}},
    FaultRow{KeyFault::kBroken,
             kInvalid,
             {"the key gave no sound answer: pull it out, plug it in again and run the command "
              "again; if that does not help, take another one",
              "鍵から正しい応答がありません。差し直してもう一度実行し、だめなら別の鍵を使って"
              "ください"}},
};
static_assert(are_complete(kFaults, KeyFault::kBroken));

using RefusalRow = Row<WebauthnFault>;
constexpr std::array kRefusals = {
    RefusalRow{WebauthnFault::kMalformedClientData,
               kInvalid,
               {"the registration's client data is malformed: run the command again",
                "登録のクライアントデータが壊れています。もう一度実行してください"}},
    RefusalRow{WebauthnFault::kWrongType,
               kInvalid,
               {"the answer is not that of a registration: run the command again",
                "登録の応答ではありません。もう一度実行してください"}},
    RefusalRow{WebauthnFault::kWrongChallenge,
               kInvalid,
               {"the answer is to another registration: run the command again",
                "別の登録への応答です。もう一度実行してください"}},
    RefusalRow{
        WebauthnFault::kWrongOrigin,
        kInvalid,
        {"the answer was made on another machine: run the command where the key is",
         "別のコンピューターで作られた応答です。鍵を差したコンピューターで実行してください"}},
    RefusalRow{WebauthnFault::kCrossOrigin,
               kInvalid,
               {"the answer came through another page: run the command again",
                "別のページを経由した応答です。もう一度実行してください"}},
    RefusalRow{WebauthnFault::kMalformedAuthenticatorData,
               kInvalid,
               {"what the key says of its credential is malformed: take another key",
                "鍵が答えた登録内容が壊れています。別の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kWrongRelyingParty,
               kInvalid,
               {"the key answered for another site: look at [security_keys] relying_party, then "
                "run the command again",
                "別のサイト向けの応答です。[security_keys] の relying_party を確かめ、もう一度"
                "実行してください"}},
    RefusalRow{WebauthnFault::kNotPresent,
               kInvalid,
               {"the key answered without being touched: take another key",
                "触れられていないのに答える鍵です。別の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kNotVerified,
               kInvalid,
               {"the key did not check a PIN or fingerprint, which the configuration demands: set "
                "a PIN, or take another key",
                "設定では PIN か指紋の確認が必要ですが、鍵が確認しませんでした。PIN を設定する"
                "か、別の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kImpossibleBackupState,
               kInvalid,
               {"the key contradicts itself about copies of its credential: take another key",
                "登録の複製について矛盾した応答をする鍵です。別の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kBackupEligibilityChanged,
               kInvalid,
               {"the key is not the one that was registered: take the right one",
                "登録した鍵と違います。正しい鍵を使ってください"}},
    RefusalRow{WebauthnFault::kUnsupportedKey,
               kInvalid,
               {"the key signs in a way that is not accepted here: take one that knows ES256",
                "対応していない署名方式の鍵です。ES256 に対応した鍵を使ってください"}},
    RefusalRow{WebauthnFault::kBadSignature,
               kInvalid,
               {"the key's signature is wrong: take another key",
                "鍵の署名が正しくありません。別の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kSyncable,
               kInvalid,
               {"the credential could leave the key, which the configuration forbids "
                "([security_keys] syncable): take a key of hardware",
                "鍵の外へ複製できる登録は、設定([security_keys] の syncable)で禁止されています。"
                "ハードウェアの鍵を使ってください"}},
    RefusalRow{WebauthnFault::kMalformedAttestation,
               kInvalid,
               {"the statement of the key's maker is malformed: take another key",
                "鍵の製造元の証明が壊れています。別の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kUnsupportedAttestation,
               kInvalid,
               {"the statement of the key's maker is of a kind that is not known here: take a key "
                "of another model",
                "鍵の製造元の証明が対応していない形式です。別の機種の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kBadCertificate,
               kInvalid,
               {"the certificate that comes with the key may not vouch for keys: take another key",
                "鍵の証明書が、鍵を証明できるものではありません。別の鍵を使ってください"}},
    RefusalRow{WebauthnFault::kWrongModel,
               kInvalid,
               {"the certificate that comes with the key is for another model: it may be a "
                "counterfeit, so take another key",
                "鍵の証明書が別の機種のものです。偽造品かもしれないので、別の鍵を使ってください"}},
    RefusalRow{
        WebauthnFault::kBadAttestation,
        kInvalid,
        {"the statement of the key's maker does not fit the key: it may be a counterfeit, "
         "so take another key",
         "鍵の製造元の証明が鍵に合いません。偽造品かもしれないので、別の鍵を使ってください"}},
};
static_assert(are_complete(kRefusals, WebauthnFault::kBadAttestation));

using ObjectionRow = Row<BindingObjection>;
constexpr std::array kObjections = {
    ObjectionRow{BindingObjection::kTaken,
                 ErrorCode::kAlreadyExists,
                 {"the key's credential is registered already: take another key",
                  "この鍵の登録はすでにあります。別の鍵を使ってください"}},
    ObjectionRow{BindingObjection::kTooMany,
                 kInvalid,
                 {"the user has as many keys as [security_keys] keys_most allows: remove one first "
                  "(sekisho key list, key remove)",
                  "鍵の数が上限([security_keys] の keys_most)に達しています。先に 1 本削除して"
                  "ください(sekisho key list、key remove)"}},
    ObjectionRow{BindingObjection::kModelRefused,
                 kInvalid,
                 {"the user's groups demand another model of key ([[security_keys.model]]), or no "
                  "trust anchor vouches for this one: take a key of a model that is named there",
                  "利用者のグループでは別の機種の鍵が必要です([[security_keys.model]])。または、"
                  "この鍵の製造元の証明書がありません。指定された機種の鍵を使ってください"}},
};
static_assert(are_complete(kObjections, BindingObjection::kModelRefused));

constexpr std::array kOthers = {
    Sentence{
        "the PIN of this key has {} characters or more, so the key was not asked: run the "
        "command again with the right one",
        "この鍵の PIN は {} 文字以上です。鍵には送っていません。正しい PIN で、もう一度実行して"
        "ください"},
    Sentence{"the PIN is wrong; tries left: {}: run the command again with the right one",
             "PIN が違います(残り {} 回)。確かめて、もう一度実行してください"},
};

constexpr auto kAll = [] {
  std::array<Sentence, kFaults.size() + kRefusals.size() + kObjections.size() + kOthers.size()>
      all{};
  auto* at = all.data();
  for (const auto& row : kFaults) *at++ = row.sentence;
  for (const auto& row : kRefusals) *at++ = row.sentence;
  for (const auto& row : kObjections) *at++ = row.sentence;
  for (const Sentence& sentence : kOthers) *at++ = sentence;
  return all;
}();

template <typename Rows, typename Reason>
Error error_in(const Rows& rows, Reason reason) {
  const auto& row = rows[static_cast<std::size_t>(reason)];
  return {row.code, std::string(row.sentence.pattern)};
}

}  // namespace

std::span<const Sentence> key_sentences() {
  return kAll;
}

Error error_of(KeyFault fault) {
  return error_in(kFaults, fault);
}

Error error_of(WebauthnFault fault) {
  return error_in(kRefusals, fault);
}

Error error_of(BindingObjection objection) {
  return error_in(kObjections, objection);
}

Error error_of_short_pin(int least) {
  return {kInvalid, "the PIN of this key has " + std::to_string(least) +
                        " characters or more, so the key was not asked: run the command again "
                        "with the right one"};
}

Error error_of_wrong_pin(int tries_left) {
  return {kInvalid, "the PIN is wrong; tries left: " + std::to_string(tries_left) +
                        ": run the command again with the right one"};
}

}  // namespace sekisho::cli
