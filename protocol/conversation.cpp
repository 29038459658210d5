#include "protocol/conversation.h"

#include <optional>
#include <utility>

#include "base/text.h"

namespace sekisho::conversation {
namespace {

enum class Type : std::uint8_t {
  kBegin = 1,
  kReply = 2,
  kAbort = 3,
  kPrompt = 16,
  kInfo = 17,
  kProblem = 18,
  kFinish = 19,
  kWait = 20,
};
constexpr std::uint8_t kSilentFlag = 1;

// Collects one frame.  The room for the largest frame is taken at once, so that no copy of a
// secret is left behind by growing.
class Writer {
 public:
  explicit Writer(Type type) {
    bytes_.reserve(kLengthBytes + kMaxFrame);
    bytes_.resize(kLengthBytes);
    number(static_cast<std::uint8_t>(type));
  }
  void number(std::uint8_t value) { bytes_.push_back(value); }
  void field(ByteView value) {
    bytes_.push_back(static_cast<std::uint8_t>(value.size() >> 8));
    bytes_.push_back(static_cast<std::uint8_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  Secret finish() {
    const std::size_t length = bytes_.size() - kLengthBytes;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
      bytes_[i] = static_cast<std::uint8_t>(length >> (8 * (kLengthBytes - 1 - i)));
    }
    return Secret(std::move(bytes_));
  }

 private:
  Bytes bytes_;
};

// Takes a frame apart.  After the first thing that is missing everything is.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  std::uint8_t number() {
    const ByteView taken = take(1);
    return taken.empty() ? std::uint8_t{0} : taken[0];
  }
  ByteView field(std::size_t limit) {
    const ByteView length = take(2);
    if (length.empty()) return {};
    const std::size_t size = static_cast<std::size_t>(length[0]) << 8 | length[1];
    if (size > limit) {
      broken_ = true;
      return {};
    }
    return take(size);
  }
  // True when everything was there and nothing is left.
  bool ended_well() const { return !broken_ && rest_.empty(); }

 private:
  ByteView take(std::size_t count) {
    if (broken_ || rest_.size() < count) {
      broken_ = true;
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  ByteView rest_;
  bool broken_ = false;
};

std::unexpected<Error> malformed(const char* what) {
  return fail(ErrorCode::kInvalid, std::string("malformed conversation frame: ") + what);
}

bool is_plain(const Begin& begin) {
  return is_plain_text(begin.user, kMaxUser) && is_plain_text(begin.service, kMaxService) &&
         is_plain_text(begin.tty, kMaxTty) && is_plain_text(begin.rhost, kMaxRhost) &&
         is_plain_text(begin.locale, kMaxLocale);
}

std::optional<Status> status_of(std::uint8_t number) {
  if (number < static_cast<std::uint8_t>(Status::kGranted) ||
      number > static_cast<std::uint8_t>(Status::kNotEntitled)) {
    return std::nullopt;
  }
  return static_cast<Status>(number);
}

Result<Secret> encoded(const Begin& begin) {
  if (!is_plain(begin)) return fail(ErrorCode::kInvalid, "a field of Begin is not plain text");
  Writer writer(Type::kBegin);
  writer.number(kVersion);
  writer.number(begin.silent ? kSilentFlag : std::uint8_t{0});
  for (const std::string* text :
       {&begin.user, &begin.service, &begin.tty, &begin.rhost, &begin.locale}) {
    writer.field(as_bytes(*text));
  }
  return writer.finish();
}

Result<Secret> encoded(const Reply& reply) {
  if (reply.text.size() > kMaxReply) return fail(ErrorCode::kInvalid, "the reply is too long");
  Writer writer(Type::kReply);
  writer.field(reply.text.reveal());
  return writer.finish();
}

Result<Secret> encoded(const Abort&) {
  return Writer(Type::kAbort).finish();
}

Result<Secret> encoded(const Prompt& prompt) {
  if (!is_shown_text(prompt.text)) return fail(ErrorCode::kInvalid, "the prompt cannot be shown");
  Writer writer(Type::kPrompt);
  writer.number(static_cast<std::uint8_t>(prompt.echo));
  writer.number(static_cast<std::uint8_t>(prompt.purpose));
  writer.field(as_bytes(prompt.text));
  return writer.finish();
}

Result<Secret> encoded_text(Type type, const std::string& text) {
  if (!is_shown_text(text)) return fail(ErrorCode::kInvalid, "the text cannot be shown");
  Writer writer(type);
  writer.field(as_bytes(text));
  return writer.finish();
}
Result<Secret> encoded(const Info& info) {
  return encoded_text(Type::kInfo, info.text);
}
Result<Secret> encoded(const Problem& problem) {
  return encoded_text(Type::kProblem, problem.text);
}

Result<Secret> encoded(const Finish& finish) {
  Writer writer(Type::kFinish);
  writer.number(static_cast<std::uint8_t>(finish.status));
  return writer.finish();
}

Result<Secret> encoded(const Wait& wait) {
  if (wait.time < std::chrono::seconds(1) || wait.time > kLongestWait) {
    return fail(ErrorCode::kInvalid, "nobody waits that long");
  }
  Writer writer(Type::kWait);
  writer.number(static_cast<std::uint8_t>(wait.time.count() >> 8));
  writer.number(static_cast<std::uint8_t>(wait.time.count()));
  return writer.finish();
}

Result<FromModule> decoded_begin(Reader reader) {
  // The version stands first so that another version is told from noise whatever follows it.
  if (const std::uint8_t version = reader.number(); version != kVersion) {
    return fail(ErrorCode::kUnsupported, "the PAM module speaks version " +
                                             std::to_string(version) + ", this agent " +
                                             std::to_string(kVersion));
  }
  const std::uint8_t flags = reader.number();
  Begin begin;
  begin.user = as_text(reader.field(kMaxUser));
  begin.service = as_text(reader.field(kMaxService));
  begin.tty = as_text(reader.field(kMaxTty));
  begin.rhost = as_text(reader.field(kMaxRhost));
  begin.locale = as_text(reader.field(kMaxLocale));
  begin.silent = flags == kSilentFlag;
  if (!reader.ended_well() || (flags & ~kSilentFlag) != 0) return malformed("Begin");
  if (!is_plain(begin)) return malformed("Begin holds a text that is not plain");
  return begin;
}

Result<FromAgent> decoded_prompt(Reader reader) {
  const std::uint8_t echo = reader.number();
  const std::uint8_t purpose = reader.number();
  Prompt prompt;
  prompt.text = as_text(reader.field(kMaxText));
  if (!reader.ended_well() || echo > 1 || purpose < 1 || purpose > 3) return malformed("Prompt");
  if (!is_shown_text(prompt.text)) return malformed("Prompt holds a text that is not plain");
  prompt.echo = static_cast<Echo>(echo);
  prompt.purpose = static_cast<Purpose>(purpose);
  return prompt;
}

Result<FromAgent> decoded_wait(Reader reader) {
  const int high = reader.number();
  const std::chrono::seconds time(high << 8 | reader.number());
  if (!reader.ended_well() || time < std::chrono::seconds(1) || time > kLongestWait) {
    return malformed("Wait");
  }
  return Wait{time};
}

template <typename Message>
Result<FromAgent> decoded_text(Reader reader) {
  Message message{std::string(as_text(reader.field(kMaxText)))};
  if (!reader.ended_well()) return malformed("text");
  if (!is_shown_text(message.text)) return malformed("a text that is not plain");
  return message;
}

}  // namespace

Result<Secret> encode(const FromModule& message) {
  return std::visit([](const auto& one) { return encoded(one); }, message);
}

Result<Secret> encode(const FromAgent& message) {
  return std::visit([](const auto& one) { return encoded(one); }, message);
}

Result<std::size_t> frame_length(ByteView length_bytes) {
  std::size_t length = 0;
  for (const std::uint8_t byte : length_bytes.first(kLengthBytes)) length = length << 8 | byte;
  if (length < 1 || length > kMaxFrame) return malformed("length out of bounds");
  return length;
}

Result<FromModule> decode_from_module(ByteView frame) {
  Reader reader(frame);
  switch (static_cast<Type>(reader.number())) {
    case Type::kBegin:
      return decoded_begin(reader);
    case Type::kReply: {
      Reply reply{Secret(reader.field(kMaxReply))};
      if (!reader.ended_well()) return malformed("Reply");
      return reply;
    }
    case Type::kAbort:
      if (!reader.ended_well()) return malformed("Abort");
      return Abort{};
    default:
      return malformed("not a type the module sends");
  }
}

Result<FromAgent> decode_from_agent(ByteView frame) {
  Reader reader(frame);
  switch (static_cast<Type>(reader.number())) {
    case Type::kPrompt:
      return decoded_prompt(reader);
    case Type::kInfo:
      return decoded_text<Info>(reader);
    case Type::kProblem:
      return decoded_text<Problem>(reader);
    case Type::kFinish: {
      const std::optional<Status> status = status_of(reader.number());
      if (!reader.ended_well() || !status) return malformed("Finish");
      return Finish{*status};
    }
    case Type::kWait:
      return decoded_wait(reader);
    default:
      return malformed("not a type the agent sends");
  }
}

bool is_plain_text(std::string_view text, std::size_t limit) {
  return text.size() <= limit && is_utf8(text) && !has_control_characters(text);
}

bool is_shown_text(std::string_view text) {
  if (text.size() > kMaxText || !is_utf8(text)) return false;
  for (const std::string_view line : split(text, '\n')) {
    if (has_control_characters(line)) return false;
  }
  return true;
}

std::string made_plain(std::string_view text, std::size_t limit) {
  const auto cut = [limit](std::string_view whole) {
    if (whole.size() <= limit) return whole;
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xc0U) == 0x80U) --end;
    return whole.substr(0, end);
  };
  const std::string plain = printable(cut(text));
  return std::string(cut(plain));
}

}  // namespace sekisho::conversation
