// What a fuzz target is to libFuzzer, and how it says that a promise was broken.
#ifndef SEKISHO_TESTS_FUZZ_FUZZ_TARGET_H_
#define SEKISHO_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

namespace sekisho::testing {

inline void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace sekisho::testing

#endif  // SEKISHO_TESTS_FUZZ_FUZZ_TARGET_H_
