#include "cli/commands.h"

namespace sekisho::cli {

std::vector<Noun> all_nouns() {
  return {
      {"init", {"新しい環境を作る", "make a new deployment"}, init_commands()},
      {"user", {"利用者", "users"}, user_commands()},
      {"totp", {"TOTP 認証器", "TOTP credentials"}, totp_commands()},
      {"key", {"セキュリティキー", "security keys"}, key_commands()},
      {"enroll", {"本人による登録", "enrolment by the person"}, enroll_commands()},
      {"recovery", {"予備コード", "recovery codes"}, recovery_commands()},
      {"terminal", {"端末", "terminals"}, terminal_commands()},
      {"session", {"Web セッション", "web sessions"}, session_commands()},
      {"identity",
       {"アプリケーションに渡す署名", "what applications are told, signed"},
       identity_commands()},
      {"audit", {"監査ログ", "the audit log"}, audit_commands()},
      {"config", {"設定ファイル", "the configuration"}, config_commands()},
      {"policy", {"アクセス規則", "access rules"}, policy_commands()},
      {"backup", {"データベースの控えを取る", "copy the store"}, backup_commands()},
      {"doctor", {"環境全体を検査する", "examine the whole deployment"}, doctor_commands()},
  };
}

Exit confirmed(const Console& console, std::string_view question) {
  switch (console.confirm(question)) {
    case Answer::kYes:
      return Exit::kDone;
    case Answer::kNo:
      console.note(console.in_words({"取り消しました", "cancelled"}));
      return Exit::kNotConfirmed;
    case Answer::kNobodyToAsk:
      break;
  }
  console.note(
      console.in_words({"sekisho: 元に戻せない操作です。確認できる端末がないので、"
                        "--yes を付けて実行してください",
                        "sekisho: this cannot be undone and there is no terminal to ask "
                        "on: add --yes"}));
  return Exit::kNotConfirmed;
}

}  // namespace sekisho::cli
