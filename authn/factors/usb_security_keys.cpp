#include "authn/factors/usb_security_keys.h"

#include <chrono>
#include <optional>
#include <system_error>
#include <thread>

#include "authn/factors/key_assertion.h"
#include "authn/factors/key_call.h"
#include "authn/factors/key_creation.h"
#include "authn/factors/key_pin.h"
#include "authn/factors/open_key.h"

namespace sekisho::authn {
namespace {

// For a key to say what it is, which takes a sound one a tenth of it.
constexpr std::chrono::milliseconds kGlance{1000};

std::unexpected<KeyFault> fail(KeyFault fault) {
  return std::unexpected(fault);
}

// What must be right before the key hears of it.
std::optional<KeyFault> fault_before(const std::optional<Secret>& pin,
                                     const Cancellation& cancellation) {
  if (cancellation.is_cancelled()) return KeyFault::kCancelled;
  if (pin && !is_usable_pin(*pin)) return KeyFault::kPinUnusable;
  return std::nullopt;
}

std::unique_ptr<const KeyPin> pin_of(const std::optional<Secret>& pin) {
  return pin ? std::make_unique<const KeyPin>(*pin) : std::make_unique<const KeyPin>();
}

Deadline deadline_in(std::chrono::milliseconds timeout) {
  return std::chrono::steady_clock::now() + timeout;
}

FromKey<OpenKey> open_ctap2(KeyPorts& ports, const std::string& path) {
  FromKey<OpenKey> key = OpenKey::open(ports, path);
  if (key && !key->speaks_ctap2()) return fail(KeyFault::kUnsupported);
  return key;
}

// The credentials the key does not show: it is asked for them list by list, as it would be for
// those it does.
FromKey<KeyAssertion> assertion_by_hidden(OpenKey& key, const AssertionRequest& request,
                                          const KeyCall& call) {
  for (const std::vector<Bytes>& list : key.lists_of(request.credentials)) {
    FromKey<KeyAssertion> assertion = assertion_by(key, request, list, call);
    if (assertion || assertion.error() != KeyFault::kNoCredential) return assertion;
  }
  return fail(KeyFault::kNoCredential);
}

// Of `excluded`, the list the key is sent: the one it was found to hold, or what it may still
// hide.  The lists that do not fit beside are looked for with the PIN, where there is one.
FromKey<std::vector<Bytes>> exclusion_for(OpenKey& key, const CreationRequest& request,
                                          const KeyCall& call) {
  if (request.excluded.empty()) return std::vector<Bytes>();
  const FromKey<std::optional<Bytes>> shown = find_silently(key, request.rp_id, request.excluded);
  if (!shown) return fail(shown.error());
  if (*shown) return std::vector<Bytes>{**shown};
  std::vector<std::vector<Bytes>> lists = key.lists_of(request.excluded);
  if (!key.may_hide_credentials() || lists.empty()) return std::vector<Bytes>();
  for (std::size_t i = 1; i < lists.size() && call.pin_to_send() != nullptr; ++i) {
    const FromKey<std::optional<Bytes>> hidden = find_with_pin(key, request.rp_id, lists[i], call);
    if (!hidden) return fail(hidden.error());
    if (*hidden) return std::vector<Bytes>{**hidden};
  }
  return std::move(lists.front());
}

}  // namespace

std::vector<KeyStatus> UsbSecurityKeys::list() {
  const std::vector<AttachedKey> attached = ports_->attached();
  std::vector<std::optional<KeyStatus>> found(attached.size());
  const auto look = [&](std::size_t i) {
    const FromKey<OpenKey> key = OpenKey::open(*ports_, attached[i].path, kGlance);
    if (key) found[i] = key->status();
  };
  {
    // At once: one that is dead hides none that is not.
    std::vector<std::jthread> looks;
    for (std::size_t i = 0; i < attached.size(); ++i) {
      try {
        looks.emplace_back(look, i);
      } catch (const std::system_error&) {
        look(i);  // no room for a thread
      }
    }
  }
  std::vector<KeyStatus> keys;
  for (std::optional<KeyStatus>& status : found) {
    if (status) keys.push_back(std::move(*status));
  }
  return keys;
}

FromKey<Holding> UsbSecurityKeys::holds(const std::string& path, const std::string& rp_id,
                                        const std::vector<Bytes>& credentials) {
  FromKey<OpenKey> key = open_ctap2(*ports_, path);
  if (!key) return fail(key.error());
  const FromKey<std::optional<Bytes>> shown = find_silently(*key, rp_id, credentials);
  if (!shown) return fail(shown.error());
  if (shown->has_value()) return Holding::kShown;
  const bool may_hide = key->may_hide_credentials() && !credentials.empty();
  return may_hide ? Holding::kMayHide : Holding::kNone;
}

FromKey<KeyAssertion> UsbSecurityKeys::get_assertion(const std::string& path,
                                                     const AssertionRequest& request,
                                                     Cancellation& cancellation) {
  if (const auto fault = fault_before(request.pin, cancellation)) return fail(*fault);
  const Deadline deadline = deadline_in(request.timeout);
  FromKey<OpenKey> key = open_ctap2(*ports_, path);
  if (!key) return fail(key.error());
  const FromKey<std::optional<Bytes>> shown =
      find_silently(*key, request.rp_id, request.credentials);
  if (!shown) return fail(shown.error());
  if (!*shown && !key->may_hide_credentials()) return fail(KeyFault::kNoCredential);

  // What it hides it shows to nobody but a verified user.
  const FromKey<Verification> verification =
      verification_for(key->status(), request.verify_user || !*shown, request.pin.has_value());
  if (!verification) return fail(verification.error());
  const std::unique_ptr<const KeyPin> pin = pin_of(request.pin);
  const KeyCall call{*verification, *pin, deadline, cancellation};
  if (*shown) return assertion_by(*key, request, {**shown}, call);
  return assertion_by_hidden(*key, request, call);
}

FromKey<KeyCredential> UsbSecurityKeys::make_credential(const std::string& path,
                                                        const CreationRequest& request,
                                                        Cancellation& cancellation) {
  if (const auto fault = fault_before(request.pin, cancellation)) return fail(*fault);
  const Deadline deadline = deadline_in(request.timeout);
  FromKey<OpenKey> key = open_ctap2(*ports_, path);
  if (!key) return fail(key.error());
  const FromKey<Verification> verification =
      verification_for(key->status(), request.verify_user, request.pin.has_value());
  if (!verification) return fail(verification.error());
  const std::unique_ptr<const KeyPin> pin = pin_of(request.pin);
  const KeyCall call{*verification, *pin, deadline, cancellation};
  const FromKey<std::vector<Bytes>> excluded = exclusion_for(*key, request, call);
  if (!excluded) return fail(excluded.error());
  return credential_by(*key, request, *excluded, call);
}

}  // namespace sekisho::authn
