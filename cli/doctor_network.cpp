// "Nothing goes out" (policy 6(3)①), as far as one machine can prove it: what the configuration
// listens on and connects to, what sockets a running gateway holds, and which routes there are.

#include <netdb.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include "base/encoding.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/doctor_checks.h"

namespace sekisho::cli {
namespace {

constexpr Word kSegment{"segment", {"閉域網", "segment"}};
constexpr Word kSockets{"sockets", {"通信中の相手", "sockets"}};
constexpr Word kRoutes{"routes", {"経路", "routes"}};
constexpr Word kClock{"clock", {"時計", "clock"}};
constexpr Word kDisk{"disk", {"ディスク", "disk"}};

constexpr std::uint64_t kLeastFreeBytes = 256ULL * 1024 * 1024;
constexpr int kTcpEstablished = 1;
constexpr int kTcpSynSent = 2;

struct Socket {
  IpAddress local;
  IpAddress remote;
  int state = 0;
  std::string inode;
  bool is_listening() const { return state == 10; }
};

// The address part of /proc/net/tcp: each 32-bit word as the host's integer, in hexadecimal.
std::optional<IpAddress> address_of_hex(std::string_view text) {
  const auto octets = bytes_from_hex(lower_case(text));
  if (!octets || (octets->size() != 4 && octets->size() != 16)) return std::nullopt;
  std::array<std::uint8_t, 16> out{};
  for (std::size_t i = 0; i < octets->size(); ++i) out[i] = (*octets)[(i / 4) * 4 + 3 - i % 4];
  if (octets->size() == 4) return IpAddress::from_v4({out[0], out[1], out[2], out[3]});
  return IpAddress::from_v6(out);
}

std::vector<Socket> sockets_of(const std::string& table) {
  std::vector<Socket> sockets;
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // headings
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string slot, local, remote, state, skipped, inode;
    words >> slot >> local >> remote >> state;
    for (int i = 0; i < 5; ++i) words >> skipped;
    words >> inode;
    const auto near = address_of_hex(local.substr(0, local.find(':')));
    const auto far = address_of_hex(remote.substr(0, remote.find(':')));
    const auto code = bytes_from_hex(lower_case(state));
    if (near && far && code && code->size() == 1) {
      sockets.push_back({*near, *far, code->front(), inode});
    }
  }
  return sockets;
}

std::vector<std::string> gateway_processes() {
  std::vector<std::string> folders;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    if (!parse_unsigned(entry.path().filename().string())) continue;
    const auto name = read_file(entry.path() / "comm", 64);
    if (name && *name == "sekishod\n") folders.push_back(entry.path());
  }
  return folders;
}

// The inodes of a process's sockets; nullopt when we may not look.
std::optional<std::set<std::string>> socket_inodes(const std::string& process) {
  std::error_code error;
  std::set<std::string> inodes;
  for (const auto& entry : std::filesystem::directory_iterator(process + "/fd", error)) {
    std::error_code ignored;
    const std::string target = std::filesystem::read_symlink(entry.path(), ignored).string();
    if (target.starts_with("socket:[")) inodes.insert(target.substr(8, target.size() - 9));
  }
  if (error) return std::nullopt;
  return inodes;
}

bool is_inside(const settings::Settings& settings, const IpAddress& address) {
  return address.is_loopback() || settings.is_inside(address);
}

void examine_sockets(Examination& examination, const settings::Settings& settings) {
  const std::vector<std::string> processes = gateway_processes();
  if (processes.empty()) {
    examination.warn(kSockets, {"sekishod は動いていないため、通信は確認していません",
                                "sekishod is not running here: no socket to look at"});
    return;
  }
  std::size_t seen = 0;
  bool is_clean = true;
  for (const std::string& process : processes) {
    const auto inodes = socket_inodes(process);
    if (!inodes) {
      examination.warn(kSockets,
                       {"{} を調べる権限がありません(root で実行してください)",
                        "no right to look at {}: run as root"},
                       process);
      is_clean = false;
      continue;
    }
    for (const char* table : {"/net/tcp", "/net/tcp6", "/net/udp", "/net/udp6"}) {
      for (const Socket& socket : sockets_of(process + table)) {
        if (!inodes->contains(socket.inode)) continue;
        ++seen;
        const bool is_connected = socket.state == kTcpEstablished || socket.state == kTcpSynSent;
        const IpAddress& place = is_connected ? socket.remote : socket.local;
        if (!(is_connected || socket.is_listening()) || is_inside(settings, place)) continue;
        is_clean = false;
        examination.fail(kSockets,
                         is_connected ? Text{"sekishod が閉域網の外 {} と通信しています",
                                             "sekishod talks to {}, outside the segment"}
                                      : Text{"sekishod が閉域網の外 {} で待ち受けています",
                                             "sekishod listens on {}, outside the segment"},
                         place.text());
      }
    }
  }
  if (is_clean) {
    examination.good(kSockets,
                     {"sekishod のソケット {} 個はすべて閉域網の中",
                      "all {} sockets of sekishod are inside the segment"},
                     seen);
  }
}

// Names are resolved as the gateway resolves them; every address must be inside.
void examine_upstream(Examination& examination, const settings::Settings& settings,
                      const settings::ApplicationEntry& entry, const settings::Upstream& upstream) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(upstream.host.c_str(), nullptr, &hints, &found) != 0) {
    examination.warn(
        kSegment, {"{} の接続先 {} の名前を解決できません", "{}: the upstream {} does not resolve"},
        entry.application.name, upstream.host);
    return;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0,
                      NI_NUMERICHOST) != 0) {
      continue;
    }
    const auto address = IpAddress::parse(text.data());
    if (address && settings.is_inside(*address)) continue;
    examination.fail(kSegment,
                     {"{} の接続先 {} は閉域網の外({})にあります",
                      "{}: the upstream {} is outside the segment, at {}"},
                     entry.application.name, upstream.host, text.data());
    return;
  }
}

void examine_routes(Examination& examination) {
  std::ifstream file("/proc/net/route");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string interface, destination, gateway, flags, references, uses, metric, mask;
    words >> interface >> destination >> gateway >> flags >> references >> uses >> metric >> mask;
    if (destination != "00000000" || mask != "00000000") continue;
    const auto router = address_of_hex(gateway);
    examination.warn(kRoutes,
                     {"既定の経路があります({} 経由 {})。閉域網の外へ通じていないか、"
                      "ルーターの設定を確かめてください",
                      "there is a default route ({} via {}): make sure that the router "
                      "leads nowhere outside"},
                     interface, router ? router->text() : "-");
    return;
  }
  examination.good(kRoutes, {"既定の経路はありません", "there is no default route"});
}

}  // namespace

void examine_segment(Examination& examination, const settings::Settings& settings) {
  const std::size_t before = examination.diagnoses().size();
  for (const settings::Listener& listener : settings.listeners) {
    if (listener.kind == settings::Listener::Kind::kCheck) continue;  // of this machine
    if (is_inside(settings, listener.address)) continue;
    examination.fail(kSegment, {"待ち受け {} は閉域網の外です", "the listener {} is outside"},
                     listener.address.text());
  }
  std::size_t upstreams = 0;
  for (const settings::ApplicationEntry& entry : settings.applications) {
    for (const settings::Upstream& upstream : entry.upstreams) {
      ++upstreams;
      examine_upstream(examination, settings, entry, upstream);
    }
  }
  if (examination.diagnoses().size() == before) {
    examination.good(kSegment,
                     {"待ち受け {} か所と接続先 {} か所はすべて閉域網の中",
                      "{} listeners and {} upstreams are all inside"},
                     settings.listeners.size(), upstreams);
  }
  examine_sockets(examination, settings);
  examine_routes(examination);
}

void examine_machine(Examination& examination, const settings::Settings& settings) {
  timex clock{};
  if (::adjtimex(&clock) == TIME_ERROR || (clock.status & STA_UNSYNC) != 0) {
    examination.warn(kClock,
                     {"時計が同期されていません。TOTP は時計に頼ります(閉域網内の NTP を設定"
                      "してください)",
                      "the clock is not synchronised; TOTP depends on it: set up NTP "
                      "inside the segment"});
  } else {
    examination.good(kClock, {"時計は同期されています", "the clock is synchronised"});
  }
  const std::string folder = std::filesystem::path(settings.store_path).parent_path().string();
  struct statvfs disk {};
  if (::statvfs(folder.empty() ? "." : folder.c_str(), &disk) != 0) return;
  const std::uint64_t available = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (available < kLeastFreeBytes) {
    examination.warn(kDisk, {"{} の空きが {} MiB しかありません", "{} has only {} MiB left"},
                     folder, available / (1024 * 1024));
  } else {
    examination.good(kDisk, {"{} の空きは {} MiB", "{} has {} MiB left"}, folder,
                     available / (1024 * 1024));
  }
}

}  // namespace sekisho::cli
