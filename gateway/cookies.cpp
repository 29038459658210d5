#include "gateway/cookies.h"

#include "base/text.h"

namespace sekisho::gateway {
namespace {

// Browsers compare the prefixes without case (RFC 6265bis section 5.7), so we hide so too.
bool is_ours(std::string_view name) {
  const std::string lower = lower_case(name);
  return lower == "__host-sekisho" || lower == "__secure-sekisho" || lower == "__host-sekisho-form";
}

std::string_view name_of_pair(std::string_view pair) {
  return trimmed(pair.substr(0, pair.find('=')));
}

}  // namespace

std::optional<std::string_view> cookie(const Fields& fields, std::string_view name) {
  std::optional<std::string_view> found;
  for (const Field& field : fields.all()) {
    if (field.id != http::field::cookie) continue;
    std::string_view rest = field.value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trimmed(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.size() <= name.size() || pair[name.size()] != '=' || !pair.starts_with(name)) {
        continue;
      }
      if (found) return std::nullopt;
      found = pair.substr(name.size() + 1);
    }
  }
  return found;
}

std::string session_cookie(const Site& site, std::string_view token) {
  std::string value =
      site.session_cookie + "=" + std::string(token) + "; Path=/; Secure; HttpOnly; SameSite=Lax";
  if (!site.settings.cookie_domain.empty()) value += "; Domain=" + site.settings.cookie_domain;
  return value;
}

std::string ended_session_cookie(const Site& site) {
  return session_cookie(site, "") + "; Max-Age=0";
}

std::string form_cookie(std::string_view token) {
  std::string value(kFormCookie);
  value.append("=").append(token).append("; Path=/; Secure; HttpOnly; SameSite=Strict");
  return value;
}

std::string without_our_cookies(std::string_view field) {
  std::string out;
  for (const std::string_view part : split(field, ';')) {
    const std::string_view pair = trimmed(part);
    if (pair.empty() || is_ours(name_of_pair(pair))) continue;
    if (!out.empty()) out += "; ";
    out += pair;
  }
  return out;
}

bool sets_our_cookie(std::string_view field) {
  std::string_view pair = trimmed(field.substr(0, field.find(';')));
  // A cookie without a name is sent back as its bare value: "=__Secure-sekisho=…" would be ours.
  while (pair.starts_with('=')) pair = trimmed(pair.substr(1));
  return is_ours(name_of_pair(pair));
}

}  // namespace sekisho::gateway
