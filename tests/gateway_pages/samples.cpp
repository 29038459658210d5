#include "tests/gateway_pages/samples.h"

namespace sekisho::pages {
namespace {

using std::chrono::minutes;

// Monday, 2026-11-23 8:31 in Japan.
constexpr Instant kNow{std::chrono::milliseconds(1795390260000)};

Page page(Language language) {
  return {.language = language,
          .organization = language == Language::kEnglish ? "Sekisho Town" : "関所町",
          .portal_origin = ""};
}

FormGuard guard() {
  return {.csrf_token = "q7Zk2mB1vXc9",
          .return_to = "https://tax.town.example/list?year=2026&kind=a"};
}

std::string in(Language language, const char* japanese, const char* english) {
  return language == Language::kEnglish ? english : japanese;
}

const std::vector<Notice>& every_notice() {
  using Kind = Notice::Kind;
  static const std::vector<Notice> notices = [] {
    std::vector<Notice> all;
    for (int kind = 0; kind <= static_cast<int>(Kind::kSessionEndedByUser); ++kind) {
      all.push_back({.kind = static_cast<Kind>(kind),
                     .until = kNow + minutes(15),
                     .wait = std::chrono::seconds(8)});
    }
    return all;
  }();
  return notices;
}

class Collection {
 public:
  explicit Collection(Language language) : language_(language) {}

  void add(const std::string& name, std::string html) {
    const bool has_form = html.find("<form") != std::string::npos;
    const bool has_ceremony = html.find("data-ceremony") != std::string::npos;
    samples_.push_back(
        {name + "-" + std::string(code_of(language_)), std::move(html), has_form, has_ceremony});
  }
  std::vector<Sample> take() { return std::move(samples_); }

 private:
  Language language_;
  std::vector<Sample> samples_;
};

void add_sign_in(Collection& out, Language language) {
  SignInView view = ordinary_sign_in(language);
  view.destination.clear();
  out.add("sign-in", render(view));
  view = ordinary_sign_in(language);
  view.notice = Notice{.kind = Notice::Kind::kSignInNeeded};
  out.add("sign-in-continuing", render(view));
  view = ordinary_sign_in(language);
  view.key = assertion();
  out.add("sign-in-key", render(view));
  view.claimed_user = "yamada";
  view.key = assertion();
  for (const Notice& notice : every_notice()) {
    view.notice = notice;
    out.add("sign-in-notice-" + std::to_string(static_cast<int>(notice.kind)), render(view));
  }
}

void add_second_factor(Collection& out, Language language) {
  SecondFactorView view = ordinary_second_factor(language);
  out.add("second-factor", render(view));
  view.offers_recovery = false;
  out.add("second-factor-no-recovery", render(view));
  view = ordinary_second_factor(language);
  for (const Notice& notice : every_notice()) {
    view.notice = notice;
    out.add("second-factor-notice-" + std::to_string(static_cast<int>(notice.kind)), render(view));
  }
}

// The second step where security keys are in use.
void add_second_factor_keys(Collection& out, Language language) {
  SecondFactorView view = ordinary_second_factor(language);
  view.key = assertion();
  view.offers_enrolment = true;
  out.add("second-factor-key-or-code", render(view));
  for (const Notice& notice : every_notice()) {
    view.notice = notice;
    out.add("second-factor-key-or-code-notice-" + std::to_string(static_cast<int>(notice.kind)),
            render(view));
  }
  view.offers_code = false;
  view.notice = Notice{.kind = Notice::Kind::kKeyNeeded};
  out.add("second-factor-key-only", render(view));
  view.offers_enrolment = false;
  view.notice = std::nullopt;
  out.add("second-factor-key-only-no-enrolment", render(view));
  view.key = std::nullopt;
  view.notice = Notice{.kind = Notice::Kind::kNoSecondFactor};
  out.add("second-factor-nothing", render(view));
  view.offers_enrolment = true;
  view.notice = std::nullopt;
  out.add("second-factor-enrolment-only", render(view));
  view.notice = Notice{.kind = Notice::Kind::kWrongEnrolmentCode};
  out.add("second-factor-enrolment-only-refused", render(view));
}

void add_add_key(Collection& out, Language language) {
  AddKeyView view = ordinary_add_key(language);
  out.add("add-key", render(view));
  view.keys_so_far = 0;
  view.notice = Notice{.kind = Notice::Kind::kEnrolmentReady};
  out.add("add-key-first", render(view));
  view.keys_so_far = 1;
  view.claimed_label = in(language, "机の引き出しの予備", "Spare in the desk");
  for (const Notice& notice : every_notice()) {
    view.notice = notice;
    out.add("add-key-notice-" + std::to_string(static_cast<int>(notice.kind)), render(view));
  }
}

void add_home(Collection& out, Language language) {
  HomeView view = ordinary_home(language);
  out.add("home", render(view));
  view.failures_since = 3;
  view.last_failure =
      Occasion{kNow - minutes(9 * 60 + 4), in(language, "窓口3番端末", "Counter 3")};
  view.recovery_codes_left = 2;
  view.notice = Notice{.kind = Notice::Kind::kSessionEndedByUser};
  out.add("home-suspicious", render(view));
  view = ordinary_home(language);
  view.security_keys.resize(1);
  view.totp_credentials.clear();
  view.recovery_codes_left = 0;
  view.notice = Notice{.kind = Notice::Kind::kKeyAdded};
  out.add("home-one-key", render(view));
  view.may_add_keys = false;
  view.notice = Notice{.kind = Notice::Kind::kLastSecondFactor};
  out.add("home-one-key-no-more", render(view));
  view.security_keys.clear();
  view.totp_credentials = ordinary_home(language).totp_credentials;
  view.notice = std::nullopt;
  out.add("home-no-keys-here", render(view));
  view = {};
  view.page = page(language);
  view.form = guard();
  view.display_name = in(language, "新任 一郎", "Ichiro Shinnin");
  view.user = "shinnin";
  view.sessions = {{"s9", kNow, kNow, "10.20.3.14", true}};
  out.add("home-first-day", render(view));
}

void add_others(Collection& out, Language language) {
  using SignedOut = SignedOutView::Reason;
  using Forbidden = ForbiddenView::Reason;
  int number = 0;
  for (const auto reason : {SignedOut::kSignedOut, SignedOut::kIdle, SignedOut::kSessionOver,
                            SignedOut::kEndedElsewhere}) {
    out.add("signed-out-" + std::to_string(number++),
            render(SignedOutView{page(language), reason}));
  }
  number = 0;
  for (const auto reason :
       {Forbidden::kNotPermitted, Forbidden::kNetwork, Forbidden::kHours, Forbidden::kTerminal}) {
    out.add("forbidden-" + std::to_string(number++),
            render(ForbiddenView{page(language), in(language, "税務システム", "Tax system"),
                                 in(language, "山田 花子", "Hanako Yamada"), reason, "8:00–18:00",
                                 "zeimu-*, madoguchi-01", "6f1c-20a9"}));
  }
  for (const unsigned status :
       {400U, 401U, 403U, 404U, 405U, 408U, 413U, 418U, 421U, 429U, 431U, 500U, 502U, 503U, 504U}) {
    out.add("problem-" + std::to_string(status),
            render(ProblemView{page(language), status, status < 500 ? "" : "6f1c-20a9",
                               std::chrono::seconds(status == 429 || status == 503 ? 30 : 0)}));
  }
}

}  // namespace

SignInView ordinary_sign_in(Language language) {
  return {.page = page(language),
          .form = guard(),
          .claimed_user = "",
          .destination = in(language, "税務システム", "Tax system"),
          .key = std::nullopt,
          .notice = std::nullopt};
}

SecondFactorView ordinary_second_factor(Language language) {
  return {.page = page(language),
          .form = guard(),
          .display_name = in(language, "山田 花子", "Hanako Yamada"),
          .user = "yamada",
          .offers_code = true,
          .offers_recovery = true,
          .key = std::nullopt,
          .offers_enrolment = false,
          .destination = in(language, "税務システム", "Tax system"),
          .notice = std::nullopt};
}

HomeView ordinary_home(Language language) {
  HomeView view;
  view.page = page(language);
  view.form = guard();
  view.form.return_to = "/";
  view.display_name = in(language, "山田 花子", "Hanako Yamada");
  view.user = "yamada";
  view.last_sign_in = Occasion{kNow - minutes(14 * 60 + 52),
                               in(language, "税務課 端末12", "Tax office, terminal 12")};
  view.applications = {
      {in(language, "税務システム", "Tax system"), "https://tax.town.example/", "tax.town.example"},
      {in(language, "住民記録システム", "Resident records"), "https://juki.town.example/",
       "juki.town.example"},
      {in(language, "福祉総合システム", "Welfare services"), "https://fukushi.town.example/",
       "fukushi.town.example"},
      {in(language, "文書管理", "Document archive"), "https://bunsho.town.example/",
       "bunsho.town.example"},
  };
  view.totp_credentials = {
      {in(language, "カード型トークン No.0412", "Card token No. 0412"), kNow - minutes(231 * 1440),
       kNow - minutes(1)},
      {in(language, "予備トークン", "Spare token"), kNow - minutes(40 * 1440), std::nullopt},
  };
  view.security_keys = {
      {"k1", in(language, "職員証と一緒の鍵", "On my badge"), kNow - minutes(120 * 1440),
       Occasion{kNow - minutes(1), in(language, "税務課 端末12", "Tax office, terminal 12")}, true},
      {"k2", in(language, "机の引き出しの予備", "Spare in the desk"), kNow - minutes(118 * 1440),
       std::nullopt, false},
  };
  view.recovery_codes_left = 8;
  view.sessions = {
      {"s1", kNow - minutes(1), kNow, "10.20.3.12", true},
      {"s2", kNow - minutes(95), kNow - minutes(12),
       in(language, "窓口3番端末（10.20.3.31）", "Counter 3 (10.20.3.31)"), false},
  };
  return view;
}

AddKeyView ordinary_add_key(Language language) {
  AddKeyView view;
  view.page = page(language);
  view.form = guard();
  view.key = {.ticket = "t4Yw0Qm8",
              .options = R"({"rp":{"id":"town.example","name":"関所町"},"user":{"id":"Ag8",)"
                         R"("name":"yamada","displayName":"山田 花子"},"challenge":"3q2-7w",)"
                         R"("pubKeyCredParams":[{"type":"public-key","alg":-7}],)"
                         R"("excludeCredentials":[{"type":"public-key","id":"AQID"}]})"};
  view.display_name = in(language, "山田 花子", "Hanako Yamada");
  view.user = "yamada";
  view.keys_so_far = 1;
  return view;
}

KeyCeremony assertion() {
  return {.ticket = "t4Yw0Qm8",
          .options = R"({"challenge":"3q2-7w","rpId":"town.example","timeout":60000,)"
                     R"("userVerification":"required","allowCredentials":[]})"};
}

std::vector<Sample> every_sample() {
  std::vector<Sample> all;
  for (const Language language : {Language::kJapanese, Language::kEnglish}) {
    Collection collection(language);
    add_sign_in(collection, language);
    add_second_factor(collection, language);
    add_second_factor_keys(collection, language);
    add_add_key(collection, language);
    add_home(collection, language);
    add_others(collection, language);
    for (Sample& sample : collection.take()) all.push_back(std::move(sample));
  }
  return all;
}

}  // namespace sekisho::pages
