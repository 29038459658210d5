#include "agent/login_sessions.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

constexpr std::size_t kFileLimit = 65536;

// "id" of "session-id.scope" and the like; nullopt when `text` is not of this form.
std::optional<std::string_view> between(std::string_view text, std::string_view start,
                                        std::string_view end) {
  if (text.size() <= start.size() + end.size() || !text.starts_with(start) ||
      !text.ends_with(end)) {
    return std::nullopt;
  }
  return text.substr(start.size(), text.size() - start.size() - end.size());
}

// As logind counts them: "3", "c1".  Beside them lie FIFOs, "3.ref".
bool is_session_id(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// Where systemd put the process: in its own hierarchy of version 1 where there is one, whatever
// the kernel says of version 2 beside it.
std::optional<std::string> systemd_path(std::string_view cgroups) {
  for (const std::string_view hierarchy : {":name=systemd:", "0::"}) {
    for (const std::string_view line : split(cgroups, '\n')) {
      const std::size_t start = line.find(hierarchy);
      const bool is_it = hierarchy.starts_with('0') ? start == 0 : start != std::string_view::npos;
      if (is_it) return std::string(line.substr(start + hierarchy.size()));
    }
  }
  return std::nullopt;
}

std::string value_of(std::string_view file, std::string_view name) {
  for (const std::string_view line : split(file, '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && line.substr(0, equals) == name) {
      return std::string(line.substr(equals + 1));
    }
  }
  return {};
}

Whereabouts told_by(std::string_view session) {
  const bool is_here = value_of(session, "REMOTE") == "0" && value_of(session, "ACTIVE") == "1" &&
                       !value_of(session, "SEAT").empty();
  return is_here ? Whereabouts::kHere : Whereabouts::kElsewhere;
}

}  // namespace

Whereabouts LoginSessions::of(pid_t process) const {
  const Result<std::string> cgroups =
      read_file(processes_ + "/" + std::to_string(process) + "/cgroup", kFileLimit);
  if (!cgroups) return Whereabouts::kUnknown;
  const std::optional<std::string> path = systemd_path(*cgroups);
  if (!path) return Whereabouts::kNoSession;
  // Only there: inside its own part of the tree a user gives whatever name it likes.
  const std::vector<std::string_view> parts = split(*path, '/');
  if (parts.size() < 4 || parts[1] != "user.slice") return Whereabouts::kNoSession;
  if (const auto id = between(parts[3], "session-", ".scope")) return of_session(std::string(*id));
  if (const auto uid = between(parts[3], "user@", ".service")) return of_user(*uid);
  return Whereabouts::kUnknown;
}

Whereabouts LoginSessions::of_session(const std::string& id) const {
  if (!is_session_id(id)) return Whereabouts::kUnknown;
  const Result<std::string> session = read_file(sessions_ + "/" + id, kFileLimit);
  return session ? told_by(*session) : Whereabouts::kUnknown;
}

Whereabouts LoginSessions::of_user(std::string_view uid) const {
  Whereabouts found = Whereabouts::kElsewhere;
  std::error_code problem;
  for (std::filesystem::directory_iterator entry(sessions_, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    const std::string id = entry->path().filename().string();
    if (!is_session_id(id)) continue;
    const Result<std::string> session = read_file(entry->path().string(), kFileLimit);
    if (!session && session.error().code == ErrorCode::kNotFound) continue;  // it has ended
    if (!session) return Whereabouts::kUnknown;
    if (value_of(*session, "UID") != uid) continue;
    if (value_of(*session, "REMOTE") != "0") return Whereabouts::kElsewhere;
    if (told_by(*session) == Whereabouts::kHere) found = Whereabouts::kHere;
  }
  return problem ? Whereabouts::kUnknown : found;
}

bool may_use_keys(uid_t peer, std::string_view rhost, Whereabouts whereabouts) {
  if (!rhost.empty()) return false;
  return whereabouts == Whereabouts::kHere || (peer == 0 && whereabouts == Whereabouts::kNoSession);
}

}  // namespace sekisho::agent
