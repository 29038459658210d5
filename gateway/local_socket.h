// A listening socket of this machine, where a reverse proxy asks for its checks: who may open its
// file may ask, and nobody else, so it needs neither TLS nor a list of addresses.

#ifndef SEKISHO_GATEWAY_LOCAL_SOCKET_H_
#define SEKISHO_GATEWAY_LOCAL_SOCKET_H_

#include "base/file.h"
#include "base/result.h"
#include "settings/settings.h"

namespace sekisho::gateway {

// Listens at listener.socket_path, for our own user and listener.group (mode 0660).  What a gateway
// before left there is replaced in one step, so that nobody meets a socket without its mode, or
// none. kDenied: others could put theirs in its place, or the group is not ours to give. kNotFound:
// there is no such folder or group.  kAlreadyExists: something that is no socket is there.
Result<UniqueFd> listen_on_socket(const settings::Listener& listener);

// Whether one that a service manager made is as narrow.  kDenied: it is not.
Result<void> examine_handed_socket(const settings::Listener& listener);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_LOCAL_SOCKET_H_
