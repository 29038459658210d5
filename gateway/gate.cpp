#include "gateway/gate.h"

#include "base/log.h"
#include "base/text.h"

namespace sekisho::gateway {
namespace {

using authn::AccessOutcome;

std::string_view reason_of(const AskedAtGate& asked, const authn::AccessDecision& decision) {
  if (!asked.objection.empty()) return asked.objection;
  switch (decision.missing) {
    case authn::Mismatch::kNetwork:
      return "other_network";
    case authn::Mismatch::kHours:
      return "outside_hours";
    case authn::Mismatch::kTerminal:
      return "other_terminal";
    default:
      return authn::name_of(decision.outcome);
  }
}

AccessNote note_of(const AskedAtGate& asked, const GateAnswer& answer, Instant now) {
  AccessNote note;
  note.at = now;
  if (answer.session != nullptr) {
    note.session = answer.session->id;
    note.user = answer.session->user->name;
  }
  note.application = asked.application.name;
  note.client = asked.client.text();
  note.door = asked.door;
  note.outcome = answer.decision.outcome;
  note.reason = reason_of(asked, answer.decision);
  note.rule_line = answer.decision.rule == nullptr ? 0 : answer.decision.rule->line;
  note.path = asked.target.substr(0, asked.target.find('?')).substr(0, PendingNotes::kMostPath);
  return note;
}

void write_down_refusal(EventLoop& loop, const AccessNote& note) {
  log::write(log::Level::kInfo, "access_refused",
             JsonObject()
                 .add("user", note.user)
                 .add("application", note.application)
                 .add("client", note.client)
                 .add("reason", note.reason)
                 .add("rule_line", static_cast<std::int64_t>(note.rule_line)));
  loop.notes().add(note);
}

void write_down_first_use(EventLoop& loop, std::size_t index, const AskedAtGate& asked,
                          const GateAnswer& answer, Instant now) {
  std::vector<bool>& noted = answer.session->noted_applications;
  if (index < noted.size() && noted[index]) return;
  if (!loop.notes().add(note_of(asked, answer, now))) return;
  noted.resize(std::max(noted.size(), index + 1));
  noted[index] = true;
}

Result<GateAnswer> decide(EventLoop& loop, const Site& site, const AskedAtGate& asked,
                          Instant now) {
  const auto session = loop.session(asked.token, now);
  if (!session) return fail(session.error());
  GateAnswer answer;
  answer.session = *session;
  answer.decision = site.rules.decide(
      asked.application, answer.session == nullptr
                             ? authn::AccessRequest{asked.target, asked.client, now}
                             : answer.session->request(asked.target, asked.client, now));
  if (!asked.objection.empty() && answer.decision.outcome == AccessOutcome::kAllowed) {
    answer.decision.outcome = AccessOutcome::kForbidden;
  }
  return answer;
}

// An application that wants proof gets no request without it.
Result<std::string_view> identity_token(EventLoop& loop, const Site& site,
                                        const authn::Application& application,
                                        const authn::LiveSession& session, Instant now) {
  const settings::Settings& settings = site.settings;
  if (!settings.applications[site.index_of(application)].wants_identity_token) {
    return std::string_view();
  }
  auto token = loop.identity_token(
      {settings.portal_url, application.host, session, settings.identity.token_life,
       settings.policy.security_keys.allows_syncable},
      now);
  if (!token) {
    log::write(
        log::Level::kError, "identity_token_failed",
        JsonObject().add("application", application.name).add("error", token.error().message));
  }
  return token;
}

void tell(AccessRecord* record, const AskedAtGate& asked, const GateAnswer& answer) {
  if (record == nullptr) return;
  record->client = asked.client.text();
  record->door = asked.door;
  record->application = asked.application.name;
  record->set_path(asked.target);
  if (answer.session != nullptr) record->user = answer.session->user->name;
  record->outcome = authn::name_of(answer.decision.outcome);
  record->rule_line = answer.decision.rule == nullptr ? 0 : answer.decision.rule->line;
}

bool is_refusal(const GateAnswer& answer) {
  return answer.decision.outcome == AccessOutcome::kForbidden ||
         answer.decision.outcome == AccessOutcome::kBadPath;
}

}  // namespace

// A browser lets any page open a WebSocket to any host, cookies and all; only the Origin tells
// (ASVS 4.4.2).  Programs that are no browser send none.  A reverse proxy that asks for a check
// drops Upgrade, but not the key.
std::string_view websocket_objection(const Fields& fields, std::string_view host, bool names_port) {
  const auto origin = fields.find(http::field::origin);
  if (!origin) return {};
  if (!fields.find(http::field::upgrade) && !fields.find(http::field::sec_websocket_key)) return {};
  if (fields.count(http::field::origin) > 1) return "foreign_websocket";
  constexpr std::string_view kScheme = "https://";
  const auto without_usual_port = [&](std::string_view authority) {
    if (!names_port) return authority.substr(0, authority.rfind(':'));
    return authority.ends_with(":443") ? authority.substr(0, authority.size() - 4) : authority;
  };
  const bool is_own = origin->starts_with(kScheme) &&
                      equals_ignoring_case(without_usual_port(origin->substr(kScheme.size())),
                                           without_usual_port(host));
  return is_own ? std::string_view() : "foreign_websocket";
}

// Who is sent to sign in is not refused: the login that follows is written down.
Result<GateAnswer> ask_gate(EventLoop& loop, const Site& site, const AskedAtGate& asked) {
  const Instant now = loop.shared().clock.now();
  auto answer = decide(loop, site, asked, now);
  if (!answer) return answer;
  if (answer->decision.outcome == AccessOutcome::kAllowed) {
    const auto token = identity_token(loop, site, asked.application, *answer->session, now);
    if (!token) return fail(token.error());
    answer->identity_token = *token;
  }
  tell(asked.record, asked, *answer);
  loop.counters().decisions[static_cast<std::size_t>(answer->decision.outcome)].add();
  site.counters->decided(site.index_of(asked.application), asked.application, answer->decision);
  if (answer->decision.outcome == AccessOutcome::kAllowed) {
    loop.touch(*answer->session, now);
    write_down_first_use(loop, site.index_of(asked.application), asked, *answer, now);
  } else if (is_refusal(*answer)) {
    write_down_refusal(loop, note_of(asked, *answer, now));
  }
  return answer;
}

bool may_stay(EventLoop& loop, const Site& site, const AskedAtGate& asked) {
  const Instant now = loop.shared().clock.now();
  const auto answer = decide(loop, site, asked, now);
  if (!answer) return false;
  if (is_refusal(*answer)) write_down_refusal(loop, note_of(asked, *answer, now));
  // To begin is what must be fresh, not to go on.
  return answer->decision.outcome == AccessOutcome::kAllowed ||
         answer->decision.outcome == AccessOutcome::kStale;
}

}  // namespace sekisho::gateway
