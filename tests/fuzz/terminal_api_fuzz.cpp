// The bodies of the Terminal API: whatever is taken can be written again, and then reads the same.

#include "protocol/terminal_api.h"

#include "tests/fuzz/fuzz_target.h"

namespace sekisho::terminal_api {
namespace {

std::string_view text_of(const Secret& body) {
  return body.reveal_text();
}
std::string_view text_of(const std::string& body) {
  return body;
}

template <typename Message>
void feed(std::string_view body, Result<Message> (*decode)(std::string_view)) {
  const Result<Message> message = decode(body);
  if (!message) return;
  testing::promise(body.size() <= kMaxBody, "within its limit");
  const auto written = encode(*message);
  testing::promise(written.has_value(), "what was read can be written");
  const Result<Message> again = decode(text_of(*written));
  testing::promise(again.has_value(), "what was written can be read");
  testing::promise(text_of(*encode(*again)) == text_of(*written), "and reads the same");
}

void feed_all(std::string_view body) {
  feed(body, decode_join_request);
  feed(body, decode_join_response);
  feed(body, decode_renew_request);
  feed(body, decode_renew_response);
  feed(body, decode_status_response);
  feed(body, decode_begin_request);
  feed(body, decode_begin_response);
  feed(body, decode_finish_request);
  feed(body, decode_finish_response);
  feed(body, decode_error_response);
  (void)parse_rfc3339(body);
}

}  // namespace
}  // namespace sekisho::terminal_api

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  sekisho::terminal_api::feed_all({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
