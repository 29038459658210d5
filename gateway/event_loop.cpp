#include "gateway/event_loop.h"

#include <time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "authn/session.h"
#include "base/log.h"

namespace sekisho::gateway {
namespace {

constexpr std::chrono::seconds kSweepEvery{1};
constexpr std::chrono::milliseconds kTouchEvery{60'000};

std::string http_date() {
  const time_t now = time(nullptr);
  tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

}  // namespace

Watched::Watched(EventLoop& loop) : loop_(loop) {
  loop_.watched_.insert(this);
}

Watched::~Watched() {
  loop_.watched_.erase(this);
}

EventLoop::EventLoop(const Shared& shared, authn::LiveView view, std::shared_ptr<const Site> site)
    : shared_(shared),
      work_guard_(io_.get_executor()),
      timer_(io_.get_executor()),
      view_(std::move(view)),
      identity_(shared.keyring),
      site_(std::move(site)),
      upstreams_(*this),
      access_lines_(shared.access_log),
      date_(http_date()) {
  asio::co_spawn(io_.get_executor(), watch(), asio::detached);
}

void EventLoop::set_site(std::shared_ptr<const Site> site) {
  site_ = std::move(site);
  view_.forget_noted_applications();
}

Task<> EventLoop::watch() {
  while (true) {
    timer_.expires_after(kSweepEvery);
    const auto [cancelled] = co_await timer_.async_wait(use_outcome);
    if (cancelled) co_return;
    // Without it no deadline passes and no session ends: it goes on whatever one of them met.
    try {
      keep_time();
    } catch (const std::exception& failure) {
      log::write(log::Level::kError, "sweep_failed",
                 JsonObject().add("error", std::string_view(failure.what())));
    }
  }
}

void EventLoop::keep_time() {
  counters_.deadlines_passed.add(sweep_.close_expired(std::chrono::steady_clock::now()));
  upstreams_.drop_stale();
  date_ = http_date();
  for (Watched* watched : watched_) watched->check();
  flush_touches();
  flush_notes();
  access_lines_.hand_over();
}

Result<authn::LiveView*> EventLoop::view(Instant now) {
  if (auto fresh = view_.refresh(now); !fresh) {
    log::write(log::Level::kError, "view_refresh_failed",
               JsonObject().add("error", fresh.error().message));
    return fail(fresh.error());
  }
  return &view_;
}

Result<authn::LiveSession*> EventLoop::session(std::optional<std::string_view> token, Instant now) {
  const Result<authn::LiveView*> fresh = view(now);
  if (!fresh) return fail(fresh.error());
  if (!token) return static_cast<authn::LiveSession*>(nullptr);
  const std::optional<Digest> hash = authn::token_hash(*token);
  if (!hash) return static_cast<authn::LiveSession*>(nullptr);
  return (*fresh)->session(*hash, now);
}

Result<std::string> EventLoop::identity_key_set(Instant now) {
  if (const auto fresh = view(now); !fresh) return fail(fresh.error());
  return identity_.key_set(view_, now);
}

void EventLoop::touch(authn::LiveSession& session, Instant now) {
  session.last_seen_at = now;
  if (now - session.touched_at < std::min(kTouchEvery, session.idle_limit / 10)) return;
  session.touched_at = now;
  touches_.emplace_back(session.id, now);
}

void EventLoop::flush_touches() {
  if (touches_.empty()) return;
  auto touches = std::make_shared<decltype(touches_)>(std::move(touches_));
  touches_.clear();
  const bool queued = shared_.lane.submit(
      [touches](store::Store& store) -> Result<void> {
        for (const auto& [session, seen] : *touches) {
          if (auto done = store.sessions().touch(session, seen); !done) return done;
        }
        return {};
      },
      // A lost touch shortens an idle session; it never lengthens one.
      [](const Result<void>&) {});
  if (!queued) log::write(log::Level::kWarning, "session_touches_dropped");
}

// One batch at a time is on its way; it comes back when it could not be written.
void EventLoop::flush_notes() {
  if (is_writing_notes_ || notes_.empty()) return;
  const auto batch = std::make_shared<PendingNotes::Batch>(notes_.take());
  AccessJournal& journal = shared_.access_journal;
  const Instant now = shared_.clock.now();
  is_writing_notes_ = shared_.lane.submit(
      [&journal, batch, now](store::Store& store) { return journal.write(store, *batch, now); },
      [this, &journal, batch](const Result<void>& outcome) {
        if (!outcome) journal.forget(*batch);
        post([this, batch, outcome] {
          is_writing_notes_ = false;
          if (outcome) return;
          log::write(log::Level::kError, "access_notes_delayed",
                     JsonObject().add("error", outcome.error().message));
          notes_.give_back(std::move(*batch));
        });
      });
  if (!is_writing_notes_) notes_.give_back(std::move(*batch));
}

namespace {

// Brings a coroutine back to its loop with the outcome of work done on another thread.
template <typename Start>
Task<Result<void>> come_back_with(asio::io_context& io, Start start) {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>&, void(Result<void>)>(
      [&io, start = std::move(start)](auto handler) mutable {
        using Handler = decltype(handler);
        auto kept = std::make_shared<Handler>(std::move(handler));
        auto guard = asio::make_work_guard(io);
        start([kept, guard](Result<void> outcome) {
          asio::post(guard.get_executor(), [kept, outcome = std::move(outcome)]() mutable {
            std::move (*kept)(std::move(outcome));
          });
        });
      },
      use_task);
}

}  // namespace

Task<Result<void>> EventLoop::commit(const store::CommitLane::Job& job) {
  return come_back_with(io_, [this, job](const store::CommitLane::Done& done) {
    if (!shared_.lane.submit(job, done)) {
      done(fail(ErrorCode::kBusy, "the store's queue is full"));
    }
  });
}

Task<Result<void>> EventLoop::compute(const std::function<Result<void>()>& work) {
  return come_back_with(io_, [this, work](const store::CommitLane::Done& done) {
    if (!shared_.workers.submit([work, done] { done(work()); })) {
      done(fail(ErrorCode::kBusy, "the password queue is full"));
    }
  });
}

void EventLoop::begin_stop() {
  is_stopping_ = true;
  sweep_.close_idle(std::chrono::steady_clock::now() + kFirstRequest);
  upstreams_.drop_all();
}

void EventLoop::stop() {
  flush_touches();
  timer_.cancel();
  work_guard_.reset();
  const auto end = [this]() -> Task<> {
    struct Stop {
      asio::io_context& io;
      ~Stop() { io.stop(); }
    };
    const Stop stop{io_};  // whatever is thrown
    // What is cut off now comes to its end, and is written down; what waits for another thread does
    // not.
    constexpr int kLastTurns = 100;
    for (int i = 0; i < kLastTurns && counters_.connections_open.value() > 0; ++i) {
      sweep_.close_all();  // also what is opened to try again
      co_await asio::post(io_, use_task);
    }
    access_lines_.hand_over();
    // A batch on its way is through when the lane has taken another job, and told in the next turn.
    (void)shared_.lane.run([](store::Store&) { return Result<void>(); });
    co_await asio::post(io_, use_task);
    write_last_notes();
  };
  asio::co_spawn(io_, end, asio::detached);
}

void EventLoop::write_last_notes() {
  const PendingNotes::Batch batch = notes_.take();
  if (batch.notes.empty() && batch.left_out == 0) return;
  const Instant now = shared_.clock.now();
  const auto done = shared_.lane.run(
      [&](store::Store& store) { return shared_.access_journal.write(store, batch, now); });
  if (done) return;
  log::write(log::Level::kError, "access_notes_lost",
             JsonObject()
                 .add("count", static_cast<std::int64_t>(batch.notes.size()) + batch.left_out)
                 .add("error", done.error().message));
}

}  // namespace sekisho::gateway
