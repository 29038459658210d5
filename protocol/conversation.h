// What the PAM module and the agent say to each other over the agent's Unix socket.
//
// The module carries texts between PAM and the agent and decides nothing.  It opens with Begin
// and then follows: a Prompt is answered with a Reply (or Abort when the person cannot be
// asked), Info and Problem are shown and not answered, Wait asks for patience with the one message
// after it (somebody has to plug a key in, or touch it), Finish ends the conversation.
//
//   frame:   | length, 4 bytes, big-endian | type, 1 byte | body |     length = 1 + size of body
//   Begin    1 | version, 1 | flags, 1 | user | service | tty | rhost | locale |
//              flags: bit 0 the application asked for silence (PAM_SILENT); other bits are zero
//   Reply    2 | text |        what the person typed: any bytes, as PAM handed them over
//   Abort    3 |
//   Prompt  16 | echo, 1: 0 off, 1 on | purpose, 1 | text |
//   Info    17 | text |
//   Problem 18 | text |
//   Finish  19 | status, 1 |
//   Wait    20 | seconds, 2 |
//   user, text and the like: | length, 2 bytes, big-endian | bytes |
//
// Decoders accept exactly this: no trailing bytes, no unknown type, flag, purpose or status, no
// field over its limit.  Every text but a Reply is UTF-8 without control characters (a shown text
// may hold line feeds), so that no side can paint the other's screen.

#ifndef SEKISHO_PROTOCOL_CONVERSATION_H_
#define SEKISHO_PROTOCOL_CONVERSATION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho::conversation {

inline constexpr std::uint8_t kVersion = 2;

// Limits in bytes.  PAM's own are 512 for a message with its NUL, and 512 for an answer.
inline constexpr std::size_t kMaxUser = 256;
inline constexpr std::size_t kMaxService = 64;
inline constexpr std::size_t kMaxTty = 128;
inline constexpr std::size_t kMaxRhost = 256;
inline constexpr std::size_t kMaxLocale = 64;
inline constexpr std::size_t kMaxText = 511;
inline constexpr std::size_t kMaxReply = 512;
inline constexpr std::size_t kLengthBytes = 4;
inline constexpr std::size_t kMaxFrame = 1024;  // what `length` may say
inline constexpr std::chrono::seconds kLongestWait{300};

// The person at the terminal, as the application claims it; nothing here is proven.
struct Begin {
  std::string user;
  std::string service;
  std::string tty;
  std::string rhost;
  std::string locale;  // "ja_JP.UTF-8", or empty when the session names none
  bool silent = false;
};
struct Reply {
  Secret text;
};
struct Abort {};

enum class Echo : std::uint8_t { kOff = 0, kOn = 1 };
// Why the agent asks, so that a password the stack already holds can answer (first_pass=use).
enum class Purpose : std::uint8_t { kPassword = 1, kCode = 2, kPin = 3 };
struct Prompt {
  Echo echo = Echo::kOff;
  Purpose purpose = Purpose::kCode;
  std::string text;
};
struct Info {
  std::string text;
};
struct Problem {
  std::string text;
};

enum class Status : std::uint8_t {
  kGranted = 1,
  kDenied = 2,
  kMaxTries = 3,           // locked or throttled, which a stranger's name can be as well
  kUnavailable = 4,        // nobody could decide
  kConversationError = 5,  // the person could not be asked, or did not answer in time
  kNotEntitled = 6,        // this caller may not ask about this user
};
struct Finish {
  Status status = Status::kUnavailable;
};
// Until the next message as many seconds may pass, 1 to kLongestWait; never fewer than the module
// allows of itself.
struct Wait {
  std::chrono::seconds time{1};
};

using FromModule = std::variant<Begin, Reply, Abort>;
using FromAgent = std::variant<Prompt, Info, Problem, Finish, Wait>;

// The whole frame with its length; a Secret because it may carry one.  kInvalid when a field does
// not keep the limits above: the caller cuts or refuses, the codec never does.
Result<Secret> encode(const FromModule& message);
Result<Secret> encode(const FromAgent& message);

// How many bytes follow the first four, 1 to kMaxFrame.  kInvalid otherwise: the stream is lost.
// Precondition: `length_bytes` has kLengthBytes bytes.
Result<std::size_t> frame_length(ByteView length_bytes);

// Decodes what follows the length.  kInvalid when it is malformed in any way, kUnsupported when
// it is a Begin of another version.
Result<FromModule> decode_from_module(ByteView frame);
Result<FromAgent> decode_from_agent(ByteView frame);

// True when `text` can be a field of Begin: UTF-8, no control characters, at most `limit` bytes.
bool is_plain_text(std::string_view text, std::size_t limit);
// The same for a text to show, which may hold line feeds.
bool is_shown_text(std::string_view text);
// `text` made plain (base/text.h printable) and cut at `limit` bytes, between two characters.
std::string made_plain(std::string_view text, std::size_t limit);

}  // namespace sekisho::conversation

#endif  // SEKISHO_PROTOCOL_CONVERSATION_H_
