#include "gateway/pages/page_data.h"

#include "base/text.h"
#include "gateway/pages/assets.h"

namespace sekisho::pages {

data text(std::string_view value) {
  return data(printable(value));
}

data flag(bool value) {
  return data(value ? data::type::bool_true : data::type::bool_false);
}

data nothing() {
  return flag(false);
}

data section(std::initializer_list<std::pair<const char*, data>> members) {
  data object(data::type::object);
  for (const auto& [name, value] : members) object.set(name, value);
  return object;
}

data optional_text(std::string_view value) {
  return value.empty() ? nothing() : section({{"text", text(value)}});
}

std::string_view asset_path(std::string_view name) {
  for (const Asset& asset : assets()) {
    if (asset.name == name) return asset.path;
  }
  return {};
}

data frame(const Page& page, std::string_view layout, std::string_view title, Outcome outcome) {
  return section({{"lang", text(code_of(page.language))},
                  {"organization", text(page.organization)},
                  {"portal", text(page.portal_origin)},
                  {"layout", text(layout)},
                  {"title", text(title)},
                  {"failed", flag(outcome == Outcome::kFailed)},
                  {"asset_css", text(asset_path("portal.css"))},
                  {"asset_mark", text(asset_path("mark.svg"))},
                  {"asset_script", text(asset_path("security_key.js"))},
                  {"runs_script", nothing()},
                  {"account", nothing()}});
}

void add_guard(data& page, const FormGuard& guard) {
  page.set("csrf_token", text(guard.csrf_token));
  page.set("return_to", text(guard.return_to));
}

void add_ceremony(data& page, const std::optional<KeyCeremony>& key) {
  page.set("registers", nothing());
  page.set("runs_script", flag(key.has_value()));
  page.set("key", key ? section({{"ticket", text(key->ticket)}, {"options", text(key->options)}})
                      : nothing());
}

}  // namespace sekisho::pages
