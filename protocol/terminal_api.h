// What the agent and the gateway say to each other: the Terminal API, JSON bodies over HTTPS with
// mutual TLS (joining alone needs no certificate, but a one-time token).
//
//   POST /v1/terminal/join    JoinRequest   -> JoinResponse
//   POST /v1/terminal/renew   RenewRequest  -> RenewResponse
//   GET  /v1/terminal/status                -> StatusResponse
//   POST /v1/login/begin      BeginRequest  -> BeginResponse
//   POST /v1/login/finish     FinishRequest -> FinishResponse
//   any 4xx or 5xx                          -> ErrorResponse
//
// The terminal is whom its TLS certificate names, never a member of a body.  Requests are decoded
// strictly: a missing or unknown or doubled member, a wrong type or a value over its limit is
// kInvalid, and the message says which.  Responses may carry members this version does not know.
// Encoders return a Secret where the body holds one; they fail (kInvalid) when a string is not
// UTF-8.

#ifndef SEKISHO_PROTOCOL_TERMINAL_API_H_
#define SEKISHO_PROTOCOL_TERMINAL_API_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho::terminal_api {

inline constexpr std::string_view kJoinPath = "/v1/terminal/join";
inline constexpr std::string_view kRenewPath = "/v1/terminal/renew";
inline constexpr std::string_view kStatusPath = "/v1/terminal/status";
inline constexpr std::string_view kBeginPath = "/v1/login/begin";
inline constexpr std::string_view kFinishPath = "/v1/login/finish";

// Limits in bytes.
inline constexpr std::size_t kMaxBody = 32768;  // of any request or response
inline constexpr std::size_t kMaxToken = 64;
inline constexpr std::size_t kMaxPem = 12288;
inline constexpr std::size_t kMaxTerminalName = 64;
inline constexpr std::size_t kMaxUser = 256;
inline constexpr std::size_t kMaxService = 64;
inline constexpr std::size_t kMaxTty = 128;
inline constexpr std::size_t kMaxRhost = 256;
inline constexpr std::size_t kMaxTransaction = 2048;
inline constexpr std::size_t kMaxPassword = 512;
inline constexpr std::size_t kMaxCode = 64;
inline constexpr std::size_t kMaxRpId = 255;
inline constexpr std::size_t kMaxCredentials = 16;  // of an allow-list
inline constexpr std::size_t kMaxCredentialId = 1023;
inline constexpr std::size_t kMaxClientData = 1024;
inline constexpr std::size_t kMaxAuthenticatorData = 2048;
inline constexpr std::size_t kMaxSignature = 256;
inline constexpr std::size_t kMaxUserHandle = 64;
inline constexpr std::size_t kChallengeBytes = 32;

struct JoinRequest {
  Secret token;  // as normalized_base32 leaves it
  std::string csr;
};
struct JoinResponse {
  std::string terminal;
  std::string certificate;
  std::string ca;
};

struct RenewRequest {
  std::string csr;
};
struct RenewResponse {
  std::string certificate;
};

struct StatusResponse {
  std::string terminal;
  Instant time{};
};

enum class Factor { kPassword, kTotp, kRecovery, kSecurityKey };
std::string_view name_of(Factor factor);
std::optional<Factor> factor_named(std::string_view name);

// As the terminal claims it.  `service`, `tty` and `rhost` may be empty.
struct BeginRequest {
  std::string user;
  std::string service;
  std::string tty;
  std::string rhost;
  // The person is in front of the terminal, as it tells from more than `rhost`.  May be left out:
  // then nobody is.
  bool is_seated = false;
};
// What a security key at this terminal is to sign (WebAuthn Level 3 section 7.2).
struct KeyChallenge {
  std::string rp_id;
  Bytes challenge;                   // kChallengeBytes
  std::vector<Bytes> credentials;    // 1..kMaxCredentials; as many for a stranger as for a user
  bool verify_user = false;          // by PIN or biometrics, or its answer is worth nothing
  bool prefer_verification = false;  // the same of a key that can; not with verify_user
};
struct BeginResponse {
  std::string transaction;
  // kPassword when the gateway itself must verify the password; the others are a choice of one.
  // A decoder leaves out factors it does not know.
  std::vector<Factor> factors;
  std::chrono::seconds expires_in{0};
  std::optional<KeyChallenge> key{};  // there if and only if kSecurityKey is among the factors
};

// What the key answered, and the client data it signed (client_data_for).
struct KeyAnswer {
  Bytes credential_id;
  Bytes client_data;
  Bytes authenticator_data;
  Bytes signature;
  Bytes user_handle;  // may be empty
};
struct FinishRequest {
  std::string transaction;
  std::optional<Secret> password;
  Factor factor = Factor::kTotp;   // kPassword is refused
  Secret code;                     // with kTotp and kRecovery
  std::optional<KeyAnswer> key{};  // with kSecurityKey
};

// The client data (WebAuthn Level 3 section 5.8.1) of an assertion at this terminal.  Its origin
// names the terminal, so that an answer is worth nothing at another seat: the gateway compares it
// with the name in the TLS certificate.
std::string terminal_origin(std::string_view terminal);
std::string client_data_for(ByteView challenge, std::string_view terminal);

enum class Verdict { kGranted, kDenied, kLocked, kExpired };
std::string_view name_of(Verdict verdict);

// Why a security key was not taken, or that one is needed, for the person, whose password was
// right.
enum class KeyRefusal { kUnknown, kNotVerified, kModel, kSuspected, kNeeded, kOther };
std::string_view name_of(KeyRefusal refusal);

struct FinishResponse {
  Verdict verdict = Verdict::kDenied;
  std::optional<std::chrono::seconds> retry_after{};
  std::optional<Instant> last_login{};
  std::optional<std::string> last_login_from{};
  std::optional<std::int64_t> failures_since{};
  std::optional<KeyRefusal> key_refusal{};  // with kDenied; one a decoder does not know is kOther
};

// `error` is a stable word ("malformed", "unknown_terminal", "revoked", "unavailable"), `message`
// an English sentence for a log.
struct ErrorResponse {
  std::string error;
  std::string message;
};

Result<Secret> encode(const JoinRequest& request);
Result<Secret> encode(const FinishRequest& request);
Result<std::string> encode(const JoinResponse& response);
Result<std::string> encode(const RenewRequest& request);
Result<std::string> encode(const RenewResponse& response);
Result<std::string> encode(const StatusResponse& response);
Result<std::string> encode(const BeginRequest& request);
Result<std::string> encode(const BeginResponse& response);
Result<std::string> encode(const FinishResponse& response);
Result<std::string> encode(const ErrorResponse& response);

Result<JoinRequest> decode_join_request(std::string_view body);
Result<JoinResponse> decode_join_response(std::string_view body);
Result<RenewRequest> decode_renew_request(std::string_view body);
Result<RenewResponse> decode_renew_response(std::string_view body);
Result<StatusResponse> decode_status_response(std::string_view body);
Result<BeginRequest> decode_begin_request(std::string_view body);
Result<BeginResponse> decode_begin_response(std::string_view body);
Result<FinishRequest> decode_finish_request(std::string_view body);
Result<FinishResponse> decode_finish_response(std::string_view body);
Result<ErrorResponse> decode_error_response(std::string_view body);

// Reads "2026-11-23T08:20:00Z", with or without milliseconds, UTC only; nullopt for anything else.
std::optional<Instant> parse_rfc3339(std::string_view text);

}  // namespace sekisho::terminal_api

#endif  // SEKISHO_PROTOCOL_TERMINAL_API_H_
