#include "certs/ends.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <optional>

#include "certs/openssl_handles.h"

namespace sekisho::certs {
namespace {

// `read` takes the next of them from a BIO, `end_of` tells when it ends.
template <typename Handle, typename Read, typename EndOf>
Result<Ends> ends(std::string_view pem, Read read, EndOf end_of, const char* what) {
  const BioHandle reader = reader_of(pem);
  if (!reader) return fail(openssl_error("out of memory"));
  std::optional<Ends> found;
  while (const Handle next{read(reader.get(), nullptr, nullptr, nullptr)}) {
    const Result<Instant> end = instant_of_asn1(end_of(next.get()));
    if (!end) return fail(end.error());
    if (!found) found = {*end, *end};
    found = {std::min(found->first, *end), std::max(found->last, *end)};
  }
  // Behind the last there is no further beginning; anything else is one that cannot be read.
  const bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (!found || !is_whole) return fail(openssl_error(what, ErrorCode::kInvalid));
  ERR_clear_error();
  return *found;
}

}  // namespace

Result<Ends> ends_of_certificates(std::string_view pem) {
  return ends<CertificateHandle>(pem, PEM_read_bio_X509, X509_get0_notAfter,
                                 "no certificate in PEM");
}

Result<Ends> ends_of_lists(std::string_view pem) {
  using ListHandle = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
  return ends<ListHandle>(pem, PEM_read_bio_X509_CRL, X509_CRL_get0_nextUpdate,
                          "no list of withdrawn certificates in PEM");
}

}  // namespace sekisho::certs
