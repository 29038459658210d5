#include "gateway/gate.h"

#include "base/log.h"

namespace sekisho::gateway {
namespace {

using authn::AccessOutcome;

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
  note.reason = asked.objection.empty() ? authn::name_of(note.outcome) : asked.objection;
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

}  // namespace

Result<GateAnswer> ask_gate(EventLoop& loop, const Site& site, const AskedAtGate& asked) {
  const Instant now = loop.shared().clock.now();
  const auto session = loop.session(asked.token, now);
  if (!session) return fail(session.error());
  GateAnswer answer;
  answer.session = *session;
  authn::AccessRequest request{asked.target, asked.client, now};
  if (answer.session != nullptr) {
    request.groups = &answer.session->user->groups;
    request.assurance = answer.session->assurance;
  }
  answer.decision = site.rules.decide(asked.application, request);
  if (!asked.objection.empty() && answer.decision.outcome == AccessOutcome::kAllowed) {
    answer.decision.outcome = AccessOutcome::kForbidden;
  }
  loop.counters().decisions[static_cast<std::size_t>(answer.decision.outcome)].add();
  switch (answer.decision.outcome) {
    case AccessOutcome::kAllowed:
      loop.touch(*answer.session, now);
      write_down_first_use(loop, site.index_of(asked.application), asked, answer, now);
      break;
    case AccessOutcome::kForbidden:
    case AccessOutcome::kBadPath:
      write_down_refusal(loop, note_of(asked, answer, now));
      break;
    case AccessOutcome::kSignIn:
    case AccessOutcome::kSecondFactor:
      break;  // not refused: the login that follows is written down
  }
  return answer;
}

}  // namespace sekisho::gateway
