#include "gateway/pages/pages.h"

#include <algorithm>
#include <set>
#include <thread>

#include "base/text.h"
#include "gateway/pages/assets.h"
#include "tests/gateway_pages/html_tags.h"
#include "tests/gateway_pages/samples.h"
#include "tests/support/catch.h"

namespace sekisho::pages {
namespace {

constexpr Language kLanguages[] = {Language::kJapanese, Language::kEnglish};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

std::vector<Tag> tags_of(const std::string& html) {
  const auto tags = read_tags(html);
  REQUIRE(tags);
  return *tags;
}

// Sets every text of a view to `value`.
std::vector<std::string> pages_full_of(const std::string& value) {
  std::vector<std::string> all;
  for (const Language language : kLanguages) {
    const Page page{language, value, ""};
    const FormGuard form{value, value};
    const KeyCeremony key{value, value};
    all.push_back(render(SignInView{page, form, value, value, key, std::nullopt}));
    all.push_back(render(SecondFactorView{page, form, value, value, true, true, key, true, value,
                                          Notice{.kind = Notice::Kind::kWrongCode}}));
    all.push_back(render(AddKeyView{page, form, key, value, value, 1, value, std::nullopt}));
    HomeView home = ordinary_home(language);
    home.page = page;
    home.form = form;
    home.display_name = value;
    home.user = value;
    home.last_sign_in->from = value;
    home.failures_since = 1;
    home.last_failure = Occasion{Instant{}, value};
    for (auto& application : home.applications) {
      application = {value, "https://a.example/" + value, value};
    }
    for (auto& credential : home.totp_credentials) credential.label = value;
    for (auto& credential : home.security_keys) {
      credential.id = credential.label = value;
      credential.last_used = Occasion{Instant{}, value};
    }
    for (auto& session : home.sessions) session.id = session.from = value;
    all.push_back(render(home));
    all.push_back(render(SignedOutView{page, SignedOutView::Reason::kIdle}));
    all.push_back(render(ProblemView{page, 500, value, {}}));
    all.push_back(render(
        ForbiddenView{page, value, value, ForbiddenView::Reason::kHours, value, value, value}));
  }
  return all;
}

TEST_CASE("markup in a value never becomes markup of the page", "[pages]") {
  const std::string hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>&lt;";
  const auto attacked = pages_full_of(hostile);
  const auto ordinary = pages_full_of("value");
  REQUIRE(attacked.size() == ordinary.size());
  for (std::size_t i = 0; i < attacked.size(); ++i) {
    CHECK(count(attacked[i], "<script") == count(ordinary[i], "<script"));
    CHECK_FALSE(contains(attacked[i], "<img src=x"));
    CHECK(contains(attacked[i], "&quot;&apos;&gt;&lt;script&gt;"));
    CHECK(contains(attacked[i], "&amp;lt;"));  // escaped once, and not understood as escaped
    CHECK(tags_of(attacked[i]).size() == tags_of(ordinary[i]).size());
  }
}

TEST_CASE("template tags and placeholders in a value stay plain text", "[pages]") {
  SecondFactorView view = ordinary_second_factor(Language::kJapanese);
  view.display_name = "{{csrf_token}}{{{csrf_token}}}{{> guard}}";
  view.destination = "{destination}{name}";
  const std::string html = render(view);
  CHECK(contains(html, "{{csrf_token}}{{{csrf_token}}}{{&gt; guard}}"));
  CHECK(contains(html, "{destination}{name}"));
  CHECK(count(html, view.form.csrf_token) == 3);
}

TEST_CASE("bytes that are no text and characters that disguise text are shown, not passed on",
          "[pages]") {
  for (const std::string& html : pages_full_of("a\xff\xc0\xaf\x01\xe2\x80\xae"
                                               "b")) {
    CHECK(is_utf8(html));
    CHECK_FALSE(contains(html, "\x01"));
    CHECK_FALSE(contains(html, "\xe2\x80\xae"));
    CHECK(contains(html, "a\\xff\\xc0\\xaf\\x01"));
  }
}

TEST_CASE("a return address comes back from its hidden field unchanged", "[pages]") {
  SignInView view = ordinary_sign_in(Language::kEnglish);
  view.form.return_to = "https://tax.town.example/a?b=1&c=%22%3E&d=税";
  const auto forms = forms_in(tags_of(render(view)));
  REQUIRE(forms.size() == 1);
  const auto field = std::find_if(forms[0].begin(), forms[0].end(),
                                  [](const Tag& tag) { return tag.get("name") == "return_to"; });
  REQUIRE(field != forms[0].end());
  CHECK(field->get("value") == "https://tax.town.example/a?b=1&amp;c=%22%3E&amp;d=税");
}

TEST_CASE("a link is made only to a web address", "[pages]") {
  HomeView view = ordinary_home(Language::kEnglish);
  view.applications = {{"bad", "javascript:alert(1)", ""},
                       {"data", "data:text/html,x", ""},
                       {"good", "https://good.town.example/", ""}};
  const std::string html = render(view);
  CHECK(count(html, "class=\"application\"") == 1);
  CHECK_FALSE(contains(html, "javascript:"));
  CHECK_FALSE(contains(html, "data:"));
}

TEST_CASE("every form is a POST to a known address and carries the CSRF token and return address",
          "[pages]") {
  const std::set<std::string> addresses = {
      "/signin",   "/signin/key",  "/second-factor", "/second-factor/key", "/recovery",    "/enrol",
      "/keys/add", "/keys/rename", "/keys/remove",   "/signout",           "/sessions/end"};
  std::set<std::string> seen;
  for (const Sample& sample : every_sample()) {
    INFO(sample.name);
    const auto forms = forms_in(tags_of(sample.html));
    CHECK(forms.empty() != sample.has_form);
    for (const auto& form : forms) {
      CHECK(form[0].get("method") == "post");
      CHECK(addresses.contains(form[0].get("action")));
      seen.insert(form[0].get("action"));
      std::map<std::string, std::string> hidden;
      for (const Tag& tag : form) {
        if (tag.get("type") == "hidden") hidden[tag.get("name")] = tag.get("value");
      }
      CHECK(hidden["csrf_token"] == "q7Zk2mB1vXc9");
      CHECK_FALSE(hidden["return_to"].empty());
      const std::string action = form[0].get("action");
      CHECK(hidden.contains("session") == (action == "/sessions/end"));
      CHECK(hidden.contains("key") == (action == "/keys/rename" || action == "/keys/remove"));
    }
  }
  CHECK(seen == addresses);
}

TEST_CASE("a page asks for nothing from outside, and runs only our script where a key is asked",
          "[pages]") {
  const auto script = std::find_if(assets().begin(), assets().end(), [](const Asset& asset) {
    return asset.name == "security_key.js";
  });
  REQUIRE(script != assets().end());
  for (const Sample& sample : every_sample()) {
    INFO(sample.name);
    std::size_t scripts = 0;
    for (const Tag& tag : tags_of(sample.html)) {
      if (tag.name == "script") {
        ++scripts;
        CHECK(tag.get("src") == script->path);
        CHECK(tag.has("defer"));
        CHECK(tag.text.empty());
      }
      CHECK(tag.name != "style");
      for (const auto& [name, value] : tag.attributes) {
        INFO(tag.name << " " << name << "=" << value);
        CHECK(name != "style");
        CHECK_FALSE(name.starts_with("on"));
        const bool is_text = name == "value" || name == "aria-label" || name == "content";
        const bool leads_to_application = tag.get("class") == "application" && name == "href";
        if (is_text || leads_to_application) continue;
        CHECK_FALSE(contains(value, "//"));
        CHECK_FALSE(contains(value, "http:"));
        CHECK_FALSE(contains(value, "https:"));
        CHECK_FALSE(contains(value, "javascript:"));
      }
    }
    CHECK(scripts == (sample.has_ceremony ? 1U : 0U));
  }
}

TEST_CASE("under another host, assets and links lead to the portal and forms are not shown",
          "[pages]") {
  const Page page{Language::kJapanese, "関所町", "https://portal.town.example:8443"};
  for (const std::string& html :
       {render(ProblemView{page, 502, "r", {}}),
        render(ForbiddenView{page, "tax", "", ForbiddenView::Reason::kNetwork, "", "", ""})}) {
    for (const Tag& tag : tags_of(html)) {
      for (const char* name : {"href", "src"}) {
        if (!tag.has(name) || tag.get(name).starts_with('#')) continue;
        CHECK(tag.get(name).starts_with("https://portal.town.example:8443/"));
      }
      CHECK(tag.name != "form");
    }
  }
}

TEST_CASE("every id is there once, and every reference to one is met", "[pages]") {
  for (const Sample& sample : every_sample()) {
    INFO(sample.name);
    const auto tags = tags_of(sample.html);
    std::set<std::string> ids;
    for (const Tag& tag : tags) {
      if (tag.has("id")) CHECK(ids.insert(tag.get("id")).second);
    }
    for (const Tag& tag : tags) {
      for (const char* name : {"for", "aria-describedby", "aria-labelledby"}) {
        if (!tag.has(name)) continue;
        const std::string references = tag.get(name);
        for (const std::string_view id : split(references, ' ')) {
          INFO(name << " " << id);
          CHECK(ids.contains(std::string(id)));
        }
      }
      if (tag.get("href").starts_with('#')) CHECK(ids.contains(tag.get("href").substr(1)));
    }
  }
}

TEST_CASE("a page says its language, its title and its heading, and lets one skip to the content",
          "[pages]") {
  for (const Sample& sample : every_sample()) {
    INFO(sample.name);
    const auto tags = tags_of(sample.html);
    CHECK(sample.html.starts_with("<!DOCTYPE html>\n"));
    CHECK(tags[1].get("lang") == sample.name.substr(sample.name.size() - 2));
    std::size_t headings = 0;
    for (const Tag& tag : tags) {
      if (tag.name == "title") CHECK_FALSE(tag.text.starts_with(" - "));
      if (tag.name == "h1") {
        ++headings;
        CHECK_FALSE(tag.text.empty());
      }
      if (tag.name == "img") CHECK(tag.has("alt"));
    }
    CHECK(headings == 1);
    const auto first_link =
        std::find_if(tags.begin(), tags.end(), [](const Tag& tag) { return tag.name == "a"; });
    REQUIRE(first_link != tags.end());
    CHECK(first_link->get("href") == "#content");
  }
}

TEST_CASE("every field has a label and says what it is for", "[pages]") {
  const std::map<std::string, std::string> purposes = {
      {"user", "username"},     {"password", "current-password"}, {"code", "one-time-code"},
      {"recovery_code", "off"}, {"enrolment_code", "off"},        {"label", "off"}};
  std::set<std::string> seen;
  for (const Sample& sample : every_sample()) {
    INFO(sample.name);
    const auto tags = tags_of(sample.html);
    std::set<std::string> labelled;
    std::size_t focused = 0;
    for (const Tag& tag : tags) {
      if (tag.name == "label") labelled.insert(tag.get("for"));
    }
    for (const Tag& tag : tags) {
      if (tag.has("autofocus")) ++focused;
      if (tag.name == "button") CHECK(tag.get("type") == "submit");
      if (tag.name != "input" || tag.get("type") == "hidden") continue;
      CHECK(labelled.contains(tag.get("id")));
      CHECK(tag.get("autocomplete") == purposes.at(tag.get("name")));
      CHECK(tag.has("required"));
      if (tag.get("name") == "code") CHECK(tag.get("inputmode") == "numeric");
      if (tag.get("name") == "password") CHECK_FALSE(tag.has("value"));
      seen.insert(tag.get("name"));
    }
    CHECK(focused <= 1);
    if (sample.name.starts_with("sign-in") || sample.name.starts_with("second-factor") ||
        sample.name.starts_with("add-key")) {
      // Where there is nothing to type, the script gives the focus to the key's button.
      const bool dead_end = sample.name.starts_with("second-factor-nothing");
      CHECK((focused == 1 || contains(sample.html, " data-focus")) != dead_end);
    }
  }
  CHECK(seen.size() == purposes.size());
}

TEST_CASE("a refusal is announced, is told in the title, and is read with the focused field",
          "[pages]") {
  for (const Language language : kLanguages) {
    for (int kind = 0; kind <= static_cast<int>(Notice::Kind::kSessionEndedByUser); ++kind) {
      SecondFactorView view = ordinary_second_factor(language);
      view.notice = Notice{.kind = static_cast<Notice::Kind>(kind)};
      const std::string html = render(view);
      INFO(kind);
      const bool refusal = kind < static_cast<int>(Notice::Kind::kSignInNeeded);
      CHECK(count(html, "role=\"alert\"") == (refusal ? 1U : 0U));
      CHECK(count(html, "role=\"status\"") == (refusal ? 0U : 1U));
      CHECK(contains(html, language == Language::kEnglish ? "<title>Error: " : "<title>エラー：") ==
            refusal);
      for (const Tag& tag : tags_of(html)) {
        if (tag.has("autofocus")) CHECK(tag.get("aria-describedby").starts_with("notice "));
      }
    }
  }
}

TEST_CASE("a wrong recovery code opens the recovery form and speaks there", "[pages]") {
  SecondFactorView view = ordinary_second_factor(Language::kEnglish);
  CHECK_FALSE(contains(render(view), "<details class=\"fold\" open>"));
  view.notice = Notice{.kind = Notice::Kind::kWrongRecoveryCode};
  const std::string html = render(view);
  CHECK(html.find("<details class=\"fold\" open>") < html.find("id=\"notice\""));
  for (const Tag& tag : tags_of(html)) {
    if (tag.has("autofocus")) CHECK(tag.get("name") == "recovery_code");
  }
  view.offers_recovery = false;
  CHECK(count(render(view), "id=\"notice\"") == 1);
}

TEST_CASE("a typed password is never in the page, a typed user name is", "[pages]") {
  SignInView view = ordinary_sign_in(Language::kJapanese);
  view.claimed_user = "yamada";
  view.notice = Notice{.kind = Notice::Kind::kWrongPassword};
  for (const Tag& tag : tags_of(render(view))) {
    if (tag.get("name") == "user") CHECK(tag.get("value") == "yamada");
    if (tag.get("name") == "password") CHECK(tag.has("autofocus"));
  }
}

TEST_CASE("a lock is told with its end in Japan's time", "[pages]") {
  SignInView view = ordinary_sign_in(Language::kJapanese);
  view.notice = Notice{.kind = Notice::Kind::kLocked,
                       .until = Instant(std::chrono::milliseconds(1795390260000))};
  CHECK(contains(render(view), "11月23日（月）8:31まで"));
  view.page.language = Language::kEnglish;
  CHECK(contains(render(view), "until 8:31 on Mon 23 Nov"));
  view.notice = Notice{.kind = Notice::Kind::kTooManyTries, .wait = std::chrono::seconds(8)};
  CHECK(contains(render(view), "wait 8 seconds"));
}

TEST_CASE("the page of the signed-in person tells the last sign-in and what failed since",
          "[pages]") {
  HomeView view = ordinary_home(Language::kJapanese);
  std::string html = render(view);
  CHECK(contains(html, "2026年11月22日（日）17:39"));
  CHECK(contains(html, "税務課 端末12"));
  CHECK(contains(html, "失敗したログインはありません"));
  view.failures_since = 3;
  view.last_failure = Occasion{view.last_sign_in->at + std::chrono::hours(1), "窓口3番端末"};
  html = render(view);
  CHECK(contains(html, "ログインの失敗が3回"));
  CHECK(contains(html, "2026年11月22日（日）18:39"));
  CHECK(contains(html, "窓口3番端末"));
  view.last_sign_in.reset();
  html = render(view);
  CHECK(contains(html, "今回がはじめてのログインです"));
  CHECK(contains(html, "これまでに、ログインの失敗が3回"));
}

TEST_CASE("each session can be ended, and the button says which", "[pages]") {
  const HomeView view = ordinary_home(Language::kEnglish);
  std::vector<std::string> ended;
  std::vector<std::string> labels;
  for (const auto& form : forms_in(tags_of(render(view)))) {
    for (const Tag& tag : form) {
      if (tag.get("name") == "session") ended.push_back(tag.get("value"));
      const bool ends = form[0].get("action") == "/sessions/end";
      if (ends && tag.name == "button") labels.push_back(tag.get("aria-label"));
    }
  }
  CHECK(ended == std::vector<std::string>{"s1", "s2"});
  CHECK(labels == std::vector<std::string>{"End the session at 10.20.3.12",
                                           "End the session at Counter 3 (10.20.3.31)"});
}

TEST_CASE("each problem has its own words, and an unknown status those of its class", "[pages]") {
  std::set<std::string> titles;
  const auto title_of = [](unsigned status) {
    for (const Tag& tag : tags_of(render(ProblemView{{}, status, "", {}}))) {
      if (tag.name == "h1") return tag.text;
    }
    return std::string();
  };
  for (const unsigned status :
       {400U, 401U, 403U, 404U, 408U, 413U, 421U, 429U, 500U, 502U, 503U, 504U}) {
    INFO(status);
    CHECK(titles.insert(title_of(status)).second);
  }
  CHECK(title_of(418) == title_of(400));
  CHECK(title_of(599) == title_of(500));
  CHECK(contains(render(ProblemView{{}, 418, "", {}}), ">418<"));
  CHECK(contains(render(ProblemView{{}, 503, "6f1c", std::chrono::seconds(30)}), "6f1c"));
}

TEST_CASE("threads may render the same page at once", "[pages]") {
  const std::string expected = render(ordinary_home(Language::kJapanese));
  std::vector<std::string> wrong(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        std::string html = render(ordinary_home(Language::kJapanese));
        if (html != expected) wrong[i] = html;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& html : wrong) CHECK(html.empty());
}

TEST_CASE("the policy allows the pages what they need and nothing else", "[pages]") {
  CHECK(content_security_policy("", "/") ==
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'");
  CHECK(contains(content_security_policy("", "https://Tax.town.example:8443/x?y;z"),
                 "form-action 'self' https://tax.town.example:8443; "));
  const std::string elsewhere = content_security_policy("https://portal.town.example:8443", "");
  CHECK(contains(elsewhere, "style-src https://portal.town.example:8443; "));
  CHECK(contains(elsewhere, "img-src https://portal.town.example:8443; "));
}

TEST_CASE("a return address cannot add to the policy", "[pages]") {
  const std::string strict = content_security_policy("", "/");
  for (const char* address :
       {"https://a.example;script-src *", "https://a.example *", "https://*",
        "https://user@a.example/", "https://", "//a.example/", "javascript:alert(1)",
        "https://a.example\r\nX: y", "'unsafe-inline'", "https://a.example,b"}) {
    INFO(address);
    CHECK(content_security_policy("", address) == strict);
  }
}

}  // namespace
}  // namespace sekisho::pages
