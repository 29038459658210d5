// What a service manager hands over at the start and wants to hear (systemd: sd_listen_fds(3),
// sd_notify(3)).  Listening sockets that it keeps outlive the gateway: while one gateway ends and
// the next begins, a newer binary for instance, connections wait in them and none is refused.

#ifndef SEKISHO_GATEWAY_SERVICE_MANAGER_H_
#define SEKISHO_GATEWAY_SERVICE_MANAGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "settings/settings.h"

namespace sekisho::gateway {

class InheritedSockets {
 public:
  // Those named by LISTEN_FDS, when LISTEN_PID is this process; both are removed from the
  // environment.  kInvalid: one of them is no listening stream socket, or two have one address.
  static Result<InheritedSockets> take();

  bool empty() const { return sockets_.empty(); }
  // Where a listener listens: "10.0.0.1:443", "[fd00::1]:443", "/run/sekisho-gateway/check.sock".
  static std::string name_of(const settings::Listener& listener);
  // A descriptor of its own for the socket that listens there; an empty one: none was handed over.
  Result<UniqueFd> duplicate(const std::string& name);
  // Names that nobody asked for: a unit and a configuration that disagree.
  std::vector<std::string> unused() const;

 private:
  struct Socket {
    UniqueFd descriptor;
    bool is_used = false;
  };
  std::map<std::string, Socket> sockets_;  // by name
};

// Another descriptor for the same socket, closed in children.
Result<UniqueFd> duplicate(const UniqueFd& socket);

// Tells the service manager, when there is one that listens: "READY=1", "STOPPING=1".
void notify(std::string_view state);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SERVICE_MANAGER_H_
