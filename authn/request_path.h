// The path of a request as rules see it: decoded once, and refused when two readers could
// understand it differently.

#ifndef SEKISHO_AUTHN_REQUEST_PATH_H_
#define SEKISHO_AUTHN_REQUEST_PATH_H_

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::authn {

// The path of `target` (origin-form, RFC 9112 section 3.2.1) without its query, percent-decoded.
// nullopt for what must be refused (400): no leading '/', a malformed escape, an encoded slash,
// backslash or control character, escapes that make another one ("%2541", "%25%34%31"), a raw
// backslash, a fragment, an empty segment ("//"), or one of dots and spaces alone.  A segment is
// judged without the dots and spaces at its end, as Windows opens it.  A segment ends at its ';':
// some servers take what follows for parameters and serve
// "/admin" for "/admin;x" (RFC 3986 section 3.3), so rules judge both alike.  What is forwarded
// stays as it came; since none of these forms is left, both mean the same.
std::optional<std::string> path_for_rules(std::string_view target);

// True when `path` is `prefix` or lies below it: "/tax" holds "/tax", "/Tax" and "/tax/a", not
// "/taxes".  ASCII case is ignored, because some servers ignore it, and a rule that refuses must
// refuse there, too.
bool is_below(std::string_view path, std::string_view prefix);

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_REQUEST_PATH_H_
