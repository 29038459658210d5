#include "authn/factors/key_pin.h"

#include <string.h>

#include <algorithm>
#include <cassert>

#include "base/text.h"

namespace sekisho::authn {

std::optional<PinFlaw> flaw_of(const Secret& pin, int least) {
  const std::string_view text = pin.reveal_text();
  if (text.size() > kMostPinBytes || !is_utf8(text) || text.find('\0') != std::string_view::npos) {
    return PinFlaw::kImpossible;
  }
  if (code_points(text) < static_cast<std::size_t>(least)) return PinFlaw::kTooShort;
  return std::nullopt;
}

bool is_usable_pin(const Secret& pin) {
  return !flaw_of(pin, kLeastPin);
}

KeyPin::KeyPin(const Secret& pin) {
  assert(is_usable_pin(pin));
  std::ranges::copy(pin.reveal_text(), text_.begin());
}

KeyPin::~KeyPin() {
  explicit_bzero(text_.data(), text_.size());
}

}  // namespace sekisho::authn
