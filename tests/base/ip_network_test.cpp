#include "base/ip_network.h"

#include "tests/support/catch.h"

namespace sekisho {
namespace {

IpAddress address(const char* text) {
  return IpAddress::parse(text).value();
}
IpNetwork network(const char* text) {
  return IpNetwork::parse(text).value();
}

TEST_CASE("a network holds its own addresses and no others", "[base]") {
  CHECK(network("10.20.0.0/16").contains(address("10.20.255.255")));
  CHECK_FALSE(network("10.20.0.0/16").contains(address("10.21.0.0")));
  CHECK(network("10.20.30.40").contains(address("10.20.30.40")));
  CHECK_FALSE(network("10.20.30.40").contains(address("10.20.30.41")));
  CHECK(network("fd00:1::/32").contains(address("fd00:1::5")));
  CHECK_FALSE(network("fd00:1::/32").contains(address("10.0.0.1")));
  CHECK(network("172.16.0.0/12").contains(address("172.31.1.1")));
  CHECK_FALSE(network("172.16.0.0/12").contains(address("172.32.0.1")));
}

TEST_CASE("an IPv4-mapped address is the IPv4 address", "[base]") {
  CHECK(address("::ffff:10.1.2.3") == address("10.1.2.3"));
  CHECK(network("10.0.0.0/8").contains(address("::ffff:10.1.2.3")));
}

TEST_CASE("an IPv4 network over everything does not hold IPv6", "[base]") {
  CHECK_FALSE(network("0.0.0.0/0").contains(address("fd00::1")));
}

TEST_CASE("a network that is written wrongly is refused", "[base]") {
  CHECK_FALSE(IpNetwork::parse("10.20.0.1/16"));
  CHECK_FALSE(IpNetwork::parse("10.20.0.0/33"));
  CHECK_FALSE(IpNetwork::parse("10.20.0.0/"));
  CHECK_FALSE(IpNetwork::parse("10.20.0/16"));
  CHECK_FALSE(IpNetwork::parse("portal.example"));
  CHECK_FALSE(IpNetwork::parse(""));
}

TEST_CASE("networks and addresses print as they are written", "[base]") {
  CHECK(network("10.20.0.0/16").text() == "10.20.0.0/16");
  CHECK(network("fd00::/8").text() == "fd00::/8");
  CHECK(address("::1").is_loopback());
  CHECK(address("127.9.9.9").is_loopback());
}

}  // namespace
}  // namespace sekisho
