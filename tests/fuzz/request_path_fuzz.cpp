// What one client sends, from its bytes to the decision and to what the application would get.
//
// The gateway's own reader reads it, whole and a byte at a time, and both must come to the same;
// the steps between are those of Connection, proxy_request and Exchange.

#include "gateway/authz.h"
#include "gateway/cookies.h"
#include "gateway/identity_headers.h"
#include "gateway/original_request.h"
#include "gateway/proxy_heads.h"
#include "gateway/request_context.h"
#include "gateway/request_guard.h"
#include "gateway/return_address.h"
#include "tests/fuzz/decisions.h"
#include "tests/fuzz/fed_stream.h"
#include "tests/fuzz/plain_head.h"
#include "tests/fuzz/town.h"

namespace sekisho::gateway {
namespace {

using testing::BodyEnd;
using testing::FedStream;
using testing::PlainField;
using testing::PlainHead;
using testing::promise;
using testing::town;

constexpr std::size_t kHeaderLimit = 4096;  // within reach of short inputs; the default is 32 KiB

// ---- what a head is

// The two questions about bytes that are no head yet, asked in the simplest way.
void bytes_are_judged_as_promised(std::string_view bytes) {
  const std::string_view text = bytes.substr(0, bytes.find("\r\n\r\n"));
  if (text.size() < bytes.size()) {
    std::string_view head = bytes.substr(0, text.size() + 4);
    bool is_strict = head.find('\0') == head.npos;
    while (!head.empty()) {
      const std::string_view line = head.substr(0, head.find("\r\n"));
      is_strict &= line.find_first_of("\r\n") == line.npos && !line.starts_with(' ') &&
                   !line.starts_with('\t');
      head.remove_prefix(line.size() + 2);
    }
    promise(is_strict_head(bytes.substr(0, text.size() + 4)) == is_strict,
            "a strict head has lines that end in CR LF, and nothing else that could end one");
  }
  bool could_begin = true;
  for (std::size_t size = 1; size <= std::min<std::size_t>(text.size(), 512); ++size) {
    const char last = text[size - 1];
    if (size == 1) could_begin = (last | 0x20) >= 'a' && (last | 0x20) <= 'z';
    if (last == '\n') could_begin &= size > 1 && text[size - 2] == '\r';
    promise(could_begin_head(text.substr(0, size)) == could_begin, "what begins a head is known");
    if (!could_begin) return;
    promise(could_begin_head(text.substr(0, size), size - 1), "and what was seen need not be seen");
  }
}

// ---- what a request is forwarded as

// What of the client's fields goes through as it came, but for cookies and hops.
std::vector<PlainField> passing_fields(const RequestHead& head) {
  const std::vector<std::string> named = testing::named_by_connection(head.fields);
  std::vector<PlainField> passing;
  for (const Field& field : head.fields.all()) {
    const std::string name = lower_case(field.name);
    const bool is_for_us = name == "host" || name == "content-length" || name == "expect" ||
                           name == "cookie" || (name == "max-forwards" && head.method == "OPTIONS");
    if (is_for_us || testing::ends_at_the_next_hop(name) || is_reserved_field(name) ||
        testing::is_among(named, name)) {
      continue;
    }
    passing.push_back({field.name, field.value});
  }
  return passing;
}

bool could_be_taken_for_ours(std::string_view name) {
  for (const char* prefix : {"Remote-", "X-Remote-", "X-Forwarded-", "X-Original-", "Sekisho-"}) {
    if (testing::begins_with(name, prefix)) return true;
  }
  for (const char* known : {"Forwarded", "X-Forwarded", "X-Real-IP"}) {
    if (equals_ignoring_case(name, known)) return true;
  }
  return name.find_first_of("_.!#$%&'*+^`|~") != std::string_view::npos;
}

// Takes our own lines away from `sent`, each of which must be there once, as we write it.
std::vector<PlainField> fields_of_the_client(const PlainHead& sent, const Forwarding& forwarding) {
  std::vector<PlainField> ours = {{"Host", forwarding.host},
                                  {"Remote-User", forwarding.user.name},
                                  {"X-Forwarded-For", forwarding.client},
                                  {"X-Forwarded-Proto", "https"},
                                  {"X-Forwarded-Host", forwarding.host},
                                  {"Sekisho-Identity", forwarding.identity_token}};
  for (const PlainField& field : ours) {
    promise(sent.says(field.name, field.value), "who asks for what is said once, by us");
  }
  for (const char* name : {"Remote-Name", "Remote-Groups", "Forwarded"}) {
    promise(sent.values(name).size() == 1, "who asks is said once");
    ours.push_back({name, sent.values(name).front()});
  }
  const std::string length = std::to_string(forwarding.content_length.value_or(0));
  if (forwarding.is_upgrade) {
    ours.push_back({"Connection", "Upgrade"});
    ours.push_back({"Upgrade", "websocket"});
  } else if (forwarding.is_chunked) {
    ours.push_back({"Transfer-Encoding", "chunked"});
  } else if (forwarding.content_length) {
    ours.push_back({"Content-Length", length});
  }
  std::vector<PlainField> others;
  std::size_t met = 0;
  for (const PlainField& field : sent.fields) {
    if (std::ranges::find(ours, field) != ours.end()) {
      ++met;
      continue;
    }
    promise(!could_be_taken_for_ours(field.name), "nothing looks like what we say");
    promise(!testing::ends_at_the_next_hop(field.name), "nothing of the client's hop goes on");
    promise(!equals_ignoring_case(field.name, "Content-Length") &&
                !equals_ignoring_case(field.name, "Host") &&
                !equals_ignoring_case(field.name, "Expect"),
            "one host and one length, and the body was invited by us");
    others.push_back(field);
  }
  promise(met == ours.size(), "what we say is there once");
  return others;
}

void holds_no_cookie_of_ours(std::string_view value) {
  promise(!value.empty(), "no empty Cookie is sent");
  for (const std::string_view pair : split(value, ';')) {
    promise(!testing::is_a_cookie_of_ours(pair.substr(0, pair.find('='))),
            "our cookies stay with us");
  }
}

void is_forwarded_as_promised(const RequestHead& head, const Forwarding& forwarding,
                              std::string_view text) {
  promise(is_strict_head(text), "what is forwarded is strict");
  const PlainHead sent = testing::read_plainly(text);
  promise(sent.first == std::string(head.method) + " " + std::string(head.target) + " HTTP/1.1",
          "the same method and target");
  std::vector<PlainField> left;
  std::vector<PlainField> hops;
  for (const PlainField& field : fields_of_the_client(sent, forwarding)) {
    if (equals_ignoring_case(field.name, "Cookie")) {
      holds_no_cookie_of_ours(field.value);
    } else if (equals_ignoring_case(field.name, "Max-Forwards") && head.method == "OPTIONS") {
      hops.push_back(field);
    } else {
      left.push_back(field);
    }
  }
  promise(!left.empty() && left.back() == PlainField{"Via", "1.1 sekisho"}, "we are in Via, last");
  left.pop_back();
  promise(left == passing_fields(head), "every other field goes through as it came");
  for (const PlainField& field : hops) {
    promise(forwarding.max_forwards && parse_unsigned(field.value) == *forwarding.max_forwards - 1,
            "a hop was counted");
  }
  promise(text.size() <= head.target.size() + head.method.size() + 2 * kHeaderLimit,
          "what we add is little");
}

struct Sent {
  std::string method;
  std::string target;
  std::string text;  // head and body
  testing::ReadBody body;
};

// The application reads one request, with this body, and nothing after it.
void is_one_request(const Sent& sent) {
  // Our own reader, which stands for the application's, would not take more fields than these.
  const std::string_view head = std::string_view(sent.text).substr(0, sent.text.find("\r\n\r\n"));
  if (std::ranges::count(head, '\n') > static_cast<std::ptrdiff_t>(Fields::kMost)) return;
  FedStream wire(sent.text, FedStream::kWhole);
  {
    RequestReader reader(wire.stream(), 8 * kHeaderLimit);
    promise(testing::read_head(reader, wire) == ReadOutcome::kDone, "what is forwarded is a head");
    promise(reader.objection() == 0, "to which nobody objects");
    promise(reader.head().method == sent.method && reader.head().target == sent.target,
            "for the same");
    promise(has_been_here(reader.head().fields), "that would be known if it came again");
    const testing::ReadBody read = testing::read_body(reader, wire);
    promise(read.text == sent.body.text, "the same body");
    promise((read.end == BodyEnd::kWhole) == (sent.body.end == BodyEnd::kWhole),
            "a body that is not whole is not taken for one");
    if (read.end != BodyEnd::kWhole) return;
  }
  promise(wire.is_at_end(), "and nothing behind it");
}

// ---- one connection

// What became of a client's bytes: a line for each thing that the gateway would do.
class Connected {
 public:
  Connected(std::string_view bytes, std::size_t step, std::string_view peer)
      : wire_(bytes, step), is_whole_(step == FedStream::kWhole), peer_(*IpAddress::parse(peer)) {}

  std::vector<std::string> run() {
    while (!wire_.is_at_end() && serve_one()) {
    }
    return std::move(transcript_);
  }
  // What went to applications; with all of the bytes at once only.
  const std::vector<Sent>& sent() const { return sent_; }

 private:
  // Notes what is answered; false, as all of these do: the connection ends.
  bool refuse(std::string_view why) {
    transcript_.emplace_back(why);
    return false;
  }
  // The body of an answered request is not read: nobody may take it for the next request.
  bool answer(const RequestReader& reader, std::string_view what) {
    transcript_.emplace_back(what);
    return reader.is_keep_alive() && !reader.has_body();
  }

  // What comes before a fault may come in fewer pieces.
  void note_body(const testing::ReadBody& body) {
    transcript_.push_back(body.end == BodyEnd::kBroken ? "broken" : body.text);
    transcript_.emplace_back(body.end == BodyEnd::kWhole ? "whole" : "not whole");
  }

  bool serve_one() {
    RequestReader reader(wire_.stream(), kHeaderLimit);
    const auto outcome = testing::read_head(reader, wire_);
    if (!outcome) return refuse("no whole head");
    // 400 or 431, by how much has come.
    if (*outcome != ReadOutcome::kDone) return refuse("refused");
    const RequestHead& head = reader.head();
    const std::string_view target = head.target;
    if (reader.objection() != 0) return refuse("refused");
    if (is_whole_) target_is_read_as_promised(head, target);
    if (is_whole_) fields_are_read_as_promised(head);
    const std::string_view host_field =
        head.fields.find(http::field::host).value_or(std::string_view());
    const auto host = authn::host_for_rules(host_field);
    if (is_whole_) testing::hosts_hold(host_field);
    if (!host) return refuse("no host");
    if (*host == town().settings.portal_host) {
      if (is_check(head.target) && !reader.has_body()) return answer(reader, checked(head));
      transcript_.emplace_back("portal");
      const testing::ReadBody body = testing::read_body(reader, wire_);
      note_body(body);
      return body.end == BodyEnd::kWhole && reader.is_keep_alive();
    }
    const authn::Application* application = town().rules.application_at(*host);
    if (application == nullptr) return answer(reader, "no such application");
    return proxy(reader, *application);
  }

  static void target_is_read_as_promised(const RequestHead& head, std::string_view as_it_came) {
    promise(head.target.starts_with('/') || head.target == "*", "a target in origin form");
    promise(std::ranges::all_of(head.target, [](char c) { return c > ' ' && c < '\x7f'; }),
            "a target is plain text");
    promise(head.fields.count(http::field::host) == 1, "one Host");
    if (head.target == as_it_came) return;
    const std::string_view origin = as_it_came.substr(0, as_it_came.size() - head.target.size());
    promise(as_it_came.ends_with(head.target) &&
                equals_ignoring_case(
                    origin, "https://" + std::string(*head.fields.find(http::field::host))),
            "one request has one host");
  }

  static void fields_are_read_as_promised(const RequestHead& head) {
    testing::has_one_end(head.fields, head.version);
    for (const std::string_view name : {std::string_view("__Secure-sekisho"), kFormCookie}) {
      std::vector<std::string_view> values;
      for (const Field& field : head.fields.all()) {
        if (!equals_ignoring_case(field.name, "Cookie")) continue;
        for (const std::string_view part : split(field.value, ';')) {
          const std::string_view pair = trimmed(part);
          if (pair.starts_with(std::string(name) + "=")) {
            values.push_back(pair.substr(name.size() + 1));
          }
        }
      }
      const auto found = cookie(head.fields, name);
      promise(found.has_value() == (values.size() == 1), "a cookie counts when it is there once");
      promise(!found || *found == values.front(), "and as it is written");
    }
    for (const auto family : {FieldFamily::kOriginal, FieldFamily::kForwarded}) told(head, family);
  }

  // What a reverse proxy could have us believe.
  static void told(const RequestHead& head, FieldFamily family) {
    const auto original = original_of(family, head.fields);
    Fields of_the_family;
    const std::string_view prefix =
        family == FieldFamily::kOriginal ? "X-Original-" : "X-Forwarded-";
    for (const Field& field : head.fields.all()) {
      if (testing::begins_with(field.name, prefix)) {
        of_the_family.add(field.id, field.name, field.value);
      }
    }
    const auto again = original_of(family, of_the_family);
    promise(original.has_value() == again.has_value(), "the other family is not believed");
    if (!original) return;
    promise(original->method == again->method && original->host == again->host &&
                original->target == again->target,
            "nor heard");
    for (std::size_t i = 0; i < of_the_family.all().size() && of_the_family.all().size() < 100;
         ++i) {
      Fields twice = of_the_family;
      const Field field = of_the_family.all()[i];
      twice.add(field.id, field.name, "https");
      const auto doubted = original_of(family, twice);
      const bool is_believed = is_believed_by(family, field.name);
      promise(doubted.has_value() != is_believed, "a field that comes twice says nothing");
    }
    testing::hosts_hold(original->host);
    const authn::Application* application = town().rules.application_of(original->host);
    if (application == nullptr) return;
    testing::decisions_hold(*application, original->target);
    // Where the path cannot be judged, nobody is sent to sign in.
    if (authn::path_for_rules(original->target)) leads_back(*application, *original);
  }

  static bool is_believed_by(FieldFamily family, std::string_view name) {
    const std::string lower = lower_case(name);
    if (family == FieldFamily::kOriginal) {
      return lower == "x-original-url" || lower == "x-original-method";
    }
    return lower == "x-forwarded-method" || lower == "x-forwarded-proto" ||
           lower == "x-forwarded-host" || lower == "x-forwarded-uri";
  }

  // Where the answer to a check sends a person who must sign in first.
  static void leads_back(const authn::Application& application, const OriginalRequest& original) {
    const std::string url = "https://" + std::string(original.host) + std::string(original.target);
    const std::string location = sign_in_address(town(), url);
    promise(location.starts_with("https://portal.sekisho.test/"), "one signs in at the portal");
    promise(std::ranges::all_of(location, [](char c) { return c > ' ' && c < '\x7f'; }),
            "an address is plain text");
    const std::string safe = safe_return_address(town(), url);
    if (safe == "/") return;
    const auto leads_to = application_address(town(), safe);
    promise(leads_to && leads_to->application == &application, "one returns to what was asked for");
    promise(leads_to->target == original.target.substr(0, original.target.find('#')),
            "and to the same place there");
  }

  std::optional<IpAddress> client_of(const RequestHead& head) {
    const auto client = client_address(town(), Peer{peer_}, head.fields);
    if (!client) return std::nullopt;
    const bool is_proxy = Peer{peer_}.is_proxy(town());
    promise(*client == peer_ || (is_proxy && town().settings.is_inside(*client)),
            "a client is the peer, or what our proxy says and in the segment");
    return *client;
  }

  std::string checked(const RequestHead& head) {
    if (!Peer{peer_}.is_proxy(town())) return "403";
    const bool is_nginx = head.target.substr(0, head.target.find('?')) == kAuthRequestPath;
    const auto original =
        original_of(is_nginx ? FieldFamily::kOriginal : FieldFamily::kForwarded, head.fields);
    if (!original) return "400";
    const auto client = client_of(head);
    if (!client) return "no client";
    const authn::Application* application = town().rules.application_of(original->host);
    if (application == nullptr) return "403";
    const auto [decision, person] = decide(head, *application, original->target, *client);
    return std::string(authn::name_of(decision.outcome));
  }

  static std::pair<authn::AccessDecision, const testing::Person*> decide(
      const RequestHead& head, const authn::Application& application, std::string_view target,
      const IpAddress& client) {
    const auto token = cookie(head.fields, town().session_cookie);
    const auto* person =
        std::ranges::find(testing::people(), token.value_or("nobody"), &testing::Person::token);
    if (person == testing::people().end()) person = nullptr;
    authn::AccessRequest request{target, client, testing::kTimes[0]};
    if (person != nullptr) {
      request.groups = &person->user.groups;
      request.assurance = person->assurance;
      request.proven = person->proven;
    }
    return {town().rules.decide(application, request), person};
  }

  bool proxy(RequestReader& reader, const authn::Application& application) {
    const RequestHead& head = reader.head();
    const auto client = client_of(head);
    if (!client) return refuse("no client");
    if (has_been_here(head.fields)) return answer(reader, "in circles");
    if (is_whole_) testing::decisions_hold(application, head.target);
    const auto [decision, person] = decide(head, application, head.target, *client);
    if (decision.outcome != authn::AccessOutcome::kAllowed) {
      return answer(reader, authn::name_of(decision.outcome));
    }
    promise(person != nullptr && decision.rule != nullptr, "somebody was allowed by a rule");
    if (max_forwards(head) == 0) return answer(reader, "the last hop");
    return forward(reader, application, *person, client->text());
  }

  bool forward(RequestReader& reader, const authn::Application& application,
               const testing::Person& person, const std::string& client) {
    const RequestHead& head = reader.head();
    const auto& entry = town().settings.applications[town().index_of(application)];
    const bool keeps_alive = reader.is_keep_alive();
    const bool has_body = reader.has_body();
    const auto upgrade = head.fields.find(http::field::upgrade);
    const bool is_upgrade = upgrade && reader.is_upgrade() && entry.allows_websocket && !has_body &&
                            equals_ignoring_case(*upgrade, "websocket") &&
                            head.verb == http::verb::get && head.version == 11;
    const Forwarding forwarding{person.user,
                                head.fields.find(http::field::host).value_or(""),
                                client,
                                testing::kIdentityToken,
                                is_upgrade,
                                has_body && reader.is_chunked(),
                                reader.is_chunked() ? std::nullopt : reader.content_length(),
                                max_forwards(head)};
    const std::string sent = forwarded_request(head, forwarding);
    if (is_whole_) is_forwarded_as_promised(head, forwarding, sent);
    transcript_.push_back(sent);
    if (is_upgrade) return refuse("a tunnel");
    const std::string method(head.method);
    const std::string target(head.target);
    const testing::ReadBody body = testing::read_body(reader, wire_);
    note_body(body);
    if (is_whole_) sent_.push_back({method, target, sent + encoded(forwarding, body), body});
    return body.end == BodyEnd::kWhole && keeps_alive;
  }

  static std::string encoded(const Forwarding& forwarding, const testing::ReadBody& body) {
    if (!forwarding.is_chunked) return body.text;
    return body.end == BodyEnd::kWhole ? body.chunked + "0\r\n\r\n" : body.chunked;
  }

  FedStream wire_;
  const bool is_whole_;
  const IpAddress peer_;
  std::vector<std::string> transcript_;
  std::vector<Sent> sent_;
};

void feed(std::string_view bytes) {
  bytes_are_judged_as_promised(bytes);
  for (const char* peer : {"127.0.0.7", "127.0.0.9"}) {
    std::vector<std::string> at_once;
    std::vector<Sent> sent;
    {
      Connected connected(bytes, FedStream::kWhole, peer);
      at_once = connected.run();
      sent = connected.sent();
    }
    promise(Connected(bytes, 1, peer).run() == at_once,
            "bytes come to the same, however they come");
    std::ranges::for_each(sent, is_one_request);
  }
}

}  // namespace
}  // namespace sekisho::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  sekisho::gateway::feed({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
