#include "gateway/gateway.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "authn/keys.h"
#include "authn/session.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/log.h"
#include "gateway/health_checks.h"
#include "gateway/housekeeping.h"
#include "gateway/local_socket.h"
#include "gateway/service_manager.h"

namespace sekisho::gateway {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::minutes kHouseEvery{1};
// The terminal listener's certificate lives 30 days (gateway/tls.cpp).
constexpr std::chrono::hours kRenewEvery{24 * 7};

std::size_t cores() {
  return std::max(1U, std::thread::hardware_concurrency());
}

std::size_t loop_count(const settings::Limits& limits) {
  return limits.threads > 0 ? static_cast<std::size_t>(limits.threads) : cores();
}

std::size_t worker_count(const settings::Limits& limits) {
  return limits.password_workers > 0 ? static_cast<std::size_t>(limits.password_workers)
                                     : std::max<std::size_t>(1, cores() / 2);
}

// Taken by Gateway::run and by no other thread.
sigset_t signals_of_ours() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  return signals;
}

// Only addresses decide whether a reload needs new sockets.
bool listens_alike(const settings::Settings& a, const settings::Settings& b) {
  return std::equal(a.listeners.begin(), a.listeners.end(), b.listeners.begin(), b.listeners.end(),
                    [](const settings::Listener& x, const settings::Listener& y) {
                      return x.kind == y.kind && x.address == y.address && x.port == y.port &&
                             x.socket_path == y.socket_path && x.group == y.group;
                    });
}

// What a running gateway cannot change, in words; empty: nothing of it was changed.
std::string_view needs_restart(const settings::Settings& wanted, const settings::Settings& now) {
  if (!listens_alike(wanted, now)) return "listeners change only with a restart";
  if (wanted.store_path != now.store_path) return "the store changes only with a restart";
  if (wanted.seal_keys_path != now.seal_keys_path || wanted.audit_key_path != now.audit_key_path) {
    return "key files change only with a restart";
  }
  if (wanted.policy != now.policy) {
    return "[sessions], [throttle], [totp], [terminals], [privileged] and [security_keys] change "
           "only with a restart";
  }
  if (wanted.limits.threads != now.limits.threads ||
      wanted.limits.password_workers != now.limits.password_workers ||
      wanted.limits.password_queue != now.limits.password_queue) {
    return "threads and password_* change only with a restart";
  }
  return {};
}

// What began under a laxer policy ends by this one.
Result<void> hold_sessions(store::Store& store, const authn::Policy& policy, Instant now) {
  auto transaction = store.begin();
  if (!transaction) return fail(transaction.error());
  const auto shortened = authn::shorten_sessions(store, policy, std::nullopt, now);
  if (!shortened) return fail(shortened.error());
  if (*shortened > 0) {
    const auto written =
        store.audit_log().append({"sessions_shortened", "done", "gateway", "gateway", "gateway",
                                  JsonObject().add("sessions", *shortened).text()},
                                 now);
    if (!written) return fail(written.error());
  }
  return transaction->commit();
}

}  // namespace

struct Gateway::Parts {
  SystemClock clock;
  SystemRandom random;
  Keyring keyring;
  std::optional<SigningKey> audit_key;
  std::shared_ptr<const Site> site;
  Instant site_made_at;
  authn::Policy policy;  // fixed for the life of the process
  SourceLimits sources;
  AccessJournal access_journal;
  AccessLog access_log;
  std::unique_ptr<store::CommitLane> lane;
  std::unique_ptr<WorkerPool> workers;
  std::unique_ptr<authn::Login> login;
  std::unique_ptr<Shared> shared;
  std::vector<std::unique_ptr<EventLoop>> loops;
  std::vector<std::unique_ptr<Listener>> listeners;
  std::vector<std::size_t> loop_of_listener;
  std::vector<std::thread> threads;
};

Gateway::Gateway(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Gateway::~Gateway() {
  for (auto& loop : parts_->loops) loop->stop();
  for (std::thread& thread : parts_->threads) {
    if (thread.joinable()) thread.join();
  }
  // The lanes end before the loops they post to.
  parts_->workers.reset();
  parts_->lane.reset();
  parts_->listeners.clear();
  parts_->loops.clear();
}

Result<void> check_files(const settings::Settings& settings) {
  const auto keyring = Keyring::load(settings.seal_keys_path);
  if (!keyring) return fail(keyring.error());
  if (const auto key = SigningKey::load(settings.audit_key_path); !key) return fail(key.error());
  const auto site = make_site(settings, SystemClock().now());
  if (!site) return fail(site.error());
  if (auto log = AccessLog::check(settings.access_log); !log) return log;
  return store::Store::check_file(settings.store_path, *keyring);
}

Result<std::unique_ptr<Gateway>> Gateway::start(settings::Settings settings) {
  // Before there is any thread that would inherit them unblocked, and end the process while run()
  // is busy with the one before.
  const sigset_t signals = signals_of_ours();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  auto parts = std::make_unique<Parts>();
  auto keyring = Keyring::load(settings.seal_keys_path);
  if (!keyring) return fail(keyring.error());
  parts->keyring = std::move(*keyring);
  auto audit_key = SigningKey::load(settings.audit_key_path);
  if (!audit_key) return fail(audit_key.error());
  parts->audit_key = std::move(*audit_key);
  const settings::Limits limits = settings.limits;
  const std::string store_path = settings.store_path;
  parts->policy = settings.policy;
  auto site = make_site(std::move(settings), parts->clock.now());
  if (!site) return fail(site.error());
  parts->site = std::move(*site);
  parts->site_made_at = parts->clock.now();
  if (auto opened = parts->access_log.use(parts->site->settings.access_log); !opened) {
    return fail(opened.error());
  }

  auto store = store::Store::open(store_path, parts->keyring, parts->random);
  if (!store) return fail(store.error());
  if (auto held = hold_sessions(*store, parts->policy, parts->clock.now()); !held) {
    return fail(held.error());
  }
  parts->lane = std::make_unique<store::CommitLane>(std::move(*store), store::CommitLane::Limits{});
  parts->workers = std::make_unique<WorkerPool>(worker_count(limits),
                                                static_cast<std::size_t>(limits.password_queue));
  parts->login = std::make_unique<authn::Login>(parts->policy, parts->keyring, parts->random);
  parts->shared = std::make_unique<Shared>(Shared{parts->clock,
                                                  parts->random,
                                                  parts->keyring,
                                                  *parts->lane,
                                                  *parts->workers,
                                                  *parts->login,
                                                  parts->policy,
                                                  parts->sources,
                                                  parts->access_journal,
                                                  parts->access_log,
                                                  {}});
  for (std::size_t i = 0; i < loop_count(limits); ++i) {
    auto view = authn::LiveView::open(store_path, parts->clock.now());
    if (!view) return fail(view.error());
    parts->loops.push_back(
        std::make_unique<EventLoop>(*parts->shared, std::move(*view), parts->site));
    parts->shared->loops.push_back(parts->loops.back().get());
  }
  auto gateway = std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
  if (auto opened = gateway->open_listeners(); !opened) return fail(opened.error());
  gateway->write_down("gateway_start", "done");
  gateway->keep_identity();
  return gateway;
}

Result<void> Gateway::open_listeners() {
  auto inherited = InheritedSockets::take();
  if (!inherited) return fail(inherited.error());
  const auto& wanted = parts_->site->settings.listeners;
  for (std::size_t index = 0; index < wanted.size(); ++index) {
    std::uint16_t port = wanted[index].port;
    // Metrics are answered by one loop; everything else by all.
    const bool is_metrics = wanted[index].kind == settings::Listener::Kind::kMetrics;
    const std::size_t count = is_metrics ? 1 : parts_->loops.size();
    const bool is_local = wanted[index].kind == settings::Listener::Kind::kCheck;
    UniqueFd local;
    for (std::size_t i = 0; i < count; ++i) {
      auto socket = inherited->duplicate(InheritedSockets::name_of(wanted[index]));
      if (!socket) return fail(socket.error());
      if (is_local && socket->valid()) {
        if (auto narrow = examine_handed_socket(wanted[index]); !narrow)
          return fail(narrow.error());
      }
      if (is_local && !socket->valid()) {
        if (!local.valid()) {
          auto opened = listen_on_socket(wanted[index]);
          if (!opened) return fail(opened.error());
          local = std::move(*opened);
        }
        socket = duplicate(local);
        if (!socket) return fail(socket.error());
      }
      auto listener =
          socket->valid()
              ? Listener::adopt(*parts_->loops[i], wanted[index], std::move(*socket), index)
              : Listener::open(*parts_->loops[i], wanted[index], port, index);
      if (!listener) return fail(listener.error());
      port = (*listener)->port();
      parts_->listeners.push_back(std::move(*listener));
      parts_->loop_of_listener.push_back(i);
    }
    log::write(
        log::Level::kInfo, "listening",
        JsonObject()
            .add("kind", settings::name_of(wanted[index].kind))
            .add("address", is_local ? wanted[index].socket_path
                                     : wanted[index].address.text() + ":" + std::to_string(port)));
  }
  if (const auto unused = inherited->unused(); !unused.empty()) {
    return fail(ErrorCode::kInvalid, "a socket was handed over for " + unused.front() +
                                         ", where no [[listener]] is configured");
  }
  return {};
}

void Gateway::write_down(std::string_view event, std::string_view outcome) {
  const auto& settings = parts_->site->settings;
  const auto text = read_file(settings.path, 1024 * 1024);
  const std::string config = text ? hex_of(ByteView(sha256(*text)).first(8)) : "unreadable";
  const Instant now = parts_->clock.now();
  const auto done = parts_->lane->run([&](store::Store& store) -> Result<void> {
    const auto written = store.audit_log().append(
        {std::string(event), std::string(outcome), "gateway", "gateway", "gateway",
         JsonObject().add("version", SEKISHO_VERSION).add("config", config).text()},
        now);
    if (!written) return written;
    // So that what was written before, or by the command line meanwhile, is signed, too.
    const auto signature = store.audit_log().sign_checkpoint(*parts_->audit_key, now);
    return signature ? Result<void>() : fail(signature.error());
  });
  if (!done) {
    log::write(log::Level::kError, "audit_failed", JsonObject().add("error", done.error().message));
  }
}

void Gateway::reload() {
  const bool is_done = load_anew();
  // A log that was rotated is let go of whatever came of the rest.
  if (!is_done) {
    if (auto opened = parts_->access_log.use(parts_->site->settings.access_log); !opened) {
      log::write(log::Level::kError, "access_log_failed",
                 JsonObject().add("error", opened.error().message));
    }
  }
  write_down("gateway_reload", is_done ? "done" : "error");
  if (is_done) log::write(log::Level::kInfo, "reloaded");
}

bool Gateway::load_anew() {
  auto settings = settings::load(parts_->site->settings.path);
  if (!settings) {
    for (const settings::Finding& finding : settings.error()) {
      log::write(log::Level::kError, "reload_refused",
                 JsonObject().add("line", finding.line).add("message", finding.message));
    }
    return false;
  }
  if (const auto why = needs_restart(*settings, parts_->site->settings); !why.empty()) {
    log::write(log::Level::kError, "reload_refused", JsonObject().add("message", why));
    return false;
  }
  const settings::AccessLogSettings log = settings->access_log;
  if (auto opened = parts_->access_log.use(log); !opened) {
    log::write(log::Level::kError, "reload_refused",
               JsonObject().add("message", opened.error().message));
    return false;
  }
  return use_site(std::move(*settings));
}

bool Gateway::use_site(settings::Settings settings) {
  auto site = make_site(std::move(settings), parts_->clock.now());
  if (!site) {
    log::write(log::Level::kError, "reload_refused",
               JsonObject().add("message", site.error().message));
    return false;
  }
  parts_->site = std::move(*site);
  parts_->site_made_at = parts_->clock.now();
  keep_identity();
  for (auto& loop : parts_->loops) {
    loop->post([raw = loop.get(), current = parts_->site] { raw->set_site(current); });
  }
  return true;
}

// Before a site that wants tokens is used, so that its first request finds a key.
void Gateway::keep_identity() {
  keep_identity_keys(*parts_->lane, parts_->clock, parts_->keyring, parts_->random,
                     parts_->site->settings);
}

void Gateway::keep_house() {
  clean_up(*parts_->lane, parts_->clock, *parts_->audit_key);
  keep_identity();
  if (parts_->clock.now() - parts_->site_made_at < kRenewEvery) return;
  // The same configuration with a new certificate; what went wrong is logged and met again.
  if (use_site(parts_->site->settings)) log::write(log::Level::kInfo, "certificates_renewed");
}

void Gateway::stop_gracefully() {
  const auto limit = parts_->site->settings.limits.stop_timeout;
  log::write(log::Level::kInfo, "stopping");
  notify("STOPPING=1");
  for (std::size_t i = 0; i < parts_->listeners.size(); ++i) {
    parts_->loops[parts_->loop_of_listener[i]]->post(
        [listener = parts_->listeners[i].get()] { listener->stop(); });
  }
  for (auto& loop : parts_->loops) {
    loop->post([raw = loop.get()] { raw->begin_stop(); });
  }
  const auto open = [&] {
    std::uint64_t count = 0;
    for (auto& loop : parts_->loops) count += loop->counters().connections_open.value();
    return count;
  };
  const auto deadline = steady_clock::now() + limit;
  while (open() > 0 && steady_clock::now() < deadline) {
    const timespec pause{0, 20'000'000};
    nanosleep(&pause, nullptr);
  }
  for (auto& loop : parts_->loops) {
    loop->post([raw = loop.get()] { raw->stop(); });
  }
  for (std::thread& thread : parts_->threads) thread.join();
  parts_->threads.clear();
  write_down("gateway_stop", "done");
  log::write(log::Level::kInfo, "stopped");
}

void Gateway::run(int ready_fd) {
  const sigset_t signals = signals_of_ours();
  for (auto& loop : parts_->loops) {
    parts_->threads.emplace_back([raw = loop.get()] { raw->run(); });
  }
  for (std::size_t i = 0; i < parts_->listeners.size(); ++i) {
    parts_->loops[parts_->loop_of_listener[i]]->post(
        [listener = parts_->listeners[i].get()] { listener->start(); });
  }
  asio::co_spawn(parts_->loops.front()->executor(), check_upstreams(*parts_->loops.front()),
                 asio::detached);
  log::write(log::Level::kInfo, "ready", JsonObject().add("version", SEKISHO_VERSION));
  notify("READY=1");
  if (ready_fd >= 0) {
    if (::write(ready_fd, "ready\n", 6) != 6) log::write(log::Level::kWarning, "ready_fd_closed");
    ::close(ready_fd);
  }
  while (true) {
    const timespec wait{std::chrono::seconds(kHouseEvery).count(), 0};
    const int number = sigtimedwait(&signals, nullptr, &wait);
    if (number == SIGHUP) {
      reload();
    } else if (number == SIGTERM || number == SIGINT) {
      break;
    } else {
      keep_house();
    }
  }
  stop_gracefully();
}

}  // namespace sekisho::gateway
