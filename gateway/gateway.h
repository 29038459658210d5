// The running gateway: loops, listeners, lanes; starting, reloading and stopping them.

#ifndef SEKISHO_GATEWAY_GATEWAY_H_
#define SEKISHO_GATEWAY_GATEWAY_H_

#include <memory>
#include <thread>
#include <vector>

#include "base/signing.h"
#include "gateway/event_loop.h"
#include "gateway/listener.h"

namespace sekisho::gateway {

// Opens what a configuration names and fails with what is missing or wrong; starts nothing.
// `sekishod --check`.
Result<void> check_files(const settings::Settings& settings);

class Gateway {
 public:
  // Opens the store, keys, certificates and listening sockets, and writes "gateway_start" to the
  // audit log.
  static Result<std::unique_ptr<Gateway>> start(settings::Settings settings);
  ~Gateway();

  // Blocks until SIGTERM or SIGINT has stopped it; SIGHUP reloads meanwhile.  `ready_fd` gets
  // the line "ready" once connections are accepted; -1: none.
  void run(int ready_fd);

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);
  Result<void> open_listeners();
  void reload();
  bool load_anew();
  // Makes and hands out a new Site; false, with the reason logged, when it cannot be made.
  bool use_site(settings::Settings settings);
  void keep_house();
  void keep_identity();
  void write_down(std::string_view event, std::string_view outcome);
  void stop_gracefully();

  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_GATEWAY_H_
