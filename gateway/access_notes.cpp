#include "gateway/access_notes.h"

#include <algorithm>
#include <utility>

#include "base/json_text.h"

namespace sekisho::gateway {
namespace {

bool is_grant(const AccessNote& note) {
  return note.outcome == authn::AccessOutcome::kAllowed;
}

// Two refusals with the same key tell the auditor the same.
std::string key_of(const AccessNote& note) {
  const std::string who = note.session ? "#" + std::to_string(note.session->value) : note.client;
  return who + " " + note.application + " " + std::to_string(note.rule_line) + " " +
         std::string(note.reason);
}

store::AuditEvent event_of(const AccessNote& note) {
  JsonObject detail;
  detail.add("door", note.door);
  if (note.session) detail.add("session", note.session->value);
  if (!is_grant(note)) {
    detail.add("reason", note.reason)
        .add("rule_line", static_cast<std::int64_t>(note.rule_line))
        .add("path", note.path);
  }
  return {std::string(note.event),
          is_grant(note) ? "granted" : "denied",
          note.user.empty() ? "unknown" : "user:" + note.user,
          "application:" + note.application,
          note.client,
          detail.text()};
}

}  // namespace

bool PendingNotes::add(AccessNote note) {
  // Strangers have half of the room, so that a flood of theirs hides no colleague.
  if (notes_.size() >= (note.session ? kMost : kMost / 2)) {
    ++left_out_;
    return false;
  }
  note.path.resize(std::min(note.path.size(), kMostPath));
  notes_.push_back(std::move(note));
  return true;
}

PendingNotes::Batch PendingNotes::take() {
  return {std::exchange(notes_, {}), std::exchange(left_out_, 0)};
}

void PendingNotes::give_back(Batch batch) {
  std::swap(notes_, batch.notes);
  left_out_ += batch.left_out;
  for (AccessNote& newer : batch.notes) {
    // A first use is noted once: it must not be left out now.
    if (is_grant(newer)) {
      notes_.push_back(std::move(newer));
    } else {
      add(std::move(newer));
    }
  }
}

bool AccessJournal::is_due(const AccessNote& note, Instant now) {
  const auto [known, is_new] = refused_at_.try_emplace(key_of(note), now);
  if (!is_new && now - known->second < kRefusalEvery) return false;
  known->second = now;
  return true;
}

void AccessJournal::begin_minute(Instant now) {
  if (now - minute_began_ < kRefusalEvery) return;
  minute_began_ = now;
  strangers_ = 0;
  std::erase_if(refused_at_,
                [now](const auto& entry) { return now - entry.second >= kRefusalEvery; });
}

Result<void> AccessJournal::write(store::Store& store, const PendingNotes::Batch& batch,
                                  Instant now) {
  begin_minute(now);
  std::int64_t left_out = batch.left_out;
  for (const AccessNote& note : batch.notes) {
    if (is_grant(note)) {
      const auto is_first =
          store.sessions().note_application(*note.session, note.application, note.at);
      if (!is_first) return fail(is_first.error());
      if (!*is_first) continue;
    } else {
      if (!note.session && strangers_ >= kMostStrangers) {
        ++left_out;
        continue;
      }
      if (!is_due(note, now)) continue;
      if (!note.session) ++strangers_;
    }
    if (auto done = store.audit_log().append(event_of(note), note.at); !done) return done;
  }
  if (left_out == 0) return {};
  return store.audit_log().append({"access_left_out", "done", "gateway", "gateway", "gateway",
                                   JsonObject().add("count", left_out).text()},
                                  now);
}

void AccessJournal::forget(const PendingNotes::Batch& batch) {
  for (const AccessNote& note : batch.notes) {
    if (!is_grant(note)) refused_at_.erase(key_of(note));
  }
}

}  // namespace sekisho::gateway
