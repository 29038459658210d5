#include "authn/factors/key_ports.h"

#include <fido.h>

#include <utility>

#include "authn/factors/fido_thread.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kMaxKeys = 32;

std::string text_or_nothing(const char* text) {
  return text == nullptr ? "" : text;
}

class UsbPorts final : public KeyPorts {
 public:
  std::vector<AttachedKey> attached() override {
    prepare_fido_in_this_thread();
    std::vector<AttachedKey> keys;
    fido_dev_info_t* list = fido_dev_info_new(kMaxKeys);
    std::size_t count = 0;
    if (list == nullptr || fido_dev_info_manifest(list, kMaxKeys, &count) != FIDO_OK) count = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const fido_dev_info_t* one = fido_dev_info_ptr(list, i);
      // Beside hidraw devices libfido2 finds readers ("nfc:...", "pcsc://..."), which are not ours.
      std::string path = text_or_nothing(fido_dev_info_path(one));
      if (!path.starts_with('/')) continue;
      keys.push_back({std::move(path), text_or_nothing(fido_dev_info_product_string(one))});
    }
    fido_dev_info_free(&list, kMaxKeys);
    return keys;
  }
};

}  // namespace

std::unique_ptr<KeyPorts> usb_ports() {
  return std::make_unique<UsbPorts>();
}

}  // namespace sekisho::authn
