// A security key's PIN on its way to libfido2, which wants a C string.

#ifndef SEKISHO_AUTHN_FACTORS_KEY_PIN_H_
#define SEKISHO_AUTHN_FACTORS_KEY_PIN_H_

#include <array>
#include <optional>

#include "base/secret.h"

namespace sekisho::authn {

inline constexpr int kLeastPin = 4;  // code points; CTAP 2.1 section 6.5.1
inline constexpr std::size_t kMostPinBytes = 63;

enum class PinFlaw {
  kTooShort,
  kImpossible,  // longer than kMostPinBytes, no UTF-8, or with a zero byte: libfido2 sees none
                // behind
};
// Why a key that wants `least` code points (KeyStatus::least_pin) cannot have this PIN, which is
// then not sent; nullopt: it can.
std::optional<PinFlaw> flaw_of(const Secret& pin, int least);

// Whether any key could have this PIN.
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
