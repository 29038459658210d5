// Authenticator data: what is read lies inside what was given, and within its limits.

#include "authn/factors/authenticator_data.h"

#include "tests/fuzz/fuzz_target.h"

namespace sekisho::authn {
namespace {

bool is_inside(ByteView part, ByteView whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void feed(ByteView bytes) {
  const auto data = read_authenticator_data(bytes);
  if (!data) return;
  testing::promise(data->rp_id_hash.size() == 32, "a hash of 32 bytes");
  testing::promise(data->cred_protect >= 0 && data->cred_protect <= 3, "a level of credProtect");
  if (data->credential) {
    const AttestedCredential& credential = *data->credential;
    testing::promise(!credential.id.empty() && credential.id.size() <= kMaxCredentialId,
                     "an id within its limits");
    testing::promise(is_inside(credential.id, bytes) && is_inside(credential.aaguid, bytes),
                     "views into what was given");
    (void)is_usable(credential.key);
  }
  (void)check_authenticator_data(*data, "example.org", true);
}

}  // namespace
}  // namespace sekisho::authn

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  sekisho::authn::feed({bytes, size});
  return 0;
}
