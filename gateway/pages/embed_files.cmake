# Writes OUTPUT, a C++ file that holds the bytes of every template and asset in SOURCE.
# Run by the build:  cmake -D SOURCE=... -D OUTPUT=... -P embed_files.cmake
#
# Assets get one address prefix, /assets/<hash>/, with a hash over all of them: the stylesheet can
# name a picture beside it, and a changed file is never answered from a browser's cache.

function(append_bytes out path)
  file(READ ${path} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
  # A line of source for every 32 bytes.
  string(REGEX REPLACE "(................................................................................................................................)"
         "\\1\"\n    \"" escaped "${escaped}")
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  set(${out} "std::string_view(\n    \"${escaped}\",\n    ${size})" PARENT_SCOPE)
endfunction()

file(GLOB templates ${SOURCE}/templates/*.mustache)
list(SORT templates)
set(asset_names mark.svg portal.css reopen.js scene.svg security_key.js)
set(type_svg "image/svg+xml")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")

set(all_hashes "")
foreach(name ${asset_names})
  file(SHA256 ${SOURCE}/${name} hash)
  string(APPEND all_hashes "${name} ${hash}\n")
endforeach()
string(SHA256 hash "${all_hashes}")
string(SUBSTRING ${hash} 0 16 hash)

set(text "// Written by embed_files.cmake.\n#include \"gateway/pages/embedded_files.h\"\n\n")
string(APPEND text "namespace sekisho::pages {\nnamespace {\n\nconstexpr TemplateFile kTemplates[] = {\n")
foreach(path ${templates})
  get_filename_component(name ${path} NAME_WE)
  append_bytes(bytes ${path})
  string(APPEND text "  {\"${name}\", ${bytes}},\n")
endforeach()
string(APPEND text "};\n\nconstexpr Asset kAssets[] = {\n")
foreach(name ${asset_names})
  string(REGEX REPLACE ".*\\." "" extension ${name})
  append_bytes(bytes ${SOURCE}/${name})
  string(APPEND text "  {\"${name}\", \"/assets/${hash}/${name}\", \"${type_${extension}}\", ${bytes}},\n")
endforeach()
string(APPEND text "};\n\n}  // namespace\n\n"
  "std::span<const TemplateFile> embedded_templates() {\n  return kTemplates;\n}\n"
  "std::span<const Asset> embedded_assets() {\n  return kAssets;\n}\n\n"
  "}  // namespace sekisho::pages\n")
file(WRITE ${OUTPUT} "${text}")
