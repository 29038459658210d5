#include "tests/support/software_authenticator.h"

#include <algorithm>

#include "base/digest.h"
#include "base/random.h"
#include "tests/support/pin_protocol.h"

namespace sekisho::testing {
namespace {

using Fault = SoftwareKeyFault;

// The flags of authenticator data (WebAuthn Level 3 section 6.1).
constexpr unsigned kPresent = 0x01;
constexpr unsigned kVerified = 0x04;
constexpr unsigned kAttested = 0x40;
constexpr unsigned kExtended = 0x80;

constexpr int kAttempts = 8;
constexpr int kAttemptsInARow = 3;
constexpr int kLongestCredential = 1023;

const Bytes kAaguid = copy_of(as_bytes("sekisho software"));  // 16 bytes

Bytes answer_with(const Cbor::Map& members) {
  Bytes out = answer_of(CtapStatus::kOk);
  const Bytes body = encoded(members);
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes information(const SoftwareKeyState& state) {
  Cbor::Map options{{"rk", true}, {"up", true}, {"clientPin", !state.pin.empty()}};
  if (state.verifies_by_itself) options.emplace_back("uv", true);
  if (state.always_verifies) options.emplace_back("alwaysUv", true);
  if (state.has_pin_tokens) options.emplace_back("pinUvAuthToken", true);
  options.emplace_back("makeCredUvNotRqd", !state.always_verifies);
  Cbor::Array protocols;
  for (const int protocol : state.pin_protocols) protocols.emplace_back(protocol);
  Cbor::Map members{
      {1, Cbor::Array{"FIDO_2_0", "FIDO_2_1"}},
      {3, kAaguid},
      {4, options},
      {5, state.longest_message},
      {6, protocols},
      {7, state.most_in_list},
      {8, kLongestCredential},
      {10, Cbor::Array{Cbor::Map{{"alg", -7}, {"type", "public-key"}}}},
      {12, state.needs_new_pin},
      {13, state.least_pin},
  };
  if (state.protects) members.emplace_back(2, Cbor::Array{"credProtect"});
  return answer_with(members);
}

// The ids in a list of credential descriptors.
std::vector<Bytes> ids_in(const Cbor* list) {
  std::vector<Bytes> ids;
  const Cbor::Array* items = list == nullptr ? nullptr : list->as<Cbor::Array>();
  if (items == nullptr) return ids;
  for (const Cbor& item : *items) {
    if (const Bytes* id = item.find_as<Bytes>("id")) ids.push_back(*id);
  }
  return ids;
}

// The credential of `rp_id` among `ids` (all, when there are none) the key owns up to; the newest.
SoftwareCredential* shown(SoftwareKeyState& state, const std::string& rp_id,
                          const std::vector<Bytes>& ids, bool is_verified) {
  if (state.has(Fault::kForeign)) return nullptr;
  for (auto one = state.credentials.rbegin(); one != state.credentials.rend(); ++one) {
    const bool is_listed = std::ranges::find(ids, one->id) != ids.end();
    const bool is_asked = ids.empty() ? one->is_discoverable : is_listed;
    const bool is_hidden = one->protection == 3 || (one->protection == 2 && ids.empty());
    if (one->rp_id == rp_id && is_asked && (is_verified || !is_hidden)) return &*one;
  }
  return nullptr;
}

Bytes authenticator_data(const SoftwareKeyState& state, const std::string& rp_id, unsigned flags,
                         std::uint32_t sign_count) {
  if (state.has(Fault::kNoPresence)) flags &= ~kPresent;
  if (state.has(Fault::kNoVerification)) flags &= ~kVerified;
  Bytes data = copy_of(sha256(rp_id));
  data.push_back(static_cast<std::uint8_t>(flags));
  for (const int shift : {24, 16, 8, 0}) {
    data.push_back(static_cast<std::uint8_t>(sign_count >> shift));
  }
  return data;
}

Bytes signature(const SoftwareKeyState& state, const SoftwareCredential& credential,
                const Bytes& data, const Bytes& client_data_hash) {
  Bytes message = data;
  message.insert(message.end(), client_data_hash.begin(), client_data_hash.end());
  if (state.has(Fault::kBadSignature)) message.back() ^= 1;
  return P256Key::from_pkcs8(credential.private_key).sign(message);
}

bool offers_es256(const Cbor* parameters) {
  const Cbor::Array* items = parameters == nullptr ? nullptr : parameters->as<Cbor::Array>();
  return items != nullptr && std::ranges::any_of(*items, [](const Cbor& item) {
           const std::int64_t* algorithm = item.find_as<std::int64_t>("alg");
           return algorithm != nullptr && *algorithm == -7;
         });
}

// credProtect as asked for, or 0.
int protection_in(const Cbor* extensions, const SoftwareKeyState& state) {
  if (extensions == nullptr || !state.protects) return 0;
  const std::int64_t* level = extensions->find_as<std::int64_t>("credProtect");
  if (level == nullptr || *level < 1 || *level > 3) return 0;
  return static_cast<int>(*level) - (state.has(Fault::kWeakProtection) ? 1 : 0);
}

std::string text_in(const Cbor& request, int member, const char* name) {
  const Cbor* entity = request.find(member);
  const std::string* text = entity == nullptr ? nullptr : entity->find_as<std::string>(name);
  return text == nullptr ? "" : *text;
}

}  // namespace

Bytes answer_of(CtapStatus status) {
  return {static_cast<std::uint8_t>(status)};
}

SoftwareAuthenticator::SoftwareAuthenticator()
    : agreement_key_(P256Key::make()), token_(SystemRandom().bytes(32)) {}

std::optional<Bytes> SoftwareAuthenticator::answer(ByteView command, SoftwareKeyState& state,
                                                   bool is_touched) {
  if (command.empty()) return answer_of(CtapStatus::kInvalidCommand);
  if (command.size() > static_cast<std::size_t>(state.longest_message)) {
    return answer_of(CtapStatus::kRequestTooLarge);
  }
  if (command[0] == 0x04) return information(state);
  const std::optional<Cbor> request = decoded(command.subspan(1));
  if (!request) return answer_of(CtapStatus::kInvalidCbor);
  switch (command[0]) {
    case 0x01:
      return make_credential(*request, state, is_touched);
    case 0x02:
      return get_assertion(*request, state, is_touched);
    case 0x06:
      return client_pin(*request, state);
    default:
      return answer_of(CtapStatus::kInvalidCommand);
  }
}

// The steps of sections 6.1.2 and 6.2.2 on user verification.  `first_pin_member` is
// pinUvAuthParam, the next pinUvAuthProtocol; the member before them is the options.
SoftwareAuthenticator::Verified SoftwareAuthenticator::verified(
    const Cbor& request, const SoftwareKeyState& state, int first_pin_member,
    const Bytes& client_data_hash) const {
  const Cbor* options = request.find(first_pin_member - 1);
  const bool wants_uv = options != nullptr && options->is_true("uv");
  const bool* up = options == nullptr ? nullptr : options->find_as<bool>("up");
  if (const Bytes* mac = request.find_as<Bytes>(first_pin_member)) {
    const std::int64_t* protocol = request.find_as<std::int64_t>(first_pin_member + 1);
    if (protocol == nullptr) return {CtapStatus::kMissingParameter};
    if (!is_authentic(static_cast<int>(*protocol), token_, client_data_hash, *mac)) {
      return {CtapStatus::kPinAuthInvalid};
    }
    return {CtapStatus::kOk, true};
  }
  if (wants_uv) {
    if (!state.verifies_by_itself) return {CtapStatus::kInvalidOption};
    return {CtapStatus::kOk, true};
  }
  if (state.always_verifies && (up == nullptr || *up)) {
    if (!state.verifies_by_itself) return {CtapStatus::kPuatRequired};
    return {CtapStatus::kOk, true};
  }
  return {};
}

std::optional<Bytes> SoftwareAuthenticator::make_credential(const Cbor& request,
                                                            SoftwareKeyState& state,
                                                            bool is_touched) {
  const Bytes* client_data_hash = request.find_as<Bytes>(1);
  const std::string rp_id = text_in(request, 2, "id");
  const Cbor* user = request.find(3);
  const Bytes* user_handle = user == nullptr ? nullptr : user->find_as<Bytes>("id");
  if (client_data_hash == nullptr || rp_id.empty() || user_handle == nullptr) {
    return answer_of(CtapStatus::kMissingParameter);
  }
  if (!offers_es256(request.find(4))) return answer_of(CtapStatus::kUnsupportedAlgorithm);
  const Cbor* options = request.find(7);
  const bool is_discoverable = options != nullptr && options->is_true("rk");
  const Verified verification = verified(request, state, 8, *client_data_hash);
  if (verification.status != CtapStatus::kOk) return answer_of(verification.status);
  if (is_discoverable && !state.pin.empty() && !verification.is_verified) {
    return answer_of(CtapStatus::kPuatRequired);
  }
  if (!is_touched) return std::nullopt;
  const std::vector<Bytes> excluded = ids_in(request.find(5));
  if (!excluded.empty() && shown(state, rp_id, excluded, verification.is_verified) != nullptr) {
    return answer_of(CtapStatus::kCredentialExcluded);
  }
  if (state.has(Fault::kFull)) return answer_of(CtapStatus::kKeyStoreFull);

  const P256Key key = P256Key::make();
  const int protection = protection_in(request.find(6), state);
  state.credentials.push_back({.id = SystemRandom().bytes(32),
                               .private_key = key.pkcs8(),
                               .rp_id = rp_id,
                               .user_handle = *user_handle,
                               .sign_count = 1,
                               .is_discoverable = is_discoverable,
                               .protection = std::max(1, protection)});
  const SoftwareCredential& made = state.credentials.back();
  const unsigned flags = kPresent | kAttested | (verification.is_verified ? kVerified : 0u) |
                         (protection > 0 ? kExtended : 0u);
  Bytes data = authenticator_data(state, rp_id, flags, made.sign_count);
  const auto append = [&data](ByteView more) { data.insert(data.end(), more.begin(), more.end()); };
  append(kAaguid);
  append(Bytes{static_cast<std::uint8_t>(made.id.size() >> 8),
               static_cast<std::uint8_t>(made.id.size())});
  append(made.id);
  append(encoded(key.cose(-7)));
  if (protection > 0) append(encoded(Cbor::Map{{"credProtect", protection}}));
  const Bytes proof = signature(state, made, data, *client_data_hash);
  return answer_with({{1, "packed"}, {2, data}, {3, Cbor::Map{{"alg", -7}, {"sig", proof}}}});
}

std::optional<Bytes> SoftwareAuthenticator::get_assertion(const Cbor& request,
                                                          SoftwareKeyState& state,
                                                          bool is_touched) {
  const std::string* rp_id = request.find_as<std::string>(1);
  const Bytes* client_data_hash = request.find_as<Bytes>(2);
  if (rp_id == nullptr || client_data_hash == nullptr) {
    return answer_of(CtapStatus::kMissingParameter);
  }
  const Cbor* options = request.find(5);
  const bool* up = options == nullptr ? nullptr : options->find_as<bool>("up");
  const bool wants_touch = up == nullptr || *up;
  const Verified verification = verified(request, state, 6, *client_data_hash);
  if (verification.status != CtapStatus::kOk) return answer_of(verification.status);
  const std::vector<Bytes> allowed = ids_in(request.find(3));
  if (allowed.size() > static_cast<std::size_t>(state.most_in_list)) {
    return answer_of(CtapStatus::kRequestTooLarge);
  }
  SoftwareCredential* credential = shown(state, *rp_id, allowed, verification.is_verified);
  if (credential == nullptr) return answer_of(CtapStatus::kNoCredentials);
  if (wants_touch && !is_touched) return std::nullopt;

  if (wants_touch && !state.has(Fault::kStaleCounter)) ++credential->sign_count;
  const unsigned flags =
      (wants_touch ? kPresent : 0u) | (verification.is_verified ? kVerified : 0u);
  const Bytes data = authenticator_data(state, *rp_id, flags, credential->sign_count);
  Bytes id = credential->id;
  if (state.has(Fault::kWrongCredential)) id.front() ^= 1;
  Cbor::Map members{{1, Cbor::Map{{"id", id}, {"type", "public-key"}}},
                    {2, data},
                    {3, signature(state, *credential, data, *client_data_hash)}};
  if (credential->is_discoverable) {
    members.emplace_back(4, Cbor::Map{{"id", credential->user_handle}});
  }
  return answer_with(members);
}

Bytes SoftwareAuthenticator::client_pin(const Cbor& request, SoftwareKeyState& state) {
  const std::int64_t* command = request.find_as<std::int64_t>(2);
  if (command == nullptr) return answer_of(CtapStatus::kMissingParameter);
  switch (*command) {
    case 0x01:
      return answer_with({{3, state.has(Fault::kPinBlocked) ? 0 : state.pin_tries}});
    case 0x02:
      return answer_with({{1, agreement_key_.cose(-25)}});
    case 0x05:
    case 0x09:
      return token_by_pin(request, state);
    case 0x06:
      if (!state.verifies_by_itself) return answer_of(CtapStatus::kInvalidParameter);
      return token_in_answer(request);
    default:
      return answer_of(CtapStatus::kInvalidCommand);
  }
}

Bytes SoftwareAuthenticator::token_by_pin(const Cbor& request, SoftwareKeyState& state) {
  const std::int64_t* protocol = request.find_as<std::int64_t>(1);
  const Cbor* platform_key = request.find(3);
  const Bytes* hashed_pin = request.find_as<Bytes>(6);
  if (protocol == nullptr || platform_key == nullptr || hashed_pin == nullptr) {
    return answer_of(CtapStatus::kMissingParameter);
  }
  if (state.pin.empty()) return answer_of(CtapStatus::kPinNotSet);
  if (state.pin_tries == 0 || state.has(Fault::kPinBlocked)) {
    return answer_of(CtapStatus::kPinBlocked);
  }
  if (state.wrong_in_a_row >= kAttemptsInARow) return answer_of(CtapStatus::kPinAuthBlocked);
  const std::optional<PinSecret> secret =
      agreed_secret(static_cast<int>(*protocol), agreement_key_, *platform_key);
  const std::optional<Bytes> hashed = secret ? decrypted(*secret, *hashed_pin) : std::nullopt;
  if (!hashed) return answer_of(CtapStatus::kInvalidParameter);
  --state.pin_tries;
  const Digest right = sha256(state.pin);
  if (!equals_in_constant_time(*hashed, ByteView(right).first(16))) {
    agreement_key_ = P256Key::make();
    ++state.wrong_in_a_row;
    if (state.pin_tries == 0) return answer_of(CtapStatus::kPinBlocked);
    if (state.wrong_in_a_row >= kAttemptsInARow) return answer_of(CtapStatus::kPinAuthBlocked);
    return answer_of(CtapStatus::kPinInvalid);
  }
  state.pin_tries = kAttempts;
  state.wrong_in_a_row = 0;
  if (state.needs_new_pin) return answer_of(CtapStatus::kPinPolicyViolation);
  return token_in_answer(request);
}

// A new token, encrypted for who asks.
Bytes SoftwareAuthenticator::token_in_answer(const Cbor& request) {
  const std::int64_t* protocol = request.find_as<std::int64_t>(1);
  const Cbor* platform_key = request.find(3);
  if (protocol == nullptr || platform_key == nullptr) {
    return answer_of(CtapStatus::kMissingParameter);
  }
  const std::optional<PinSecret> secret =
      agreed_secret(static_cast<int>(*protocol), agreement_key_, *platform_key);
  if (!secret) return answer_of(CtapStatus::kInvalidParameter);
  token_ = SystemRandom().bytes(32);
  return answer_with({{2, encrypted(*secret, token_)}});
}

}  // namespace sekisho::testing
