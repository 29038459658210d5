#include "protocol/terminal_api.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "protocol/flat_json.h"
#include "protocol/key_members.h"

namespace sekisho::terminal_api {
namespace {

using flat_json::Reader;
using flat_json::Writer;

constexpr std::int64_t kMaxSeconds = 366LL * 24 * 60 * 60;
constexpr std::int64_t kMaxCount = 1'000'000'000;
constexpr std::size_t kMaxWord = 64;
constexpr std::size_t kMaxMessage = 1024;
constexpr std::size_t kMaxTime = 32;

constexpr std::array<std::pair<Factor, std::string_view>, 4> kFactors{{
    {Factor::kPassword, "password"},
    {Factor::kTotp, "totp"},
    {Factor::kRecovery, "recovery"},
    {Factor::kSecurityKey, "security_key"},
}};
constexpr std::array<std::pair<Verdict, std::string_view>, 4> kVerdicts{{
    {Verdict::kGranted, "granted"},
    {Verdict::kDenied, "denied"},
    {Verdict::kLocked, "locked"},
    {Verdict::kExpired, "expired"},
}};
constexpr std::array<std::pair<KeyRefusal, std::string_view>, 6> kKeyRefusals{{
    {KeyRefusal::kUnknown, "unknown"},
    {KeyRefusal::kNotVerified, "not_verified"},
    {KeyRefusal::kModel, "model"},
    {KeyRefusal::kSuspected, "suspected"},
    {KeyRefusal::kNeeded, "needed"},
    {KeyRefusal::kOther, "other"},
}};

KeyRefusal key_refusal_named(std::string_view name) {
  for (const auto& [value, known] : kKeyRefusals) {
    if (known == name) return value;
  }
  return KeyRefusal::kOther;
}

Result<std::string> as_string(Result<Secret> body) {
  if (!body) return fail(body.error());
  return std::string(body->reveal_text());
}

// The decoder's end: the value when everything was right, the first problem otherwise.
template <typename T>
Result<T> finished(Reader& reader, Reader::Unknown unknown, T value) {
  const Result<void> ended = reader.finish(unknown);
  if (!ended) return fail(ended.error());
  return value;
}
template <typename T>
Result<T> finished_request(Reader& reader, T value) {
  return finished(reader, Reader::Unknown::kRefused, std::move(value));
}
template <typename T>
Result<T> finished_response(Reader& reader, T value) {
  return finished(reader, Reader::Unknown::kIgnored, std::move(value));
}

// A name that is shown or logged: no control characters.
std::string plain_string(Reader& reader, std::string_view name, std::string value) {
  if (has_control_characters(value)) reader.refuse(name, "holds a control character");
  return value;
}

std::optional<Instant> time_of(Reader& reader, std::string_view name,
                               const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const std::optional<Instant> at = parse_rfc3339(*text);
  if (!at) reader.refuse(name, "is not a time in UTC");
  return at;
}

// The number in `count` digits at `at`; nullopt when there is anything else.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  const std::optional<unsigned long long> value = parse_unsigned(text.substr(at, count));
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

}  // namespace

std::string_view name_of(Factor factor) {
  for (const auto& [value, name] : kFactors) {
    if (value == factor) return name;
  }
  return "";
}

std::optional<Factor> factor_named(std::string_view name) {
  for (const auto& [value, known] : kFactors) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::string_view name_of(Verdict verdict) {
  for (const auto& [value, name] : kVerdicts) {
    if (value == verdict) return name;
  }
  return "";
}

std::string_view name_of(KeyRefusal refusal) {
  for (const auto& [value, name] : kKeyRefusals) {
    if (value == refusal) return name;
  }
  return "";
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text.back() != 'Z' || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  std::optional<int> millisecond = 0;
  if (text.size() == 24 && text[19] == '.') {
    millisecond = digits(text, 20, 3);
  } else if (text.size() != 20) {
    return std::nullopt;
  }
  if (!year || !month || !day || !hour || !minute || !second || !millisecond || *hour > 23 ||
      *minute > 59 || *second > 59) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return Instant(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         std::chrono::milliseconds(*millisecond);
}

Result<Secret> encode(const JoinRequest& request) {
  return Writer().add("token", request.token.reveal_text()).add("csr", request.csr).finish();
}

Result<JoinRequest> decode_join_request(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  JoinRequest request;
  request.token = reader->secret("token", kMaxToken);
  request.csr = reader->string("csr", kMaxPem);
  return finished_request(*reader, std::move(request));
}

Result<std::string> encode(const JoinResponse& response) {
  return as_string(Writer()
                       .add("terminal", response.terminal)
                       .add("certificate", response.certificate)
                       .add("ca", response.ca)
                       .finish());
}

Result<JoinResponse> decode_join_response(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  JoinResponse response;
  response.terminal =
      plain_string(*reader, "terminal", reader->string("terminal", kMaxTerminalName));
  response.certificate = reader->string("certificate", kMaxPem);
  response.ca = reader->string("ca", kMaxPem);
  return finished_response(*reader, std::move(response));
}

Result<std::string> encode(const RenewRequest& request) {
  return as_string(Writer().add("csr", request.csr).finish());
}

Result<RenewRequest> decode_renew_request(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  RenewRequest request{reader->string("csr", kMaxPem)};
  return finished_request(*reader, std::move(request));
}

Result<std::string> encode(const RenewResponse& response) {
  return as_string(Writer().add("certificate", response.certificate).finish());
}

Result<RenewResponse> decode_renew_response(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  RenewResponse response{reader->string("certificate", kMaxPem)};
  return finished_response(*reader, std::move(response));
}

Result<std::string> encode(const StatusResponse& response) {
  return as_string(
      Writer().add("terminal", response.terminal).add("time", rfc3339(response.time)).finish());
}

Result<StatusResponse> decode_status_response(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  StatusResponse response;
  response.terminal =
      plain_string(*reader, "terminal", reader->string("terminal", kMaxTerminalName));
  response.time = time_of(*reader, "time", reader->string("time", kMaxTime)).value_or(Instant{});
  return finished_response(*reader, std::move(response));
}

Result<std::string> encode(const BeginRequest& request) {
  return as_string(Writer()
                       .add("user", request.user)
                       .add("service", request.service)
                       .add("tty", request.tty)
                       .add("rhost", request.rhost)
                       .add("seated", std::int64_t{request.is_seated})
                       .finish());
}

Result<BeginRequest> decode_begin_request(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  BeginRequest request;
  request.user = plain_string(*reader, "user", reader->string("user", kMaxUser));
  request.service =
      plain_string(*reader, "service", reader->string_or_empty("service", kMaxService));
  request.tty = plain_string(*reader, "tty", reader->string_or_empty("tty", kMaxTty));
  request.rhost = plain_string(*reader, "rhost", reader->string_or_empty("rhost", kMaxRhost));
  request.is_seated = reader->optional_number("seated", 1) == 1;
  return finished_request(*reader, std::move(request));
}

Result<std::string> encode(const BeginResponse& response) {
  flat_json::Strings factors;
  for (const Factor factor : response.factors) factors.emplace_back(name_of(factor));
  Writer writer;
  writer.add("transaction", response.transaction)
      .add("factors", factors)
      .add("expires_in", response.expires_in.count());
  if (response.key) add_key_challenge(writer, *response.key);
  return as_string(writer.finish());
}

Result<BeginResponse> decode_begin_response(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  BeginResponse response;
  response.transaction = reader->string("transaction", kMaxTransaction);
  for (const std::string& name : reader->strings("factors")) {
    if (const std::optional<Factor> factor = factor_named(name)) {
      response.factors.push_back(*factor);
    }
  }
  response.expires_in = std::chrono::seconds(reader->number("expires_in", kMaxSeconds));
  if (std::ranges::find(response.factors, Factor::kSecurityKey) != response.factors.end()) {
    response.key = read_key_challenge(*reader);
  }
  return finished_response(*reader, std::move(response));
}

Result<Secret> encode(const FinishRequest& request) {
  Writer writer;
  writer.add("transaction", request.transaction);
  if (request.password) writer.add("password", request.password->reveal_text());
  writer.add("factor", name_of(request.factor));
  if (request.key) {
    add_key_answer(writer, *request.key);
  } else {
    writer.add("code", request.code.reveal_text());
  }
  return writer.finish();
}

Result<FinishRequest> decode_finish_request(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  FinishRequest request;
  request.transaction = reader->string("transaction", kMaxTransaction);
  request.password = reader->optional_secret("password", kMaxPassword);
  const std::optional<Factor> factor = factor_named(reader->string("factor", kMaxWord));
  if (!factor || *factor == Factor::kPassword) {
    reader->refuse("factor", "is not \"totp\", \"recovery\" or \"security_key\"");
  }
  request.factor = factor.value_or(Factor::kTotp);
  if (request.factor == Factor::kSecurityKey) {
    request.key = read_key_answer(*reader);
  } else {
    request.code = reader->secret("code", kMaxCode);
  }
  return finished_request(*reader, std::move(request));
}

Result<std::string> encode(const FinishResponse& response) {
  Writer writer;
  writer.add("verdict", name_of(response.verdict));
  if (response.retry_after) writer.add("retry_after", response.retry_after->count());
  if (response.last_login) writer.add("last_login", rfc3339(*response.last_login));
  if (response.last_login_from) writer.add("last_login_from", *response.last_login_from);
  if (response.failures_since) writer.add("failures_since", *response.failures_since);
  if (response.key_refusal) writer.add("key_refusal", name_of(*response.key_refusal));
  return as_string(writer.finish());
}

Result<FinishResponse> decode_finish_response(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  FinishResponse response;
  const std::string verdict = reader->string("verdict", kMaxWord);
  bool is_known = false;
  for (const auto& [value, name] : kVerdicts) {
    if (name == verdict) response.verdict = value, is_known = true;
  }
  if (!is_known) reader->refuse("verdict", "is not one this version knows");
  if (const auto seconds = reader->optional_number("retry_after", kMaxSeconds)) {
    response.retry_after = std::chrono::seconds(*seconds);
  }
  response.last_login =
      time_of(*reader, "last_login", reader->optional_string("last_login", kMaxTime));
  response.last_login_from = reader->optional_string("last_login_from", kMaxRhost);
  response.failures_since = reader->optional_number("failures_since", kMaxCount);
  if (const auto refusal = reader->optional_string("key_refusal", kMaxWord)) {
    response.key_refusal = key_refusal_named(*refusal);
  }
  return finished_response(*reader, std::move(response));
}

Result<std::string> encode(const ErrorResponse& response) {
  return as_string(Writer().add("error", response.error).add("message", response.message).finish());
}

Result<ErrorResponse> decode_error_response(std::string_view body) {
  Result<Reader> reader = Reader::parse(body, kMaxBody);
  if (!reader) return fail(reader.error());
  ErrorResponse response;
  response.error = plain_string(*reader, "error", reader->string("error", kMaxWord));
  response.message = reader->string_or_empty("message", kMaxMessage);
  return finished_response(*reader, std::move(response));
}

}  // namespace sekisho::terminal_api
