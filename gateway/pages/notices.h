// What a notice says, and how it is told: a refusal as an error, anything else calmly.

#ifndef SEKISHO_GATEWAY_PAGES_NOTICES_H_
#define SEKISHO_GATEWAY_PAGES_NOTICES_H_

#include <initializer_list>
#include <optional>

#include "gateway/pages/page_data.h"

namespace sekisho::pages {

bool is_kind(const std::optional<Notice>& notice, std::initializer_list<Notice::Kind> kinds);

// True for what an answer of a security key may lead to.
bool is_about_key(const std::optional<Notice>& notice);

Outcome outcome_of(const std::optional<Notice>& notice);

// What notice.mustache needs.
void add_notice(data& page, const std::optional<Notice>& notice, Language language);

}  // namespace sekisho::pages

#endif  // SEKISHO_GATEWAY_PAGES_NOTICES_H_
