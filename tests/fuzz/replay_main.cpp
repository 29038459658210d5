// Gives a fuzz target every file of the folders that are named, without libFuzzer.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

int main(int count, char** arguments) {
  std::size_t replayed = 0;
  for (int i = 1; i < count; ++i) {
    std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(arguments[i]), {});
    std::ranges::sort(files);
    for (const std::filesystem::path& file : files) {
      std::ifstream stream(file, std::ios::binary);
      const std::vector<char> text(std::istreambuf_iterator<char>(stream), {});
      // A copy that ends where its memory ends, so that a byte read behind it is noticed.
      const std::vector<std::uint8_t> bytes(text.begin(), text.end());
      std::fprintf(stderr, "%s, %zu bytes\n", file.c_str(), bytes.size());
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      ++replayed;
    }
  }
  std::fprintf(stderr, "replayed %zu files\n", replayed);
  return replayed == 0 ? 1 : 0;
}
