// The streams of one event loop, and when each of them must be closed.

#ifndef SEKISHO_GATEWAY_DEADLINE_SWEEP_H_
#define SEKISHO_GATEWAY_DEADLINE_SWEEP_H_

#include <chrono>
#include <cstddef>

namespace sekisho::gateway {

using SteadyTime = std::chrono::steady_clock::time_point;

class DeadlineSweep;
class Stream;

// A Stream's place in the sweep's list.
class WatchedStream {
 public:
  WatchedStream(Stream& stream, DeadlineSweep& sweep);
  ~WatchedStream();
  WatchedStream(const WatchedStream&) = delete;
  WatchedStream& operator=(const WatchedStream&) = delete;

  void expire_at(SteadyTime at) { deadline_ = at; }
  SteadyTime deadline() const { return deadline_; }
  // Whom the stream works for: once that client has left nobody waits for what it would bring, and
  // it is closed.  nullptr: nobody.
  void work_for(Stream* client) {
    client_ = client;
    half_closed_sweeps_ = 0;
    was_left_ = false;
  }
  bool was_left() const { return was_left_; }
  // What a stream waits for, for a graceful stop.
  enum class Waits { kForNothing, kForFirstRequest, kForNextRequest };
  void set_waiting(Waits waits) {
    waits_ = waits;
    sweeps_ = 0;
  }

 private:
  friend class DeadlineSweep;
  // Who has closed only the half that sends still waits for an answer; but a browser's tab that is
  // gone looks the same.
  static constexpr int kMostHalfClosed = 10;  // sweeps, so seconds
  bool is_left();

  Stream& stream_;
  DeadlineSweep& sweep_;
  SteadyTime deadline_ = SteadyTime::max();
  Waits waits_ = Waits::kForNothing;
  int sweeps_ = 0;  // that have found it waiting
  Stream* client_ = nullptr;
  int half_closed_sweeps_ = 0;  // that have found the client so
  bool was_left_ = false;
  WatchedStream* previous_ = nullptr;
  WatchedStream* next_ = nullptr;
};

class DeadlineSweep {
 public:
  // Closes every stream whose deadline is before `now`; the number closed.  What was found waiting
  // twice gives its buffers back.
  std::size_t close_expired(SteadyTime now);
  // Closes what waits for a next request; a first one may still come until `latest`.
  void close_idle(SteadyTime latest);
  void close_all();
  std::size_t count() const { return count_; }

 private:
  friend class WatchedStream;
  void add(WatchedStream& stream);
  void remove(WatchedStream& stream);
  WatchedStream* first_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_DEADLINE_SWEEP_H_
