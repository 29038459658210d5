#include "protocol/conversation.h"

#include "tests/support/catch.h"

namespace sekisho::conversation {
namespace {

Begin begin_of_a_login() {
  return {"関所太郎", "sshd", "ssh", "192.0.2.7", "ja_JP.UTF-8", true};
}

// What follows the length of an encoded frame, after checking the length.
Bytes frame_of(const Result<Secret>& encoded) {
  REQUIRE(encoded);
  const ByteView bytes = encoded->reveal();
  const Result<std::size_t> length = frame_length(bytes.first(kLengthBytes));
  REQUIRE(length);
  REQUIRE(*length == bytes.size() - kLengthBytes);
  return copy_of(bytes.subspan(kLengthBytes));
}
Bytes frame_from_module(const FromModule& message) {
  return frame_of(encode(message));
}
Bytes frame_from_agent(const FromAgent& message) {
  return frame_of(encode(message));
}

TEST_CASE("a Begin arrives as it was sent", "[protocol]") {
  const Result<FromModule> decoded = decode_from_module(frame_from_module(begin_of_a_login()));
  REQUIRE(decoded);
  const Begin& begin = std::get<Begin>(*decoded);
  CHECK(begin.user == "関所太郎");
  CHECK(begin.service == "sshd");
  CHECK(begin.tty == "ssh");
  CHECK(begin.rhost == "192.0.2.7");
  CHECK(begin.locale == "ja_JP.UTF-8");
  CHECK(begin.silent);
}

TEST_CASE("a Reply carries any bytes, and none", "[protocol]") {
  const std::string any("\0\b\n\r\x7f\xff\xfe", 7);
  for (const std::string& text : {any, std::string(), std::string(kMaxReply, '\xff')}) {
    const Result<FromModule> decoded =
        decode_from_module(frame_from_module(Reply{Secret(std::string_view(text))}));
    REQUIRE(decoded);
    CHECK(std::get<Reply>(*decoded).text.reveal_text() == text);
  }
}

TEST_CASE("each message of the agent arrives as it was sent", "[protocol]") {
  const Result<FromAgent> prompt =
      decode_from_agent(frame_from_agent(Prompt{Echo::kOn, Purpose::kPassword, "合言葉: "}));
  REQUIRE(prompt);
  CHECK(std::get<Prompt>(*prompt).echo == Echo::kOn);
  CHECK(std::get<Prompt>(*prompt).purpose == Purpose::kPassword);
  CHECK(std::get<Prompt>(*prompt).text == "合言葉: ");
  const Result<FromAgent> notice = decode_from_agent(frame_from_agent(Info{"one\ntwo"}));
  REQUIRE(notice);
  CHECK(std::get<Info>(*notice).text == "one\ntwo");
  const Result<FromAgent> problem = decode_from_agent(frame_from_agent(Problem{"no"}));
  REQUIRE(problem);
  CHECK(std::get<Problem>(*problem).text == "no");
  for (const Status status :
       {Status::kGranted, Status::kDenied, Status::kMaxTries, Status::kUnavailable,
        Status::kConversationError, Status::kNotEntitled}) {
    const Result<FromAgent> finish = decode_from_agent(frame_from_agent(Finish{status}));
    REQUIRE(finish);
    CHECK(std::get<Finish>(*finish).status == status);
  }
  for (const Purpose purpose : {Purpose::kPassword, Purpose::kCode, Purpose::kPin}) {
    const Result<FromAgent> question =
        decode_from_agent(frame_from_agent(Prompt{Echo::kOff, purpose, "?"}));
    REQUIRE(question);
    CHECK(std::get<Prompt>(*question).purpose == purpose);
  }
}

TEST_CASE("a Wait arrives as it was sent, from one second to five minutes", "[protocol]") {
  for (const int seconds : {1, 255, 256, 300}) {
    const Result<FromAgent> wait =
        decode_from_agent(frame_from_agent(Wait{std::chrono::seconds(seconds)}));
    REQUIRE(wait);
    CHECK(std::get<Wait>(*wait).time == std::chrono::seconds(seconds));
  }
  for (const int seconds : {-1, 0, 301, 65536}) {
    CHECK_FALSE(encode(FromAgent(Wait{std::chrono::seconds(seconds)})));
  }
  CHECK_FALSE(decode_from_agent(Bytes{20, 0, 0}));
  CHECK_FALSE(decode_from_agent(Bytes{20, 1, 45}));
  CHECK_FALSE(decode_from_agent(Bytes{20, 0xff, 0xff}));
  CHECK_FALSE(decode_from_agent(Bytes{20, 1}));
}

TEST_CASE("a frame cut short anywhere is refused", "[protocol]") {
  const Bytes from_module = frame_from_module(begin_of_a_login());
  for (std::size_t size = 0; size < from_module.size(); ++size) {
    CHECK_FALSE(decode_from_module(ByteView(from_module).first(size)));
  }
  const Bytes prompt = frame_from_agent(Prompt{Echo::kOff, Purpose::kCode, "code"});
  for (std::size_t size = 0; size < prompt.size(); ++size) {
    CHECK_FALSE(decode_from_agent(ByteView(prompt).first(size)));
  }
}

TEST_CASE("a byte too many is refused in every message", "[protocol]") {
  for (Bytes frame : {frame_from_module(begin_of_a_login()), frame_from_module(Reply{}),
                      frame_from_module(Abort{})}) {
    frame.push_back(0);
    CHECK_FALSE(decode_from_module(frame));
  }
  for (Bytes frame :
       {frame_from_agent(Prompt{}), frame_from_agent(Info{}), frame_from_agent(Problem{}),
        frame_from_agent(Finish{}), frame_from_agent(Wait{})}) {
    frame.push_back(0);
    CHECK_FALSE(decode_from_agent(frame));
  }
}

TEST_CASE("neither side accepts what only it may say", "[protocol]") {
  CHECK_FALSE(decode_from_agent(frame_from_module(Abort{})));
  CHECK_FALSE(decode_from_agent(frame_from_module(Reply{})));
  CHECK_FALSE(decode_from_module(frame_from_agent(Finish{Status::kGranted})));
  CHECK_FALSE(decode_from_module(frame_from_agent(Info{"x"})));
}

TEST_CASE("a length of nothing or of more than a frame is refused", "[protocol]") {
  CHECK_FALSE(frame_length(Bytes{0, 0, 0, 0}));
  CHECK(frame_length(Bytes{0, 0, 0, 1}));
  CHECK(frame_length(Bytes{0, 0, 4, 0}) == kMaxFrame);
  CHECK_FALSE(frame_length(Bytes{0, 0, 4, 1}));
  CHECK_FALSE(frame_length(Bytes{0xff, 0xff, 0xff, 0xff}));
}

TEST_CASE("every field has its limit, to the byte", "[protocol]") {
  const auto fits = [](auto member, std::size_t size) {
    Begin begin;
    begin.*member = std::string(size, 'x');
    return encode(FromModule(begin)).has_value();
  };
  CHECK(fits(&Begin::user, kMaxUser));
  CHECK_FALSE(fits(&Begin::user, kMaxUser + 1));
  CHECK(fits(&Begin::service, kMaxService));
  CHECK_FALSE(fits(&Begin::service, kMaxService + 1));
  CHECK(fits(&Begin::tty, kMaxTty));
  CHECK_FALSE(fits(&Begin::tty, kMaxTty + 1));
  CHECK(fits(&Begin::rhost, kMaxRhost));
  CHECK_FALSE(fits(&Begin::rhost, kMaxRhost + 1));
  CHECK(fits(&Begin::locale, kMaxLocale));
  CHECK_FALSE(fits(&Begin::locale, kMaxLocale + 1));
  CHECK(encode(FromAgent(Info{std::string(kMaxText, 'x')})));
  CHECK_FALSE(encode(FromAgent(Info{std::string(kMaxText + 1, 'x')})));
  CHECK_FALSE(encode(FromModule(Reply{Secret(Bytes(kMaxReply + 1))})));
}

TEST_CASE("the largest Begin fits into a frame", "[protocol]") {
  Begin begin{std::string(kMaxUser, 'u'),  std::string(kMaxService, 's'), std::string(kMaxTty, 't'),
              std::string(kMaxRhost, 'r'), std::string(kMaxLocale, 'l'),  false};
  CHECK(decode_from_module(frame_from_module(begin)));
}

TEST_CASE("a field over its limit is refused on arrival too", "[protocol]") {
  // A Reply whose text says 513 bytes and has them.
  Bytes reply{2, 2, 1};
  reply.resize(3 + kMaxReply + 1);
  CHECK_FALSE(decode_from_module(reply));
}

TEST_CASE("a Begin of another version is told from noise", "[protocol]") {
  // The first version knew no Wait and would not have waited for a touch.
  for (const std::uint8_t version : {std::uint8_t{1}, std::uint8_t{3}}) {
    const Result<FromModule> other = decode_from_module(Bytes{1, version, 0xff, 0xff});
    REQUIRE_FALSE(other);
    CHECK(other.error().code == ErrorCode::kUnsupported);
  }
  CHECK(frame_from_module(begin_of_a_login())[1] == 2);
}

TEST_CASE("unknown flags, echoes, purposes and statuses are refused", "[protocol]") {
  Bytes begin = frame_from_module(begin_of_a_login());
  begin[2] = 2;
  CHECK_FALSE(decode_from_module(begin));
  CHECK_FALSE(decode_from_agent(Bytes{16, 2, 1, 0, 0}));
  CHECK_FALSE(decode_from_agent(Bytes{16, 0, 0, 0, 0}));
  CHECK_FALSE(decode_from_agent(Bytes{16, 0, 4, 0, 0}));
  CHECK_FALSE(decode_from_agent(Bytes{19, 0}));
  CHECK_FALSE(decode_from_agent(Bytes{19, 7}));
  CHECK_FALSE(decode_from_agent(Bytes{21}));
  CHECK_FALSE(decode_from_agent(Bytes{}));
}

TEST_CASE("texts that are not UTF-8 or would paint the screen are refused", "[protocol]") {
  for (const std::string text : {"\xff", "a\x1b[2J", "\xe2\x80\xae", "a\rb"}) {
    Begin begin;
    begin.user = text;
    CHECK_FALSE(encode(FromModule(begin)));
    CHECK_FALSE(encode(FromAgent(Problem{text})));
    Bytes info{17, 0, static_cast<std::uint8_t>(text.size())};
    info.insert(info.end(), text.begin(), text.end());
    CHECK_FALSE(decode_from_agent(info));
  }
  Begin two_lines;
  two_lines.rhost = "a\nb";
  CHECK_FALSE(encode(FromModule(two_lines)));
}

TEST_CASE("a claimed host name is made plain and cut between characters", "[protocol]") {
  CHECK(made_plain("host", 8) == "host");
  CHECK(made_plain("a\nb", 8) == "a\\x0ab");
  CHECK(made_plain("関所関所", 7) == "関所");
  CHECK(made_plain("\xff\xff\xff", 6) == "\\xff\\x");
  CHECK(is_plain_text(made_plain(std::string(999, '\xe9'), kMaxRhost), kMaxRhost));
}

}  // namespace
}  // namespace sekisho::conversation
