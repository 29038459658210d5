// One core's share of the gateway: an io_context, the live view, the kept upstream connections,
// the streams and their deadlines.  Nothing here is touched by another thread, except through
// post().

#ifndef SEKISHO_GATEWAY_EVENT_LOOP_H_
#define SEKISHO_GATEWAY_EVENT_LOOP_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "authn/identity_issuer.h"
#include "authn/live_view.h"
#include "authn/login.h"
#include "base/random.h"
#include "gateway/access_log.h"
#include "gateway/access_notes.h"
#include "gateway/metrics.h"
#include "gateway/net.h"
#include "gateway/site.h"
#include "gateway/source_limits.h"
#include "gateway/stream.h"
#include "gateway/upstream_pool.h"
#include "gateway/worker_pool.h"
#include "store/commit_lane.h"

namespace sekisho::gateway {

class EventLoop;

// What all loops share.  Outlives them.
struct Shared {
  const Clock& clock;
  Random& random;
  const Keyring& keyring;
  store::CommitLane& lane;
  WorkerPool& workers;
  const authn::Login& login;
  const authn::Policy& policy;
  SourceLimits& sources;
  AccessJournal& access_journal;  // used on the lane's thread only
  AccessLog& access_log;
  // Every loop, for /metrics; filled before any of them runs.
  std::vector<EventLoop*> loops;
};

// Something that is asked every second whether it may go on.  Lives on its loop's thread.
class Watched {
 public:
  explicit Watched(EventLoop& loop);
  virtual ~Watched();
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  // Must not destroy a Watched.
  virtual void check() = 0;

 private:
  EventLoop& loop_;
};

class EventLoop {
 public:
  // How long a gateway that stops still waits for what a new connection has to ask.
  static constexpr std::chrono::seconds kFirstRequest{1};

  EventLoop(const Shared& shared, authn::LiveView view, std::shared_ptr<const Site> site);

  // Runs until stop(); call from the loop's own thread.
  void run() { io_.run(); }
  // From any thread.
  void post(std::function<void()> work) { asio::post(io_, std::move(work)); }
  asio::io_context& io() { return io_; }
  Executor executor() { return io_.get_executor(); }

  const std::shared_ptr<const Site>& site() const { return site_; }
  void set_site(std::shared_ptr<const Site> site);
  const Shared& shared() const { return shared_; }
  Counters& counters() { return counters_; }
  DeadlineSweep& sweep() { return sweep_; }
  UpstreamPool& upstreams() { return upstreams_; }

  // The session of this token, if live now; refreshes the view first.  An Error: cannot tell.
  Result<authn::LiveSession*> session(std::optional<std::string_view> token, Instant now);
  // The view, up to date.
  Result<authn::LiveView*> view(Instant now);
  // Remembers that the session was used; the store learns it with the next sweep.
  void touch(authn::LiveSession& session, Instant now);

  // The token for a session of the view, which session() has just brought up to date.
  Result<std::string_view> identity_token(const authn::IdentityAsked& asked, Instant now) {
    return identity_.token(view_, asked, now);
  }
  // The keys such tokens are verified with, as a JWK Set.
  Result<std::string> identity_key_set(Instant now);

  bool keeps_access_log() const { return !site_->settings.access_log.path.empty(); }
  AccessLines& access_lines() { return access_lines_; }
  // What the gate answered, for the audit log.
  PendingNotes& notes() { return notes_; }

  // Runs a job in the store and comes back when it is durable.  kBusy: the queue is full.
  Task<Result<void>> commit(const store::CommitLane::Job& job);
  // Runs slow work on the worker pool.  kBusy: the queue is full.
  Task<Result<void>> compute(const std::function<Result<void>()>& work);

  // Says "Date: …" for responses; renewed once a second.
  const std::string& date() const { return date_; }

  bool is_stopping() const { return is_stopping_; }
  // No new connections; idle ones close; busy ones finish.
  void begin_stop();
  // Closes what is left and returns from run().
  void stop();

 private:
  Task<> watch();
  void keep_time();
  void flush_touches();
  void flush_notes();
  void write_last_notes();  // and wait for it
  friend class Watched;

  const Shared& shared_;
  // Before io_: what still waits there when it goes takes itself out of these.
  DeadlineSweep sweep_;
  std::unordered_set<Watched*> watched_;
  // Sockets are used on this thread only; what others post is locked.
  asio::io_context io_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  asio::executor_work_guard<Executor> work_guard_;
  Timer timer_;
  authn::LiveView view_;
  authn::IdentityIssuer identity_;
  std::shared_ptr<const Site> site_;
  Counters counters_;
  UpstreamPool upstreams_;
  std::vector<std::pair<store::SessionId, Instant>> touches_;
  PendingNotes notes_;
  AccessLines access_lines_;
  bool is_writing_notes_ = false;
  std::string date_;
  bool is_stopping_ = false;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_EVENT_LOOP_H_
