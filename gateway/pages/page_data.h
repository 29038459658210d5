// How a view's values become the data of a template; used by every page of this room.

#ifndef SEKISHO_GATEWAY_PAGES_PAGE_DATA_H_
#define SEKISHO_GATEWAY_PAGES_PAGE_DATA_H_

#include <initializer_list>
#include <kainjow/mustache.hpp>
#include <string_view>
#include <utility>

#include "gateway/pages/pages.h"

namespace sekisho::pages {

using kainjow::mustache::data;

// The one way a value gets into a page; the template escapes it for HTML.
data text(std::string_view value);

data flag(bool value);
data nothing();

data section(std::initializer_list<std::pair<const char*, data>> members);

// A section with `value` as its {{text}}, left out when `value` is empty.
data optional_text(std::string_view value);

// The address of an asset, "" for a name that is none.
std::string_view asset_path(std::string_view name);

enum class Outcome { kFine, kFailed };

// What layout.mustache needs.  `layout` names the arrangement in portal.css.
data frame(const Page& page, std::string_view layout, std::string_view title, Outcome outcome);

void add_guard(data& page, const FormGuard& guard);

// The form's {{#key}}, and the script that serves it.
void add_ceremony(data& page, const std::optional<KeyCeremony>& key);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_PAGE_DATA_H_
