// A key pair made where it will be used, and the request (PKCS#10, RFC 2986) for its certificate.

#ifndef SEKISHO_CERTS_CSR_H_
#define SEKISHO_CERTS_CSR_H_

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sekisho::certs {

struct NewKey {
  Secret private_key_pem;  // PKCS#8, unencrypted: keep it in a file only its user can read
  std::string csr_pem;
};

// A new ECDSA P-256 key and a request signed with it (SHA-256).  `common_name`, 1 to 64 bytes of
// UTF-8 without control characters, is for people who look at the request: an authority takes
// nothing but the public key from it.
Result<NewKey> make_key_and_csr(std::string_view common_name);

// A request for a key that exists already, as for a renewal that keeps the key.
Result<std::string> make_csr(const Secret& private_key_pem, std::string_view common_name);

}  // namespace sekisho::certs

#endif  // SEKISHO_CERTS_CSR_H_
