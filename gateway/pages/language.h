// Which language a page is written in, chosen by the browser's Accept-Language (RFC 9110, 12.5.4).

#ifndef SEKISHO_GATEWAY_PAGES_LANGUAGE_H_
#define SEKISHO_GATEWAY_PAGES_LANGUAGE_H_

#include <string_view>

namespace sekisho::pages {

enum class Language { kJapanese, kEnglish };

// The value of an HTML lang attribute: "ja" or "en".
std::string_view code_of(Language language);

// English only when the header prefers it to Japanese; Japanese for an empty, malformed or
// undecided header.  Of two languages with the same weight the one named first wins, as browsers
// mean it.  "*" stands for what the header does not name.  The header comes from the network and
// may hold any bytes; only its first 32 entries are read.
Language language_from(std::string_view accept_language);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_LANGUAGE_H_
