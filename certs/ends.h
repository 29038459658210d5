// Until when a PEM file of certificates, or of lists of withdrawn ones, is good as a whole.

#ifndef SEKISHO_CERTS_ENDS_H_
#define SEKISHO_CERTS_ENDS_H_

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sekisho::certs {

struct Ends {
  Instant first;
  Instant last;
};

// When the first and the last of its certificates end (notAfter).  kInvalid when there is none, or
// one that cannot be read.
Result<Ends> ends_of_certificates(std::string_view pem);

// The same of its lists (RFC 5280 section 5.1.2.5, nextUpdate): from then on nothing of the issuer
// is believed.  kInvalid as above, or when a list says no end.
Result<Ends> ends_of_lists(std::string_view pem);

}  // namespace sekisho::certs

#endif  // SEKISHO_CERTS_ENDS_H_
