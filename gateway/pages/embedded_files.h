// What embed_files.cmake puts into the binary: templates, stylesheet, script and pictures.

#ifndef SEKISHO_GATEWAY_PAGES_EMBEDDED_FILES_H_
#define SEKISHO_GATEWAY_PAGES_EMBEDDED_FILES_H_

#include <span>
#include <string_view>

#include "gateway/pages/assets.h"
#include "gateway/pages/page_templates.h"

namespace sekisho::pages {

std::span<const TemplateFile> embedded_templates();
std::span<const Asset> embedded_assets();

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_EMBEDDED_FILES_H_
