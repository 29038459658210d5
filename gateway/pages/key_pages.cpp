// The page that registers one more security key.

#include <string>

#include "gateway/pages/messages.h"
#include "gateway/pages/notices.h"
#include "gateway/pages/page_templates.h"

namespace sekisho::pages {

std::string render(const AddKeyView& view) {
  const Language language = view.page.language;
  data page = frame(view.page, "entrance", text_of(Message("add_key_title"), language),
                    outcome_of(view.notice));
  add_guard(page, view.form);
  add_notice(page, view.notice, language);
  add_ceremony(page, view.key);
  page.set("registers", flag(true));
  page.set("has_notice", flag(view.notice.has_value()));
  page.set("display_name", text(view.display_name));
  page.set("user", text(view.user));
  page.set("label", text(!view.claimed_label.empty()
                             ? view.claimed_label
                             : fill(Message("key_label_suggestion"), language,
                                    {{"number", std::to_string(view.keys_so_far + 1)}})));
  page.set("advice",
           text(view.keys_so_far == 0 ? std::string(text_of(Message("add_key_first"), language))
                                      : fill(Message("add_key_spare"), language,
                                             {{"count", std::to_string(view.keys_so_far)}})));
  return render_template(Template::kAddKey, language, page);
}

}  // namespace sekisho::pages
