#include "gateway/original_request.h"

#include "base/text.h"

namespace sekisho::gateway {
namespace {

// One value of a believed field; a second one is somebody's attempt to be heard.
class Told {
 public:
  void hear(std::string_view value) {
    is_ambiguous_ |= is_heard_;
    is_heard_ = true;
    value_ = value;
  }
  bool is_usable() const { return is_heard_ && !is_ambiguous_ && !value_.empty(); }
  bool is_ambiguous() const { return is_ambiguous_; }
  std::string_view value() const { return value_; }

 private:
  std::string_view value_;
  bool is_heard_ = false;
  bool is_ambiguous_ = false;
};

}  // namespace

std::optional<OriginalRequest> original_of(FieldFamily family, const Fields& fields) {
  const bool is_nginx = family == FieldFamily::kOriginal;
  Told url;
  Told method;
  Told proto;
  Told host;
  Told uri;
  for (const Field& field : fields.all()) {
    if (field.name.size() < 14 || (field.name.front() | 0x20) != 'x') continue;
    if (is_nginx) {
      if (equals_ignoring_case(field.name, "X-Original-URL")) url.hear(field.value);
      if (equals_ignoring_case(field.name, "X-Original-Method")) method.hear(field.value);
      continue;
    }
    if (equals_ignoring_case(field.name, "X-Forwarded-Method")) method.hear(field.value);
    if (equals_ignoring_case(field.name, "X-Forwarded-Proto")) proto.hear(field.value);
    if (equals_ignoring_case(field.name, "X-Forwarded-Host")) host.hear(field.value);
    if (equals_ignoring_case(field.name, "X-Forwarded-Uri")) uri.hear(field.value);
  }
  if (method.is_ambiguous()) return std::nullopt;
  OriginalRequest original;
  if (method.is_usable()) original.method = method.value();
  // A session cookie is Secure: what came over plain HTTP cannot have one.
  if (is_nginx) {
    constexpr std::string_view kScheme = "https://";
    if (!url.is_usable() || !url.value().starts_with(kScheme)) return std::nullopt;
    const std::string_view rest = url.value().substr(kScheme.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    original.host = rest.substr(0, slash);
    original.target = rest.substr(slash);
    return original;
  }
  if (!proto.is_usable() || proto.value() != "https" || !host.is_usable() || !uri.is_usable()) {
    return std::nullopt;
  }
  original.host = host.value();
  original.target = uri.value();
  return original;
}

}  // namespace sekisho::gateway
