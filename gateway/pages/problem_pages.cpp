// The pages of a request that got no answer of its own, and of an application that is closed.

#include <array>

#include "gateway/pages/messages.h"
#include "gateway/pages/page_data.h"
#include "gateway/pages/page_templates.h"

namespace sekisho::pages {
namespace {

// What is said about one status.
struct ProblemWords {
  unsigned status;
  Message title;
  Message lead;
  Message next;
};

#define SEKISHO_PROBLEM(status)                                          \
  {                                                                      \
    status, Message("p" #status "_title"), Message("p" #status "_lead"), \
        Message("p" #status "_next")                                     \
  }
constexpr std::array<ProblemWords, 14> kProblems = {{
    SEKISHO_PROBLEM(400),
    SEKISHO_PROBLEM(401),
    SEKISHO_PROBLEM(403),
    SEKISHO_PROBLEM(404),
    SEKISHO_PROBLEM(405),
    SEKISHO_PROBLEM(408),
    SEKISHO_PROBLEM(413),
    SEKISHO_PROBLEM(421),
    SEKISHO_PROBLEM(429),
    SEKISHO_PROBLEM(431),
    SEKISHO_PROBLEM(500),
    SEKISHO_PROBLEM(502),
    SEKISHO_PROBLEM(503),
    SEKISHO_PROBLEM(504),
}};
#undef SEKISHO_PROBLEM

const ProblemWords& words_for(unsigned status) {
  const unsigned fallback = status < 500 ? 400 : 500;
  const ProblemWords* general = &kProblems[0];
  for (const ProblemWords& words : kProblems) {
    if (words.status == status) return words;
    if (words.status == fallback) general = &words;
  }
  return *general;
}

struct ForbiddenWords {
  Message lead;
  Message next;
};

ForbiddenWords words_for(ForbiddenView::Reason reason) {
  switch (reason) {
    case ForbiddenView::Reason::kNetwork:
      return {Message("forbidden_network_lead"), Message("forbidden_network_next")};
    case ForbiddenView::Reason::kHours:
      return {Message("forbidden_hours_lead"), Message("forbidden_hours_next")};
    case ForbiddenView::Reason::kTerminal:
      return {Message("forbidden_terminal_lead"), Message("forbidden_terminal_next")};
    case ForbiddenView::Reason::kNotPermitted:
      break;
  }
  return {Message("forbidden_not_permitted_lead"), Message("forbidden_not_permitted_next")};
}

}  // namespace

std::string render(const ProblemView& view) {
  const Language language = view.page.language;
  const ProblemWords& words = words_for(view.status);
  const std::string_view title = text_of(words.title, language);
  data page = frame(view.page, "entrance", title, Outcome::kFailed);
  page.set("status", text(std::to_string(view.status)));
  page.set("lead", text(text_of(words.lead, language)));
  page.set("next", text(text_of(words.next, language)));
  page.set("wait", view.wait.count() > 0
                       ? optional_text(fill(Message("wait_seconds"), language,
                                            {{"seconds", std::to_string(view.wait.count())}}))
                       : nothing());
  page.set("has_facts", flag(!view.reference.empty()));
  page.set("application", nothing());
  page.set("account_name", nothing());
  page.set("reference", optional_text(view.reference));
  return render_template(Template::kProblem, language, page);
}

std::string render(const ForbiddenView& view) {
  const Language language = view.page.language;
  const ForbiddenWords words = words_for(view.reason);
  data page =
      frame(view.page, "entrance", text_of(Message("forbidden_title"), language), Outcome::kFailed);
  page.set("status", text("403"));
  page.set("lead", text(fill(words.lead, language,
                             {{"hours", view.hours}, {"terminals", view.terminals}})));
  page.set("next", text(text_of(words.next, language)));
  page.set("wait", nothing());
  page.set("has_facts", flag(true));
  page.set("application", optional_text(view.application));
  page.set("account_name", optional_text(view.display_name));
  page.set("reference", optional_text(view.reference));
  return render_template(Template::kProblem, language, page);
}

}  // namespace sekisho::pages
