// Reads along while a client says hello, and ends what announces more than any hello is.
//
// OpenSSL takes a ClientHello of up to 128 KiB, and makes room for what the first four bytes
// announce: eleven bytes would hold that much of our memory until the handshake's deadline.
//
// For servers that resume no session: of a client that resumes one in TLS 1.2, encrypted bytes
// would be taken for a message.

#ifndef SEKISHO_GATEWAY_HELLO_GUARD_H_
#define SEKISHO_GATEWAY_HELLO_GUARD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sekisho::gateway {

class HelloGuard {
 public:
  // With the largest keys that are proposed for it a hello has 2 to 5 KiB.
  static constexpr std::size_t kMostHello = 16 * 1024;

  // The next bytes of the connection, in any pieces.  False: it is to be ended.
  bool allows(std::string_view bytes);

 private:
  // Gathers `header` from the front of `bytes`; false: more must come.
  template <std::size_t size>
  static bool gather(std::array<std::uint8_t, size>& header, std::size_t& have,
                     std::string_view& bytes);
  bool allows_handshake(std::string_view part);

  // Nothing more of it can be a hello: it has sent another message, or it speaks no TLS.
  bool is_over_ = false;
  std::array<std::uint8_t, 5> record_{};  // type, version, length (RFC 8446 section 5.1)
  std::size_t have_of_record_ = 0;
  std::size_t left_of_record_ = 0;
  std::array<std::uint8_t, 4> message_{};  // type, length
  std::size_t have_of_message_ = 0;
  std::size_t left_of_message_ = 0;
};

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_HELLO_GUARD_H_
