#include "gateway/pages/assets.h"

#include "gateway/pages/embedded_files.h"

namespace sekisho::pages {

std::span<const Asset> assets() {
  return embedded_assets();
}

const Asset* asset_named(std::string_view name) {
  for (const Asset& asset : assets()) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

const Asset* find_asset(std::string_view path) {
  for (const Asset& asset : assets()) {
    if (asset.path == path) return &asset;
  }
  return nullptr;
}

}  // namespace sekisho::pages
