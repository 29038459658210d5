#include "gateway/pages/assets.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "gateway/pages/embedded_files.h"
#include "tests/support/catch.h"

namespace sekisho::pages {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream file(SEKISHO_SOURCE_DIR "/gateway/pages/" + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string_view stylesheet() {
  for (const Asset& asset : assets()) {
    if (asset.name == "portal.css") return asset.bytes;
  }
  return {};
}

TEST_CASE("the binary holds the files' bytes", "[pages]") {
  for (const Asset& asset : assets()) {
    INFO(asset.name);
    CHECK(asset.bytes == file_text(std::string(asset.name)));
  }
  for (const TemplateFile& file : template_files()) {
    INFO(file.name);
    CHECK(file.text == file_text("templates/" + std::string(file.name) + ".mustache"));
  }
}

TEST_CASE("an asset is found under its own address only", "[pages]") {
  std::set<std::string_view> types;
  for (const Asset& asset : assets()) {
    REQUIRE(find_asset(asset.path) != nullptr);
    CHECK(find_asset(asset.path)->name == asset.name);
    types.insert(asset.content_type);
  }
  CHECK(types == std::set<std::string_view>{"text/css; charset=utf-8",
                                            "text/javascript; charset=utf-8", "image/svg+xml"});
  CHECK(find_asset("") == nullptr);
  CHECK(find_asset("/assets/portal.css") == nullptr);
  CHECK(find_asset("/assets/0000000000000000/portal.css") == nullptr);
  CHECK(find_asset(std::string(assets()[0].path) + "?x") == nullptr);
  CHECK(find_asset("/assets/../pages.h") == nullptr);
}

TEST_CASE("the stylesheet fetches only the picture beside it", "[pages]") {
  std::string css(stylesheet());
  const std::string picture = "url(scene.svg)";
  REQUIRE(css.find(picture) != std::string::npos);
  for (auto at = css.find(picture); at != std::string::npos; at = css.find(picture)) {
    css.erase(at, picture.size());
  }
  for (const char* word :
       {"url(", "@import", "http:", "https:", "//", "image-set", "@font-face", "expression("}) {
    INFO(word);
    CHECK(css.find(word) == std::string::npos);
  }
}

TEST_CASE("the pictures run nothing and fetch nothing", "[pages]") {
  for (const Asset& asset : assets()) {
    if (asset.content_type != "image/svg+xml") continue;
    std::string svg(asset.bytes);
    const std::string name_space = "xmlns=\"http://www.w3.org/2000/svg\"";
    REQUIRE(svg.find(name_space) != std::string::npos);
    svg.erase(svg.find(name_space), name_space.size());
    for (const char* word :
         {"<script", "href", "style", "http:", "https:", "//", "<image", "foreignObject", " on"}) {
      INFO(asset.name << " " << word);
      CHECK(svg.find(word) == std::string::npos);
    }
  }
}

// The custom properties with a colour in the first :root block after `from`.
std::map<std::string, std::string> colours_after(std::string_view css, std::string_view from) {
  std::map<std::string, std::string> colours;
  const auto start = css.find(":root", css.find(from));
  const std::string_view block = css.substr(start, css.find('}', start) - start);
  for (auto at = block.find("--"); at != std::string_view::npos; at = block.find("--", at + 2)) {
    const auto colon = block.find(": ", at);
    if (block[colon + 2] != '#') continue;
    colours[std::string(block.substr(at + 2, colon - at - 2))] = block.substr(colon + 3, 6);
  }
  return colours;
}

// Relative luminance and contrast ratio as WCAG 2.2 defines them.
double luminance(const std::string& hex) {
  double parts[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const double c = std::stoi(hex.substr(2 * i, 2), nullptr, 16) / 255.0;
    parts[i] = c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  }
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
}
double contrast(const std::string& one, const std::string& other) {
  const double a = luminance(one);
  const double b = luminance(other);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

TEST_CASE("text and controls stand out as WCAG AA asks, by day and by night", "[pages]") {
  CHECK(contrast("000000", "ffffff") == Approx(21.0));
  const auto day = colours_after(stylesheet(), ":root");
  auto night = day;
  for (const auto& [name, colour] : colours_after(stylesheet(), "prefers-color-scheme: dark")) {
    night[name] = colour;
  }
  REQUIRE(day.at("paper") != night.at("paper"));
  for (const auto& colours : {day, night}) {
    for (const char* ground : {"paper", "surface", "calm", "refusal", "warning"}) {
      INFO(ground << " " << colours.at(ground));
      CHECK(contrast(colours.at("ink"), colours.at(ground)) >= 7.0);
      CHECK(contrast(colours.at("focus"), colours.at(ground)) >= 3.0);
    }
    for (const char* ground : {"paper", "surface"}) {
      INFO(ground << " " << colours.at(ground));
      for (const char* text : {"soft", "accent", "accent-strong", "seal"}) {
        INFO(text);
        CHECK(contrast(colours.at(text), colours.at(ground)) >= 4.5);
      }
      CHECK(contrast(colours.at("control"), colours.at(ground)) >= 3.0);
    }
    CHECK(contrast(colours.at("on-accent"), colours.at("accent")) >= 4.5);
    CHECK(contrast(colours.at("on-accent"), colours.at("accent-strong")) >= 4.5);
    CHECK(contrast(colours.at("on-band"), colours.at("band")) >= 7.0);
    CHECK(contrast(colours.at("on-band-soft"), colours.at("band")) >= 7.0);
  }
}

}  // namespace
}  // namespace sekisho::pages
