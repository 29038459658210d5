#include "cli/exit.h"

namespace sekisho::cli {

Exit exit_of(const Error& error) {
  switch (error.code) {
    case ErrorCode::kInvalid:
      return Exit::kRefused;
    case ErrorCode::kNotFound:
      return Exit::kNotFound;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return Exit::kConflict;
    case ErrorCode::kUnavailable:  // the other side of this program is the person
      return Exit::kNotConfirmed;
    case ErrorCode::kBusy:
    case ErrorCode::kFull:
    case ErrorCode::kCorrupt:
    case ErrorCode::kUnsupported:
    case ErrorCode::kDenied:
    case ErrorCode::kInternal:
      return Exit::kDeployment;
  }
  return Exit::kDeployment;
}

Text exit_code_help() {
  return {
      "終了コード:\n"
      "  0  成功\n"
      "  1  拒否: 入力が受け付けられない、または検査で問題が見つかった\n"
      "  2  コマンドの書き方が違う(何も変更していない)\n"
      "  3  指定されたものが存在しない\n"
      "  4  すでに存在する、またはすでにその状態である\n"
      "  5  設定・データベース・鍵・ファイルの問題\n"
      "  6  確認で取り消された、確認できる端末がない、または鍵に触れなかった\n"
      "  7  audit verify: 署名がどれも鍵に合わない(鍵のファイルが違う可能性)",
      "Exit codes:\n"
      "  0  done\n"
      "  1  refused: the input is not acceptable, or a check found something wrong\n"
      "  2  the command line is wrong (nothing was changed)\n"
      "  3  what was named does not exist\n"
      "  4  it exists already, or is so already\n"
      "  5  trouble with the configuration, the store, a key or a file\n"
      "  6  not confirmed: the person said no, touched no key, or there is no terminal to ask on\n"
      "  7  audit verify: no signature fits the key, which may be another one"};
}

}  // namespace sekisho::cli
