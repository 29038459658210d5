// The pages where a security key is asked, registered, renamed and removed.

#include <algorithm>
#include <set>

#include "gateway/pages/assets.h"
#include "gateway/pages/pages.h"
#include "tests/gateway_pages/html_tags.h"
#include "tests/gateway_pages/samples.h"
#include "tests/support/catch.h"

namespace sekisho::pages {
namespace {

using Kind = Notice::Kind;
using Names = std::set<std::string>;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::vector<Tag> tags_of(const std::string& html) {
  const auto tags = read_tags(html);
  REQUIRE(tags);
  return *tags;
}

// The form that goes to `action`; empty when the page has none.
std::vector<Tag> form_to(const std::string& html, const std::string& action) {
  for (const auto& form : forms_in(tags_of(html))) {
    if (form[0].get("action") == action) return form;
  }
  return {};
}

Names names_of(const std::vector<Tag>& form) {
  Names names;
  for (const Tag& tag : form) {
    if (tag.name == "input") CHECK(names.insert(tag.get("name")).second);
  }
  return names;
}

Tag button_of(const std::vector<Tag>& form) {
  for (const Tag& tag : form) {
    if (tag.name == "button") return tag;
  }
  return {};
}

SecondFactorView with_key(Language language) {
  SecondFactorView view = ordinary_second_factor(language);
  view.key = assertion();
  return view;
}

TEST_CASE("a ceremony's form carries every field that the script fills, and nothing else",
          "[pages]") {
  const Names asserting = {"csrf_token",         "return_to", "ticket",      "credential_id",
                           "authenticator_data", "signature", "client_data", "user_handle"};
  const Names registering = {"csrf_token",         "return_to",  "ticket", "client_data",
                             "attestation_object", "transports", "label"};
  for (const Sample& sample : every_sample()) {
    INFO(sample.name);
    for (const auto& form : forms_in(tags_of(sample.html))) {
      if (!form[0].has("data-ceremony")) continue;
      const bool registers = form[0].get("data-ceremony") == "create";
      CHECK((registers || form[0].get("data-ceremony") == "get"));
      CHECK(registers == (form[0].get("action") == "/keys/add"));
      CHECK(names_of(form) == (registers ? registering : asserting));
      CHECK(form[0].get("autocomplete") == "off");  // an old ticket is never brought back
      for (const Tag& tag : form) {
        if (tag.get("name") == "ticket") CHECK(tag.get("value") == "t4Yw0Qm8");
      }
    }
  }
}

TEST_CASE("without the script a key's button cannot be pressed, and the page says what to do",
          "[pages]") {
  for (const Sample& sample : every_sample()) {
    if (!sample.has_ceremony) continue;
    INFO(sample.name);
    std::size_t ceremonies = 0;
    for (const auto& form : forms_in(tags_of(sample.html))) {
      if (!form[0].has("data-ceremony")) continue;
      ++ceremonies;
      CHECK(button_of(form).has("disabled"));
      CHECK(std::any_of(form.begin(), form.end(),
                        [](const Tag& tag) { return tag.name == "noscript"; }));
    }
    CHECK(ceremonies == 1);
    CHECK(contains(sample.html, "JavaScript"));
  }
}

TEST_CASE("every sentence of the script stands in the page, in the page's language", "[pages]") {
  for (const Sample& sample : every_sample()) {
    if (!sample.has_ceremony) continue;
    INFO(sample.name);
    const bool japanese = sample.name.ends_with("-ja");
    for (const Tag& tag : tags_of(sample.html)) {
      if (!tag.has("data-waiting")) continue;
      CHECK(tag.get("aria-live") == "polite");
      for (const char* sentence : {"waiting", "sending", "cancelled", "taken", "unusable",
                                   "address", "failed", "unsupported"}) {
        const std::string text = tag.get(std::string("data-") + sentence);
        INFO(sentence << " " << text);
        CHECK_FALSE(text.empty());
        CHECK(contains(text, "\xe3") == japanese);
      }
    }
  }
}

TEST_CASE("the script runs no text as code, writes no markup, asks no server and holds no words",
          "[pages]") {
  const auto script = std::find_if(assets().begin(), assets().end(), [](const Asset& asset) {
    return asset.name == "security_key.js";
  });
  REQUIRE(script != assets().end());
  CHECK(contains(script->bytes, "\"use strict\";"));
  for (const char* word :
       {"eval", "Function(", "setTimeout", "innerHTML", "outerHTML", "insertAdjacent",
        "document.write", "fetch(", "XMLHttpRequest", "sendBeacon", "import", "localStorage",
        "cookie", "http:", "https:", "console.", "\xe3"}) {
    INFO(word);
    CHECK_FALSE(contains(script->bytes, word));
  }
}

TEST_CASE("the policy lets our script run only on a page that says so", "[pages]") {
  CHECK(content_security_policy("", "/", Scripts::kOwn) ==
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'");
  CHECK_FALSE(contains(content_security_policy("", "/", Scripts::kNone), "script-src"));
  CHECK_FALSE(contains(content_security_policy("", "/"), "script-src"));
  CHECK(contains(content_security_policy("https://portal.town.example", "", Scripts::kOwn),
                 "script-src https://portal.town.example; "));
  CHECK(contains(content_security_policy("", "https://tax.town.example/", Scripts::kOwn),
                 "form-action 'self' https://tax.town.example; "));
}

TEST_CASE("a key is the first way on the second step, and the code is the next field", "[pages]") {
  const std::string html = render(with_key(Language::kJapanese));
  CHECK(html.find("/second-factor/key") < html.find("action=\"/second-factor\""));
  const auto key = form_to(html, "/second-factor/key");
  REQUIRE_FALSE(key.empty());
  CHECK(key[0].has("data-focus"));
  CHECK(button_of(key).get("class") == "primary");
  CHECK(button_of(form_to(html, "/second-factor")).get("class") == "secondary");
  CHECK(button_of(form_to(render(ordinary_second_factor(Language::kJapanese)), "/second-factor"))
            .get("class") == "primary");
  // Nothing that takes the focus stands between the two.
  const std::string between = html.substr(
      html.find("</button>", html.find("/second-factor/key")),
      html.find("id=\"code\"") - html.find("</button>", html.find("/second-factor/key")));
  for (const char* focusable : {"<a ", "<button", "<summary"}) {
    CHECK_FALSE(contains(between, focusable));
  }
}

TEST_CASE("the focus stays with the code after a refused code, and with the key otherwise",
          "[pages]") {
  SecondFactorView view = with_key(Language::kEnglish);
  for (const Kind kind : {Kind::kWrongCode, Kind::kCodeUsed, Kind::kWrongRecoveryCode}) {
    view.notice = Notice{.kind = kind};
    CHECK_FALSE(contains(render(view), "data-focus"));
  }
  for (const Kind kind : {Kind::kKeyRefused, Kind::kFreshFactorNeeded, Kind::kKeyNeeded}) {
    view.notice = Notice{.kind = kind};
    const auto form = form_to(render(view), "/second-factor/key");
    REQUIRE_FALSE(form.empty());
    CHECK(form[0].has("data-focus"));
    CHECK(button_of(form).get("aria-describedby").starts_with("notice "));
  }
}

TEST_CASE("where only a key counts, no code is asked for", "[pages]") {
  SecondFactorView view = with_key(Language::kEnglish);
  view.offers_code = false;
  std::string html = render(view);
  CHECK(form_to(html, "/second-factor").empty());
  CHECK(form_to(html, "/recovery").empty());
  CHECK(contains(html, "No key at hand? Please ask the information systems office."));
  view.key = std::nullopt;
  html = render(view);
  CHECK(contains(html, "No security key is registered for you."));
  CHECK_FALSE(contains(html, "<script"));
}

TEST_CASE("an enrolment code is asked for in a folded form that opens when it is the only way",
          "[pages]") {
  SecondFactorView view = with_key(Language::kEnglish);
  CHECK(form_to(render(view), "/enrol").empty());
  view.offers_enrolment = true;
  CHECK(names_of(form_to(render(view), "/enrol")) ==
        Names{"csrf_token", "return_to", "enrolment_code"});
  CHECK_FALSE(contains(render(view), "<details class=\"fold\" open>"));
  view.notice = Notice{.kind = Kind::kWrongEnrolmentCode};
  std::string html = render(view);
  CHECK(html.find("<details class=\"fold\" open>") < html.find("id=\"notice\""));
  CHECK_FALSE(contains(html, "data-focus"));
  for (const Tag& tag : tags_of(html)) {
    if (tag.has("autofocus")) CHECK(tag.get("name") == "enrolment_code");
  }
  view.notice = std::nullopt;
  view.key = std::nullopt;
  view.offers_code = false;
  html = render(view);
  CHECK(contains(html, "<details class=\"fold\" open>"));
  CHECK_FALSE(contains(html, "<script"));
}

TEST_CASE("a key refused at sign-in is told beside its button, a wrong password above", "[pages]") {
  SignInView view = ordinary_sign_in(Language::kEnglish);
  view.key = assertion();
  view.notice = Notice{.kind = Kind::kKeyUnknown};
  std::string html = render(view);
  CHECK(html.find("id=\"notice\"") > html.find("/signin/key"));
  CHECK(form_to(html, "/signin/key")[0].has("data-focus"));
  view.notice = Notice{.kind = Kind::kWrongPassword};
  html = render(view);
  CHECK(html.find("id=\"notice\"") < html.find("action=\"/signin\""));
  CHECK_FALSE(contains(html, "data-focus"));
  view.notice =
      Notice{.kind = Kind::kKeyUnknown};  // and where no key may be tried again, above too
  view.key = std::nullopt;
  html = render(view);
  CHECK(html.find("id=\"notice\"") < html.find("action=\"/signin\""));
}

TEST_CASE("a new key gets a suggested name, a refused one keeps what was typed", "[pages]") {
  const auto label_in = [](const AddKeyView& view) {
    for (const Tag& tag : tags_of(render(view))) {
      if (tag.get("name") == "label") return tag.get("value");
    }
    return std::string();
  };
  AddKeyView view = ordinary_add_key(Language::kJapanese);
  CHECK(label_in(view) == "セキュリティキー 2");
  view.page.language = Language::kEnglish;
  view.keys_so_far = 0;
  CHECK(label_in(view) == "Security key 1");
  view.claimed_label = "On my badge";
  CHECK(label_in(view) == "On my badge");
}

TEST_CASE("no name that fits the field is longer than 64 bytes", "[pages]") {
  // maxlength counts UTF-16 units, of which none is more than three bytes of UTF-8.
  for (const std::string& html : {render(ordinary_add_key(Language::kJapanese)),
                                  render(ordinary_home(Language::kJapanese))}) {
    for (const Tag& tag : tags_of(html)) {
      if (tag.get("name") == "label") CHECK(3 * std::stoi(tag.get("maxlength")) <= 64);
    }
  }
}

TEST_CASE("each key can be renamed and removed, and the buttons say which", "[pages]") {
  const std::string html = render(ordinary_home(Language::kEnglish));
  std::vector<std::string> renamed;
  std::vector<std::string> removed;
  for (const auto& form : forms_in(tags_of(html))) {
    const std::string action = form[0].get("action");
    for (const Tag& tag : form) {
      if (tag.get("name") != "key") continue;
      if (action == "/keys/rename") renamed.push_back(tag.get("value"));
      if (action == "/keys/remove") removed.push_back(tag.get("value"));
    }
  }
  CHECK(renamed == std::vector<std::string>{"k1", "k2"});
  CHECK(removed == renamed);
  CHECK(contains(html, "aria-label=\"Remove Spare in the desk\""));
  CHECK(contains(html, "aria-label=\"Rename On my badge\""));
  CHECK(contains(html, "Tax office, terminal 12"));
}

TEST_CASE("someone with one key is advised to add another, someone with none how to get one",
          "[pages]") {
  HomeView view = ordinary_home(Language::kEnglish);
  const std::string advice = "Two keys are the usual number";
  const std::string none = "No security key is registered.";
  CHECK_FALSE(contains(render(view), advice));
  CHECK(contains(render(view), "href=\"/keys/add\""));
  view.security_keys.resize(1);
  CHECK(contains(render(view), advice));
  view.security_keys.clear();
  CHECK(contains(render(view), none));
  CHECK(contains(render(view), "href=\"/keys/add\""));
  view.may_add_keys = false;
  CHECK_FALSE(contains(render(view), none));
  CHECK_FALSE(contains(render(view), "/keys/add"));
}

TEST_CASE("someone who has only keys is not told to get a token or recovery codes", "[pages]") {
  HomeView view = ordinary_home(Language::kEnglish);
  view.totp_credentials.clear();
  view.recovery_codes_left = 0;
  CHECK_FALSE(contains(render(view), "No token is registered"));
  CHECK_FALSE(contains(render(view), "You have none left"));
  view.security_keys.clear();
  CHECK(contains(render(view), "No token is registered"));
  CHECK(contains(render(view), "You have none left"));
}

}  // namespace
}  // namespace sekisho::pages
