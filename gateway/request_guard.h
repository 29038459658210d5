// The one strict rule of framing: a head that two readers could understand differently is refused
// before anything else looks at it (RFC 9112 sections 2.2, 3.2, 5, 6; ASVS 4.2.1).

#ifndef SEKISHO_GATEWAY_REQUEST_GUARD_H_
#define SEKISHO_GATEWAY_REQUEST_GUARD_H_

#include <string_view>

#include "gateway/http_message.h"

namespace sekisho::gateway {

// The lines of a head up to and with the empty one: each ends in CR LF, none is folded, none
// holds NUL, a bare CR or a bare LF.  (Spaces before a colon Beast refuses.)
bool is_strict_head(std::string_view head);

// False as soon as the first bytes cannot begin a message (TLS to a plain port, binary noise, a
// line that ends in a bare LF).  The first `seen` bytes were judged before.
bool could_begin_head(std::string_view text, std::size_t seen = 0);

// What is wrong with a request's fields, as an HTTP status: 0 when nothing.
//   400: no Host or several, Transfer-Encoding with Content-Length or in HTTP/1.0, Content-Length
//        twice, a target that is not in origin-form.  501: a coding other than "chunked".
//   405: TRACE and CONNECT.  505: not HTTP/1.0 or 1.1.
unsigned objection_to(const RequestHead& head);

// A target in absolute form (RFC 9112 section 3.2.2) becomes what it is in origin form, when it
// names the same host as the Host field: one request has one host.  False: it does not, or has no
// path.  Other targets stay as they are.
bool take_origin_form(RequestHead& head);

// False for a response whose end two readers could see at different places: lengths that are
// several or no number, a coding other than "chunked", a coding beside a length or in HTTP/1.0.
bool is_sound(const ResponseHead& head);

}  // namespace sekisho::gateway

#endif  // SEKISHO_GATEWAY_REQUEST_GUARD_H_
