#include "certs/ends.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <map>
#include <vector>

#include "certs/openssl_handles.h"

namespace sekisho::certs {
namespace {

// The canonical form, by which names are compared.
std::vector<unsigned char> bytes_of(const X509_NAME* name) {
  const unsigned char* bytes = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &bytes, &size) != 1) return {};
  return {bytes, bytes + size};
}

// `read` takes the next of them from a BIO; `name_of` and `end_of` tell whose it is, and until
// when.
template <typename Handle, typename Read, typename NameOf, typename EndOf>
Result<Instant> first_end(std::string_view pem, Read read, NameOf name_of, EndOf end_of,
                          const char* none) {
  const BioHandle reader = reader_of(pem);
  if (!reader) return fail(openssl_error("out of memory"));
  std::map<std::vector<unsigned char>, Instant> ends;
  while (const Handle next{read(reader.get(), nullptr, nullptr, nullptr)}) {
    const Result<Instant> end = instant_of_asn1(end_of(next.get()));
    if (!end) return end;
    const auto known = ends.emplace(bytes_of(name_of(next.get())), *end).first;
    known->second = std::max(known->second, *end);
  }
  // Behind the last there is no further beginning; anything else is one that cannot be read.
  const bool is_whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  if (ends.empty() || !is_whole) return fail(openssl_error(none, ErrorCode::kInvalid));
  ERR_clear_error();
  return std::ranges::min_element(ends, {}, [](const auto& one) { return one.second; })->second;
}

}  // namespace

Result<Instant> end_of_authorities(std::string_view pem) {
  return first_end<CertificateHandle>(pem, PEM_read_bio_X509, X509_get_subject_name,
                                      X509_get0_notAfter, "no certificate in PEM");
}

Result<Instant> end_of_lists(std::string_view pem) {
  using ListHandle = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
  return first_end<ListHandle>(pem, PEM_read_bio_X509_CRL, X509_CRL_get_issuer,
                               X509_CRL_get0_nextUpdate,
                               "no list of withdrawn certificates in PEM");
}

}  // namespace sekisho::certs
