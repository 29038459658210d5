#include "authn/factors/key_pin.h"

#include <string.h>

#include <algorithm>
#include <cassert>

#include "base/text.h"

namespace sekisho::authn {

bool is_usable_pin(const Secret& pin) {
  const std::string_view text = pin.reveal_text();
  return text.size() <= kMostPinBytes && is_utf8(text) && code_points(text) >= kLeastPin &&
         text.find('\0') == std::string_view::npos;
}

KeyPin::KeyPin(const Secret& pin) {
  assert(is_usable_pin(pin));
  std::ranges::copy(pin.reveal_text(), text_.begin());
}

KeyPin::~KeyPin() {
  explicit_bzero(text_.data(), text_.size());
}

}  // namespace sekisho::authn
