// Cookies (RFC 6265bis): finding ours, making ours, hiding ours from applications.

#ifndef SEKISHO_GATEWAY_COOKIES_H_
#define SEKISHO_GATEWAY_COOKIES_H_

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http_message.h"
#include "gateway/site.h"

namespace sekisho::gateway {

// Holds the token of a sign-in form before there is a session.
inline constexpr std::string_view kFormCookie = "__Host-sekisho-form";

// The value of the cookie `name`; nullopt when there is none, or more than one (somebody is
// trying to slip a second one in).
std::optional<std::string_view> cookie(const Fields& fields, std::string_view name);

// Set-Cookie values.  Session cookies have no Expires: the store is what ends a session
// (NIST SP 800-63B-4 section 5.1.1).
std::string session_cookie(const Site& site, std::string_view token);
std::string ended_session_cookie(const Site& site);
std::string form_cookie(std::string_view token);

// A Cookie field without our cookies; empty when nothing is left.
std::string without_our_cookies(std::string_view field);
// True when a Set-Cookie field of an application would set a cookie of ours.
bool sets_our_cookie(std::string_view field);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_COOKIES_H_
