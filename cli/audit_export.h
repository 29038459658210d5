// The audit log outside the store: JSON lines, and the signed checkpoint that closes them.
//
//   {"seq":1,"time":"2026-11-23T08:20:00.000Z","at":1795422000000,"event":"user_add", ...,
//    "detail":"{\"groups\":\"tax\"}","previous_hash":"…","hash":"…"}
//
// `detail` stays the text that was hashed.  `time` repeats `at` for people.  A checkpoint is one
// such object with "store", "seq", "at", "hash" and "signature".

#ifndef SEKISHO_CLI_AUDIT_EXPORT_H_
#define SEKISHO_CLI_AUDIT_EXPORT_H_

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/signing.h"
#include "store/audit_chain.h"

namespace sekisho::cli {

// Without a newline.
std::string line_of(const store::AuditRow& row);
std::string line_of(const store::Checkpoint& checkpoint);

// Strict: every member, of its type, once, and nothing else.  kInvalid otherwise.
Result<store::AuditRow> row_of_line(std::string_view line);
Result<store::Checkpoint> checkpoint_of_text(std::string_view text);

// Reads an exported log line by line and holds it against the checkpoint taken with it or later
// rows of it: the chain from its beginning, the row the checkpoint signs, and the signature.
// The number of rows; kCorrupt with what is wrong.  Needs no store.
Result<std::int64_t> verify_exported(const std::string& log_path,
                                     const store::Checkpoint& checkpoint, const VerifyingKey& key);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_AUDIT_EXPORT_H_
