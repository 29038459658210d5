#include "store/audit_log.h"

#include <algorithm>
#include <limits>
#include <map>

namespace sekisho::store {
namespace {

constexpr int kPageRows = 1000;

Digest digest_of(const Bytes& bytes) {
  Digest digest{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}

AuditRow read_row(const Row& row) {
  AuditRow audit;
  audit.seq = row.integer(0);
  audit.at = row.instant(1);
  audit.event = row.text(2);
  audit.outcome = row.text(3);
  audit.actor = row.text(4);
  audit.subject = row.text(5);
  audit.source = row.text(6);
  audit.detail = row.text(7);
  audit.previous_hash = digest_of(row.blob(8));
  audit.hash = digest_of(row.blob(9));
  return audit;
}

Error written_anew(std::int64_t seq) {
  return {ErrorCode::kCorrupt, "audit row " + std::to_string(seq) +
                                   " is not the one its checkpoint signed: the log was written "
                                   "anew"};
}

#define SEKISHO_AUDIT_COLUMNS \
  "seq, at, event, outcome, actor, subject, source, detail, previous_hash, hash"

}  // namespace

Result<void> AuditLog::append(const AuditEvent& event, Instant now) {
  const auto last = database_.first(
      "SELECT " SEKISHO_AUDIT_COLUMNS " FROM audit_log ORDER BY seq DESC LIMIT 1", read_row);
  if (!last) return fail(last.error());
  AuditRow row;
  row.seq = *last ? (*last)->seq + 1 : 1;
  row.at = now;
  row.event = event.event;
  row.outcome = event.outcome;
  row.actor = event.actor;
  row.subject = event.subject;
  row.source = event.source;
  row.detail = event.detail;
  row.previous_hash = *last ? (*last)->hash : audit_genesis(store_id_);
  row.hash = hash_of(row);
  const auto added = database_.run(
      "INSERT INTO audit_log (" SEKISHO_AUDIT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.seq, row.at, row.event, row.outcome, row.actor, row.subject, row.source, row.detail,
      ByteView(row.previous_hash), ByteView(row.hash));
  if (!added) return fail(added.error());
  return {};
}

Result<std::vector<AuditRow>> AuditLog::newest(int count, const AuditFilter& filter) {
  auto rows = database_.all("SELECT " SEKISHO_AUDIT_COLUMNS
                            " FROM audit_log WHERE seq > ?1 AND (?2 IS NULL OR event = ?2) "
                            "AND (?3 IS NULL OR subject = ?3) ORDER BY seq DESC LIMIT ?4",
                            read_row, filter.after_seq, filter.event, filter.subject, count);
  if (!rows) return fail(rows.error());
  std::reverse(rows->begin(), rows->end());
  return *std::move(rows);
}

Result<void> AuditLog::each(std::int64_t after_seq,
                            const std::function<Result<void>(const AuditRow&)>& visit) {
  while (true) {
    const auto page = database_.all("SELECT " SEKISHO_AUDIT_COLUMNS
                                    " FROM audit_log WHERE seq > ? ORDER BY seq LIMIT ?",
                                    read_row, after_seq, kPageRows);
    if (!page) return fail(page.error());
    for (const AuditRow& row : *page) {
      if (auto visited = visit(row); !visited) return visited;
      after_seq = row.seq;
    }
    if (page->size() < kPageRows) return {};
  }
}

Result<std::int64_t> AuditLog::last_seq() {
  const auto last = database_.first("SELECT coalesce(max(seq), 0) FROM audit_log",
                                    [](const Row& row) { return row.integer(0); });
  if (!last) return fail(last.error());
  return last->value_or(0);
}

Result<std::optional<Checkpoint>> AuditLog::sign_checkpoint(const SigningKey& key, Instant now) {
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) return fail(transaction.error());
  const auto last = database_.first(
      "SELECT " SEKISHO_AUDIT_COLUMNS " FROM audit_log ORDER BY seq DESC LIMIT 1", read_row);
  if (!last) return fail(last.error());
  if (!*last) return std::optional<Checkpoint>();
  Checkpoint checkpoint{store_id_, (*last)->seq, now, (*last)->hash, {}};
  Result<Bytes> signature = key.sign(checkpoint_message(checkpoint));
  if (!signature) return fail(signature.error());
  checkpoint.signature = std::move(*signature);
  const auto kept = database_.run(
      "INSERT INTO audit_checkpoints (seq, at, hash, signature) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (seq) DO UPDATE SET at = excluded.at, signature = excluded.signature "
      "WHERE hash = excluded.hash",
      checkpoint.seq, checkpoint.at, ByteView(checkpoint.hash), checkpoint.signature);
  if (!kept) return fail(kept.error());
  if (*kept != 1) return fail(written_anew(checkpoint.seq));
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return std::optional(std::move(checkpoint));
}

Result<std::optional<Checkpoint>> AuditLog::newest_checkpoint() {
  return database_.first(
      "SELECT seq, at, hash, signature FROM audit_checkpoints ORDER BY seq DESC LIMIT 1",
      [this](const Row& row) {
        return Checkpoint{store_id_, row.integer(0), row.instant(1), digest_of(row.blob(2)),
                          row.blob(3)};
      });
}

Result<std::vector<Checkpoint>> AuditLog::checkpoints() {
  return database_.all("SELECT seq, at, hash, signature FROM audit_checkpoints ORDER BY seq",
                       [this](const Row& row) {
                         return Checkpoint{store_id_, row.integer(0), row.instant(1),
                                           digest_of(row.blob(2)), row.blob(3)};
                       });
}

Result<AuditLog::Verified> AuditLog::verify(const VerifyingKey& key,
                                            const std::optional<Checkpoint>& exported) {
  auto kept = checkpoints();
  if (!kept) return fail(kept.error());
  std::multimap<std::int64_t, Checkpoint> waiting;
  for (Checkpoint& checkpoint : *kept) waiting.emplace(checkpoint.seq, std::move(checkpoint));
  if (exported) {
    if (exported->store_id != store_id_) {
      return fail(ErrorCode::kInvalid, "the exported checkpoint belongs to another store");
    }
    waiting.emplace(exported->seq, *exported);
  }
  Verified verified;
  for (const auto& [seq, checkpoint] : waiting) {
    if (!key.verifies(checkpoint_message(checkpoint), checkpoint.signature)) {
      return fail(ErrorCode::kCorrupt, "the checkpoint at audit row " + std::to_string(seq) +
                                           " has a signature that does not verify");
    }
    ++verified.checkpoints;
  }
  AuditVerifier verifier(store_id_);
  // From below the first row: a number that no row of ours has was inserted.
  const auto walked =
      each(std::numeric_limits<std::int64_t>::min(), [&](const AuditRow& row) -> Result<void> {
        if (auto added = verifier.add(row); !added) return added;
        const auto [begin, end] = waiting.equal_range(row.seq);
        for (auto at = begin; at != end; ++at) {
          if (at->second.hash != row.hash) {
            return fail(written_anew(row.seq));
          }
        }
        if (begin != end) {
          verified.unsigned_rows = 0;
          verified.unsigned_since.reset();
        } else {
          ++verified.unsigned_rows;
          if (!verified.unsigned_since) verified.unsigned_since = row.at;
        }
        waiting.erase(begin, end);
        return {};
      });
  if (!walked) return fail(walked.error());
  if (!waiting.empty()) {
    return fail(ErrorCode::kCorrupt, "the tail of the log is missing: a checkpoint signed row " +
                                         std::to_string(waiting.rbegin()->first) +
                                         ", and the log ends at row " +
                                         std::to_string(verifier.last_seq()));
  }
  verified.rows = verifier.last_seq();
  return verified;
}

}  // namespace sekisho::store
