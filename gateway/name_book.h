// Where an upstream's name leads, found in a bounded time.
//
// getaddrinfo(3) can take many seconds when a name server is down, cannot be interrupted, and one
// such look-up holds up the next.  So whoever waits gives up in time, an answer is good for half a
// minute, and an older one is used at once while a new look-up runs.  One book a loop.

#ifndef SEKISHO_GATEWAY_NAME_BOOK_H_
#define SEKISHO_GATEWAY_NAME_BOOK_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/net.h"

namespace sekisho::gateway {

class NameBook {
 public:
  explicit NameBook(Executor executor) : executor_(std::move(executor)) {}

  // Empty when nothing was found within `wait` and nothing was known.
  Task<std::vector<asio::ip::address>> find(std::string name, std::chrono::milliseconds wait);

 private:
  struct Entry;
  void look_up(const std::string& name, const std::shared_ptr<Entry>& entry);

  Executor executor_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // as many as the configuration names
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_NAME_BOOK_H_
