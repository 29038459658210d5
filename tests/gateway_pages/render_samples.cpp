// Writes every sample page and the assets into a folder, to be served and looked at:
//
//   render_samples /tmp/pages && cd /tmp/pages && python3 -m http.server --bind 127.0.0.1 8000

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "gateway/pages/assets.h"
#include "tests/gateway_pages/samples.h"

namespace {

void write(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: render_samples FOLDER\n", stderr);
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  for (const auto& sample : sekisho::pages::every_sample()) {
    write(folder / (sample.name + ".html"), sample.html);
  }
  for (const auto& asset : sekisho::pages::assets()) {
    write(folder / std::string(asset.path.substr(1)), asset.bytes);
  }
  return 0;
}
