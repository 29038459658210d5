// Until when a PEM file of authorities, or of their lists of withdrawn certificates, does its work.

#ifndef SEKISHO_CERTS_ENDS_H_
#define SEKISHO_CERTS_ENDS_H_

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sekisho::certs {

// When the first of its authorities has no certificate any more that is still good (notAfter): an
// authority may have one that follows another.  kInvalid when there is none, or one that cannot be
// read.
Result<Instant> end_of_authorities(std::string_view pem);

// When the first of its issuers has no list any more that is still good (RFC 5280 section 5.1.2.5,
// nextUpdate): from then on nothing of that issuer is believed.  kInvalid as above, or when a list
// says no end.
Result<Instant> end_of_lists(std::string_view pem);

}  // namespace sekisho::certs

#endif  // SEKISHO_CERTS_ENDS_H_
