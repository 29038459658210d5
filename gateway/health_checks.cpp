#include "gateway/health_checks.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <map>

#include "base/log.h"
#include "gateway/message_reader.h"

namespace sekisho::gateway {
namespace {

using std::chrono::steady_clock;

// How often it is looked at whose turn it is.
constexpr std::chrono::milliseconds kTick{500};

// Well is who answers with 2xx or 3xx in time.  It is asked as the application, by the name under
// which it is asked for everything else.
Task<bool> is_well(EventLoop& loop, const UpstreamTarget& target, const std::string& host,
                   const settings::HealthCheck& check) {
  auto connected = co_await loop.upstreams().connect(target);
  if (!connected) co_return false;
  UpstreamConnection& connection = **connected;
  connection.stream->expire_after(check.timeout);
  const std::string request = "GET " + check.path + " HTTP/1.1\r\nHost: " + host +
                              "\r\nUser-Agent: sekisho-health\r\nConnection: close\r\n\r\n";
  if (co_await connection.stream->write(request)) co_return false;
  ResponseReader reader(*connection.stream, 16 * 1024);
  if (co_await reader.read_head(check.timeout) != ReadOutcome::kDone) co_return false;
  const unsigned status = reader.head().status;
  co_return status >= 200 && status < 400;
}

// By value: a reload may come while the server thinks.
Task<> check_one(EventLoop& loop, std::shared_ptr<const Site> site, std::size_t application,
                 std::size_t index) {
  const settings::HealthCheck& check = site->settings.applications[application].health;
  const UpstreamTarget& target = site->upstreams[application][index];
  const std::string& host = site->settings.applications[application].application.host;
  const bool is_good = co_await is_well(loop, target, host, check);
  const bool has_changed = is_good ? target.health->note_good_check(check)
                                   : target.health->note_failure(check, steady_clock::now());
  if (has_changed) log_health(target, is_good);
}

}  // namespace

void log_health(const UpstreamTarget& target, bool is_up) {
  log::write(is_up ? log::Level::kInfo : log::Level::kWarning,
             is_up ? "upstream_up" : "upstream_down",
             JsonObject().add("host", target.address.host).add("port", target.address.port));
}

Task<> check_upstreams(EventLoop& loop) {
  std::map<std::string, steady_clock::time_point> due;  // by the target's key
  Timer timer(loop.executor());
  while (!loop.is_stopping()) {
    timer.expires_after(kTick);
    const auto [cancelled] = co_await timer.async_wait(use_outcome);
    if (cancelled) co_return;
    const auto site = loop.site();
    const auto now = steady_clock::now();
    decltype(due) next;
    for (std::size_t i = 0; i < site->upstreams.size(); ++i) {
      const settings::HealthCheck& check = site->settings.applications[i].health;
      if (check.path.empty()) continue;
      for (std::size_t j = 0; j < site->upstreams[i].size(); ++j) {
        const std::string key = site->upstreams[i][j].key + " " + check.path;
        const auto known = due.find(key);
        const bool is_due = known == due.end() || known->second <= now;
        next[key] = is_due ? now + check.every : known->second;
        if (is_due) {
          asio::co_spawn(loop.executor(), check_one(loop, site, i, j), asio::detached);
        }
      }
    }
    due = std::move(next);
  }
}

}  // namespace sekisho::gateway
