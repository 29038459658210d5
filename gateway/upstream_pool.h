// Connections to applications, kept alive and used again by the loop that opened them.

#ifndef SEKISHO_GATEWAY_UPSTREAM_POOL_H_
#define SEKISHO_GATEWAY_UPSTREAM_POOL_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/message_reader.h"
#include "gateway/name_book.h"
#include "gateway/site.h"
#include "gateway/stream.h"

namespace sekisho::gateway {

class EventLoop;

struct UpstreamConnection {
  std::unique_ptr<Stream> stream;
  std::shared_ptr<boost::asio::ssl::context> tls;  // outlives the stream's use of it
  SteadyTime kept_since;
  bool is_reused = false;
};

class UpstreamPool {
 public:
  explicit UpstreamPool(EventLoop& loop);

  // A kept connection, or nothing.
  std::unique_ptr<UpstreamConnection> take(const UpstreamTarget& target);

  // A new connection to the first of the target's addresses that lies in the segment and
  // answers, with TLS verified for the target's name.  kDenied: every address is outside.
  // kUnavailable: none answered in time.  kInvalid: its certificate is refused.
  Task<Result<std::unique_ptr<UpstreamConnection>>> connect(const UpstreamTarget& target);

  // Keeps a connection on which a whole exchange has ended.
  void keep(const UpstreamTarget& target, std::unique_ptr<UpstreamConnection> connection);

  void drop_stale();
  void drop_all() { kept_.clear(); }

 private:
  EventLoop& loop_;
  NameBook names_;
  std::map<std::string, std::vector<std::unique_ptr<UpstreamConnection>>, std::less<>> kept_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_UPSTREAM_POOL_H_
