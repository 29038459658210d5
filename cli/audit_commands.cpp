#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <memory>

#include "base/file.h"
#include "base/json_text.h"
#include "base/signing.h"
#include "cli/audit_export.h"
#include "cli/commands.h"

namespace sekisho::cli {
namespace {

constexpr std::size_t kCheckpointLimit = 64 * 1024;
constexpr std::string_view kCheckpointSuffix = ".checkpoint";

struct TailArguments {
  int count = 20;
  std::string event;
  std::string subject;
};

struct VerifyArguments {
  std::string checkpoint_path;
  std::string log_path;
  std::string key_path;
};

Result<Exit> tail(Desk& desk, const TailArguments& arguments) {
  const auto store = desk.reader();
  if (!store) return fail(store.error());
  store::AuditFilter filter;
  if (!arguments.event.empty()) filter.event = arguments.event;
  if (!arguments.subject.empty()) filter.subject = arguments.subject;
  const auto rows = (*store)->audit_log().newest(arguments.count, filter);
  if (!rows) return fail(rows.error());
  Listing listing{{{"seq", {"番号", "row"}},
                   {"time", {"時刻", "time"}},
                   {"event", {"事象", "event"}},
                   {"outcome", {"結果", "outcome"}},
                   {"actor", {"行為者", "actor"}},
                   {"subject", {"対象", "subject"}},
                   {"source", {"接続元", "source"}},
                   {"detail", {"詳細", "detail"}}},
                  {},
                  {"該当する記録はありません", "no rows"}};
  for (const store::AuditRow& row : *rows) {
    listing.rows.push_back(
        {row.seq, row.at, row.event, row.outcome, row.actor, row.subject, row.source, row.detail});
  }
  desk.console().show(listing);
  return Exit::kDone;
}

Run declare_tail(CLI::App& app, Language language) {
  auto arguments = std::make_shared<TailArguments>();
  const auto in = [language](Text text) { return std::string(text.in(language)); };
  app.add_option("-n,--count", arguments->count, in({"行数", "how many rows"}))
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str()
      ->type_name("");
  app.add_option("--event", arguments->event, in({"この事象だけ", "only this event"}))
      ->type_name("EVENT");
  app.add_option("--subject", arguments->subject,
                 in({"この対象だけ(例: user:hanako)", "only this subject, such as user:hanako"}))
      ->type_name("SUBJECT");
  return [arguments](Desk& desk) { return tail(desk, *arguments); };
}

Result<VerifyingKey> verifying_key(Desk& desk, const std::string& path) {
  if (!path.empty()) {
    const auto pem = read_file(path, kCheckpointLimit);
    if (!pem) return fail(pem.error());
    const auto key = VerifyingKey::parse(*pem);
    if (!key) return fail(desk.broken({key.error().code, path + ": " + key.error().message}));
    return key;
  }
  const auto settings = desk.settings();
  if (!settings) return fail(settings.error());
  const auto key = SigningKey::load((*settings)->audit_key_path);
  if (!key) return fail(desk.broken(key.error()));
  return key->verifying_key();
}

std::string key_path_of(Desk& desk, const std::string& given) {
  if (!given.empty()) return given;
  const auto settings = desk.settings();
  return settings ? (*settings)->audit_key_path : std::string();
}

Result<std::optional<store::Checkpoint>> read_checkpoint(const std::string& path) {
  if (path.empty()) return std::nullopt;
  const auto text = read_file(path, kCheckpointLimit);
  if (!text) return fail(text.error());
  const auto checkpoint = checkpoint_of_text(*text);
  if (!checkpoint) return fail(checkpoint.error());
  return std::optional(*checkpoint);
}

// The verdict on the log is the answer, not a failure to answer: exit code 1.
Exit tell_verdict(const Console& console, const Result<store::AuditLog::Verified>& verified) {
  if (!verified) {
    console.report("", {{"intact", false}, {"finding", verified.error().message}});
    return Exit::kRefused;
  }
  console.report(
      console.in_words({"監査ログは完全です: {} 行、チェックポイント {} 個",
                        "the audit log is intact: {} rows, {} checkpoints"},
                       verified->rows, verified->checkpoints),
      {{"intact", true}, {"rows", verified->rows}, {"checkpoints", verified->checkpoints}});
  return Exit::kDone;
}

// The gateway signs every hour.  Rows that are older and unsigned prove nothing: their signatures
// may have been taken away.
constexpr std::chrono::hours kUnsignedMost{2};

Exit tell_unsigned(const Console& console, const store::AuditLog::Verified& verified) {
  const std::string words = console.in_words(
      {"監査ログに署名のない行があります: {} から {} 行。sekishod を起動するか sekisho audit "
       "export "
       "を実行すると署名されます。sekishod が動いていたのなら、書き換えを疑ってください",
       "rows of the audit log are not signed: {1} since {0}. Starting sekishod or running "
       "\"sekisho "
       "audit export\" signs them; if sekishod was running all the time, suspect tampering"},
      local_time(*verified.unsigned_since), verified.unsigned_rows);
  console.report(words, {{"intact", false},
                         {"finding", "unsigned"},
                         {"unsigned_rows", verified.unsigned_rows},
                         {"unsigned_since", rfc3339(*verified.unsigned_since)}});
  return Exit::kRefused;
}

// A key that fits no signature at all says nothing of the log: more likely it is another key.
bool is_other_key(const std::vector<store::Checkpoint>& checkpoints, const VerifyingKey& key) {
  return !checkpoints.empty() &&
         std::ranges::none_of(checkpoints, [&](const store::Checkpoint& checkpoint) {
           return key.verifies(store::checkpoint_message(checkpoint), checkpoint.signature);
         });
}

Exit tell_other_key(const Console& console, const std::string& key_path) {
  console.complain({ErrorCode::kInvalid,
                    "no checkpoint verifies with " + key_path +
                        ": it is not the key that signed them, or all of them are forged; try the "
                        "right public key before anything else"});
  return Exit::kOtherKey;
}

bool is_about_the_log(const Error& error) {
  return error.code == ErrorCode::kCorrupt || error.code == ErrorCode::kInvalid;
}

Result<Exit> verify_copy(Desk& desk, const VerifyArguments& arguments) {
  const auto key = verifying_key(desk, arguments.key_path);
  if (!key) return fail(key.error());
  const auto checkpoint = read_checkpoint(arguments.checkpoint_path.empty()
                                              ? arguments.log_path + std::string(kCheckpointSuffix)
                                              : arguments.checkpoint_path);
  if (!checkpoint) return fail(checkpoint.error());
  if (is_other_key({**checkpoint}, *key)) {
    return tell_other_key(desk.console(), key_path_of(desk, arguments.key_path));
  }
  const auto rows = verify_exported(arguments.log_path, **checkpoint, *key);
  if (!rows) {
    if (!is_about_the_log(rows.error())) return fail(rows.error());
    if (!desk.console().as_json()) desk.console().complain(rows.error());
    if (desk.console().as_json()) tell_verdict(desk.console(), fail(rows.error()));
    return Exit::kRefused;
  }
  store::AuditLog::Verified verified;
  verified.rows = *rows;
  verified.checkpoints = 1;
  return tell_verdict(desk.console(), verified);
}

Result<Exit> verify(Desk& desk, const VerifyArguments& arguments) {
  if (!arguments.log_path.empty()) return verify_copy(desk, arguments);
  const auto store = desk.reader();
  if (!store) return fail(store.error());
  const auto key = verifying_key(desk, arguments.key_path);
  if (!key) return fail(key.error());
  const auto exported = read_checkpoint(arguments.checkpoint_path);
  if (!exported) return fail(exported.error());
  const Instant now = SystemClock().now();
  const auto verified = (*store)->audit_log().verify(*key, *exported);
  if (!verified && !is_about_the_log(verified.error())) return fail(verified.error());
  JsonObject detail;
  if (verified) {
    detail.add("rows", verified->rows).add("checkpoints", verified->checkpoints);
  } else {
    detail.add("finding", verified.error().message);
  }
  // Reading the log is an act of its own; when it cannot be written down, the verdict counts.
  if (const auto office = desk.office(); office) {
    const auto written =
        write_down(*office, "audit_verify", verified ? "done" : "error", "audit", detail.text());
    if (!written) desk.console().complain(written.error());
  }
  // The deployment's own key is the right one: when nothing fits it, the log is at fault.
  if (!verified && verified.error().code == ErrorCode::kCorrupt && !arguments.key_path.empty()) {
    auto checkpoints = (*store)->audit_log().checkpoints();
    if (!checkpoints) return fail(checkpoints.error());
    if (*exported) checkpoints->push_back(**exported);
    if (is_other_key(*checkpoints, *key)) {
      return tell_other_key(desk.console(), key_path_of(desk, arguments.key_path));
    }
  }
  if (!verified && !desk.console().as_json()) {
    desk.console().complain(verified.error());
    return Exit::kRefused;
  }
  if (verified && verified->unsigned_since && now - *verified->unsigned_since > kUnsignedMost) {
    return tell_unsigned(desk.console(), *verified);
  }
  return tell_verdict(desk.console(), verified);
}

Run declare_verify(CLI::App& app, Language language) {
  auto arguments = std::make_shared<VerifyArguments>();
  const auto in = [language](Text text) { return std::string(text.in(language)); };
  app.add_option("--checkpoint", arguments->checkpoint_path,
                 in({"以前に書き出したチェックポイントと照合する",
                     "hold the log against a checkpoint exported earlier"}))
      ->type_name("FILE");
  app.add_option("--log", arguments->log_path,
                 in({"書き出したログを検証する(データベースは不要)",
                     "verify an exported log instead; needs no store"}))
      ->type_name("FILE");
  app.add_option("--key", arguments->key_path,
                 in({"公開鍵(省くと設定の鍵)", "the public key; else the configured one"}))
      ->type_name("FILE");
  return [arguments](Desk& desk) { return verify(desk, *arguments); };
}

// To standard output or to a file that must not exist; a page at a time.
class ExportTarget {
 public:
  static Result<ExportTarget> open(const Console& console, const std::string& path) {
    if (path.empty()) return ExportTarget(console, nullptr);
    // The log names people: for its owner only.  Filled, then closed durably by finish().
    if (auto created = create_file_durably(path, "", 0600); !created) return fail(created.error());
    FILE* file = ::fopen(path.c_str(), "we");
    if (file == nullptr) return fail(error_from_errno("cannot open " + path));
    return ExportTarget(console, file);
  }
  Result<void> add(std::string_view line) {
    if (!file_) {
      console_.print(std::string(line) + "\n");
      return {};
    }
    if (::fwrite(line.data(), 1, line.size(), file_.get()) != line.size() ||
        ::fputc('\n', file_.get()) == EOF) {
      return fail(error_from_errno("cannot write the export"));
    }
    return {};
  }
  Result<void> finish() {
    if (file_ && (::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0)) {
      return fail(error_from_errno("cannot write the export"));
    }
    return {};
  }

 private:
  struct Close {
    void operator()(FILE* file) const { ::fclose(file); }
  };
  ExportTarget(const Console& console, FILE* file) : console_(console), file_(file) {}
  const Console& console_;
  std::unique_ptr<FILE, Close> file_;
};

Result<Exit> export_log(Desk& desk, const std::string& path) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  const auto key = SigningKey::load((*desk.settings())->audit_key_path);
  if (!key) return fail(desk.broken(key.error()));
  auto target = ExportTarget::open(desk.console(), path);
  if (!target) return fail(target.error());
  // Written down first, so that the export tells of itself and the checkpoint covers it.
  const auto written =
      write_down(*office, "audit_export", "done", "audit",
                 JsonObject().add("to", path.empty() ? std::string("-") : path).text());
  if (!written) return fail(written.error());
  auto transaction = office->store.begin();
  if (!transaction) return fail(transaction.error());
  const auto checkpoint = office->store.audit_log().sign_checkpoint(*key, office->clock.now());
  if (!checkpoint) return fail(checkpoint.error());
  if (auto committed = transaction->commit(); !committed) return fail(committed.error());
  std::int64_t rows = 0;
  const std::int64_t last = (*checkpoint)->seq;
  const auto copied =
      office->store.audit_log().each(0, [&](const store::AuditRow& row) -> Result<void> {
        if (row.seq > last) return {};
        ++rows;
        return target->add(line_of(row));
      });
  if (!copied) return fail(copied.error());
  if (auto finished = target->finish(); !finished) return fail(finished.error());
  const std::string closing = line_of(**checkpoint);
  if (path.empty()) {
    desk.console().note(closing);
    return Exit::kDone;
  }
  const std::string checkpoint_path = path + std::string(kCheckpointSuffix);
  if (auto made = create_file_durably(checkpoint_path, closing + "\n", 0600); !made) {
    return fail(made.error());
  }
  desk.console().report(
      desk.console().in_words({"{0} に {1} 行、{2} にチェックポイントを書き出しました。"
                               "チェックポイントは別の場所にも保管してください",
                               "wrote {1} rows to {0} and the checkpoint to {2}; keep a copy of "
                               "the checkpoint elsewhere"},
                              path, rows, checkpoint_path),
      {{"done", "audit_export"}, {"log", path}, {"checkpoint", checkpoint_path}, {"rows", rows}});
  return Exit::kDone;
}

Run declare_export(CLI::App& app, Language language) {
  auto path = std::make_shared<std::string>();
  app.add_option("--output", *path,
                 std::string(Text{"書き出し先(FILE と FILE.checkpoint。省くと標準出力、"
                                  "チェックポイントは標準エラー)",
                                  "FILE and FILE.checkpoint; else standard output, and the "
                                  "checkpoint to standard error"}
                                 .in(language)))
      ->type_name("FILE");
  return [path](Desk& desk) { return export_log(desk, *path); };
}

constexpr std::array kCommands = {
    Command{
        "audit",
        "tail",
        {"新しい記録を表示する", "show the newest rows"},
        "audit tail\naudit tail -n 100 --event login_totp\naudit tail --subject user:hanako --json",
        &declare_tail},
    Command{"audit",
            "verify",
            {"改ざん・欠落がないか検証する", "look for changed or missing rows"},
            "audit verify\naudit verify --checkpoint /media/safe/2026-11.checkpoint\n"
            "audit verify --log 2026-11.jsonl --key audit-public.pem",
            &declare_verify},
    Command{"audit",
            "export",
            {"ログと署名付きチェックポイントを書き出す", "write the log and a signed checkpoint"},
            "audit export --output 2026-11.jsonl",
            &declare_export},
};

}  // namespace

std::span<const Command> audit_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
