#include "authn/live_view.h"

#include <algorithm>

namespace sekisho::authn {

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
  const auto sessions = store_.sessions().live(now);
  if (!sessions) return fail(sessions.error());
  for (const store::Session& session : *sessions) {
    auto owner = user(session.user);
    if (!owner) return fail(owner.error());
    if (*owner) keep(session, *owner);
  }
  const auto terminals = store_.terminals().list();
  if (!terminals) return fail(terminals.error());
  for (const store::Terminal& terminal : *terminals) {
    terminals_[terminal.id.value] = {terminal.id, terminal.name, terminal.generation,
                                     terminal.joined_at && !terminal.revoked_at};
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
  auto found = store_.users().find(id);
  if (!found) return fail(found.error());
  if (!*found) return std::shared_ptr<LiveUser>();
  auto owner =
      std::make_shared<LiveUser>(LiveUser{(*found)->id, (*found)->name, (*found)->display_name,
                                          (*found)->groups, (*found)->is_enabled});
  users_[id.value] = owner;
  return owner;
}

Result<void> LiveView::read_user(store::UserId id) {
  const auto known = users_.find(id.value);
  if (known == users_.end()) return {};
  const auto found = store_.users().find(id);
  if (!found) return fail(found.error());
  if (!*found) {
    known->second->is_enabled = false;  // sessions that hold it die with it
    users_.erase(known);
    return {};
  }
  *known->second = {(*found)->id, (*found)->name, (*found)->display_name, (*found)->groups,
                    (*found)->is_enabled};
  return {};
}

Result<void> LiveView::read_terminal(store::TerminalId id) {
  const auto found = store_.terminals().find(id);
  if (!found) return fail(found.error());
  if (!*found) {
    terminals_.erase(id.value);
    return {};
  }
  terminals_[id.value] = {(*found)->id, (*found)->name, (*found)->generation,
                          (*found)->joined_at && !(*found)->revoked_at};
  return {};
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
