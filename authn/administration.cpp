#include "authn/administration.h"

#include <algorithm>

#include "authn/factors/password.h"
#include "authn/keys.h"
#include "authn/session.h"
#include "authn/terminal_access.h"
#include "authn/throttle.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"

namespace sekisho::authn {
namespace {

std::string user_subject(std::string_view name) {
  return "user:" + std::string(name);
}

std::unexpected<Error> not_a_name(std::string_view what) {
  return fail(ErrorCode::kInvalid, std::string(what) +
                                       " must be 1 to 64 of a-z, A-Z, 0-9, '.', '_', '-' and not "
                                       "begin with '-' or '.'");
}

}  // namespace

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '-' || name.front() == '.') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool is_display_name(std::string_view name) {
  return name.size() <= 128 && is_utf8(name) && !has_control_characters(name);
}

Result<void> Administration::write_down(std::string_view event, std::string_view subject,
                                        std::string detail) {
  return office_.store.audit_log().append({std::string(event), "done", office_.actor,
                                           std::string(subject), "console", std::move(detail)},
                                          office_.clock.now());
}

Result<store::User> Administration::user(std::string_view name) {
  auto user = office_.store.users().find(name);
  if (!user) return fail(user.error());
  if (!*user) return fail(ErrorCode::kNotFound, "there is no user " + printable(name));
  return **std::move(user);
}

Result<store::UserId> Administration::add_user(std::string_view name, std::string_view display_name,
                                               const std::vector<std::string>& groups) {
  if (!is_name(name)) return not_a_name("a user name");
  if (!is_display_name(display_name)) {
    return fail(ErrorCode::kInvalid,
                "a display name must be UTF-8 without control characters, at most 128 bytes");
  }
  for (const std::string& group : groups) {
    if (!is_name(group)) return not_a_name("a group name");
  }
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto id = office_.store.users().add(name, display_name, office_.clock.now());
  if (!id && id.error().code == ErrorCode::kAlreadyExists) {
    return fail(ErrorCode::kAlreadyExists, "there is a user " + std::string(name) + " already");
  }
  if (!id) return fail(id.error());
  std::string joined;
  for (const std::string& group : groups) {
    if (auto added = office_.store.users().add_to_group(*id, group); !added) {
      return fail(added.error());
    }
    joined += (joined.empty() ? "" : " ") + group;
  }
  const auto written =
      write_down("user_add", user_subject(name),
                 JsonObject().add("display_name", display_name).add("groups", joined).text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return *id;
}

Result<void> Administration::remove_user(std::string_view name) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  if (auto cleared = office_.store.attempts().clear_subject(subject_of(found->id)); !cleared) {
    return fail(cleared.error());
  }
  if (auto removed = office_.store.users().remove(found->id); !removed) {
    return fail(removed.error());
  }
  if (auto written = write_down("user_remove", user_subject(name), "{}"); !written) return written;
  return transaction->commit();
}

Result<void> Administration::set_enabled(std::string_view name, bool is_enabled) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  if (found->is_enabled == is_enabled) {
    return fail(ErrorCode::kConflict,
                std::string(name) + (is_enabled ? " is enabled already" : " is disabled already"));
  }
  if (auto done = office_.store.users().set_enabled(found->id, is_enabled); !done) return done;
  std::int64_t ended = 0;
  if (!is_enabled) {
    const auto sessions =
        office_.store.sessions().end_all_of(found->id, "user disabled", office_.clock.now());
    if (!sessions) return fail(sessions.error());
    ended = *sessions;
  }
  const auto written = write_down(is_enabled ? "user_enable" : "user_disable", user_subject(name),
                                  JsonObject().add("sessions_ended", ended).text());
  if (!written) return written;
  return transaction->commit();
}

Result<void> Administration::set_display_name(std::string_view name,
                                              std::string_view display_name) {
  if (!is_display_name(display_name)) {
    return fail(ErrorCode::kInvalid,
                "a display name must be UTF-8 without control characters, at most 128 bytes");
  }
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  if (auto done = office_.store.users().set_display_name(found->id, display_name); !done) {
    return done;
  }
  const auto written =
      write_down("user_rename", user_subject(name),
                 JsonObject().add("before", found->display_name).add("after", display_name).text());
  if (!written) return written;
  return transaction->commit();
}

Result<void> Administration::add_to_group(std::string_view name, std::string_view group) {
  if (!is_name(group)) return not_a_name("a group name");
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  const auto added = office_.store.users().add_to_group(found->id, group);
  if (!added) return fail(added.error());
  if (!*added) {
    return fail(ErrorCode::kConflict,
                std::string(name) + " is in the group " + std::string(group) + " already");
  }
  JsonObject detail;
  detail.add("group", group);
  // A privileged group leaves its members shorter sessions.
  if (office_.policy.privileged.covers({std::string(group)})) {
    const auto shortened =
        shorten_sessions(office_.store, office_.policy, found->id, office_.clock.now());
    if (!shortened) return fail(shortened.error());
    detail.add("sessions_shortened", *shortened);
  }
  const auto written = write_down("group_add", user_subject(name), detail.text());
  if (!written) return written;
  return transaction->commit();
}

Result<void> Administration::remove_from_group(std::string_view name, std::string_view group) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  const auto removed = office_.store.users().remove_from_group(found->id, group);
  if (!removed) return fail(removed.error());
  if (!*removed) {
    return fail(ErrorCode::kNotFound,
                std::string(name) + " is not in the group " + printable(group));
  }
  const auto written =
      write_down("group_remove", user_subject(name), JsonObject().add("group", group).text());
  if (!written) return written;
  return transaction->commit();
}

Result<void> Administration::set_password(std::string_view name, const Secret& password) {
  if (const char* objection = password_objection(name, password); objection != nullptr) {
    return fail(ErrorCode::kInvalid, objection);
  }
  const std::string key_id = office_.keyring.current_id();
  const Result<Secret> key = password_key(office_.keyring, key_id);
  if (!key) return fail(key.error());
  auto hash = hash_password(password, key->reveal(), office_.random);
  if (!hash) return fail(hash.error());
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  const Instant now = office_.clock.now();
  if (auto done = office_.store.users().set_password(found->id, {*hash, key_id, now}); !done) {
    return done;
  }
  if (auto lifted = forget_failures(office_.store, found->id, Factor::kPassword); !lifted) {
    return lifted;
  }
  const auto ended = office_.store.sessions().end_all_of(found->id, "password changed", now);
  if (!ended) return fail(ended.error());
  const auto written = write_down("user_password", user_subject(name),
                                  JsonObject().add("sessions_ended", *ended).text());
  if (!written) return written;
  return transaction->commit();
}

Result<Administration::Unlocked> Administration::unlock(std::string_view name) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  const auto counts = office_.store.attempts().of_subject(subject_of(found->id));
  if (!counts) return fail(counts.error());
  Unlocked unlocked;
  for (const auto& [key, count] : *counts) {
    if (key.source == "*" && count.failures >= office_.policy.throttle.disable_after) {
      unlocked.still_disabled.push_back(key.factor);
      continue;
    }
    if (auto done = office_.store.attempts().clear(key); !done) return fail(done.error());
    ++unlocked.cleared;
  }
  const auto written = write_down("user_unlock", user_subject(name),
                                  JsonObject().add("counters", unlocked.cleared).text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return unlocked;
}

Result<void> Administration::end_session(store::SessionId id) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto session = office_.store.sessions().find(id);
  if (!session) return fail(session.error());
  if (!*session || (*session)->ended_at) {
    return fail(ErrorCode::kNotFound, "there is no live session " + std::to_string(id.value));
  }
  const auto owner = office_.store.users().find((*session)->user);
  if (!owner) return fail(owner.error());
  const auto ended =
      office_.store.sessions().end(id, "ended by administrator", office_.clock.now());
  if (!ended) return fail(ended.error());
  const auto written =
      write_down("session_end", user_subject(*owner ? (*owner)->name : ""),
                 JsonObject().add("session", id.value).add("reason", "administrator").text());
  if (!written) return written;
  return transaction->commit();
}

Result<std::int64_t> Administration::end_sessions_of(std::string_view name) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = user(name);
  if (!found) return fail(found.error());
  const auto ended =
      office_.store.sessions().end_all_of(found->id, "ended by administrator", office_.clock.now());
  if (!ended) return fail(ended.error());
  const auto written =
      write_down("session_end", user_subject(name),
                 JsonObject().add("sessions_ended", *ended).add("reason", "administrator").text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return *ended;
}

Result<Administration::Invitation> Administration::invite_terminal(std::string_view name,
                                                                   bool again) {
  if (!is_name(name)) return not_a_name("a terminal name");
  Invitation invitation{new_join_token(office_.random),
                        office_.clock.now() + office_.policy.terminal.join_token_life};
  const Digest token_hash = join_token_hash(invitation.token.reveal_text());
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = office_.store.terminals().find(name);
  if (!found) return fail(found.error());
  if (*found && !again) {
    return fail(ErrorCode::kAlreadyExists, "there is a terminal " + std::string(name) +
                                               " already: --again gives it a new token and ends "
                                               "its certificates");
  }
  if (*found) {
    const auto done =
        office_.store.terminals().invite_again((*found)->id, token_hash, invitation.expires_at);
    if (!done) return fail(done.error());
  } else {
    const auto added =
        office_.store.terminals().add(name, token_hash, invitation.expires_at, office_.clock.now());
    if (!added) return fail(added.error());
  }
  const auto written = write_down("terminal_add", "terminal:" + std::string(name),
                                  JsonObject().add_flag("again", found->has_value()).text());
  if (!written) return fail(written.error());
  if (auto done = transaction->commit(); !done) return fail(done.error());
  return invitation;
}

Result<void> Administration::revoke_terminal(std::string_view name) {
  auto transaction = office_.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto found = office_.store.terminals().find(name);
  if (!found) return fail(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "there is no terminal " + printable(name));
  const auto revoked = office_.store.terminals().revoke((*found)->id, office_.clock.now());
  if (!revoked) return fail(revoked.error());
  if (!*revoked) {
    return fail(ErrorCode::kConflict, "the terminal " + std::string(name) + " is revoked already");
  }
  if (auto written = write_down("terminal_revoke", "terminal:" + std::string(name), "{}");
      !written) {
    return written;
  }
  return transaction->commit();
}

}  // namespace sekisho::authn
