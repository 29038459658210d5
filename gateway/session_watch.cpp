#include "gateway/session_watch.h"

#include <utility>

#include "gateway/gate.h"

namespace sekisho::gateway {

SessionWatch::SessionWatch(EventLoop& loop, Stream& client, Stream& application, Admitted admitted)
    : Watched(loop),
      loop_(loop),
      client_(client),
      application_(application),
      admitted_(std::move(admitted)) {}

// The rules may be others by now, so the application is looked up by its name.
void SessionWatch::check() {
  const auto site = loop_.site();
  for (const authn::Application& application : site->rules.applications()) {
    if (application.name != admitted_.application) continue;
    if (may_stay(loop_, *site,
                 {kProxyDoor, application, admitted_.target, admitted_.client, admitted_.token})) {
      return;
    }
  }
  close();
}

void SessionWatch::close() {
  goes_on_ = false;
  client_.close();
  application_.close();
}

}  // namespace sekisho::gateway
