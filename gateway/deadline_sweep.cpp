#include "gateway/deadline_sweep.h"

#include <algorithm>

#include "gateway/stream.h"

namespace sekisho::gateway {

WatchedStream::WatchedStream(Stream& stream, DeadlineSweep& sweep)
    : stream_(stream), sweep_(sweep) {
  sweep_.add(*this);
}

WatchedStream::~WatchedStream() {
  sweep_.remove(*this);
}

bool WatchedStream::is_left() {
  if (client_ == nullptr) return false;
  switch (client_->peer()) {
    case Stream::Peer::kThere:
      return false;
    case Stream::Peer::kHalfClosed:
      was_left_ = ++half_closed_sweeps_ > kMostHalfClosed;
      break;
    case Stream::Peer::kGone:
      was_left_ = true;
      break;
  }
  return was_left_;
}

std::size_t DeadlineSweep::close_expired(SteadyTime now) {
  std::size_t closed = 0;
  for (WatchedStream* watched = first_; watched != nullptr; watched = watched->next_) {
    if (watched->waits_ != WatchedStream::Waits::kForNothing && ++watched->sweeps_ == 2) {
      watched->stream_.release_buffers();
    }
    if (!watched->stream_.is_open()) continue;
    if (watched->is_left()) watched->stream_.close();
    if (watched->deadline_ >= now || !watched->stream_.is_open()) continue;
    watched->stream_.close();
    ++closed;
  }
  return closed;
}

void DeadlineSweep::close_idle(SteadyTime latest) {
  using Waits = WatchedStream::Waits;
  for (WatchedStream* watched = first_; watched != nullptr; watched = watched->next_) {
    if (watched->waits_ == Waits::kForNextRequest) watched->stream_.close();
    if (watched->waits_ == Waits::kForFirstRequest) {
      watched->deadline_ = std::min(watched->deadline_, latest);
    }
  }
}

void DeadlineSweep::close_all() {
  for (WatchedStream* watched = first_; watched != nullptr; watched = watched->next_) {
    watched->stream_.close();
  }
}

void DeadlineSweep::add(WatchedStream& stream) {
  stream.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &stream;
  first_ = &stream;
  ++count_;
}

void DeadlineSweep::remove(WatchedStream& stream) {
  if (stream.previous_ != nullptr) stream.previous_->next_ = stream.next_;
  if (stream.next_ != nullptr) stream.next_->previous_ = stream.previous_;
  if (first_ == &stream) first_ = stream.next_;
  --count_;
}

}  // namespace sekisho::gateway
