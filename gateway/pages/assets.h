// The files the pages ask for, inside the binary, under an address that changes with their bytes.

#ifndef SEKISHO_GATEWAY_PAGES_ASSETS_H_
#define SEKISHO_GATEWAY_PAGES_ASSETS_H_

#include <span>
#include <string_view>

namespace sekisho::pages {

struct Asset {
  std::string_view name;          // "portal.css"
  std::string_view path;          // "/assets/<hash>/portal.css", the hash over all assets
  std::string_view content_type;  // "text/css; charset=utf-8"
  std::string_view bytes;
};

// A path never serves other bytes, so every answer may carry this.
inline constexpr std::string_view kAssetCacheControl = "public, max-age=31536000, immutable";

std::span<const Asset> assets();

// By its name; nullptr: there is none.
const Asset* asset_named(std::string_view name);

// The asset at this request path, or nullptr.  Lives as long as the program.
const Asset* find_asset(std::string_view path);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_ASSETS_H_
