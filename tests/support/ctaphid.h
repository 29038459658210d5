// The frames a security key on USB speaks (CTAP 2.1 section 11.2.4).
//
//   first:  channel (4) | command with bit 7 (1) | length (2) | 57 bytes of payload
//   others: channel (4) | number, from 0 (1)     |              59 bytes of payload
#ifndef SEKISHO_TESTS_SUPPORT_CTAPHID_H_
#define SEKISHO_TESTS_SUPPORT_CTAPHID_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace sekisho::testing {

inline constexpr std::size_t kReportBytes = 64;
using Report = std::array<std::uint8_t, kReportBytes>;
using Channel = std::array<std::uint8_t, 4>;

enum class HidCommand : std::uint8_t {
  kInit = 0x06,
  kCbor = 0x10,
  kCancel = 0x11,
  kKeepAlive = 0x3b,
  kError = 0x3f,
};

struct HidMessage {
  Channel channel{};
  HidCommand command{};
  Bytes payload{};
};

std::vector<Report> reports_of(const HidMessage& message);

// Puts messages together from the reports that come.  CANCEL may come in between.
class HidAssembler {
 public:
  // The message that `report` (without the report's number) completes.
  std::optional<HidMessage> add(ByteView report);

 private:
  HidMessage message_;
  std::size_t missing_ = 0;
  std::uint8_t next_ = 0;
};

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_SUPPORT_CTAPHID_H_
