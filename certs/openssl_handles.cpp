#include "certs/openssl_handles.h"

#include <openssl/err.h>

namespace sekisho::certs {

Error openssl_error(std::string message, ErrorCode code) {
  const unsigned long reason = ERR_peek_last_error();
  if (const char* text = reason == 0 ? nullptr : ERR_reason_error_string(reason)) {
    message += std::string(": ") + text;
  }
  ERR_clear_error();
  return {code, std::move(message)};
}

BioHandle reader_of(std::string_view text) {
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string text_of(BIO* memory) {
  char* start = nullptr;
  const long size = BIO_get_mem_data(memory, &start);
  return size <= 0 ? std::string() : std::string(start, static_cast<std::size_t>(size));
}

Result<Instant> instant_of_asn1(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
    return fail(openssl_error("until when it is valid cannot be read", ErrorCode::kInvalid));
  }
  return Instant(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace sekisho::certs
