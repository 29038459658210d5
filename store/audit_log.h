// The audit log: append, read, sign, verify.  The format is drawn in store/audit_chain.h.

#ifndef SEKISHO_STORE_AUDIT_LOG_H_
#define SEKISHO_STORE_AUDIT_LOG_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/signing.h"
#include "store/audit_chain.h"
#include "store/database.h"

namespace sekisho::store {

// What a caller says; the log adds number, links and hash.
struct AuditEvent {
  std::string event;
  std::string outcome;
  std::string actor;
  std::string subject;
  std::string source;
  std::string detail = "{}";
};

struct AuditFilter {
  std::int64_t after_seq = 0;
  std::optional<std::string> event;
  std::optional<std::string> subject;
};

class AuditLog {
 public:
  AuditLog(Database& database, const Bytes& store_id) : database_(database), store_id_(store_id) {}

  // Appends inside the caller's transaction; the row is durable when that commits.
  Result<void> append(const AuditEvent& event, Instant now);

  // The newest `count` rows, oldest first.
  Result<std::vector<AuditRow>> newest(int count, const AuditFilter& filter = {});
  // Every row after `after_seq` in order, a page at a time; stops when `visit` fails.
  Result<void> each(std::int64_t after_seq,
                    const std::function<Result<void>(const AuditRow&)>& visit);
  Result<std::int64_t> last_seq();

  // Signs the newest row and keeps the signature; nullopt when there is no row yet.  kCorrupt
  // when another row with its number was signed before.
  Result<std::optional<Checkpoint>> sign_checkpoint(const SigningKey& key, Instant now);
  Result<std::vector<Checkpoint>> checkpoints();
  Result<std::optional<Checkpoint>> newest_checkpoint();

  struct Verified {
    std::int64_t rows = 0;
    std::int64_t checkpoints = 0;
    // After the newest checkpoint: whoever can write to the file could have written these anew.
    std::int64_t unsigned_rows = 0;
    std::optional<Instant> unsigned_since;
  };
  // Reads the whole chain from the first row, every kept checkpoint, and `exported` (one that
  // left the machine earlier) when given.  kCorrupt with what is wrong: a changed, missing,
  // inserted or reordered row, a missing head or tail, a bad signature.
  Result<Verified> verify(const VerifyingKey& key, const std::optional<Checkpoint>& exported);

 private:
  Database& database_;
  const Bytes& store_id_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_AUDIT_LOG_H_
