// The pages' templates: composed from their parts, worded, parsed once for each language.
//
// {{> part}} is replaced by that file and {{t.key}} by the escaped message before the template is
// parsed, so that rendering needs neither partials nor lambdas: kainjow's render() then changes
// nothing in the template, and threads may share it.

#ifndef SEKISHO_GATEWAY_PAGES_PAGE_TEMPLATES_H_
#define SEKISHO_GATEWAY_PAGES_PAGE_TEMPLATES_H_

#include <kainjow/mustache.hpp>
#include <span>
#include <string>
#include <string_view>

#include "gateway/pages/language.h"

namespace sekisho::pages {

enum class Template { kSignIn, kSecondFactor, kHome, kAddKey, kSignedOut, kProblem };

// A file of templates/ as it was when the program was built.
struct TemplateFile {
  std::string_view name;  // "sign_in"
  std::string_view text;
};
std::span<const TemplateFile> template_files();

// The whole page with `data` in it.
std::string render_template(Template page, Language language, const kainjow::mustache::data& data);

// The template as it is parsed: the layout around `content`, every part and message in its place.
// A part or message that does not exist becomes "[missing: name]", which a test looks for.
std::string composed_template(std::string_view content, Language language);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_PAGE_TEMPLATES_H_
