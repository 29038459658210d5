// What the gate answered, on its way into the audit log.
//
// A check never waits for the disk: a loop collects notes, and the commit lane writes them within
// a second or two.  Written are the first use of an application by a session, and a refusal once
// a minute for the same person, application and rule.  What had to be left out is counted and
// written, too.

#ifndef SEKISHO_GATEWAY_ACCESS_NOTES_H_
#define SEKISHO_GATEWAY_ACCESS_NOTES_H_

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "authn/access_rules.h"
#include "base/result.h"
#include "store/store.h"

namespace sekisho::gateway {

struct AccessNote {
  Instant at;
  std::optional<store::SessionId> session;  // none: nobody is signed in
  std::string user;                         // empty when nobody is signed in
  std::string application;
  std::string client;
  std::string_view door;  // a literal: "forward-auth" or "proxy"
  authn::AccessOutcome outcome = authn::AccessOutcome::kForbidden;
  // A literal: "forbidden", "other_network", "outside_hours", "other_terminal", "bad_path",
  // "foreign_websocket", "bad_certificate".
  std::string_view reason;
  int rule_line = 0;                  // 0: no rule matched
  std::string path;                   // as it came, without the query, at most kMostPath bytes
  std::string_view event = "access";  // a literal; "upstream": a server was refused, not a person
};

// The notes of one loop that are not written yet.
class PendingNotes {
 public:
  static constexpr std::size_t kMost = 1024;
  static constexpr std::size_t kMostPath = 200;

  // False: too many are waiting; this one is only counted.
  bool add(AccessNote note);
  bool empty() const { return notes_.empty() && left_out_ == 0; }

  struct Batch {
    std::vector<AccessNote> notes;
    std::int64_t left_out = 0;
  };
  Batch take();
  // After a write that failed: they wait again, before newer ones.
  void give_back(Batch batch);

 private:
  std::vector<AccessNote> notes_;
  std::int64_t left_out_ = 0;
};

// Turns notes into audit rows.  Both calls come from the commit lane's thread.
class AccessJournal {
 public:
  static constexpr std::chrono::minutes kRefusalEvery{1};
  // Refusals of people who are not signed in, in one minute; a flood must not fill the disk.
  static constexpr int kMostStrangers = 600;

  Result<void> write(store::Store& store, const PendingNotes::Batch& batch, Instant now);
  // The commit failed: what was to be written will come again.
  void forget(const PendingNotes::Batch& batch);

 private:
  bool is_due(const AccessNote& note, Instant now);
  void begin_minute(Instant now);

  std::unordered_map<std::string, Instant> refused_at_;
  Instant minute_began_;
  int strangers_ = 0;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_ACCESS_NOTES_H_
