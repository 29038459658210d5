#include "authn/factors/attestation.h"

#include "authn/factors/attestation_certificate.h"

namespace sekisho::authn {
namespace {

// Section 8.7.
Webauthn<SoundStatement> verify_none(const AttestationStatement& statement,
                                     const AttestedCeremony&) {
  const bool is_empty = !statement.algorithm && !statement.signature && !statement.certificates &&
                        !statement.version && !statement.cert_info && !statement.pub_area;
  if (!is_empty) return std::unexpected(WebauthnFault::kMalformedAttestation);
  return SoundStatement{};
}

struct Format {
  std::string_view name;
  Webauthn<SoundStatement> (*verify)(const AttestationStatement&, const AttestedCeremony&);
};

constexpr Format kFormats[] = {{"none", verify_none},
                               {"packed", verify_packed},
                               {"fido-u2f", verify_fido_u2f},
                               {"tpm", verify_tpm}};

}  // namespace

Bytes AttestedCeremony::message() const {
  Bytes both = copy_of(authenticator_data);
  both.insert(both.end(), client_data_hash.begin(), client_data_hash.end());
  return both;
}

Webauthn<SoundStatement> verify_statement(std::string_view format, const cbor_item_t* statement,
                                          const AttestedCeremony& ceremony) {
  for (const Format& known : kFormats) {
    if (known.name != format) continue;
    const auto read = read_attestation_statement(statement);
    if (!read) return std::unexpected(read.error());
    return known.verify(*read, ceremony);
  }
  return std::unexpected(WebauthnFault::kUnsupportedAttestation);
}

Webauthn<CertificateHandle> signer_of(const std::vector<ByteView>& chain) {
  CertificateHandle signer;
  for (const ByteView der : chain) {
    CertificateHandle certificate = read_certificate(der);
    if (!certificate) return std::unexpected(WebauthnFault::kMalformedAttestation);
    if (!signer) signer = std::move(certificate);
  }
  return signer;
}

}  // namespace sekisho::authn
