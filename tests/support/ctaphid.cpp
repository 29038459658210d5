#include "tests/support/ctaphid.h"

#include <algorithm>

namespace sekisho::testing {
namespace {

constexpr std::size_t kFirstHead = 7;
constexpr std::size_t kOtherHead = 5;

}  // namespace

std::vector<Report> reports_of(const HidMessage& message) {
  std::vector<Report> reports;
  ByteView rest = message.payload;
  std::uint8_t number = 0;
  do {
    Report report{};
    std::ranges::copy(message.channel, report.begin());
    std::size_t head = kOtherHead;
    if (reports.empty()) {
      head = kFirstHead;
      report[4] = static_cast<std::uint8_t>(message.command) | 0x80;
      report[5] = static_cast<std::uint8_t>(message.payload.size() >> 8);
      report[6] = static_cast<std::uint8_t>(message.payload.size());
    } else {
      report[4] = number++;
    }
    const ByteView part = rest.first(std::min(rest.size(), kReportBytes - head));
    std::ranges::copy(part, report.begin() + static_cast<std::ptrdiff_t>(head));
    rest = rest.subspan(part.size());
    reports.push_back(report);
  } while (!rest.empty());
  return reports;
}

std::optional<HidMessage> HidAssembler::add(ByteView report) {
  if (report.size() != kReportBytes) return std::nullopt;
  const bool is_first = (report[4] & 0x80) != 0;
  if (is_first && report[4] == (static_cast<std::uint8_t>(HidCommand::kCancel) | 0x80)) {
    HidMessage cancel{.command = HidCommand::kCancel};
    std::ranges::copy(report.first(4), cancel.channel.begin());
    return cancel;
  }
  std::size_t head = kOtherHead;
  if (is_first) {
    head = kFirstHead;
    message_ = HidMessage{.command = static_cast<HidCommand>(report[4] & 0x7f)};
    std::ranges::copy(report.first(4), message_.channel.begin());
    missing_ = static_cast<std::size_t>(report[5]) << 8 | report[6];
    next_ = 0;
  } else if (missing_ == 0 || report[4] != next_++) {
    missing_ = 0;
    return std::nullopt;
  }
  const ByteView part = report.subspan(head).first(std::min(missing_, kReportBytes - head));
  message_.payload.insert(message_.payload.end(), part.begin(), part.end());
  missing_ -= part.size();
  if (missing_ != 0) return std::nullopt;
  return message_;
}

}  // namespace sekisho::testing
