// The audit chain: how a row is hashed, and how a copy of the log is verified.
//
//   hash(0)   = SHA-256("sekisho audit v1" | store id)
//   hash(n)   = SHA-256(hash(n-1) | u64 seq | u64 at | field event | field outcome | field actor |
//                       field subject | field source | field detail)
//   field     = u32 length | bytes;  numbers are big-endian
//   signature = Ed25519("sekisho checkpoint v1" | store id | u64 seq | u64 at | hash(seq))
//
// Nothing here needs a secret or the database, so an auditor can verify an exported copy.

#ifndef SEKISHO_STORE_AUDIT_CHAIN_H_
#define SEKISHO_STORE_AUDIT_CHAIN_H_

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "base/signing.h"

namespace sekisho::store {

struct AuditRow {
  std::int64_t seq = 0;
  Instant at;
  std::string event;    // "totp_add"
  std::string outcome;  // "granted", "denied", "locked", "error", "done"
  std::string actor;    // "user:hanako", "admin:root", "gateway"
  std::string subject;
  std::string source;
  std::string detail = "{}";  // a JSON object
  Digest previous_hash{};
  Digest hash{};
};

struct Checkpoint {
  Bytes store_id;
  std::int64_t seq = 0;
  Instant at;
  Digest hash{};
  Bytes signature;
};

Digest audit_genesis(ByteView store_id);
Digest hash_of(const AuditRow& row);

Bytes checkpoint_message(const Checkpoint& checkpoint);

// Checks rows one after the other, in the order of the log.
class AuditVerifier {
 public:
  explicit AuditVerifier(ByteView store_id);
  // kCorrupt with the number and the kind of damage: changed, missing, inserted or reordered.
  Result<void> add(const AuditRow& row);
  std::int64_t last_seq() const { return last_seq_; }
  const Digest& last_hash() const { return last_hash_; }

 private:
  std::int64_t last_seq_ = 0;
  Digest last_hash_;
};

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_AUDIT_CHAIN_H_
