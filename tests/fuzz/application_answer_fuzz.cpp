// What an application answers, from its bytes to those that the client gets.
//
// The gateway's own reader reads it, whole and a byte at a time, and both must come to the same;
// the steps between are those of Exchange.

#include "gateway/proxy_heads.h"
#include "gateway/request_guard.h"
#include "tests/fuzz/fed_stream.h"
#include "tests/fuzz/plain_head.h"

namespace sekisho::gateway {
namespace {

using testing::BodyEnd;
using testing::FedStream;
using testing::PlainField;
using testing::promise;

constexpr std::size_t kHeaderLimit = 4096;  // within reach of short inputs; the default is 32 KiB

// The request that is answered.
struct Asked {
  bool by_head = false;  // the method
  bool by_http_10 = false;
  bool for_upgrade = false;
};

struct Answered {
  std::string to_client;
  unsigned status = 0;  // 0: it was no answer; ours goes out instead
  bool keeps_client = false;
  bool keeps_application = false;
  bool is_tunnel = false;
  bool has_body = false;
  testing::ReadBody body;
  bool operator==(const Answered& other) const {
    return status == other.status && keeps_client == other.keeps_client &&
           keeps_application == other.keeps_application && is_tunnel == other.is_tunnel &&
           has_body == other.has_body && body.end == other.body.end &&
           // What comes before a fault may come in fewer pieces.
           (body.end == BodyEnd::kBroken || body.text == other.body.text);
  }
};

std::vector<PlainField> passing_fields(const ResponseHead& head) {
  const std::vector<std::string> named = testing::named_by_connection(head.fields);
  std::vector<PlainField> passing;
  for (const Field& field : head.fields.all()) {
    const std::string name = lower_case(field.name);
    if (name == "content-length" || testing::ends_at_the_next_hop(name) ||
        testing::is_among(named, name)) {
      continue;
    }
    // A browser drops what stands before a name, and sends a value without a name back bare.
    std::string_view pair = trimmed(field.value.substr(0, field.value.find(';')));
    while (pair.starts_with('=')) pair = trimmed(pair.substr(1));
    const bool is_ours =
        name == "set-cookie" && testing::is_a_cookie_of_ours(pair.substr(0, pair.find('=')));
    if (!is_ours) passing.push_back({field.name, field.value});
  }
  return passing;
}

void is_returned_as_promised(const ResponseHead& head, const Returning& returning,
                             std::string_view text) {
  promise(is_strict_head(text), "what is returned is strict");
  const testing::PlainHead plain = testing::read_plainly(text);
  promise(plain.first == "HTTP/1.1 " + std::to_string(head.status) + " " + std::string(head.reason),
          "the same status");
  promise(head.status >= 100 && head.status <= 599, "a status that there is");
  const bool is_chunked = returning.is_chunked && !returning.is_upgrade;
  const bool has_length = returning.content_length && !returning.is_chunked &&
                          !returning.is_upgrade && head.status != 204;
  promise(plain.values("Transfer-Encoding").size() == (is_chunked ? 1 : 0), "one coding, ours");
  promise(plain.values("Content-Length").size() == (has_length ? 1 : 0), "one length, or none");
  promise(!has_length || plain.says("Content-Length", std::to_string(*returning.content_length)),
          "as the application said");
  promise(!is_chunked || !has_length, "not both");
  promise(
      plain.values("Connection").size() == (returning.is_upgrade || !returning.keeps_alive ? 1 : 0),
      "what becomes of the connection is said by us");
  promise(plain.values("Upgrade").size() == (returning.is_upgrade ? 1 : 0), "only where allowed");
  promise(plain.has("Strict-Transport-Security"), "a browser comes back by https");
  for (const std::string_view value : plain.values("Set-Cookie")) {
    promise(!testing::is_a_cookie_of_ours(value.substr(0, value.find_first_of("=;"))),
            "an application sets no cookie of ours");
  }
  std::vector<PlainField> left;
  for (const PlainField& field : plain.fields) {
    const bool is_of_the_hop = testing::ends_at_the_next_hop(field.name);
    const bool is_ours = equals_ignoring_case(field.name, "Connection") ||
                         equals_ignoring_case(field.name, "Upgrade") ||
                         equals_ignoring_case(field.name, "Transfer-Encoding");
    promise(!is_of_the_hop || is_ours, "nothing of the application's hop goes on");
    if (!is_ours && !equals_ignoring_case(field.name, "Content-Length")) left.push_back(field);
  }
  std::vector<PlainField> expected = passing_fields(head);
  if (std::ranges::none_of(expected, [](const PlainField& field) {
        return equals_ignoring_case(field.name, "Strict-Transport-Security");
      })) {
    expected.push_back({"Strict-Transport-Security", "max-age=31536000; includeSubDomains"});
  }
  promise(left == expected, "every other field goes through as it came");
}

class Application {
 public:
  Application(std::string_view bytes, std::size_t step, const Asked& asked)
      : wire_(bytes, step), is_whole_(step == FedStream::kWhole), asked_(asked) {}

  Answered run() {
    for (int interim = 0; interim <= 16; ++interim) {
      ResponseReader reader(wire_.stream(), kHeaderLimit);
      if (asked_.by_head) reader.expect_no_body();
      const auto outcome = testing::read_head(reader, wire_);
      if (outcome != ReadOutcome::kDone || !is_sound(reader.head())) return {};
      testing::has_one_end(reader.head().fields, reader.head().version);
      const unsigned status = reader.head().status;
      if (status == 101) return upgrade(reader);
      if (status < 100 || status > 599) return {};
      if (status >= 200) return answer(reader);
    }
    return {};
  }

 private:
  Answered upgrade(ResponseReader& reader) {
    if (!asked_.for_upgrade) return {};
    const Returning returning{false, true, true, std::nullopt};
    Answered answered;
    answered.status = 101;
    answered.is_tunnel = true;
    answered.to_client = returned_response(reader.head(), returning);
    if (is_whole_) is_returned_as_promised(reader.head(), returning, answered.to_client);
    return answered;
  }

  Answered answer(ResponseReader& reader) {
    const ResponseHead& head = reader.head();
    Answered answered;
    answered.status = head.status;
    answered.has_body = reader.has_body();
    answered.keeps_client = true;
    promise(!asked_.by_head || !answered.has_body, "an answer to HEAD has no body");
    const bool goes_chunked = answered.has_body && !reader.content_length() && !asked_.by_http_10;
    if (answered.has_body && !reader.content_length() && !goes_chunked) {
      answered.keeps_client = false;
    }
    answered.keeps_application = reader.is_keep_alive();
    const Returning returning{goes_chunked, answered.keeps_client, false, reader.content_length()};
    answered.to_client = returned_response(head, returning);
    if (is_whole_) is_returned_as_promised(head, returning, answered.to_client);
    answered.body = testing::read_body(reader, wire_);
    // Without a length a body ends with the connection.
    if (answered.body.end == BodyEnd::kCut && reader.ends_with_connection()) {
      answered.body.end = BodyEnd::kWhole;
    }
    answered.to_client += goes_chunked ? answered.body.chunked : answered.body.text;
    if (goes_chunked && answered.body.end == BodyEnd::kWhole) answered.to_client += "0\r\n\r\n";
    promise(!answered.keeps_application || !reader.ends_with_connection(),
            "what ends with the connection is its last");
    return answered;
  }

  FedStream wire_;
  const bool is_whole_;
  const Asked asked_;
};

// The client reads one answer, with this body, and knows where it ends.
void is_one_answer(const Answered& answered, const Asked& asked) {
  const std::string_view head =
      std::string_view(answered.to_client).substr(0, answered.to_client.find("\r\n\r\n"));
  if (std::ranges::count(head, '\n') > static_cast<std::ptrdiff_t>(Fields::kMost)) return;
  FedStream wire(answered.to_client, FedStream::kWhole);
  {
    ResponseReader reader(wire.stream(), 8 * kHeaderLimit);
    if (asked.by_head) reader.expect_no_body();
    promise(testing::read_head(reader, wire) == ReadOutcome::kDone, "what is returned is a head");
    promise(is_sound(reader.head()), "that is sound");
    promise(reader.head().status == answered.status, "of the same status");
    if (answered.is_tunnel) return;
    promise(reader.has_body() == answered.has_body, "with a body or without, as it was");
    testing::ReadBody read = testing::read_body(reader, wire);
    if (reader.ends_with_connection()) {
      promise(!answered.keeps_client, "a body without an end ends with the connection");
      if (read.end == BodyEnd::kCut) read.end = BodyEnd::kWhole;
      promise(read.text == answered.body.text, "the same body");
      return;
    }
    promise(read.text == answered.body.text, "the same body");
    promise((read.end == BodyEnd::kWhole) == (answered.body.end == BodyEnd::kWhole),
            "a body that is not whole is not taken for one");
    if (read.end != BodyEnd::kWhole) return;
  }
  promise(wire.is_at_end(), "and nothing behind it");
}

void feed(std::string_view bytes) {
  for (const Asked asked :
       {Asked{}, Asked{.by_head = true}, Asked{.by_http_10 = true}, Asked{.for_upgrade = true}}) {
    const Answered at_once = Application(bytes, FedStream::kWhole, asked).run();
    const Answered by_bytes = Application(bytes, 1, asked).run();
    promise(by_bytes == at_once, "bytes come to the same, however they come");
    if (at_once.status != 0) {
      is_one_answer(at_once, asked);
      is_one_answer(by_bytes, asked);
    }
  }
}

}  // namespace
}  // namespace sekisho::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  sekisho::gateway::feed({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
