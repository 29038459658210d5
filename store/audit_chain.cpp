#include "store/audit_chain.h"

#include <array>

namespace sekisho::store {
namespace {

void put(Bytes& out, ByteView bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

void put_number(Bytes& out, std::uint64_t value, int octets) {
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(value >> shift));
  }
}

void put_field(Bytes& out, std::string_view text) {
  put_number(out, text.size(), 4);
  put(out, as_bytes(text));
}

}  // namespace

Digest audit_genesis(ByteView store_id) {
  Bytes bytes = copy_of(as_bytes("sekisho audit v1"));
  put(bytes, store_id);
  return sha256(bytes);
}

Digest hash_of(const AuditRow& row) {
  Bytes bytes;
  put(bytes, row.previous_hash);
  put_number(bytes, static_cast<std::uint64_t>(row.seq), 8);
  put_number(bytes, static_cast<std::uint64_t>(to_milliseconds(row.at)), 8);
  for (const std::string* field :
       {&row.event, &row.outcome, &row.actor, &row.subject, &row.source, &row.detail}) {
    put_field(bytes, *field);
  }
  return sha256(bytes);
}

Bytes checkpoint_message(const Checkpoint& checkpoint) {
  Bytes bytes = copy_of(as_bytes("sekisho checkpoint v1"));
  put(bytes, checkpoint.store_id);
  put_number(bytes, static_cast<std::uint64_t>(checkpoint.seq), 8);
  put_number(bytes, static_cast<std::uint64_t>(to_milliseconds(checkpoint.at)), 8);
  put(bytes, checkpoint.hash);
  return bytes;
}

AuditVerifier::AuditVerifier(ByteView store_id) : last_hash_(audit_genesis(store_id)) {}

Result<void> AuditVerifier::add(const AuditRow& row) {
  const std::int64_t expected = last_seq_ + 1;
  const std::string which = "audit row " + std::to_string(row.seq);
  if (row.seq > expected) {
    const std::string gap = row.seq - 1 == expected ? "row " + std::to_string(expected) + " is"
                                                    : "rows " + std::to_string(expected) + " to " +
                                                          std::to_string(row.seq - 1) + " are";
    return fail(ErrorCode::kCorrupt,
                "audit " + gap + " missing" + (last_seq_ == 0 ? " at the head of the log" : ""));
  }
  if (row.seq < expected) {
    return fail(ErrorCode::kCorrupt, which + " is out of order or inserted");
  }
  // A row whose own hash holds but whose link does not was put in the place of another.
  const bool own_hash_holds = hash_of(row) == row.hash;
  if (!own_hash_holds) return fail(ErrorCode::kCorrupt, which + " was changed");
  if (row.previous_hash != last_hash_) {
    return fail(ErrorCode::kCorrupt,
                which +
                    " does not follow the row before it: one of the two was replaced, "
                    "inserted or reordered");
  }
  last_seq_ = row.seq;
  last_hash_ = row.hash;
  return {};
}

}  // namespace sekisho::store
