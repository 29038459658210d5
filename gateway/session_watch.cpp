#include "gateway/session_watch.h"

#include <algorithm>
#include <utility>

#include "gateway/gate.h"

namespace sekisho::gateway {

SessionWatch::SessionWatch(EventLoop& loop, Stream& client, Stream& application, Admitted admitted)
    : Watched(loop),
      loop_(loop),
      client_(client),
      application_(application),
      admitted_(std::move(admitted)) {}

bool may_go_on(EventLoop& loop, const Admitted& admitted) {
  const auto site = loop.site();
  const auto& applications = site->rules.applications();
  const auto found =
      std::ranges::find(applications, admitted.application, &authn::Application::name);
  return found != applications.end() &&
         may_stay(loop, *site,
                  {kProxyDoor, *found, admitted.target, admitted.client, admitted.token});
}

void SessionWatch::check() {
  const bool must_stop = ends_at_stop_ && loop_.is_stopping();
  if (must_stop || !may_go_on(loop_, admitted_)) close();
}

void SessionWatch::close() {
  goes_on_ = false;
  client_.close();
  application_.close();
}

}  // namespace sekisho::gateway
