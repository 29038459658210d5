#include "gateway/request_context.h"

#include "base/log.h"
#include "base/text.h"
#include "gateway/cookies.h"

namespace sekisho::gateway {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> form_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string copied(std::optional<std::string_view> value) {
  return std::string(value.value_or(""));
}

}  // namespace

RequestContext context_of(EventLoop& loop, const RequestHead& head, const IpAddress& client,
                          const std::optional<certs::TerminalIdentity>& terminal) {
  const std::size_t question = head.target.find('?');
  RequestContext context{.loop = loop,
                         .site = loop.site(),
                         .now = loop.shared().clock.now(),
                         .client = client,
                         .verb = head.verb,
                         .path = std::string(head.target.substr(0, question)),
                         .query = question == std::string_view::npos
                                      ? std::string()
                                      : std::string(head.target.substr(question + 1)),
                         .body = {},
                         .session_token = {},
                         .form_cookie = {},
                         .accept_language = {},
                         .origin = {},
                         .fetch_site = {},
                         .terminal = terminal};
  context.session_token = copied(cookie(head.fields, context.site->session_cookie));
  context.form_cookie = copied(cookie(head.fields, kFormCookie));
  context.accept_language = copied(head.fields.find(http::field::accept_language));
  context.origin = copied(head.fields.find(http::field::origin));
  context.fetch_site = copied(head.fields.find("Sec-Fetch-Site"));
  return context;
}

std::expected<IpAddress, unsigned> client_address(const Site& site, const Peer& peer,
                                                  const Fields& fields) {
  if (!peer.is_proxy(site)) return peer.address;
  std::optional<std::string_view> last;
  for (const Field& field : fields.all()) {
    if (equals_ignoring_case(field.name, "X-Forwarded-For")) last = field.value;
  }
  if (!last) return peer.address;
  const std::size_t comma = last->rfind(',');
  const auto client =
      IpAddress::parse(trimmed(comma == std::string_view::npos ? *last : last->substr(comma + 1)));
  if (!client) return std::unexpected(400U);
  if (!site.settings.is_inside(*client)) {
    log::write(log::Level::kWarning, "client_outside_segment",
               JsonObject().add("peer", peer.address.text()).add("client", client->text()));
    return std::unexpected(403U);
  }
  return *client;
}

std::optional<std::map<std::string, std::string>> form_fields(std::string_view body) {
  std::map<std::string, std::string> fields;
  if (body.empty()) return fields;
  for (const std::string_view pair : split(body, '&')) {
    const std::size_t equals = pair.find('=');
    const auto name = form_decoded(pair.substr(0, equals));
    const auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                        : form_decoded(pair.substr(equals + 1));
    if (!name || !value || fields.size() == 32) return std::nullopt;
    if (!fields.emplace(*name, *value).second) return std::nullopt;
  }
  return fields;
}

}  // namespace sekisho::gateway
