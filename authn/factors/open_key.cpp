#include "authn/factors/open_key.h"

#include <fido.h>

#include <algorithm>
#include <string_view>

#include "authn/factors/fido_thread.h"
#include "authn/factors/key_fault.h"
#include "base/text.h"

namespace sekisho::authn {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Behind the deadline the key is told to stop; it gets this long to say that it has.
constexpr milliseconds kGrace{1000};
constexpr std::size_t kLongestMessage = 7609;  // bytes; CTAP 2.1 section 11.2.4
// A request's parts but the list: relying party, hash, options, PIN parameters.
constexpr std::size_t kRequestHead = 400;
// {"id": bytes, "type": "public-key"} without the bytes.
constexpr std::size_t kDescriptorHead = 24;

struct FreeInfo {
  void operator()(fido_cbor_info_t* info) const { fido_cbor_info_free(&info); }
};

bool has_option(const fido_cbor_info_t* info, std::string_view name) {
  char** const names = fido_cbor_info_options_name_ptr(info);
  const bool* const values = fido_cbor_info_options_value_ptr(info);
  for (std::size_t i = 0; i < fido_cbor_info_options_len(info); ++i) {
    if (names[i] == name) return values[i];
  }
  return false;
}

}  // namespace

void OpenKey::CloseDevice::operator()(fido_dev* device) const {
  fido_dev_close(device);
  fido_dev_free(&device);
}

OpenKey::OpenKey(KeyPorts& ports, std::string path) : ports_(&ports), device_(fido_dev_new()) {
  status_.path = std::move(path);
}

FromKey<OpenKey> OpenKey::open(KeyPorts& ports, const std::string& path, milliseconds patience) {
  prepare_fido_in_this_thread();
  const std::vector<AttachedKey> attached = ports.attached();
  if (attached.empty()) return std::unexpected(KeyFault::kNoKey);
  const auto found = std::ranges::find(attached, path, &AttachedKey::path);
  if (found == attached.end()) return std::unexpected(KeyFault::kUnplugged);

  OpenKey key(ports, path);
  key.status_.product = printable(found->product);
  if (key.device_ == nullptr) return std::unexpected(KeyFault::kBroken);
  const Deadline deadline = steady_clock::now() + patience;
  fido_dev_set_timeout(key.device(), static_cast<int>(patience.count()));
  int error = KeyLine::open(key.device(), path, ports.io(), deadline, key.line_);
  if (error == FIDO_OK) error = key.ask_status();
  if (error != FIDO_OK) {
    const KeyFault fault = key.fault_after(error, deadline);
    return std::unexpected(fault == KeyFault::kUnplugged ? fault : KeyFault::kBroken);
  }
  return key;
}

int OpenKey::ask_status() {
  fido_dev_t* const device = device_.get();
  speaks_ctap2_ = fido_dev_is_fido2(device);
  if (!speaks_ctap2_) return FIDO_OK;
  const std::unique_ptr<fido_cbor_info_t, FreeInfo> info(fido_cbor_info_new());
  if (!info) return FIDO_ERR_INTERNAL;
  if (const int error = fido_dev_get_cbor_info(device, info.get()); error != FIDO_OK) return error;
  status_.has_pin = fido_dev_has_pin(device);
  status_.can_verify_by_itself = fido_dev_has_uv(device);
  status_.always_verifies = has_option(info.get(), "alwaysUv");
  status_.needs_new_pin = fido_cbor_info_new_pin_required(info.get());
  protects_credentials_ = fido_dev_supports_cred_prot(device);
  const std::uint64_t least_pin = fido_cbor_info_minpinlen(info.get());
  if (least_pin > 4) status_.least_pin = static_cast<int>(std::min<std::uint64_t>(least_pin, 63));
  most_in_list_ = std::max<std::size_t>(1, fido_cbor_info_maxcredcntlst(info.get()));
  longest_credential_ = fido_cbor_info_maxcredidlen(info.get());
  longest_message_ = std::clamp<std::size_t>(fido_cbor_info_maxmsgsiz(info.get()), longest_message_,
                                             kLongestMessage);
  if (status_.has_pin) {
    int tries = 0;
    if (const int error = fido_dev_get_retry_count(device, &tries); error != FIDO_OK) return error;
    status_.pin_tries_left = tries;
  }
  return FIDO_OK;
}

bool OpenKey::may_hide_credentials() const {
  return status_.always_verifies ||
         (protects_credentials_ && (status_.has_pin || status_.can_verify_by_itself));
}

std::vector<std::vector<Bytes>> OpenKey::lists_of(const std::vector<Bytes>& credentials) const {
  std::vector<std::vector<Bytes>> lists;
  std::size_t room = 0;
  for (const Bytes& credential : credentials) {
    const bool is_too_long = longest_credential_ != 0 && credential.size() > longest_credential_;
    if (credential.empty() || is_too_long) continue;
    const std::size_t size = credential.size() + kDescriptorHead;
    if (lists.empty() || size > room || lists.back().size() >= most_in_list_) {
      lists.emplace_back();
      room = longest_message_ - kRequestHead;
    }
    lists.back().push_back(credential);
    room -= std::min(room, size);
  }
  return lists;
}

void OpenKey::wait_until(Deadline deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()) + kGrace;
  const auto most = std::clamp(left, kGrace, milliseconds(std::chrono::hours(1)));
  fido_dev_set_timeout(device(), static_cast<int>(most.count()));
  line_->end_at(steady_clock::now() + most);
}

void OpenKey::wait_for_an_answer() {
  fido_dev_set_timeout(device(), static_cast<int>(kPatience.count()));
  line_->end_at(steady_clock::now() + kPatience);
}

bool OpenKey::is_attached() const {
  const std::vector<AttachedKey> attached = ports_->attached();
  return std::ranges::find(attached, status_.path, &AttachedKey::path) != attached.end();
}

KeyFault OpenKey::fault_after(int fido_error, Deadline deadline) const {
  if (!is_transport_failure(fido_error)) return fault_of(fido_error);
  if (!is_attached()) return KeyFault::kUnplugged;
  return steady_clock::now() >= deadline ? KeyFault::kNotTouched : KeyFault::kBroken;
}

}  // namespace sekisho::authn
