#include <array>
#include <memory>

#include "authn/access_rules.h"
#include "authn/live_view.h"
#include "authn/request_path.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/user_view.h"
#include "settings/table_reader.h"

namespace sekisho::cli {
namespace {

constexpr Word kDecides{"decides", {"◀ この規則で決まる", "<- decides"}};
constexpr Word kNotReached{"not_reached", {"(見る前に決まった)", "(not reached)"}};
constexpr Word kPath{"path", {"パスが違う", "other path"}};
constexpr Word kNetwork{"network", {"接続元の網が違う", "other network"}};
constexpr Word kHours{"hours", {"時間外", "outside the hours"}};
constexpr Word kGroup{"group", {"グループに入っていない", "not in the group"}};
constexpr Word kTerminal{"terminal", {"その端末にログインしていない", "not signed in there"}};

struct ExplainArguments {
  std::string user;
  std::string url;
  std::string from;
  std::string at;
  std::string terminal;
  std::string proven = "any-second-factor";
};

struct Target {
  std::string host;
  std::string path;  // and query
};

// "https://tax.town.example:8443/list?year=2026": scheme, host and what is asked for.
Result<Target> target_of(std::string_view url) {
  const auto refuse = [&] {
    return fail(ErrorCode::kInvalid, "the address must be like https://tax.town.example/list");
  };
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return refuse();
  }
  url = url.substr(0, url.find('#'));
  const std::size_t end = url.find_first_of("/?");
  const auto host = authn::host_for_rules(url.substr(0, end));
  if (!host) return refuse();
  std::string path(end == std::string_view::npos ? "/" : url.substr(end));
  if (path.front() == '?') path.insert(path.begin(), '/');
  return Target{*host, std::move(path)};
}

// "2026-11-23T08:20" in the segment's time.
std::optional<Instant> instant_at(std::string_view text, std::chrono::minutes utc_offset) {
  if (text.size() != 16 || text[4] != '-' || text[7] != '-' ||
      (text[10] != 'T' && text[10] != ' ') || text[13] != ':') {
    return std::nullopt;
  }
  const auto part = [&](std::size_t from, std::size_t count) {
    return parse_unsigned(text.substr(from, count));
  };
  const auto year = part(0, 4);
  const auto month = part(5, 2);
  const auto day = part(8, 2);
  const auto hour = part(11, 2);
  const auto minute = part(14, 2);
  if (!year || !month || !day || !hour || !minute || *hour > 23 || *minute > 59) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return Instant(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) - utc_offset;
}

Word word_of(authn::Mismatch mismatch) {
  switch (mismatch) {
    case authn::Mismatch::kPath:
      return kPath;
    case authn::Mismatch::kNetwork:
      return kNetwork;
    case authn::Mismatch::kHours:
      return kHours;
    case authn::Mismatch::kGroup:
      return kGroup;
    case authn::Mismatch::kTerminal:
      return kTerminal;
    case authn::Mismatch::kNone:
      break;
  }
  return kDecides;
}

std::string hours_text(const authn::Hours& hours) {
  constexpr std::array kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", "hol"};
  std::string days;
  for (unsigned day = 0; day < kDays.size(); ++day) {
    if (((hours.days >> day) & 1U) != 0)
      days += (days.empty() ? "" : ",") + std::string(kDays[day]);
  }
  const std::string time =
      fmt::format("{:02}:{:02}-{:02}:{:02}", hours.from_minute / 60, hours.from_minute % 60,
                  hours.to_minute / 60, hours.to_minute % 60);
  return hours.days == authn::Hours::kEveryDay ? time : time + " " + days;
}

Listing list_rules(const authn::Application& application, std::string_view path,
                   const authn::AccessRequest& request, const authn::AccessRules& rules) {
  Listing listing{{{"line", {"行", "line"}},
                   {"path", {"パス", "path"}},
                   {"groups", {"グループ", "groups"}},
                   {"networks", {"網", "networks"}},
                   {"hours", {"時間", "hours"}},
                   {"terminals", {"端末", "terminals"}},
                   {"require", {"要求", "requires"}},
                   {"fresh", {"再認証まで", "fresh"}},
                   {"verdict", {"判定", "verdict"}}},
                  {},
                  {"規則はありません", "no rules"}};
  bool is_decided = false;
  for (const authn::AccessRule& rule : application.rules) {
    const auto mismatch = rules.mismatch_of(rule, path, request);
    std::vector<std::string> networks;
    for (const IpNetwork& network : rule.networks) networks.push_back(network.text());
    listing.rows.push_back(
        {std::int64_t{rule.line}, rule.path, rule.groups, networks,
         rule.hours ? Cell(hours_text(*rule.hours)) : Cell(), rule.terminals,
         std::string(rule.is_refusal ? "deny"
                                     : authn::name_of(rules.required_by(rule, *request.groups))),
         rule.fresh ? Cell(settings::duration_text(*rule.fresh)) : Cell(),
         is_decided ? kNotReached : word_of(mismatch)});
    is_decided = is_decided || mismatch == authn::Mismatch::kNone;
  }
  return listing;
}

// Where no rule matches.
Text refusal_of(authn::Mismatch missing) {
  switch (missing) {
    case authn::Mismatch::kNetwork:
      return {"拒否: {} 行目の規則とは接続元の網が違う",
              "refused: the rule at line {} is for other networks"};
    case authn::Mismatch::kHours:
      return {"拒否: {} 行目の規則の時間外", "refused: outside the hours of the rule at line {}"};
    case authn::Mismatch::kTerminal:
      return {"拒否: {} 行目の規則の端末に、この接続元からログインしていない",
              "refused: not signed in, from this address, at a terminal of the rule at line {}"};
    default:
      return {"拒否: 一致する規則がない", "refused: no rule matches"};
  }
}

Text reason_of(const authn::AccessDecision& decision) {
  switch (decision.outcome) {
    case authn::AccessOutcome::kAllowed:
      return {"許可: {} 行目の規則に一致", "allowed by the rule at line {}"};
    case authn::AccessOutcome::kSecondFactor:
      return decision.rule == nullptr
                 ? Text{"第 2 要素が必要(一致する規則はないため、そのあとも拒否)",
                        "the second factor is asked for first; then refused, no rule matches"}
                 : Text{"認証要素が足りない: {} 行目の規則が {} を求めている",
                        "more must be proven first: the rule at line {} asks for {}"};
    case authn::AccessOutcome::kStale:
      return {"{} 行目の規則が {} の再認証を求めている",
              "the rule at line {} asks for {} to be proven again"};
    case authn::AccessOutcome::kForbidden:
      return decision.rule == nullptr
                 ? refusal_of(decision.missing)
                 : Text{"拒否: {} 行目の規則が禁止している", "refused by the rule at line {}"};
    case authn::AccessOutcome::kBadPath:
      return {"拒否: パスの形が不正", "refused: the path cannot be judged"};
    case authn::AccessOutcome::kSignIn:
      break;
  }
  return {"ログインが必要", "must sign in"};
}

// What stands before the rules: nullopt when nothing does.
std::optional<Text> obstacle(const settings::Settings& settings, const store::User& user,
                             const IpAddress& from, const authn::Application* application) {
  if (!settings.is_inside(from)) {
    return Text{"拒否: 接続元が閉域網の外", "refused: the client is outside the segment"};
  }
  if (!user.is_enabled) return Text{"拒否: 利用者が無効", "refused: the user is disabled"};
  if (application == nullptr) {
    return Text{"拒否: このホストのアプリケーションはない",
                "refused: no application has this host"};
  }
  return std::nullopt;
}

std::vector<std::string> names_of(const std::vector<authn::Seat>& seats) {
  std::vector<std::string> names;
  for (const authn::Seat& seat : seats) {
    names.push_back(seat.terminal_name + " (" + seat.address.text() + ")");
  }
  return names;
}

int line_for_reason(const authn::AccessDecision& decision) {
  const authn::AccessRule* rule = decision.rule ? decision.rule : decision.nearest;
  return rule ? rule->line : 0;
}

// Where the person sits at `now`: as the store knows, or as if at the terminal that was named.
Result<std::vector<authn::Seat>> seats_of(store::Store& store, const ExplainArguments& arguments,
                                          store::UserId user, const IpAddress& from, Instant now,
                                          std::chrono::milliseconds seat_life) {
  if (!arguments.terminal.empty()) {
    return std::vector<authn::Seat>{{{}, arguments.terminal, from, now}};
  }
  auto seats = authn::seats_of(store, user);
  if (!seats) return seats;
  std::erase_if(*seats, [&](const authn::Seat& seat) { return !seat.counts_at(now, seat_life); });
  return seats;
}

Result<Exit> explain(Desk& desk, const ExplainArguments& arguments) {
  const auto settings = desk.settings();
  if (!settings) return fail(settings.error());
  const auto target = target_of(arguments.url);
  if (!target) return fail(target.error());
  const auto from = IpAddress::parse(arguments.from);
  if (!from) return fail(ErrorCode::kInvalid, "--from must be an IP address");
  const auto now = arguments.at.empty()
                       ? std::optional(desk.clock().now())
                       : instant_at(arguments.at, (*settings)->calendar.utc_offset);
  if (!now) return fail(ErrorCode::kInvalid, "--at must be like 2026-11-23T08:20");
  const auto store = desk.reader();
  if (!store) return fail(store.error());
  const auto user = find_user(**store, arguments.user);
  if (!user) return fail(user.error());

  const authn::AccessRules rules = (*settings)->access_rules();
  const authn::Application* application = rules.application_at(target->host);
  const auto proven =
      authn::assurance_named(arguments.proven).value_or(authn::Assurance::kPassword);
  const auto seats =
      seats_of(**store, arguments, user->id, *from, *now, (*settings)->policy.terminal.seat_life);
  if (!seats) return fail(seats.error());
  authn::AccessRequest request{target->path, *from, *now, &user->groups, proven};
  request.proven.note(proven, *now);  // as if just now
  request.seats = *seats;
  const auto blocked = obstacle(**settings, *user, *from, application);
  authn::AccessDecision decision;
  if (!blocked) decision = rules.decide(*application, request);
  const bool is_allowed = !blocked && decision.outcome == authn::AccessOutcome::kAllowed;
  const Console& console = desk.console();
  const std::string reason = blocked
                                 ? console.in_words(*blocked)
                                 : console.in_words(reason_of(decision), line_for_reason(decision),
                                                    authn::name_of(decision.require));
  Record record;
  record.fields = {
      {{"decision", {"判定", "decision"}},
       std::string(authn::name_of(blocked ? authn::AccessOutcome::kForbidden : decision.outcome))},
      {{"reason", {"理由", "reason"}}, reason},
      {{"rule_line", {"規則の行", "rule at line"}},
       decision.rule ? Cell(std::int64_t{decision.rule->line}) : Cell()},
      {{"application", {"アプリ", "application"}}, application ? Cell(application->name) : Cell()},
      {{"user", {"利用者", "user"}}, user->name},
      {{"groups", {"グループ", "groups"}}, user->groups},
      {{"from", {"接続元", "from"}}, from->text()},
      {{"terminals", {"ログイン中の端末", "signed in at"}}, names_of(*seats)},
      {{"at", {"時刻", "at"}}, *now}};
  const auto path = authn::path_for_rules(target->path);
  if (application != nullptr && path) {
    record.parts = {{{"rules", {"規則(上から順に)", "rules, in order"}},
                     list_rules(*application, *path, request, rules)}};
  }
  console.show(record);
  return is_allowed ? Exit::kDone : Exit::kRefused;
}

Run declare_explain(CLI::App& app, Language language) {
  auto arguments = std::make_shared<ExplainArguments>();
  const auto in = [language](Text text) { return std::string(text.in(language)); };
  app.add_option("--user", arguments->user, in({"利用者", "the user"}))
      ->required()
      ->type_name("NAME");
  app.add_option("--url", arguments->url, in({"開きたいアドレス", "the address asked for"}))
      ->required()
      ->type_name("URL");
  app.add_option("--from", arguments->from, in({"接続元の IP アドレス", "the client's address"}))
      ->required()
      ->type_name("ADDRESS");
  app.add_option("--at", arguments->at,
                 in({"日時(例 2026-11-23T08:20、閉域網の時刻。省くと今)",
                     "when, in the segment's time, like 2026-11-23T08:20; else now"}))
      ->type_name("TIME");
  app.add_option(
         "--terminal", arguments->terminal,
         in({"この端末に、この接続元からログインしているものとして説明する(省くと記録のとおり)",
             "as if signed in at this terminal from that address; else as the store knows"}))
      ->type_name("NAME");
  app.add_option("--proven", arguments->proven,
                 in({"セッションが証明したもの(password、any-second-factor、fido2、fido2+uv)",
                     "what the session has proven: password, any-second-factor, fido2, fido2+uv"}))
      ->check(CLI::IsMember({"password", "any-second-factor", "fido2", "fido2+uv"}))
      ->capture_default_str()
      ->type_name("");
  return [arguments](Desk& desk) { return explain(desk, *arguments); };
}

constexpr std::array kCommands = {
    Command{"policy",
            "explain",
            {"どの規則で決まるかを説明する(許可 0、拒否 1)",
             "tell which rule decides, and why (exit 0 allowed, 1 not)"},
            "policy explain --user hanako --url https://tax.town.example/list --from 10.20.3.7\n"
            "policy explain --user hanako --url https://tax.town.example/ --from 10.20.3.7 "
            "--at 2026-11-23T20:00",
            &declare_explain},
};

}  // namespace

std::span<const Command> policy_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
