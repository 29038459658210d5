#include "cli/qr.h"

#include <qrencode.h>
#include <string.h>

#include <memory>

namespace sekisho::cli {
namespace {

constexpr int kQuietZone = 4;  // ISO/IEC 18004 section 5.3.8
constexpr std::string_view kLightOnDark = "\033[97;40m";
constexpr std::string_view kLightCell = "\033[107m";
constexpr std::string_view kDarkCell = "\033[40m";
constexpr std::string_view kPlain = "\033[0m";

struct FreeCode {
  void operator()(QRcode* code) const {
    explicit_bzero(code->data, static_cast<std::size_t>(code->width) * code->width);
    QRcode_free(code);
  }
};

}  // namespace

Result<QrCode> QrCode::encode(const Secret& text) {
  const std::unique_ptr<QRcode, FreeCode> code(
      QRcode_encodeData(static_cast<int>(text.size()), text.reveal().data(), 0, QR_ECLEVEL_L));
  if (!code) return fail(ErrorCode::kInvalid, "the text does not fit in a QR code");
  QrCode out;
  out.size_ = code->width;
  const int modules = code->width * code->width;
  for (int i = 0; i < modules; ++i) out.dark_.push_back((code->data[i] & 1) != 0);
  return out;
}

bool QrCode::is_light(int x, int y) const {
  if (x < 0 || y < 0 || x >= size_ || y >= size_) return true;
  return !dark_[static_cast<std::size_t>(y * size_ + x)];
}

Secret QrCode::drawn(QrStyle style, bool with_colour) const {
  std::string out;
  const int rows_a_line = style == QrStyle::kBlocks ? 2 : 1;
  for (int y = -kQuietZone; y < size_ + kQuietZone; y += rows_a_line) {
    if (with_colour && style == QrStyle::kBlocks) out += kLightOnDark;
    for (int x = -kQuietZone; x < size_ + kQuietZone; ++x) {
      const bool upper = is_light(x, y);
      if (style == QrStyle::kAscii) {
        // With colour the cells themselves are filled: "##" leaves gaps that a camera sees.
        if (with_colour) out += upper ? kLightCell : kDarkCell;
        out += upper && !with_colour ? "##" : "  ";
        continue;
      }
      const bool lower = is_light(x, y + 1);
      out += upper ? (lower ? "█" : "▀") : (lower ? "▄" : " ");
    }
    if (with_colour) out += kPlain;
    out += '\n';
  }
  Secret drawing{std::string_view(out)};
  wipe(out);
  return drawing;
}

}  // namespace sekisho::cli
