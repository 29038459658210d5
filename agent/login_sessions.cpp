#include "agent/login_sessions.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace sekisho::agent {
namespace {

constexpr std::size_t kFileLimit = 65536;
constexpr std::string_view kNobodyLoggedIn = "4294967295";

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

// One line of /proc/PID/cgroup: "id:controllers:path".  Only the path may hold colons; its parts
// are named by whoever makes them.
struct Hierarchy {
  std::string_view id;
  std::string_view controllers;
  std::string_view path;
};

std::optional<Hierarchy> read_hierarchy(std::string_view line) {
  const std::size_t first = line.find(':');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = line.find(':', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const Hierarchy hierarchy{line.substr(0, first), line.substr(first + 1, second - first - 1),
                            line.substr(second + 1)};
  if (!hierarchy.path.starts_with('/')) return std::nullopt;
  return hierarchy;
}

// Where systemd put the process: in its own hierarchy of version 1 where there is one, whatever
// the kernel says of version 2 beside it.  "" when neither is there; nullopt when a line cannot be
// read.
std::optional<std::string_view> systemd_path(std::string_view cgroups) {
  std::string_view own;
  std::string_view unified;
  for (const std::string_view line : split(cgroups, '\n')) {
    if (line.empty()) continue;
    const std::optional<Hierarchy> hierarchy = read_hierarchy(line);
    if (!hierarchy) return std::nullopt;
    if (hierarchy->controllers == "name=systemd") own = hierarchy->path;
    if (hierarchy->id == "0" && hierarchy->controllers.empty()) unified = hierarchy->path;
  }
  return own.empty() ? unified : own;
}

// The terminals of agetty that have a screen and a keyboard here; a serial line may lead anywhere.
bool is_getty(std::string_view unit) {
  const auto tty = between(unit, "getty@tty", ".service");
  return tty && std::ranges::all_of(*tty, [](char c) { return c >= '0' && c <= '9'; });
}

bool lets_people_in(std::string_view unit) {
  constexpr std::array kDisplayManagers{"display-manager.service",
                                        "gdm.service",
                                        "gdm3.service",
                                        "greetd.service",
                                        "lightdm.service",
                                        "lxdm.service",
                                        "sddm.service",
                                        "slim.service",
                                        "xdm.service"};
  return is_getty(unit) || std::ranges::find(kDisplayManagers, unit) != kDisplayManagers.end();
}

bool is_login(std::string_view pam_service) {
  constexpr std::array kServices{"login", "gdm-password", "greetd", "lightdm",
                                 "lxdm",  "sddm",         "slim",   "xdm"};
  return std::ranges::find(kServices, pam_service) != kServices.end();
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

// Whether the session is one of somebody who sits at this machine, be it in the background.  ssh to
// localhost is not remote to logind, but it has no seat.
bool is_seated(std::string_view session) {
  return value_of(session, "REMOTE") == "0" && !value_of(session, "SEAT").empty();
}

bool is_in_front(std::string_view session) {
  return is_seated(session) && value_of(session, "ACTIVE") == "1";
}

// systemd's own instance for the user (since version 256): nobody logged in there.
bool is_of_manager(std::string_view session) {
  return value_of(session, "CLASS").starts_with("manager") && value_of(session, "REMOTE") == "0";
}

}  // namespace

Whereabouts LoginSessions::of(pid_t process, uid_t user) const {
  const Result<std::string> cgroups =
      read_file(processes_ + "/" + std::to_string(process) + "/cgroup", kFileLimit);
  if (!cgroups) return Whereabouts::kUnknown;
  const std::optional<std::string_view> path = systemd_path(*cgroups);
  if (!path) return Whereabouts::kUnknown;
  // Only there: inside its own part of the tree a user gives whatever name it likes.
  const std::vector<std::string_view> parts = split(*path, '/');
  if (parts.size() < 2 || parts[1] != "user.slice") return outside_sessions(process, *path);
  if (parts.size() < 4) return Whereabouts::kUnknown;
  if (const auto id = between(parts[3], "session-", ".scope")) {
    return of_session(std::string(*id), user);
  }
  if (const auto uid = between(parts[3], "user@", ".service")) {
    if (user != 0 && *uid != std::to_string(user)) return Whereabouts::kElsewhere;
    return of_user(*uid);
  }
  return Whereabouts::kUnknown;
}

Whereabouts LoginSessions::outside_sessions(pid_t process, std::string_view path) const {
  if (!is_systemd_running()) return Whereabouts::kNoSystemd;
  // "/system.slice/gdm.service", "/system.slice/system-getty.slice/getty@tty1.service".
  const std::vector<std::string_view> parts = split(path, '/');
  if (parts.size() < 3) return path.empty() ? Whereabouts::kUnknown : Whereabouts::kService;
  const bool is_in_slice = parts[2] == "system-getty.slice" && parts.size() > 3;
  const std::string_view unit = parts[is_in_slice ? 3 : 2];
  if (parts[1] != "system.slice" || !lets_people_in(unit)) return Whereabouts::kService;
  // Whoever has logged in already is not before a login, wherever the process went since.
  const Result<std::string> loginuid =
      read_file(processes_ + "/" + std::to_string(process) + "/loginuid", kFileLimit);
  if (!loginuid && loginuid.error().code == ErrorCode::kNotFound) return Whereabouts::kBeforeLogin;
  if (!loginuid) return Whereabouts::kUnknown;
  // The kernel writes no end of line; others' tools might.
  const std::string_view uid = split(*loginuid, '\n').front();
  return uid == kNobodyLoggedIn ? Whereabouts::kBeforeLogin : Whereabouts::kService;
}

bool LoginSessions::is_systemd_running() const {
  std::error_code problem;
  const auto kind = std::filesystem::symlink_status(booted_, problem).type();
  // What cannot be looked at may be there: then less is allowed.
  return kind != std::filesystem::file_type::not_found;
}

Whereabouts LoginSessions::of_session(const std::string& id, uid_t user) const {
  if (!is_session_id(id)) return Whereabouts::kUnknown;
  const Result<std::string> session = read_file(sessions_ + "/" + id, kFileLimit);
  if (!session) return Whereabouts::kUnknown;
  const std::string uid = value_of(*session, "UID");
  if (!is_in_front(*session) || uid.empty()) return Whereabouts::kElsewhere;
  if (user != 0 && uid != std::to_string(user)) return Whereabouts::kElsewhere;
  return of_user(uid);
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
    if (value_of(*session, "UID") != uid || is_of_manager(*session)) continue;
    if (!is_seated(*session)) return Whereabouts::kElsewhere;
    if (is_in_front(*session)) found = Whereabouts::kHere;
  }
  return problem ? Whereabouts::kUnknown : found;
}

bool may_use_keys(const Asker& asker, Whereabouts whereabouts) {
  if (!asker.rhost.empty()) return false;
  switch (whereabouts) {
    case Whereabouts::kHere:
      return true;
    case Whereabouts::kBeforeLogin:
      return asker.uid == 0 && is_login(asker.service);
    case Whereabouts::kNoSystemd:
      return asker.uid == 0;
    case Whereabouts::kElsewhere:
    case Whereabouts::kService:
    case Whereabouts::kUnknown:
      break;
  }
  return false;
}

}  // namespace sekisho::agent
