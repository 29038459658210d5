#include "pam_module/conversation_client.h"

#include <syslog.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "pam_module/agent_connection.h"
#include "pam_module/pam_status.h"

namespace sekisho::pam {
namespace {

using conversation::Language;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kConnectTimeout{2};
constexpr std::chrono::seconds kRefusalDelay{2};
// More messages than any login needs.  It ends a conversation with an agent gone mad.
constexpr int kMostMessages = 64;
// The sum of what an agent may ask to be waited for: finding a key and touching it, several times
// over.  The person's own time at prompts does not count.
constexpr std::chrono::seconds kMostPatience{360};

// The locale of the person, in the order POSIX gives; "" when the session names none.
std::string locale_of(PamHost& host, const ModuleOptions& options) {
  if (options.language) return *options.language == Language::kJapanese ? "ja" : "en";
  for (const char* const name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string value = host.environment(name);
    if (!value.empty()) return conversation::made_plain(value, conversation::kMaxLocale);
  }
  return {};
}

// One conversation.  Each handler returns the PAM code that ends it, or nothing to go on.
class Client {
 public:
  Client(PamHost& host, const ModuleOptions& options, AgentConnection agent, bool silent)
      : host_(host), options_(options), agent_(std::move(agent)), silent_(silent) {}

  // Error: the agent cannot be talked to any longer.
  Result<int> run(const conversation::Begin& begin) {
    const Result<void> opened = agent_.send(begin, deadline());
    if (!opened) return fail(opened.error());
    for (int i = 0; i < kMostMessages; ++i) {
      Result<conversation::FromAgent> message = agent_.receive(answer_deadline());
      if (!message) return fail(message.error());
      const std::optional<int> ended =
          std::visit([this](const auto& one) { return follow(one); }, *message);
      if (ended) return *ended;
    }
    return fail(ErrorCode::kInvalid, "the agent does not come to an end");
  }

 private:
  steady_clock::time_point deadline() const { return steady_clock::now() + options_.timeout; }
  // Of the next message, once as late as the agent asked for.
  steady_clock::time_point answer_deadline() {
    const auto patience = std::max(options_.timeout, std::exchange(asked_patience_, {}));
    return steady_clock::now() + patience;
  }

  std::optional<int> follow(const conversation::Prompt& prompt) {
    conversation::Reply reply;
    const bool is_known = prompt.purpose == conversation::Purpose::kPassword &&
                          options_.first_pass == ModuleOptions::FirstPass::kUse &&
                          host_.stacked_password(reply.text);
    if (!is_known) {
      const int style =
          prompt.echo == conversation::Echo::kOn ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;
      if (host_.ask(style, prompt.text, reply.text) != PAM_SUCCESS) return abort(PAM_CONV_ERR);
    }
    if (reply.text.size() > conversation::kMaxReply) {
      host_.log(LOG_NOTICE, "an answer longer than PAM allows was refused");
      return abort(PAM_AUTH_ERR);
    }
    // An agent that grew tired of waiting has said so and hung up: what it said is read next.
    const Result<void> sent = agent_.send(std::move(reply), deadline());
    if (!sent && options_.debug) host_.log(LOG_DEBUG, sent.error().message);
    return std::nullopt;
  }
  std::optional<int> follow(const conversation::Info& notice) {
    if (!silent_) host_.show(PAM_TEXT_INFO, notice.text);
    return std::nullopt;
  }
  std::optional<int> follow(const conversation::Problem& problem) {
    if (!silent_) host_.show(PAM_ERROR_MSG, problem.text);
    return std::nullopt;
  }
  std::optional<int> follow(const conversation::Wait& wait) {
    asked_patience_ = std::min(wait.time, patience_left_);
    patience_left_ -= asked_patience_;
    return std::nullopt;
  }
  std::optional<int> follow(const conversation::Finish& finish) { return pam_code(finish.status); }

  // Tells the agent that no answer will come; whether it hears that changes nothing.
  int abort(int code) {
    const Result<void> sent = agent_.send(conversation::Abort{}, deadline());
    if (!sent && options_.debug) host_.log(LOG_DEBUG, sent.error().message);
    return code;
  }

  PamHost& host_;
  const ModuleOptions& options_;
  AgentConnection agent_;
  bool silent_;
  std::chrono::seconds asked_patience_{0};
  std::chrono::seconds patience_left_ = kMostPatience;
};

Result<int> converse(PamHost& host, const ModuleOptions& options,
                     const conversation::Begin& begin) {
  const auto patience = std::min<std::chrono::seconds>(kConnectTimeout, options.timeout);
  Result<AgentConnection> agent =
      AgentConnection::open(options.socket, steady_clock::now() + patience);
  if (!agent) return fail(agent.error());
  return Client(host, options, std::move(*agent), begin.silent).run(begin);
}

}  // namespace

int authenticate(PamHost& host, const ModuleOptions& options, int flags) {
  conversation::Begin begin;
  if (const int outcome = host.user(begin.user); outcome != PAM_SUCCESS) return outcome;
  if (!conversation::is_plain_text(begin.user, conversation::kMaxUser)) {
    // No user can have such a name, so refusing it at once tells nobody who exists.
    host.log(LOG_NOTICE, "a user name that is not plain text was refused");
    return PAM_AUTH_ERR;
  }
  begin.service = conversation::made_plain(host.item(PAM_SERVICE), conversation::kMaxService);
  begin.tty = conversation::made_plain(host.item(PAM_TTY), conversation::kMaxTty);
  begin.rhost = conversation::made_plain(host.item(PAM_RHOST), conversation::kMaxRhost);
  begin.locale = locale_of(host, options);
  begin.silent = (flags & PAM_SILENT) != 0;

  const Result<int> code = converse(host, options, begin);
  if (!code) {
    host.log(LOG_ERR, code.error().message);
    if (!begin.silent) {
      const Language language = conversation::language_of_locale(begin.locale, Language::kJapanese);
      host.show(PAM_ERROR_MSG, agent_unreachable_text(language));
    }
    return PAM_AUTHINFO_UNAVAIL;
  }
  if (options.debug) host.log(LOG_DEBUG, "the conversation ended with " + std::to_string(*code));
  if (options.delays_refusals && (*code == PAM_AUTH_ERR || *code == PAM_MAXTRIES)) {
    host.delay_failure(kRefusalDelay);
  }
  return *code;
}

}  // namespace sekisho::pam
