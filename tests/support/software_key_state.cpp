#include "tests/support/software_key_state.h"

#include <array>
#include <boost/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/encoding.h"

namespace sekisho::testing {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<SoftwareKeyFault, std::string_view>, 17> kNames = {{
    {SoftwareKeyFault::kStaleCounter, "stale_counter"},
    {SoftwareKeyFault::kNoPresence, "no_presence"},
    {SoftwareKeyFault::kNoVerification, "no_verification"},
    {SoftwareKeyFault::kBadSignature, "bad_signature"},
    {SoftwareKeyFault::kPinBlocked, "pin_blocked"},
    {SoftwareKeyFault::kSlowTouch, "slow_touch"},
    {SoftwareKeyFault::kDeaf, "deaf"},
    {SoftwareKeyFault::kBabbling, "babbling"},
    {SoftwareKeyFault::kHardOfHearing, "hard_of_hearing"},
    {SoftwareKeyFault::kTouchTimesOut, "touch_times_out"},
    {SoftwareKeyFault::kUnpluggedHalfway, "unplugged_halfway"},
    {SoftwareKeyFault::kGarbage, "garbage"},
    {SoftwareKeyFault::kWrongCredential, "wrong_credential"},
    {SoftwareKeyFault::kSilent, "silent"},
    {SoftwareKeyFault::kForeign, "foreign"},
    {SoftwareKeyFault::kWeakProtection, "weak_protection"},
    {SoftwareKeyFault::kFull, "full"},
}};

SoftwareKeyFault fault_named(std::string_view name) {
  for (const auto& [fault, known] : kNames) {
    if (known == name) return fault;
  }
  throw std::runtime_error("a software key has no fault " + std::string(name));
}

Bytes bytes_from(const json::value& text) {
  std::optional<Bytes> bytes = bytes_from_base64url(std::string_view(text.as_string()));
  if (!bytes) throw std::runtime_error("a software key's file wants base64url");
  return *bytes;
}

template <typename T>
void read(const json::object& from, std::string_view name, T& into) {
  if (const json::value* value = from.if_contains(name)) into = json::value_to<T>(*value);
}

SoftwareCredential credential_from(const json::object& from) {
  SoftwareCredential credential;
  credential.id = bytes_from(from.at("credential_id"));
  credential.private_key = bytes_from(from.at("private_key"));
  credential.rp_id = from.at("rp_id").as_string();
  if (from.contains("user_handle")) credential.user_handle = bytes_from(from.at("user_handle"));
  read(from, "sign_count", credential.sign_count);
  read(from, "discoverable", credential.is_discoverable);
  read(from, "protect", credential.protection);
  return credential;
}

json::object object_of(const SoftwareCredential& credential) {
  return {{"credential_id", base64url_of(credential.id)},
          {"private_key", base64url_of(credential.private_key)},
          {"rp_id", credential.rp_id},
          {"user_handle", base64url_of(credential.user_handle)},
          {"sign_count", credential.sign_count},
          {"discoverable", credential.is_discoverable},
          {"protect", credential.protection}};
}

}  // namespace

std::string_view name_of(SoftwareKeyFault fault) {
  for (const auto& [known, name] : kNames) {
    if (known == fault) return name;
  }
  throw std::runtime_error("a fault without a name");
}

std::string text_of(const SoftwareKeyState& state) {
  json::array faults;
  for (const SoftwareKeyFault fault : state.faults) faults.emplace_back(name_of(fault));
  json::array credentials;
  for (const SoftwareCredential& one : state.credentials) credentials.push_back(object_of(one));
  return json::serialize(json::object{{"attached", state.is_attached},
                                      {"product", state.product},
                                      {"pin", state.pin},
                                      {"pin_tries", state.pin_tries},
                                      {"wrong_in_a_row", state.wrong_in_a_row},
                                      {"blinking", state.is_blinking},
                                      {"faults", faults},
                                      {"always_verifies", state.always_verifies},
                                      {"verifies_by_itself", state.verifies_by_itself},
                                      {"protects", state.protects},
                                      {"speaks_ctap2", state.speaks_ctap2},
                                      {"has_pin_tokens", state.has_pin_tokens},
                                      {"needs_new_pin", state.needs_new_pin},
                                      {"least_pin", state.least_pin},
                                      {"pin_protocols", json::value_from(state.pin_protocols)},
                                      {"longest_message", state.longest_message},
                                      {"most_in_list", state.most_in_list},
                                      {"credentials", credentials}});
}

SoftwareKeyState state_from(std::string_view text) {
  const json::value parsed = json::parse(text);
  const json::object& from = parsed.as_object();
  SoftwareKeyState state;
  read(from, "attached", state.is_attached);
  read(from, "product", state.product);
  read(from, "pin", state.pin);
  read(from, "pin_tries", state.pin_tries);
  read(from, "wrong_in_a_row", state.wrong_in_a_row);
  read(from, "blinking", state.is_blinking);
  read(from, "always_verifies", state.always_verifies);
  read(from, "verifies_by_itself", state.verifies_by_itself);
  read(from, "protects", state.protects);
  read(from, "speaks_ctap2", state.speaks_ctap2);
  read(from, "has_pin_tokens", state.has_pin_tokens);
  read(from, "needs_new_pin", state.needs_new_pin);
  read(from, "least_pin", state.least_pin);
  read(from, "pin_protocols", state.pin_protocols);
  read(from, "longest_message", state.longest_message);
  read(from, "most_in_list", state.most_in_list);
  if (const json::value* faults = from.if_contains("faults")) {
    for (const json::value& name : faults->as_array()) {
      state.faults.insert(fault_named(name.as_string()));
    }
  }
  if (const json::value* credentials = from.if_contains("credentials")) {
    for (const json::value& one : credentials->as_array()) {
      state.credentials.push_back(credential_from(one.as_object()));
    }
  }
  return state;
}

}  // namespace sekisho::testing
