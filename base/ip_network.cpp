#include "base/ip_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/text.h"

namespace sekisho {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

IpAddress IpAddress::from_v4(std::array<std::uint8_t, 4> octets) {
  IpAddress address;
  std::copy(kMapped.begin(), kMapped.end(), address.octets_.begin());
  std::copy(octets.begin(), octets.end(), address.octets_.begin() + 12);
  return address;
}

IpAddress IpAddress::from_v6(std::array<std::uint8_t, 16> octets) {
  IpAddress address;
  address.octets_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string terminated(text);
  std::array<std::uint8_t, 4> v4{};
  if (inet_pton(AF_INET, terminated.c_str(), v4.data()) == 1) return from_v4(v4);
  std::array<std::uint8_t, 16> v6{};
  if (inet_pton(AF_INET6, terminated.c_str(), v6.data()) == 1) return from_v6(v6);
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), octets_.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return octets_[12] == 127;
  std::array<std::uint8_t, 16> one{};
  one[15] = 1;
  return octets_ == one;
}

IpAddress IpAddress::owner() const {
  IpAddress owner = *this;
  if (!is_v4()) std::fill(owner.octets_.begin() + 8, owner.octets_.end(), std::uint8_t{0});
  return owner;
}

std::string IpAddress::text() const {
  char out[INET6_ADDRSTRLEN];
  if (!is_v4()) return ::inet_ntop(AF_INET6, octets_.data(), out, sizeof out);
  // inet_ntop would print by sprintf, which each proxied request would feel.
  char* end = out;
  for (std::size_t i = 12; i < 16; ++i) {
    if (i > 12) *end++ = '.';
    end = std::to_chars(end, out + sizeof out, octets_[i]).ptr;
  }
  return {out, end};
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> base = IpAddress::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const unsigned width = base->is_v4() ? 32 : 128;
  unsigned prefix = width;
  if (slash != std::string_view::npos) {
    const auto typed = parse_unsigned(text.substr(slash + 1));
    if (!typed || *typed > width) return std::nullopt;
    prefix = static_cast<unsigned>(*typed);
  }
  IpNetwork network;
  network.base_ = *base;
  network.prefix_ = prefix + (128 - width);
  for (unsigned bit = network.prefix_; bit < 128; ++bit) {
    if ((base->octets()[bit / 8] >> (7 - bit % 8)) & 1) return std::nullopt;
  }
  return network;
}

bool IpNetwork::contains(const IpAddress& address) const {
  const unsigned whole = prefix_ / 8;
  if (std::memcmp(base_.octets().data(), address.octets().data(), whole) != 0) return false;
  const unsigned rest = prefix_ % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return ((base_.octets()[whole] ^ address.octets()[whole]) & mask) == 0;
}

bool IpNetwork::is_too_wide_for_a_segment() const {
  const unsigned least = base_.is_v4() && prefix_ >= 96 ? 96 + 8 : 7;
  return prefix_ < least;
}

std::string IpNetwork::text() const {
  const unsigned shown = base_.is_v4() && prefix_ >= 96 ? prefix_ - 96 : prefix_;
  return base_.text() + "/" + std::to_string(shown);
}

bool contains(const std::vector<IpNetwork>& networks, const IpAddress& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpNetwork& network) { return network.contains(address); });
}

}  // namespace sekisho
