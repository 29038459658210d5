// What must be known at every request, in memory: live sessions, their users, the terminals.
//
// Each event loop has its own LiveView with its own read-only connection, so no core waits for
// another.  refresh() asks SQLite whether anybody has committed since (about a microsecond) and
// reads just what the change journal names.  So a change by any process counts at the very next
// request.

#ifndef SEKISHO_AUTHN_LIVE_VIEW_H_
#define SEKISHO_AUTHN_LIVE_VIEW_H_

#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "authn/access_rules.h"
#include "authn/assurance.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "store/store.h"

namespace sekisho::authn {

struct LiveUser {
  store::UserId id;
  std::string name;
  std::string display_name;
  std::vector<std::string> groups;
  bool is_enabled = false;
  std::vector<Seat> seats{};
};

struct LiveSession {
  store::SessionId id;
  std::shared_ptr<const LiveUser> user;
  Assurance assurance = Assurance::kPassword;
  std::string factors;
  Instant created_at;    // when the last of its factors was proven
  ProvenAt proven;       // when each was
  Instant last_seen_at;  // as this loop knows; the store's copy may be older
  Instant touched_at;    // what was last sent to the store
  std::chrono::milliseconds idle_limit{};
  Instant expires_at;
  // The applications, by index, whose first use by this session was noted; may be too short.
  std::vector<bool> noted_applications;

  // What the person asks for, from where; the session must live as long as the request.
  AccessRequest request(std::string_view target, const IpAddress& client, Instant now) const {
    return {target, client, now, &user->groups, assurance, proven, user->seats};
  }
  bool is_live(Instant now) const {
    return now < expires_at && now < last_seen_at + idle_limit && user->is_enabled;
  }
};

struct LiveTerminal {
  store::TerminalId id;
  std::string name;
  std::int64_t generation = 0;
  bool may_log_in = false;  // joined and not revoked
};

// Where the person sits, as the store knows.  A row that cannot be read is no seat.
Result<std::vector<Seat>> seats_of(store::Store& store, store::UserId user);

class LiveView {
 public:
  // Reads everything once.
  static Result<LiveView> open(const std::string& store_path, Instant now);

  // Brings the view up to date.  An Error means the view cannot be trusted: refuse.
  Result<void> refresh(Instant now);

  // The session with this token hash, if it is live at `now`; nullptr otherwise.  Valid until
  // the next refresh.
  LiveSession* session(const Digest& token_hash, Instant now);
  const LiveTerminal* terminal(store::TerminalId id) const;

  // Grows with every change of the keys that sign identity tokens.
  std::int64_t identity_keys_revision() const { return identity_keys_revision_; }

  // The applications have other indices now: a reload.
  void forget_noted_applications();

  std::size_t session_count() const { return sessions_.size(); }

  // For the pages that show more than the view holds.
  store::Store& store() { return store_; }

 private:
  // Token hashes are uniform already.
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const {
      std::size_t value = 0;
      std::memcpy(&value, digest.data(), sizeof value);
      return value;
    }
  };

  explicit LiveView(store::Store store) : store_(std::move(store)) {}
  Result<void> read_everything(Instant now);
  Result<void> read_session(store::SessionId id, Instant now);
  Result<void> read_user(store::UserId id);
  Result<void> read_terminal(store::TerminalId id);
  Result<std::shared_ptr<LiveUser>> user(store::UserId id);
  // As the store has the person now; nullopt: not at all.
  Result<std::optional<LiveUser>> fetch_user(store::UserId id);
  void keep(const store::Session& session, std::shared_ptr<LiveUser> user);
  // It was revoked, or joins anew: nobody sits there any more.
  void forget_seats(store::TerminalId terminal);

  store::Store store_;
  std::int64_t data_version_ = -1;
  std::int64_t revision_ = 0;
  std::int64_t identity_keys_revision_ = 0;
  std::unordered_map<Digest, LiveSession, DigestHash> sessions_;
  std::unordered_map<std::int64_t, Digest> hash_of_session_;
  std::unordered_map<std::int64_t, std::shared_ptr<LiveUser>> users_;
  std::unordered_map<std::int64_t, LiveTerminal> terminals_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_LIVE_VIEW_H_
