// IP addresses and networks in CIDR notation, for "is this peer inside?".

#ifndef SEKISHO_BASE_IP_NETWORK_H_
#define SEKISHO_BASE_IP_NETWORK_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho {

// An IPv4 or IPv6 address.  IPv4-mapped IPv6 (::ffff:a.b.c.d) becomes the IPv4 address, so that
// one host cannot come under two names.
class IpAddress {
 public:
  // Textual form without brackets, port or zone; nullopt for anything else.
  static std::optional<IpAddress> parse(std::string_view text);
  static IpAddress from_v4(std::array<std::uint8_t, 4> octets);
  static IpAddress from_v6(std::array<std::uint8_t, 16> octets);

  bool is_v4() const;
  bool is_loopback() const;
  // Whose address it is, for counting: an IPv6 host has its whole /64, so the rest becomes zero.
  IpAddress owner() const;
  // The canonical text (inet_ntop).
  std::string text() const;
  // 16 octets; IPv4 in mapped form.
  const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  bool operator==(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
};

class IpNetwork {
 public:
  // "10.20.0.0/16", "fd00::/8", or one address.  Bits after the prefix must be zero: a network
  // written wrongly is an error, not a guess.
  static std::optional<IpNetwork> parse(std::string_view text);

  bool contains(const IpAddress& address) const;
  // Wider than any network an organisation has of its own: shorter than an IPv4 /8 or IPv6 /7.
  bool is_too_wide_for_a_segment() const;
  std::string text() const;
  bool operator==(const IpNetwork&) const = default;

 private:
  IpAddress base_;
  unsigned prefix_ = 128;  // of the 16-octet form
};

bool contains(const std::vector<IpNetwork>& networks, const IpAddress& address);

}  // namespace sekisho

#endif  // SEKISHO_BASE_IP_NETWORK_H_
