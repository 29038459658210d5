// One message of the catalogue in both languages.  See messages.h.

#ifndef SEKISHO_GATEWAY_PAGES_CATALOGUE_ENTRY_H_
#define SEKISHO_GATEWAY_PAGES_CATALOGUE_ENTRY_H_

#include <array>
#include <string_view>

namespace sekisho::pages {

struct CatalogueEntry {
  std::string_view key;
  std::string_view japanese;
  std::string_view english;
};

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_CATALOGUE_ENTRY_H_
