#include "authn/factors/key_assertion.h"

#include <fido.h>

#include <algorithm>
#include <memory>

#include "authn/factors/key_answer.h"
#include "authn/factors/key_fault.h"

namespace sekisho::authn {
namespace {

struct FreeAssert {
  void operator()(fido_assert_t* assertion) const { fido_assert_free(&assertion); }
};
using AssertPtr = std::unique_ptr<fido_assert_t, FreeAssert>;

AssertPtr new_request(const std::string& rp_id, const Digest& client_data_hash,
                      const std::vector<Bytes>& credentials) {
  AssertPtr request(fido_assert_new());
  if (!request || fido_assert_set_rp(request.get(), rp_id.c_str()) != FIDO_OK ||
      fido_assert_set_clientdata_hash(request.get(), client_data_hash.data(),
                                      client_data_hash.size()) != FIDO_OK) {
    return nullptr;
  }
  for (const Bytes& id : credentials) {
    if (fido_assert_allow_cred(request.get(), id.data(), id.size()) != FIDO_OK) return nullptr;
  }
  return request;
}

Bytes copied(const unsigned char* start, std::size_t size) {
  return start == nullptr ? Bytes() : Bytes(start, start + size);
}

// The one of `asked` the key answers for; a key that was asked for one alone may leave its id out
// (CTAP 2.1 section 6.2.2).  nullopt when it names one it was not asked for.
std::optional<Bytes> answered_id(const fido_assert_t* answer, const std::vector<Bytes>& asked) {
  if (fido_assert_count(answer) != 1) return std::nullopt;
  Bytes id = copied(fido_assert_id_ptr(answer, 0), fido_assert_id_len(answer, 0));
  if (id.empty() && asked.size() == 1) return asked.front();
  if (std::ranges::find(asked, id) == asked.end()) return std::nullopt;
  return id;
}

// What the key answers to a request for `list` that asks for no touch; nullopt: it shows none.
// `ask` is fido_dev_get_assert in some dress and returns its result.
template <typename Ask>
FromKey<std::optional<Bytes>> look_for(const std::string& rp_id, const std::vector<Bytes>& list,
                                       const Ask& ask) {
  const AssertPtr request = new_request(rp_id, Digest{}, list);
  if (!request || fido_assert_set_up(request.get(), FIDO_OPT_FALSE) != FIDO_OK) {
    return std::unexpected(KeyFault::kBroken);
  }
  const std::optional<KeyFault> fault = ask(request.get());
  if (fault == KeyFault::kNoCredential) return std::nullopt;
  if (fault) return std::unexpected(*fault);
  std::optional<Bytes> id = answered_id(request.get(), list);
  if (!id) return std::unexpected(KeyFault::kBroken);
  return id;
}

}  // namespace

FromKey<std::optional<Bytes>> find_silently(OpenKey& key, const std::string& rp_id,
                                            const std::vector<Bytes>& credentials) {
  const auto ask = [&](fido_assert_t* request) -> std::optional<KeyFault> {
    key.wait_for_an_answer();
    const int error = fido_dev_get_assert(key.device(), request, nullptr);
    if (error == FIDO_OK) return std::nullopt;
    const KeyFault fault = key.fault_after(error, Deadline::max());
    // A key that wants a touch or a PIN even for this does not show what it holds.
    const bool is_hiding = fault != KeyFault::kUnplugged && fault != KeyFault::kBroken;
    return is_hiding ? KeyFault::kNoCredential : fault;
  };
  for (const std::vector<Bytes>& list : key.lists_of(credentials)) {
    FromKey<std::optional<Bytes>> found = look_for(rp_id, list, ask);
    if (!found || *found) return found;
  }
  return std::nullopt;
}

FromKey<std::optional<Bytes>> find_with_pin(OpenKey& key, const std::string& rp_id,
                                            const std::vector<Bytes>& credentials,
                                            const KeyCall& call) {
  const auto ask = [&](fido_assert_t* request) {
    return call_key(key, call, [&](fido_dev* device, const char* pin) {
      return fido_dev_get_assert(device, request, pin);
    });
  };
  for (const std::vector<Bytes>& list : key.lists_of(credentials)) {
    FromKey<std::optional<Bytes>> found = look_for(rp_id, list, ask);
    if (!found || *found) return found;
  }
  return std::nullopt;
}

FromKey<KeyAssertion> assertion_by(OpenKey& key, const AssertionRequest& request,
                                   const std::vector<Bytes>& credentials, const KeyCall& call) {
  const AssertPtr asked = new_request(request.rp_id, request.client_data_hash, credentials);
  if (!asked || (call.verification == Verification::kByKey &&
                 fido_assert_set_uv(asked.get(), FIDO_OPT_TRUE) != FIDO_OK)) {
    return std::unexpected(KeyFault::kBroken);
  }
  if (const auto fault = call_key(key, call, [&](fido_dev* device, const char* pin) {
        return fido_dev_get_assert(device, asked.get(), pin);
      })) {
    return std::unexpected(*fault);
  }
  const fido_assert_t* const answer = asked.get();
  std::optional<Bytes> id = answered_id(answer, credentials);
  std::optional<Bytes> data =
      unwrapped_bytes({fido_assert_authdata_ptr(answer, 0), fido_assert_authdata_len(answer, 0)});
  Bytes signature = copied(fido_assert_sig_ptr(answer, 0), fido_assert_sig_len(answer, 0));
  if (!id || !data || signature.empty()) return std::unexpected(KeyFault::kBroken);
  if (request.verify_user && (fido_assert_flags(answer, 0) & CTAP_AUTHDATA_USER_VERIFIED) == 0) {
    return std::unexpected(KeyFault::kBroken);
  }
  return KeyAssertion{
      std::move(*id), std::move(*data), std::move(signature),
      copied(fido_assert_user_id_ptr(answer, 0), fido_assert_user_id_len(answer, 0))};
}

}  // namespace sekisho::authn
