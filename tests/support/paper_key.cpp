#include "tests/support/paper_key.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/random.h"

namespace sekisho::testing {
namespace {

constexpr std::uint8_t kPresent = 0x01;
constexpr std::uint8_t kVerified = 0x04;
constexpr std::uint8_t kBackupEligible = 0x08;
constexpr std::uint8_t kBackedUp = 0x10;
constexpr std::uint8_t kAttested = 0x40;

constexpr int kEs256 = -7;

void append(Bytes& out, ByteView more) {
  out.insert(out.end(), more.begin(), more.end());
}

std::uint8_t flag(bool is_set, std::uint8_t bit) {
  return is_set ? bit : std::uint8_t{0};
}

}  // namespace

PaperKey::PaperKey() {
  SystemRandom random;
  credential_id = random.bytes(48);
  aaguid = random.bytes(16);
}

Bytes PaperKey::client_data(const std::string& usual_type, ByteView challenge) const {
  const std::string text = "{\"type\":\"" + (type.empty() ? usual_type : type) +
                           "\",\"challenge\":\"" + base64url_of(challenge) + "\",\"origin\":\"" +
                           origin + "\",\"crossOrigin\":false}";
  return copy_of(as_bytes(text));
}

Bytes PaperKey::authenticator_data(std::uint8_t more_flags) {
  Bytes out;
  append(out, sha256(rp_id));
  out.push_back(static_cast<std::uint8_t>(
      more_flags | flag(is_present, kPresent) | flag(is_verified, kVerified) |
      flag(is_backup_eligible, kBackupEligible) | flag(is_backed_up, kBackedUp)));
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<std::uint8_t>(counter >> shift));
  }
  if (counter != 0) ++counter;
  return out;
}

PaperKey::Made PaperKey::registration(ByteView challenge) {
  Bytes data = authenticator_data(kAttested);
  append(data, aaguid);
  data.push_back(static_cast<std::uint8_t>(credential_id.size() >> 8));
  data.push_back(static_cast<std::uint8_t>(credential_id.size()));
  append(data, credential_id);
  append(data, encoded(pair.cose(kEs256)));
  return {client_data("webauthn.create", challenge),
          encoded(Cbor::Map{{"fmt", "none"}, {"attStmt", Cbor::Map{}}, {"authData", data}})};
}

PaperKey::Signed PaperKey::assertion(ByteView challenge) {
  Signed made{client_data("webauthn.get", challenge), authenticator_data(0), {}};
  Bytes message = made.authenticator_data;
  append(message, sha256(as_text(made.client_data)));
  made.signature = pair.sign(message);
  return made;
}

}  // namespace sekisho::testing
