#include "protocol/key_members.h"

#include <utility>

#include "base/encoding.h"
#include "base/json_text.h"
#include "base/text.h"

namespace sekisho::terminal_api {
namespace {

using flat_json::Reader;

constexpr std::size_t kMaxWord = 16;
constexpr std::string_view kVerificationRequired = "required";
constexpr std::string_view kVerificationDiscouraged = "discouraged";
constexpr std::string_view kVerificationPreferred = "preferred";

// Bytes travel in base64url; `least` and `most` count bytes.
Bytes bytes_of(Reader& reader, std::string_view name, std::string_view text, std::size_t least,
               std::size_t most) {
  std::optional<Bytes> bytes = bytes_from_base64url(text);
  if (!bytes || bytes->size() < least || bytes->size() > most) {
    reader.refuse(name, "is not base64url of a length that can be");
    return {};
  }
  return std::move(*bytes);
}
Bytes required_bytes(Reader& reader, std::string_view name, std::size_t least, std::size_t most) {
  return bytes_of(reader, name, reader.string(name, most / 3 * 4 + 4), least, most);
}

}  // namespace

std::string terminal_origin(std::string_view terminal) {
  return "sekisho-terminal://" + std::string(terminal);
}

std::string client_data_for(ByteView challenge, std::string_view terminal) {
  return JsonObject()
      .add("type", "webauthn.get")
      .add("challenge", base64url_of(challenge))
      .add("origin", terminal_origin(terminal))
      .add_flag("crossOrigin", false)
      .text();
}

KeyChallenge read_key_challenge(flat_json::Reader& reader) {
  KeyChallenge key;
  key.rp_id = reader.string("rp_id", kMaxRpId);
  if (has_control_characters(key.rp_id)) reader.refuse("rp_id", "holds a control character");
  key.challenge = required_bytes(reader, "challenge", kChallengeBytes, kChallengeBytes);
  const flat_json::Strings credentials = reader.strings("credentials");
  if (credentials.empty() || credentials.size() > kMaxCredentials) {
    reader.refuse("credentials", "has none or too many");
  }
  for (const std::string& text : credentials) {
    key.credentials.push_back(bytes_of(reader, "credentials", text, 1, kMaxCredentialId));
  }
  const std::string verification = reader.string("user_verification", kMaxWord);
  key.verify_user = verification == kVerificationRequired;
  key.prefer_verification = verification == kVerificationPreferred;
  if (!key.verify_user && !key.prefer_verification && verification != kVerificationDiscouraged) {
    reader.refuse("user_verification", "is not one this version knows");
  }
  return key;
}

void add_key_challenge(flat_json::Writer& writer, const KeyChallenge& key) {
  flat_json::Strings credentials;
  for (const Bytes& id : key.credentials) credentials.push_back(base64url_of(id));
  writer.add("rp_id", key.rp_id)
      .add("challenge", base64url_of(key.challenge))
      .add("credentials", credentials)
      .add("user_verification", key.verify_user           ? kVerificationRequired
                                : key.prefer_verification ? kVerificationPreferred
                                                          : kVerificationDiscouraged);
}

KeyAnswer read_key_answer(flat_json::Reader& reader) {
  KeyAnswer answer;
  answer.credential_id = required_bytes(reader, "credential_id", 1, kMaxCredentialId);
  answer.client_data = required_bytes(reader, "client_data", 1, kMaxClientData);
  answer.authenticator_data =
      required_bytes(reader, "authenticator_data", 1, kMaxAuthenticatorData);
  answer.signature = required_bytes(reader, "signature", 1, kMaxSignature);
  if (const auto handle = reader.optional_string("user_handle", kMaxUserHandle * 2)) {
    answer.user_handle = bytes_of(reader, "user_handle", *handle, 1, kMaxUserHandle);
  }
  return answer;
}

void add_key_answer(flat_json::Writer& writer, const KeyAnswer& answer) {
  writer.add("credential_id", base64url_of(answer.credential_id))
      .add("client_data", base64url_of(answer.client_data))
      .add("authenticator_data", base64url_of(answer.authenticator_data))
      .add("signature", base64url_of(answer.signature));
  if (!answer.user_handle.empty()) writer.add("user_handle", base64url_of(answer.user_handle));
}

}  // namespace sekisho::terminal_api
