#include "gateway/connection.h"

#include "base/log.h"
#include "base/text.h"
#include "gateway/authz.h"
#include "gateway/metrics_page.h"
#include "gateway/request_guard.h"
#include "gateway/routes.h"
#include "gateway/terminal_handlers.h"

namespace sekisho::gateway {
namespace {

using Kind = settings::Listener::Kind;

constexpr std::size_t kMostKept = 4096;
constexpr std::size_t kRequestCost = Wire::kTurn / 8;  // so many are answered in one turn

// What may be asked of an application: everything but TRACE and CONNECT.
constexpr std::string_view kPassedOn = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

// Plain text is enough for what is no request of a browser's.
Response refusal_of(Kind kind, unsigned status) {
  if (kind == Kind::kTerminal) return terminal_error(status, "malformed", reason_phrase(status));
  Response response = text_response(status, reason_phrase(status));
  if (status == 405) response.add("Allow", kPassedOn);
  return response;
}

unsigned status_of(ReadOutcome outcome) {
  if (outcome == ReadOutcome::kTooLarge) return 431;
  return outcome == ReadOutcome::kLineTooLong ? 414 : 400;
}

bool has_sound_host(const RequestHead& head) {
  return authn::host_for_rules(head.fields.find(http::field::host).value_or(std::string_view()))
      .has_value();
}

// Cheaper than to take the Host field apart: what differs in form goes the long way.
bool is_for(const RequestHead& head, std::string_view host) {
  const std::string_view field = head.fields.find(http::field::host).value_or(std::string_view());
  return equals_ignoring_case(field.substr(0, host.size()), host) &&
         (field.size() == host.size() || field[host.size()] == ':');
}

}  // namespace

Connection::Connection(EventLoop& loop, Socket socket, TlsContext tls, Kind kind, const Peer& peer,
                       SourceLimits::Place place)
    : loop_(loop),
      tls_(std::move(tls)),
      stream_(std::move(socket), tls_.get(), loop.sweep()),
      kind_(kind),
      peer_(peer),
      place_(std::move(place)) {
  loop_.counters().connections_open.add();
}

Task<> Connection::serve(std::unique_ptr<Connection> connection) {
  // The one catch site of a connection: whatever a handler met, the client gets no answer, and
  // the other connections go on.
  try {
    if (co_await connection->shake_hands()) co_await connection->serve_requests();
  } catch (const std::exception& failure) {
    log::write(log::Level::kError, "connection_failed",
               JsonObject().add("error", std::string_view(failure.what())));
  }
  connection->loop_.counters().connections_open.subtract();
}

Task<bool> Connection::shake_hands() {
  stream_.expire_after(loop_.site()->settings.limits.handshake_timeout);
  const error_code failed = co_await stream_.handshake(Stream::Side::kServer);
  if (failed) {
    loop_.counters().handshakes_failed.add();
    log::write(log::Level::kDebug, "handshake_failed",
               JsonObject().add("peer", peer_.address.text()).add("error", failed.message()));
    co_return false;
  }
  // Without it a session could be spliced onto another (RFC 7627).  TLS 1.3 has it by design.
  if (stream_.tls() != nullptr && SSL_version(stream_.tls()) == TLS1_2_VERSION &&
      SSL_get_extms_support(stream_.tls()) != 1) {
    loop_.counters().handshakes_failed.add();
    co_return false;
  }
  if (kind_ == Kind::kTerminal) {
    X509* const certificate = SSL_get0_peer_certificate(stream_.tls());
    if (certificate != nullptr) {
      const auto identity = certs::parse_identity(certificate);
      if (identity) terminal_ = *identity;
    }
  }
  if (stream_.tls() != nullptr) loop_.counters().handshakes.add();
  co_return true;
}

// While a connection is idle this frame and TLS' own state are all there is of it: what a request
// needs comes with its first byte.
//
// Whoever was let in gets one answer, even when the gateway begins to stop meanwhile.
Task<> Connection::serve_requests() {
  using Waits = WatchedStream::Waits;
  last_use_ = std::chrono::steady_clock::now();
  for (bool is_first = true; is_first || !loop_.is_stopping(); is_first = false) {
    stream_.spend(kRequestCost);
    const bool is_idle = stream_.input().empty() && !stream_.has_pending();
    if (!is_idle && stream_.is_turn_over()) (void)co_await stream_.ready();
    if (is_idle) {
      // A page's worth is not kept for an idle connection.
      if (out_.capacity() > kMostKept) std::string().swap(out_);
      const auto idle = loop_.site()->settings.limits.idle_timeout;
      stream_.expire_at(last_use_ + (loop_.is_stopping() ? std::min<std::chrono::milliseconds>(
                                                               idle, EventLoop::kFirstRequest)
                                                         : idle));
      stream_.set_waiting(is_first ? Waits::kForFirstRequest : Waits::kForNextRequest);
      const auto [interrupted] = co_await stream_.ready();
      stream_.set_waiting(Waits::kForNothing);
      if (interrupted) break;
    }
    const settings::Limits& limits = loop_.site()->settings.limits;
    reader_.emplace(stream_, limits.header_bytes, limits.request_line_bytes);
    AtOnce outcome = serve_at_once();
    if (outcome == AtOnce::kAsked) {
      (void)co_await proxied_->application().ready();
      if (const auto goes_on = proxied_->finish_at_once()) {
        outcome = *goes_on ? AtOnce::kAnswered : AtOnce::kEnds;
      }
    }
    if (outcome != AtOnce::kAnswered && outcome != AtOnce::kEnds) {
      outcome = co_await serve_one(outcome) ? AtOnce::kAnswered : AtOnce::kEnds;
      last_use_ = std::chrono::steady_clock::now();
    }
    if (proxied_) {
      last_use_ = std::chrono::steady_clock::now();
      loop_.counters().proxy_time.add(last_use_ - begun_);
      proxied_.reset();
    }
    end_record();
    reader_.reset();
    if (outcome == AtOnce::kEnds) break;
  }
  stream_.expire_after(std::chrono::seconds(2));
  co_await stream_.close_politely();
}

Connection::AtOnce Connection::serve_at_once() {
  const auto outcome = reader_->try_head();
  if (!outcome) return AtOnce::kNotWhole;
  begun_ = std::chrono::steady_clock::now();
  objection_ = *outcome == ReadOutcome::kDone ? reader_->objection() : status_of(*outcome);
  if (loop_.keeps_access_log() && kind_ != Kind::kMetrics) begin_record();
  if (objection_ == 0 && kind_ != Kind::kWeb && !has_sound_host(reader_->head())) objection_ = 400;
  if (objection_ != 0) return AtOnce::kNothing;
  const AtOnce done = check_at_once();
  return done == AtOnce::kNothing ? ask_at_once() : done;
}

Connection::AtOnce Connection::check_at_once() {
  const Site& site = *loop_.site();
  const RequestHead& head = reader_->head();
  const bool may_ask =
      kind_ == Kind::kCheck || (kind_ == Kind::kWeb && is_for(head, site.settings.portal_host));
  if (!may_ask || !is_check(head.target) || reader_->has_body()) return AtOnce::kNothing;
  out_.clear();
  const bool goes_on = keeps_alive(*reader_);
  answer_check(loop_, head, peer_, goes_on, record_.get(), out_);
  stream_.expire_at(begun_ + site.settings.limits.body_timeout);
  unsent_ = out_;
  const auto sent = stream_.write_at_once(unsent_);
  last_use_ = std::chrono::steady_clock::now();
  loop_.counters().check_time.add(last_use_ - begun_);
  if (!sent) return AtOnce::kUnsent;
  return !*sent && goes_on ? AtOnce::kAnswered : AtOnce::kEnds;
}

// Of a request for an application, the only ones that get this far are right in everything but what
// the gate has to say.
Connection::AtOnce Connection::ask_at_once() {
  if (kind_ != Kind::kWeb) return AtOnce::kNothing;
  const RequestHead& head = reader_->head();
  const auto field = head.fields.find(http::field::host).value_or(std::string_view());
  const auto host = authn::host_for_rules(field);
  if (!host) objection_ = 400;
  if (!host || !is_named_by_tls(*host)) return AtOnce::kNothing;
  const std::shared_ptr<const Site>& site = loop_.site();
  const authn::Application* const application = site->served_at(*host);
  if (application == nullptr) return AtOnce::kNothing;
  const auto client = client_address(*site, peer_, head.fields);
  if (!client) {
    objection_ = client.error();
    return AtOnce::kNothing;
  }
  proxied_ = std::make_unique<ProxyRun>(
      ProxiedRequest(loop_, site, *application, stream_, *reader_, *client, field, record_.get()));
  return proxied_->begin_at_once() ? AtOnce::kAsked : AtOnce::kNothing;
}

// RFC 9110 section 7.4: not for another name than the one TLS was opened for.
bool Connection::is_named_by_tls(std::string_view host) {
  const char* const opened_for = SSL_get_servername(stream_.tls(), TLSEXT_NAMETYPE_host_name);
  return opened_for == nullptr || equals_ignoring_case(opened_for, host);
}

void Connection::begin_record() {
  record_ = std::make_unique<AccessRecord>();
  record_->at = loop_.shared().clock.now();
  record_->client = peer_.address.text();
  record_->door = settings::name_of(kind_);
  if (objection_ != 0) return;  // nothing in it can be relied on
  record_->set_method(reader_->head().method);
  record_->set_path(reader_->head().target);
}

void Connection::end_record() {
  if (!record_) return;
  // Who left between two requests has asked nothing.
  if (record_->status != 0 || !record_->method.empty()) {
    loop_.access_lines().add(*record_, std::chrono::duration_cast<std::chrono::microseconds>(
                                           std::chrono::steady_clock::now() - begun_));
  }
  record_.reset();
}

void Connection::note_answer(unsigned status, std::size_t body_bytes) {
  loop_.counters().responses[status / 100].add();
  if (!record_) return;
  record_->status = status;
  record_->bytes = body_bytes;
}

Task<bool> Connection::serve_one(AtOnce so_far) {
  RequestReader& reader = *reader_;
  if (so_far == AtOnce::kNotWhole) {
    (void)co_await reader.read_head(loop_.site()->settings.limits.header_timeout);
    so_far = serve_at_once();  // which looks at what came of it
  }
  if (so_far == AtOnce::kUnsent) {
    const bool goes_on = keeps_alive(reader);
    const error_code failed = co_await stream_.write(unsent_);
    co_return !failed && goes_on;
  }
  if (proxied_) co_return co_await proxied_->finish();
  if (so_far != AtOnce::kNothing) co_return so_far == AtOnce::kAnswered;
  const auto outcome = reader.try_head();
  if (outcome == ReadOutcome::kClosed) co_return false;
  if (objection_ != 0) {
    co_await send_last(objection_);
    co_return false;
  }
  co_return co_await answer(reader);
}

Task<> Connection::send_last(unsigned status) {
  if (!stream_.is_open()) co_return;  // its deadline has passed, say
  out_.clear();
  append_response(out_, refusal_of(kind_, status), loop_.date(), false, false);
  note_answer(status, 0);
  stream_.expire_after(loop_.site()->settings.limits.body_timeout);
  (void)co_await stream_.write(out_);
}

Task<bool> Connection::send(const RequestReader& reader, const Response& response,
                            bool is_body_read) {
  const bool goes_on = keeps_alive(reader) && is_body_read && !response.closes;
  out_.clear();
  append_response(out_, response, loop_.date(), goes_on, reader.head().verb == http::verb::head);
  const bool is_head = reader.head().verb == http::verb::head;
  note_answer(response.status, is_head ? 0 : response.body.size());
  stream_.expire_after(loop_.site()->settings.limits.body_timeout);
  const error_code failed = co_await stream_.write(out_);
  co_return !failed && goes_on;
}

Task<bool> Connection::answer(RequestReader& reader) {
  if (kind_ == Kind::kMetrics) {
    const Response response = metrics_response(loop_, reader.head());
    co_return co_await send(reader, response, !reader.has_body());
  }
  if (kind_ == Kind::kCheck) {
    const Response response = text_response(404, "only checks are answered here");
    co_return co_await send(reader, response, !reader.has_body());
  }
  if (kind_ == Kind::kTerminal) co_return co_await answer_route(reader);
  co_return co_await answer_web(reader);
}

// What is not for an application that we serve: the portal's, or nobody's.
Task<bool> Connection::answer_web(RequestReader& reader) {
  const auto host = authn::host_for_rules(
      reader.head().fields.find(http::field::host).value_or(std::string_view()));
  if (host && is_named_by_tls(*host) && *host == loop_.site()->settings.portal_host) {
    const bool goes_on = co_await answer_route(reader);
    loop_.counters().portal_time.add(std::chrono::steady_clock::now() - begun_);
    co_return goes_on;
  }
  const Response response = text_response(421, reason_phrase(421));
  co_return co_await send(reader, response, !reader.has_body());
}

Task<bool> Connection::answer_route(RequestReader& reader) {
  // Nothing stands between a terminal and us: nobody else has its key.
  const auto client = kind_ == Kind::kTerminal
                          ? std::expected<IpAddress, unsigned>(peer_.address)
                          : client_address(*loop_.site(), peer_, reader.head().fields);
  if (!client) {
    co_await send_last(client.error());
    co_return false;
  }
  if (record_) record_->client = client->text();
  RequestContext context = context_of(loop_, reader.head(), *client, terminal_);
  const Found found = find_route(kind_, context.verb, context.path);
  if (found.route == nullptr) {
    const unsigned status = found.is_other_method ? 405 : 404;
    Response response = kind_ == Kind::kTerminal
                            ? terminal_error(status, "not_found", reason_phrase(status))
                            : problem_page(context, status);
    if (status == 405) response.add("Allow", allowed_methods(kind_, context.path));
    co_return co_await send(reader, response, !reader.has_body());
  }
  const settings::Limits& limits = context.site->settings.limits;
  WholeBody body = co_await read_whole(reader, stream_, limits.form_bytes, limits.body_timeout);
  if (body.is_too_large) {
    co_await send_last(413);
    co_return false;
  }
  if (!body.text) co_return false;
  context.body = std::move(*body.text);
  // Handlers bound their own work: the lanes are bounded, and so is Argon2id.
  stream_.expire_at(SteadyTime::max());
  const Response response = co_await run_route(*found.route, context);
  co_return co_await send(reader, response, true);
}

}  // namespace sekisho::gateway
