// A security key's PIN on its way to libfido2, which wants a C string.

#ifndef SEKISHO_AUTHN_FACTORS_KEY_PIN_H_
#define SEKISHO_AUTHN_FACTORS_KEY_PIN_H_

#include <array>

#include "base/secret.h"

namespace sekisho::authn {

inline constexpr std::size_t kLeastPin = 4;  // code points; CTAP 2.1 section 6.5.1
inline constexpr std::size_t kMostPinBytes = 63;

// Whether a key could have this PIN at all: UTF-8 of kLeastPin code points or more, kMostPinBytes
// or fewer, without a zero byte, behind which libfido2 would not see.
bool is_usable_pin(const Secret& pin);

// Wiped when it goes.
class KeyPin {
 public:
  KeyPin() = default;  // none
  // Precondition: is_usable_pin(pin).
  explicit KeyPin(const Secret& pin);
  ~KeyPin();
  KeyPin(const KeyPin&) = delete;
  KeyPin& operator=(const KeyPin&) = delete;

  // nullptr when there is none; never an empty string (CVE-2021-31924).
  const char* text() const { return text_[0] == '\0' ? nullptr : text_.data(); }

 private:
  std::array<char, kMostPinBytes + 1> text_{};
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_KEY_PIN_H_
