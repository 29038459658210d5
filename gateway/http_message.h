// HTTP/1.1 messages as the gateway sees them: a head whose texts are views into the connection's
// buffer, and a body that arrives in pieces (RFC 9112).  Beast's parser does the reading; nothing
// is copied and nothing allocated for a request.

#ifndef SEKISHO_GATEWAY_HTTP_MESSAGE_H_
#define SEKISHO_GATEWAY_HTTP_MESSAGE_H_

#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/net.h"

namespace sekisho::gateway {

namespace http = boost::beast::http;

struct Field {
  http::field id = http::field::unknown;
  std::string_view name;
  std::string_view value;
};

// The fields of a head, in order.  Views are valid until the buffer moves on.
class Fields {
 public:
  static constexpr std::size_t kMost = 128;

  bool add(http::field id, std::string_view name, std::string_view value) {
    if (count_ == kMost) return false;
    fields_[count_++] = {id, name, value};
    return true;
  }
  void clear() { count_ = 0; }
  std::span<const Field> all() const { return {fields_.data(), count_}; }
  // The first value, or nullopt.
  std::optional<std::string_view> find(http::field id) const;
  std::optional<std::string_view> find(std::string_view name) const;  // ignores case
  std::size_t count(http::field id) const;

 private:
  std::array<Field, kMost> fields_;
  std::size_t count_ = 0;
};

// A chunk extension that ends where every reader sees it end: nobody's line end inside its quotes.
bool is_harmless_extension(std::string_view text);

struct RequestHead {
  http::verb verb = http::verb::unknown;
  std::string_view method;
  std::string_view target;
  int version = 11;
  Fields fields;
};

struct ResponseHead {
  unsigned status = 0;
  std::string_view reason;
  int version = 11;
  Fields fields;
};

// Feeds Beast's parser; one object a message.
template <bool is_request>
class MessageParser : public http::basic_parser<is_request> {
 public:
  using Head = std::conditional_t<is_request, RequestHead, ResponseHead>;
  explicit MessageParser(Head& head) : head_(head) { head_.fields.clear(); }

  // The piece of body that the last put() found, or empty.
  std::string_view take_piece() { return std::exchange(piece_, {}); }

 private:
  using View = boost::beast::string_view;
  static std::string_view view(View text) { return {text.data(), text.size()}; }

  void on_request_impl(http::verb verb, View method, View target, int version,
                       error_code&) override {
    if constexpr (is_request) {
      head_.verb = verb;
      head_.method = view(method);
      head_.target = view(target);
      head_.version = version;
    }
  }
  void on_response_impl(int status, View reason, int version, error_code&) override {
    if constexpr (!is_request) {
      head_.status = static_cast<unsigned>(status);
      head_.reason = view(reason);
      head_.version = version;
    }
  }
  void on_field_impl(http::field id, View name, View value, error_code& failure) override {
    if (!head_.fields.add(id, view(name), view(value))) failure = http::error::header_limit;
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(View body, error_code&) override {
    piece_ = view(body);
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, View extensions, error_code& failure) override {
    if (!is_harmless_extension(view(extensions))) failure = http::error::bad_chunk_extension;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, View body, error_code&) override {
    piece_ = view(body);
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  Head& head_;
  std::string_view piece_;
};

using RequestParser = MessageParser<true>;
using ResponseParser = MessageParser<false>;

// Whether a comma-separated field (Connection, Transfer-Encoding) names `token`.
bool has_token(std::string_view list, std::string_view token);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_HTTP_MESSAGE_H_
