#include "cli/audit_export.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <optional>

#include "base/encoding.h"
#include "base/text.h"

namespace sekisho::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLineLimit = 1024 * 1024;

// Takes members out of an object one by one, so that what is left over shows.
class Members {
 public:
  explicit Members(json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const json::value* value = take(key);
    if (value == nullptr || !value->is_string()) return miss(key);
    return std::string(value->get_string());
  }
  std::int64_t number(std::string_view key) {
    const json::value* value = take(key);
    if (value == nullptr || !value->is_int64()) {
      miss(key);
      return 0;
    }
    return value->get_int64();
  }
  Bytes hex(std::string_view key) {
    auto bytes = bytes_from_hex(text(key));
    if (!bytes) miss(key);
    return bytes.value_or(Bytes());
  }
  Digest digest(std::string_view key) {
    const Bytes bytes = hex(key);
    Digest digest{};
    if (bytes.size() != digest.size()) {
      miss(key);
    } else {
      std::copy(bytes.begin(), bytes.end(), digest.begin());
    }
    return digest;
  }
  Result<void> finish(std::string_view what) {
    if (missing_.empty() && taken_ != object_.size()) missing_ = "an unknown member is there";
    if (missing_.empty()) return {};
    return fail(ErrorCode::kInvalid, std::string(what) + " is not as we write it: " + missing_);
  }

 private:
  const json::value* take(std::string_view key) {
    ++taken_;
    return object_.if_contains(key);
  }
  std::string miss(std::string_view key) {
    if (missing_.empty()) missing_ = "\"" + std::string(key) + "\"";
    return "";
  }
  json::object& object_;
  std::size_t taken_ = 0;
  std::string missing_;
};

Result<json::object> object_of(std::string_view text, std::string_view what) {
  json::error_code error;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error || !value.is_object()) {
    return fail(ErrorCode::kInvalid, std::string(what) + " is not a JSON object");
  }
  return std::move(value.get_object());
}

json::string json_text(const std::string& value) {
  return json::string(is_utf8(value) ? value : printable(value));
}

}  // namespace

std::string line_of(const store::AuditRow& row) {
  json::object object;
  object["seq"] = row.seq;
  object["time"] = rfc3339(row.at);
  object["at"] = to_milliseconds(row.at);
  object["event"] = json_text(row.event);
  object["outcome"] = json_text(row.outcome);
  object["actor"] = json_text(row.actor);
  object["subject"] = json_text(row.subject);
  object["source"] = json_text(row.source);
  object["detail"] = json_text(row.detail);
  object["previous_hash"] = hex_of(row.previous_hash);
  object["hash"] = hex_of(row.hash);
  return json::serialize(object);
}

std::string line_of(const store::Checkpoint& checkpoint) {
  json::object object;
  object["store"] = hex_of(checkpoint.store_id);
  object["seq"] = checkpoint.seq;
  object["time"] = rfc3339(checkpoint.at);
  object["at"] = to_milliseconds(checkpoint.at);
  object["hash"] = hex_of(checkpoint.hash);
  object["signature"] = hex_of(checkpoint.signature);
  return json::serialize(object);
}

Result<store::AuditRow> row_of_line(std::string_view line) {
  Result<json::object> object = object_of(line, "a line");
  if (!object) return fail(object.error());
  Members members(*object);
  store::AuditRow row;
  row.seq = members.number("seq");
  members.text("time");
  row.at = instant_of(members.number("at"));
  row.event = members.text("event");
  row.outcome = members.text("outcome");
  row.actor = members.text("actor");
  row.subject = members.text("subject");
  row.source = members.text("source");
  row.detail = members.text("detail");
  row.previous_hash = members.digest("previous_hash");
  row.hash = members.digest("hash");
  if (auto finished = members.finish("a line"); !finished) return fail(finished.error());
  return row;
}

Result<store::Checkpoint> checkpoint_of_text(std::string_view text) {
  Result<json::object> object = object_of(text, "the checkpoint");
  if (!object) return fail(object.error());
  Members members(*object);
  store::Checkpoint checkpoint;
  checkpoint.store_id = members.hex("store");
  checkpoint.seq = members.number("seq");
  members.text("time");
  checkpoint.at = instant_of(members.number("at"));
  checkpoint.hash = members.digest("hash");
  checkpoint.signature = members.hex("signature");
  if (auto finished = members.finish("the checkpoint"); !finished) return fail(finished.error());
  return checkpoint;
}

Result<std::int64_t> verify_exported(const std::string& log_path,
                                     const store::Checkpoint& checkpoint, const VerifyingKey& key) {
  if (!key.verifies(store::checkpoint_message(checkpoint), checkpoint.signature)) {
    return fail(ErrorCode::kCorrupt, "the checkpoint at audit row " +
                                         std::to_string(checkpoint.seq) +
                                         " has a signature that does not verify");
  }
  std::ifstream file(log_path);
  if (!file) return fail(ErrorCode::kNotFound, "cannot open " + log_path);
  store::AuditVerifier verifier(checkpoint.store_id);
  std::string line;
  bool is_signed_row_seen = false;
  while (std::getline(file, line)) {
    if (line.size() > kLineLimit) return fail(ErrorCode::kInvalid, "a line is too long");
    const Result<store::AuditRow> row = row_of_line(line);
    if (!row) {
      return fail(ErrorCode::kCorrupt, "after audit row " + std::to_string(verifier.last_seq()) +
                                           ": " + row.error().message);
    }
    if (auto added = verifier.add(*row); !added) return fail(added.error());
    if (row->seq != checkpoint.seq) continue;
    if (row->hash != checkpoint.hash) {
      return fail(ErrorCode::kCorrupt, "audit row " + std::to_string(row->seq) +
                                           " is not the one its checkpoint signed: the log was "
                                           "written anew");
    }
    is_signed_row_seen = true;
  }
  if (file.bad()) return fail(ErrorCode::kInternal, "cannot read " + log_path);
  if (!is_signed_row_seen) {
    return fail(ErrorCode::kCorrupt, "the tail of the log is missing: a checkpoint signed row " +
                                         std::to_string(checkpoint.seq) +
                                         ", and the log ends at row " +
                                         std::to_string(verifier.last_seq()));
  }
  return verifier.last_seq();
}

}  // namespace sekisho::cli
