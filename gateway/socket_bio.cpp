#include "gateway/socket_bio.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "gateway/hello_guard.h"

namespace sekisho::gateway {
namespace {

Wire& wire_of(BIO* bio) {
  return *static_cast<Wire*>(BIO_get_data(bio));
}

bool passes(int number) {
  return number == EAGAIN || number == EWOULDBLOCK || number == EINTR;
}

int read_wire(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  Wire& wire = wire_of(bio);
  const ssize_t got = wire.receive(out, static_cast<std::size_t>(size));
  if (wire.blocked == Wire::Blocked::kReading) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int write_wire(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  Wire& wire = wire_of(bio);
  const ssize_t sent = wire.send(bytes, static_cast<std::size_t>(size));
  if (wire.blocked == Wire::Blocked::kWriting) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long control_wire(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* const method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
  if (method == nullptr) return nullptr;
  BIO_meth_set_read(method, &read_wire);
  BIO_meth_set_write(method, &write_wire);
  BIO_meth_set_ctrl(method, &control_wire);
  return method;
}

}  // namespace

ssize_t Wire::receive(void* out, std::size_t size) {
  blocked = failure == 0 ? Blocked::kReading : Blocked::kNo;
  if (left_of_turn == 0 || failure != 0) return -1;
  const ssize_t got = ::recv(descriptor, out, std::min(size, left_of_turn), MSG_DONTWAIT);
  if (got > 0) {
    blocked = Blocked::kNo;
    if (guard != nullptr &&
        !guard->allows({static_cast<const char*>(out), static_cast<std::size_t>(got)})) {
      failure = ECONNABORTED;
      return -1;
    }
    spend(static_cast<std::size_t>(got));
    return got;
  }
  if (got == 0) {
    has_ended = true;
  } else if (!passes(errno)) {
    blocked = Blocked::kNo;
    failure = errno;
  }
  return -1;
}

ssize_t Wire::send(const void* bytes, std::size_t size) {
  blocked = Blocked::kNo;
  const ssize_t sent = ::send(descriptor, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent > 0) return sent;
  if (sent == 0 || passes(errno)) {
    blocked = Blocked::kWriting;
  } else {
    failure = errno;
  }
  return -1;
}

BIO* new_socket_bio(Wire& wire) {
  static BIO_METHOD* const method = make_method();  // for the life of the process
  BIO* const bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace sekisho::gateway
