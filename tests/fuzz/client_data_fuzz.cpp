// Client data, as it comes from a browser or a terminal, in both ceremonies.

#include "authn/factors/client_data.h"

#include <vector>

#include "base/encoding.h"
#include "tests/fuzz/fuzz_target.h"

namespace sekisho::authn {
namespace {

// Those of the first vector of the specification, which is among the seeds.
constexpr const char* kCreated = "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130";
constexpr const char* kGot = "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408";

void feed(ByteView bytes) {
  static const Bytes created = bytes_from_hex(kCreated).value();
  static const Bytes got = bytes_from_hex(kGot).value();
  static const std::vector<std::string> origins = {"https://example.org"};
  const auto made = check_client_data(bytes, {Ceremony::kRegistration, created, origins});
  const auto asserted = check_client_data(bytes, {Ceremony::kAssertion, got, origins});
  testing::promise(!made || !asserted, "client data belongs to one ceremony");
  testing::promise(bytes.size() <= kMaxClientData || (!made && !asserted), "within its limit");
}

}  // namespace
}  // namespace sekisho::authn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  sekisho::authn::feed({bytes, size});
  return 0;
}
