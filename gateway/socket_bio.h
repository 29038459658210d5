// The socket as OpenSSL reads and writes it.
//
// OpenSSL's own BIO takes the end of a connection for an error of TLS, after which nothing can be
// written any more; but a client that has only closed its half still wants its answer.  Here the
// end looks like silence to OpenSSL, and is remembered for us.

#ifndef SEKISHO_GATEWAY_SOCKET_BIO_H_
#define SEKISHO_GATEWAY_SOCKET_BIO_H_

#include <openssl/bio.h>
#include <sys/types.h>

#include <algorithm>
#include <cstddef>

namespace sekisho::gateway {

class HelloGuard;

struct Wire {
  // What may be received in one turn.  Whoever sends without a pause could otherwise keep the loop
  // to himself, and its deadlines from passing: after so much there seems to be nothing, and who
  // waits for more lets the others go first.  What is small to receive and much to do costs more
  // (spend).
  static constexpr std::size_t kTurn = 64 * 1024;  // bytes

  int descriptor = -1;
  std::size_t left_of_turn = kTurn;
  bool has_ended = false;       // the peer sends no more
  int failure = 0;              // errno of the last failure that is one
  HelloGuard* guard = nullptr;  // of a client that has not said hello yet; else nullptr
  enum class Blocked { kNo, kReading, kWriting };
  Blocked blocked = Blocked::kNo;  // whether, and in what, the last use of it would have waited

  void spend(std::size_t bytes) { left_of_turn -= std::min(left_of_turn, bytes); }

  // Neither waits.  -1: look at `blocked` or `failure`.
  ssize_t receive(void* out, std::size_t size);
  ssize_t send(const void* bytes, std::size_t size);
};

// A BIO over `wire`, which must outlive it; nullptr: no memory.  It never blocks.
BIO* new_socket_bio(Wire& wire);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_SOCKET_BIO_H_
