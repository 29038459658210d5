// A QR code (ISO/IEC 18004) drawn with text, so that a phone can scan it from a terminal.
//
// Ink is light: on the usual dark terminal the light modules and the quiet zone are painted and
// the dark ones left out.  With colour the drawing states both colours itself and scans from any
// terminal.

#ifndef SEKISHO_CLI_QR_H_
#define SEKISHO_CLI_QR_H_

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace sekisho::cli {

enum class QrStyle {
  kBlocks,  // UTF-8 half blocks: two rows of modules a line
  kAscii,   // "##" and two spaces, or filled cells with colour: for terminals without UTF-8
};

class QrCode {
 public:
  // Error correction level L, the smallest drawing: a screen has no stains.  kInvalid when `text`
  // is too long for a QR code.
  static Result<QrCode> encode(const Secret& text);

  // The drawing with its quiet zone of four modules; every line ends with "\n".
  Secret drawn(QrStyle style, bool with_colour) const;

 private:
  bool is_light(int x, int y) const;  // also true outside
  int size_ = 0;
  std::vector<bool> dark_;
};

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_QR_H_
