#include "gateway/proxy_answers.h"

#include <fmt/format.h>

#include <array>

#include "gateway/authz.h"
#include "gateway/pages/pages.h"
#include "gateway/return_address.h"

namespace sekisho::gateway {
namespace {

using authn::AccessOutcome;

Response portal_page(Response response, std::string_view portal, std::string body) {
  response.add("Content-Type", pages::kHtmlContentType)
      .add("Content-Security-Policy", pages::content_security_policy(portal, ""))
      .add("X-Content-Type-Options", "nosniff")
      .add("Referrer-Policy", "same-origin")
      .add("Vary", "Accept-Language")
      .add("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

pages::Page page_of(const ProxiedRequest& request) {
  return {request.language, request.site->settings.organization, request.site->settings.portal_url};
}

// "月・火 08:30–17:15", or only the half that the rule limits.
std::string text_of(const authn::Hours& hours, pages::Language language) {
  constexpr std::array<std::string_view, 8> kJapanese = {"月", "火", "水", "木",
                                                         "金", "土", "日", "祝日"};
  constexpr std::array<std::string_view, 8> kEnglish = {"Mon", "Tue", "Wed", "Thu",
                                                        "Fri", "Sat", "Sun", "holidays"};
  const bool is_japanese = language == pages::Language::kJapanese;
  std::string out;
  for (unsigned day = 0; hours.days != authn::Hours::kEveryDay && day < kJapanese.size(); ++day) {
    if (((hours.days >> day) & 1U) == 0) continue;
    if (!out.empty()) out += is_japanese ? "・" : ", ";
    out += (is_japanese ? kJapanese : kEnglish)[day];
  }
  if (!out.empty() && hours.from_minute == 0 && hours.to_minute == 24 * 60) return out;
  return out + (out.empty() ? "" : " ") +
         fmt::format("{:02}:{:02}–{:02}:{:02}", hours.from_minute / 60, hours.from_minute % 60,
                     hours.to_minute / 60, hours.to_minute % 60);
}

void tell_what_is_missing(const authn::AccessDecision& decision, pages::ForbiddenView& view) {
  using Reason = pages::ForbiddenView::Reason;
  switch (decision.missing) {
    case authn::Mismatch::kNetwork:
      view.reason = Reason::kNetwork;
      break;
    case authn::Mismatch::kHours:
      view.reason = Reason::kHours;
      view.hours = text_of(*decision.nearest->hours, view.page.language);
      break;
    case authn::Mismatch::kTerminal:
      view.reason = Reason::kTerminal;
      for (const std::string& name : decision.nearest->terminals) {
        view.terminals += (view.terminals.empty() ? "" : ", ") + name;
      }
      break;
    default:
      break;
  }
}

}  // namespace

Response problem(const ProxiedRequest& request, unsigned status) {
  Response response;
  response.status = status;
  return portal_page(std::move(response), request.site->settings.portal_url,
                     pages::render(pages::ProblemView{page_of(request), status, "", {}}));
}

Response refusal(const ProxiedRequest& request, const authn::AccessDecision& decision,
                 const authn::LiveSession* session) {
  const RequestHead& head = request.reader.head();
  const Site& site = *request.site;
  if (decision.outcome == AccessOutcome::kBadPath) return problem(request, 400);
  if (decision.outcome == AccessOutcome::kForbidden) {
    Response response;
    response.status = 403;
    pages::ForbiddenView view;
    view.page = page_of(request);
    view.application = site.settings.applications[site.index_of(request.application)].title;
    view.display_name = session == nullptr ? "" : session->user->display_name;
    tell_what_is_missing(decision, view);
    return portal_page(std::move(response), site.settings.portal_url, pages::render(view));
  }
  Response response = signed_out(request, request.host, head.target);
  if (can_follow_redirect(head.method, head.fields)) response.status = 302;
  return response;
}

Response signed_out(const ProxiedRequest& request, std::string_view host, std::string_view target) {
  const std::string url = "https://" + std::string(host) + std::string(target);
  Response response = text_response(401, "sign in at the portal");
  response.add("Location", sign_in_address(*request.site, url))
      .add("WWW-Authenticate", "Sekisho realm=\"portal\"");
  return response;
}

Task<bool> give(const ProxiedRequest& request, const Response& response, bool keeps_alive) {
  const bool is_head = request.reader.head().verb == http::verb::head;
  std::string out;
  append_response(out, response, request.loop.date(), keeps_alive, is_head);
  request.loop.counters().responses[response.status / 100].add();
  request.note_answer(response.status, is_head ? 0 : response.body.size());
  request.stream.expire_after(request.site->settings.limits.body_timeout);
  const error_code failed = co_await request.stream.write(out);
  co_return !failed && keeps_alive;
}

}  // namespace sekisho::gateway
