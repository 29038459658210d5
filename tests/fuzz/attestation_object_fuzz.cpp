// An attestation object: the whole ceremony with it, and then every part by itself, since a wrong
// signature would end the ceremony before most of them.

#include "authn/factors/attestation.h"
#include "authn/factors/attestation_certificate.h"
#include "authn/factors/tpm_structures.h"
#include "authn/factors/webauthn_registration.h"
#include "base/encoding.h"
#include "tests/fuzz/fuzz_target.h"

namespace sekisho::authn {
namespace {

const TrustAnchors& anchors() {
  static const TrustAnchors loaded = TrustAnchors::load(SEKISHO_FUZZ_ANCHORS).value();
  return loaded;
}

const Instant kNow = instant_of(1'790'000'000'000);

// Client data of ours fits whatever the attestation object says, but for signatures.
void feed_ceremony(ByteView bytes) {
  static const Bytes challenge(32, 7);
  static const std::string client_data = R"({"type":"webauthn.create","challenge":")" +
                                         base64url_of(challenge) +
                                         R"(","origin":"https://example.org"})";
  static const std::vector<std::string> origins = {"https://example.org"};
  const auto verified =
      verify_registration({"example.org", origins, challenge, false, true, &anchors(), kNow},
                          {as_bytes(client_data), bytes});
  if (!verified) return;
  testing::promise(
      !verified->credential_id.empty() && verified->credential_id.size() <= kMaxCredentialId,
      "an id within its limits");
  testing::promise(verified->aaguid.size() == kAaguidBytes, "an AAGUID of 16 bytes");
  testing::promise(is_usable(verified->key), "a key that can be used");
  testing::promise(verified->format == "none" || verified->trust != AttestationTrust::kNone,
                   "only a statement is worth something");
}

void feed_certificates(const std::vector<ByteView>& certificates) {
  std::vector<Bytes> chain;
  for (const ByteView der : certificates) {
    chain.push_back(copy_of(der));
    const CertificateHandle certificate = read_certificate(der);
    if (!certificate) continue;
    (void)is_packed_attestation_certificate(certificate.get());
    (void)is_tpm_attestation_certificate(certificate.get());
    (void)is_for_another_model(certificate.get(), Bytes(kAaguidBytes));
  }
  (void)anchors().lead_to(chain, kNow);
}

void feed_parts(ByteView bytes) {
  const auto object = read_attestation_object(bytes);
  if (!object) return;
  const auto data = read_authenticator_data(object->authenticator_data);
  if (data && data->credential) {
    for (const char* format : {"none", "packed", "fido-u2f", "tpm"}) {
      (void)verify_statement(format, object->statement, {*data, object->authenticator_data, {}});
    }
  }
  const auto statement = read_attestation_statement(object->statement);
  if (!statement) return;
  if (statement->cert_info) (void)read_tpm_certification(*statement->cert_info);
  if (statement->pub_area) (void)read_tpm_public_key(*statement->pub_area);
  if (statement->certificates) feed_certificates(*statement->certificates);
}

}  // namespace
}  // namespace sekisho::authn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  sekisho::authn::feed_ceremony({bytes, size});
  sekisho::authn::feed_parts({bytes, size});
  return 0;
}
