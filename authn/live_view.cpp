#include "authn/live_view.h"

#include <algorithm>

namespace sekisho::authn {

Result<std::vector<Seat>> seats_of(store::Store& store, store::UserId user) {
  const auto rows = store.seats().of(user);
  if (!rows) return fail(rows.error());
  std::vector<Seat> seats;
  for (const store::Seat& row : *rows) {
    const auto address = IpAddress::parse(row.address);
    if (!address) continue;  // it could only have let somebody in
    seats.push_back({row.terminal, row.terminal_name, *address, row.taken_at});
  }
  return seats;
}

Result<LiveView> LiveView::open(const std::string& store_path, Instant now) {
  Result<store::Store> store = store::Store::open_read_only(store_path);
  if (!store) return fail(store.error());
  LiveView view(std::move(*store));
  if (auto done = view.refresh(now); !done) return fail(done.error());
  return view;
}

Result<void> LiveView::refresh(Instant now) {
  const Result<std::int64_t> version = store_.database().data_version();
  if (!version) return fail(version.error());
  if (*version == data_version_) return {};
  const auto range = store_.changes().range();
  if (!range) return fail(range.error());
  const bool is_first = data_version_ < 0;
  // Behind the oldest change that is kept, or a restored file whose journal is shorter.
  const bool lost_track = is_first || revision_ + 1 < range->oldest || range->newest < revision_;
  if (lost_track) {
    if (auto done = read_everything(now); !done) return done;
    revision_ = range->newest;
  } else if (range->newest > revision_) {
    const auto changes = store_.changes().since(revision_);
    if (!changes) return fail(changes.error());
    for (const store::Change& change : *changes) {
      Result<void> done;
      switch (change.kind) {
        case store::Change::Kind::kSession:
          done = read_session({change.row_id}, now);
          break;
        case store::Change::Kind::kUser:
          done = read_user({change.row_id});
          break;
        case store::Change::Kind::kTerminal:
          done = read_terminal({change.row_id});
          break;
        case store::Change::Kind::kIdentityKey:
          ++identity_keys_revision_;
          break;
      }
      if (!done) return done;
      revision_ = change.revision;
    }
  }
  // Only now: a failure above must be met again by the next request.
  data_version_ = *version;
  return {};
}

Result<void> LiveView::read_everything(Instant now) {
  sessions_.clear();
  hash_of_session_.clear();
  users_.clear();
  terminals_.clear();
  ++identity_keys_revision_;
  // Before who sits at them: a terminal that joins anew between the two is seen to change.
  const auto terminals = store_.terminals().list();
  if (!terminals) return fail(terminals.error());
  for (const store::Terminal& terminal : *terminals) {
    terminals_[terminal.id.value] = {terminal.id, terminal.name, terminal.generation,
                                     terminal.joined_at && !terminal.revoked_at};
  }
  const auto sessions = store_.sessions().live(now);
  if (!sessions) return fail(sessions.error());
  for (const store::Session& session : *sessions) {
    auto owner = user(session.user);
    if (!owner) return fail(owner.error());
    if (*owner) keep(session, *owner);
  }
  return {};
}

void LiveView::keep(const store::Session& session, std::shared_ptr<LiveUser> owner) {
  LiveSession& kept = sessions_[session.token_hash];
  const Instant seen_here = kept.last_seen_at;
  kept = {session.id,
          std::move(owner),
          static_cast<Assurance>(session.assurance),
          session.factors,
          session.created_at,
          {session.second_factor_at, session.security_key_at, session.verified_key_at},
          std::max(session.last_seen_at, seen_here),
          session.last_seen_at,
          session.idle_limit,
          session.expires_at,
          std::move(kept.noted_applications)};
  hash_of_session_[session.id.value] = session.token_hash;
}

Result<void> LiveView::read_session(store::SessionId id, Instant now) {
  const auto session = store_.sessions().find(id);
  if (!session) return fail(session.error());
  const bool is_live = *session && !(*session)->ended_at && now < (*session)->expires_at;
  if (is_live) {
    auto owner = user((*session)->user);
    if (!owner) return fail(owner.error());
    if (*owner) {
      keep(**session, *owner);
      return {};
    }
  }
  const auto known = hash_of_session_.find(id.value);
  if (known != hash_of_session_.end()) {
    sessions_.erase(known->second);
    hash_of_session_.erase(known);
  }
  return {};
}

Result<std::shared_ptr<LiveUser>> LiveView::user(store::UserId id) {
  const auto known = users_.find(id.value);
  if (known != users_.end()) return known->second;
  auto found = fetch_user(id);
  if (!found) return fail(found.error());
  if (!*found) return std::shared_ptr<LiveUser>();
  auto owner = std::make_shared<LiveUser>(**std::move(found));
  users_[id.value] = owner;
  return owner;
}

Result<std::optional<LiveUser>> LiveView::fetch_user(store::UserId id) {
  auto found = store_.users().find(id);
  if (!found) return fail(found.error());
  if (!*found) return std::optional<LiveUser>();
  auto seats = seats_of(store_, id);
  if (!seats) return fail(seats.error());
  return std::optional(LiveUser{(*found)->id, (*found)->name, (*found)->display_name,
                                (*found)->groups, (*found)->is_enabled, *std::move(seats)});
}

Result<void> LiveView::read_user(store::UserId id) {
  const auto known = users_.find(id.value);
  if (known == users_.end()) return {};
  auto found = fetch_user(id);
  if (!found) return fail(found.error());
  if (!*found) {
    known->second->is_enabled = false;  // sessions that hold it die with it
    users_.erase(known);
    return {};
  }
  *known->second = **std::move(found);
  return {};
}

Result<void> LiveView::read_terminal(store::TerminalId id) {
  const auto found = store_.terminals().find(id);
  if (!found) return fail(found.error());
  const std::optional<store::Terminal>& terminal = *found;
  const auto known = terminals_.find(id.value);
  const bool may_log_in = terminal && terminal->joined_at && !terminal->revoked_at;
  if (known != terminals_.end() &&
      (!may_log_in || terminal->generation != known->second.generation)) {
    forget_seats(id);
  }
  if (!terminal) {
    terminals_.erase(id.value);
    return {};
  }
  terminals_[id.value] = {terminal->id, terminal->name, terminal->generation, may_log_in};
  return {};
}

void LiveView::forget_seats(store::TerminalId terminal) {
  for (auto& [id, user] : users_) {
    std::erase_if(user->seats, [&](const Seat& seat) { return seat.terminal == terminal; });
  }
}

LiveSession* LiveView::session(const Digest& token_hash, Instant now) {
  const auto found = sessions_.find(token_hash);
  if (found == sessions_.end() || !found->second.is_live(now)) return nullptr;
  return &found->second;
}

void LiveView::forget_noted_applications() {
  for (auto& [hash, session] : sessions_) session.noted_applications.clear();
}

const LiveTerminal* LiveView::terminal(store::TerminalId id) const {
  const auto found = terminals_.find(id.value);
  return found == terminals_.end() ? nullptr : &found->second;
}

}  // namespace sekisho::authn
