#include "authn/factors/attestation_certificate.h"

#include <openssl/err.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::authn {
namespace {

using Names = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using Usage = std::unique_ptr<EXTENDED_KEY_USAGE, FreeWith<EXTENDED_KEY_USAGE_free>>;
using Constraints = std::unique_ptr<BASIC_CONSTRAINTS, FreeWith<BASIC_CONSTRAINTS_free>>;
using Oid = std::unique_ptr<ASN1_OBJECT, FreeWith<ASN1_OBJECT_free>>;

constexpr const char* kAaguidExtension = "1.3.6.1.4.1.45724.1.1.4";
constexpr const char* kAttestationKeyUsage = "2.23.133.8.3";  // tcg-kp-AIKCertificate
// TPM maker, model and version (TCG EK Credential Profile section 3.1.2).
constexpr const char* kTpmNames[] = {"2.23.133.2.1", "2.23.133.2.2", "2.23.133.2.3"};

Oid oid(const char* dotted) {
  return Oid(OBJ_txt2obj(dotted, 1));
}

bool is_version_3(const X509* certificate) {
  return X509_get_version(certificate) == X509_VERSION_3;
}

// The basic constraints must be there, once, and say that it is no authority.
bool is_no_authority(const X509* certificate) {
  const Constraints constraints(static_cast<BASIC_CONSTRAINTS*>(
      X509_get_ext_d2i(certificate, NID_basic_constraints, nullptr, nullptr)));
  return constraints && constraints->ca == 0;
}

// The only value of that kind in the name; nullopt when there is none, or more than one.
std::optional<std::string> only_entry(const X509_NAME* name, const ASN1_OBJECT* kind) {
  const int at = X509_NAME_get_index_by_OBJ(name, kind, -1);
  if (at < 0 || X509_NAME_get_index_by_OBJ(name, kind, at) >= 0) return std::nullopt;
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<std::size_t>(ASN1_STRING_length(value)));
}

bool is_country(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool names_a_tpm(const X509_NAME* name) {
  return std::ranges::all_of(kTpmNames, [&](const char* kind) {
    const Oid wanted = oid(kind);
    const auto value = wanted ? only_entry(name, wanted.get()) : std::nullopt;
    return value && !value->empty();
  });
}

bool has_tpm_as_alternative_name(const X509* certificate) {
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DIRNAME && names_a_tpm(name->d.directoryName)) return true;
  }
  return false;
}

bool is_for_attestation_keys(const X509* certificate) {
  const Usage usage(static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  const Oid wanted = oid(kAttestationKeyUsage);
  for (int i = 0; usage && wanted && i < sk_ASN1_OBJECT_num(usage.get()); ++i) {
    if (OBJ_cmp(sk_ASN1_OBJECT_value(usage.get(), i), wanted.get()) == 0) return true;
  }
  return false;
}

}  // namespace

CertificateHandle read_certificate(ByteView der) {
  const unsigned char* at = der.data();
  CertificateHandle certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  const bool is_whole = certificate && at == der.data() + der.size() &&
                        X509_get0_pubkey(certificate.get()) != nullptr;
  ERR_clear_error();
  return is_whole ? std::move(certificate) : nullptr;
}

bool is_packed_attestation_certificate(X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const auto entry = [&](int nid) { return only_entry(subject, OBJ_nid2obj(nid)); };
  const auto country = entry(NID_countryName);
  const auto organization = entry(NID_organizationName);
  const auto common_name = entry(NID_commonName);
  return is_version_3(certificate) && country && is_country(*country) && organization &&
         !organization->empty() && common_name && !common_name->empty() &&
         entry(NID_organizationalUnitName) == "Authenticator Attestation" &&
         is_no_authority(certificate);
}

bool is_tpm_attestation_certificate(X509* certificate) {
  return is_version_3(certificate) &&
         X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0 &&
         has_tpm_as_alternative_name(certificate) && is_for_attestation_keys(certificate) &&
         is_no_authority(certificate);
}

bool is_for_another_model(X509* certificate, ByteView aaguid) {
  const Oid kind = oid(kAaguidExtension);
  if (!kind) return true;
  const int at = X509_get_ext_by_OBJ(certificate, kind.get(), -1);
  if (at < 0) return false;
  X509_EXTENSION* extension = X509_get_ext(certificate, at);
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(extension);
  const ByteView bytes(ASN1_STRING_get0_data(value),
                       static_cast<std::size_t>(ASN1_STRING_length(value)));
  // An OCTET STRING of 16 bytes inside that of the extension.
  return X509_get_ext_by_OBJ(certificate, kind.get(), at) >= 0 ||
         X509_EXTENSION_get_critical(extension) != 0 || bytes.size() != 18 || bytes[0] != 0x04 ||
         bytes[1] != 16 || !std::ranges::equal(bytes.subspan(2), aaguid);
}

}  // namespace sekisho::authn
