#include "protocol/terminal_api.h"

#include "protocol/flat_json.h"
#include "tests/support/catch.h"

namespace sekisho::terminal_api {
namespace {

using namespace std::chrono_literals;

std::string problem_of(const auto& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::kInvalid);
  return result.error().message;
}

TEST_CASE("joining and renewing survive the way there and back", "[protocol]") {
  const Result<Secret> join =
      encode(JoinRequest{Secret(std::string_view("ABC")), "-----\n\"x\"\n"});
  REQUIRE(join);
  const Result<JoinRequest> joined = decode_join_request(join->reveal_text());
  REQUIRE(joined);
  CHECK(joined->token.reveal_text() == "ABC");
  CHECK(joined->csr == "-----\n\"x\"\n");

  const Result<JoinResponse> answer =
      decode_join_response(encode(JoinResponse{"t1", "leaf", "root"}).value());
  REQUIRE(answer);
  CHECK(answer->terminal == "t1");
  CHECK(answer->certificate == "leaf");
  CHECK(answer->ca == "root");

  CHECK(decode_renew_request(encode(RenewRequest{"csr"}).value())->csr == "csr");
  CHECK(decode_renew_response(encode(RenewResponse{"pem"}).value())->certificate == "pem");
}

TEST_CASE("a login survives the way there and back", "[protocol]") {
  const Result<BeginRequest> begin =
      decode_begin_request(encode(BeginRequest{"太郎", "login", "tty1", ""}).value());
  REQUIRE(begin);
  CHECK(begin->user == "太郎");
  CHECK(begin->service == "login");
  CHECK(begin->tty == "tty1");
  CHECK(begin->rhost.empty());

  const Result<BeginResponse> begun = decode_begin_response(
      encode(BeginResponse{"tx", {Factor::kPassword, Factor::kTotp}, 60s}).value());
  REQUIRE(begun);
  CHECK(begun->transaction == "tx");
  CHECK(begun->factors == std::vector{Factor::kPassword, Factor::kTotp});
  CHECK(begun->expires_in == 60s);

  FinishRequest request{"tx", Secret(std::string_view("p\"\\\x01\x7f語")), Factor::kRecovery,
                        Secret(std::string_view("ABCDABCDABCDABCD"))};
  const Result<Secret> sent = encode(request);
  REQUIRE(sent);
  const Result<FinishRequest> received = decode_finish_request(sent->reveal_text());
  REQUIRE(received);
  REQUIRE(received->password);
  CHECK(received->password->reveal_text() == "p\"\\\x01\x7f語");
  CHECK(received->factor == Factor::kRecovery);
  CHECK(received->code.reveal_text() == "ABCDABCDABCDABCD");

  const Instant last = instant_of(1'763'886'000'123);
  const Result<FinishResponse> verdict = decode_finish_response(
      encode(FinishResponse{Verdict::kGranted, std::nullopt, last, "t2", 3}).value());
  REQUIRE(verdict);
  CHECK(verdict->verdict == Verdict::kGranted);
  CHECK_FALSE(verdict->retry_after);
  CHECK(verdict->last_login == last);
  CHECK(verdict->last_login_from == "t2");
  CHECK(verdict->failures_since == 3);

  const Result<FinishResponse> locked =
      decode_finish_response(encode(FinishResponse{Verdict::kLocked, 900s, {}, {}, {}}).value());
  REQUIRE(locked);
  CHECK(locked->verdict == Verdict::kLocked);
  CHECK(locked->retry_after == 900s);
}

TEST_CASE("why a key was refused survives the way, and a newer gateway's reason is another one",
          "[protocol]") {
  FinishResponse denied;
  CHECK_FALSE(decode_finish_response(encode(denied).value())->key_refusal);
  for (const KeyRefusal refusal : {KeyRefusal::kUnknown, KeyRefusal::kNotVerified,
                                   KeyRefusal::kModel, KeyRefusal::kSuspected}) {
    denied.key_refusal = refusal;
    CHECK(decode_finish_response(encode(denied).value())->key_refusal == refusal);
  }
  const auto newer =
      decode_finish_response(R"({"verdict":"denied","key_refusal":"not_yet_thought_of"})");
  REQUIRE(newer);
  CHECK(newer->key_refusal == KeyRefusal::kOther);
}

TEST_CASE("a request that is not exactly what the API says is refused", "[protocol]") {
  const std::string good = R"({"transaction":"t","factor":"totp","code":"123456"})";
  REQUIRE(decode_finish_request(good));
  CHECK(problem_of(
            decode_finish_request(R"({"transaction":"t","factor":"totp","code":"1","extra":"x"})"))
            .find("\"extra\"") != std::string::npos);
  CHECK(problem_of(
            decode_finish_request(R"({"transaction":"t","factor":"totp","code":"1","code":"2"})"))
            .find("twice") != std::string::npos);
  CHECK(problem_of(decode_finish_request(R"({"transaction":"t","factor":"totp"})"))
            .find("\"code\"") != std::string::npos);
  CHECK(problem_of(decode_finish_request(R"({"transaction":"t","factor":"password","code":"1"})"))
            .find("\"factor\"") != std::string::npos);
  problem_of(decode_finish_request(R"({"transaction":"t","factor":"totp","code":123456})"));
  problem_of(decode_finish_request(R"({"transaction":"t","factor":"totp","code":""})"));
  problem_of(decode_finish_request(R"({"transaction":"t","factor":"totp","code":null})"));
  problem_of(decode_finish_request(good + " x"));
  problem_of(decode_finish_request(good.substr(0, good.size() - 1)));
}

TEST_CASE("a body that is not one flat object is refused", "[protocol]") {
  for (const std::string body : {"",
                                 " ",
                                 "1",
                                 "\"x\"",
                                 "null",
                                 "[]",
                                 "{",
                                 "{}{}",
                                 "{\"csr\":{}}",
                                 "{\"csr\":[[\"x\"]]}",
                                 "{\"csr\":[1]}",
                                 "{\"csr\":1.5}",
                                 "{\"csr\":true}",
                                 "{\"csr\":\"\xff\"}",
                                 "{\"csr\":\"\\ud800\"}",
                                 "{\"csr\":99999999999999999999}",
                                 "{csr:\"x\"}",
                                 "{\"csr\":\"x\",}",
                                 "{\"csr\":\"x\"/**/}",
                                 "\xef\xbb\xbf{\"csr\":\"x\"}"}) {
    INFO(body);
    CHECK_FALSE(decode_renew_request(body));
  }
  CHECK(decode_renew_request(" {\n\"csr\" : \"x\" } \r\n"));
}

TEST_CASE("every member has its limit, to the byte", "[protocol]") {
  const auto accepts = [](std::size_t code, std::size_t password) {
    return decode_finish_request(R"({"transaction":"t","factor":"totp","code":")" +
                                 std::string(code, '1') + R"(","password":")" +
                                 std::string(password, 'p') + "\"}")
        .has_value();
  };
  CHECK(accepts(kMaxCode, kMaxPassword));
  CHECK_FALSE(accepts(kMaxCode + 1, 1));
  CHECK_FALSE(accepts(1, kMaxPassword + 1));
  CHECK(accepts(1, 0));
  CHECK_FALSE(accepts(0, 1));

  const auto user = [](std::size_t size) {
    return decode_begin_request(encode(BeginRequest{std::string(size, 'u'), "", "", ""}).value())
        .has_value();
  };
  CHECK_FALSE(user(0));
  CHECK(user(kMaxUser));
  CHECK_FALSE(user(kMaxUser + 1));

  CHECK(decode_renew_request(encode(RenewRequest{std::string(kMaxPem, 'c')}).value()));
  CHECK_FALSE(decode_renew_request(encode(RenewRequest{std::string(kMaxPem + 1, 'c')}).value()));
  CHECK_FALSE(decode_renew_request(R"({"csr":"x"})" + std::string(kMaxBody, ' ')));
}

TEST_CASE("too many members or deep nesting end the parse early", "[protocol]") {
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"m" + std::to_string(i) + "\":1,";
  CHECK_FALSE(decode_status_response(many + R"("terminal":"t","time":"2026-11-23T08:20:00Z"})"));
  CHECK_FALSE(decode_renew_request(std::string(10000, '[')));
}

TEST_CASE("a name with a control character is refused", "[protocol]") {
  CHECK_FALSE(decode_begin_request(encode(BeginRequest{"a\nb", "", "", ""}).value()));
  CHECK_FALSE(decode_begin_request(encode(BeginRequest{"a", "", "", "\x1b[2J"}).value()));
}

TEST_CASE("what JSON cannot carry is not encoded as something else", "[protocol]") {
  problem_of(encode(BeginRequest{"\xff", "", "", ""}));
  FinishRequest request;
  request.transaction = "t";
  request.password = Secret(std::string_view("\xc0\xaf"));
  problem_of(encode(request));
}

TEST_CASE("a newer gateway may say more, and its new factors are left out", "[protocol]") {
  const Result<BeginResponse> begun = decode_begin_response(
      R"({"transaction":"t","factors":["voice","totp"],"expires_in":60,"challenge":"x"})");
  REQUIRE(begun);
  CHECK(begun->factors == std::vector{Factor::kTotp});
  CHECK_FALSE(decode_finish_response(R"({"verdict":"perhaps"})"));
  CHECK_FALSE(decode_finish_response(R"({"verdict":"granted","retry_after":-1})"));
  CHECK_FALSE(decode_finish_response(R"({"verdict":"granted","last_login":"yesterday"})"));
}

BeginResponse begun_with_key() {
  return {"t",
          {Factor::kPassword, Factor::kSecurityKey},
          std::chrono::seconds(60),
          KeyChallenge{"town.example", Bytes(32, 7), {Bytes(64, 1), Bytes{2}}, true}};
}

FinishRequest finish_with_key() {
  FinishRequest request;
  request.transaction = "t";
  request.factor = Factor::kSecurityKey;
  request.key = KeyAnswer{Bytes(64, 1), Bytes(120, 2), Bytes(37, 3), Bytes(70, 4), Bytes(64, 5)};
  return request;
}

TEST_CASE("what a key is asked and what it answers arrive as they were sent", "[protocol]") {
  const auto begun = decode_begin_response(encode(begun_with_key()).value());
  REQUIRE(begun);
  REQUIRE(begun->key);
  CHECK(begun->key->rp_id == "town.example");
  CHECK(begun->key->challenge == Bytes(32, 7));
  CHECK(begun->key->credentials == std::vector{Bytes(64, 1), Bytes{2}});
  CHECK(begun->key->verify_user);

  const auto finish = decode_finish_request(encode(finish_with_key()).value().reveal_text());
  REQUIRE(finish);
  REQUIRE(finish->key);
  CHECK(finish->factor == Factor::kSecurityKey);
  CHECK(finish->key->credential_id == Bytes(64, 1));
  CHECK(finish->key->client_data == Bytes(120, 2));
  CHECK(finish->key->authenticator_data == Bytes(37, 3));
  CHECK(finish->key->signature == Bytes(70, 4));
  CHECK(finish->key->user_handle == Bytes(64, 5));
}

TEST_CASE("a key's question and answer have limits, to the byte", "[protocol]") {
  const auto asks = [](auto spoil) {
    BeginResponse response = begun_with_key();
    spoil(*response.key);
    return decode_begin_response(encode(response).value()).has_value();
  };
  CHECK(asks([](KeyChallenge& key) { key.credentials.assign(kMaxCredentials, Bytes(1023, 1)); }));
  CHECK_FALSE(asks([](KeyChallenge& key) { key.credentials.clear(); }));
  CHECK_FALSE(asks([](KeyChallenge& key) { key.credentials.assign(17, Bytes{1}); }));
  CHECK_FALSE(asks([](KeyChallenge& key) { key.credentials = {Bytes(1024, 1)}; }));
  CHECK_FALSE(asks([](KeyChallenge& key) { key.credentials = {Bytes()}; }));
  CHECK_FALSE(asks([](KeyChallenge& key) { key.challenge.pop_back(); }));
  CHECK_FALSE(asks([](KeyChallenge& key) { key.rp_id.clear(); }));

  const auto answers = [](auto spoil) {
    FinishRequest request = finish_with_key();
    spoil(*request.key);
    return decode_finish_request(encode(request).value().reveal_text()).has_value();
  };
  CHECK(answers([](KeyAnswer& key) { key.user_handle.clear(); }));
  CHECK(answers([](KeyAnswer& key) { key.credential_id.resize(kMaxCredentialId); }));
  CHECK_FALSE(answers([](KeyAnswer& key) { key.credential_id.resize(kMaxCredentialId + 1); }));
  CHECK_FALSE(answers([](KeyAnswer& key) { key.client_data.resize(kMaxClientData + 1); }));
  CHECK_FALSE(answers([](KeyAnswer& key) { key.signature.clear(); }));
  CHECK_FALSE(answers([](KeyAnswer& key) { key.signature.resize(kMaxSignature + 1); }));
  CHECK_FALSE(answers([](KeyAnswer& key) { key.user_handle.resize(kMaxUserHandle + 1); }));
  CHECK_FALSE(
      decode_finish_request(R"({"transaction":"t","factor":"security_key","code":"123456"})"));
  CHECK_FALSE(decode_finish_request(
      R"({"transaction":"t","factor":"totp","code":"123456","signature":"AA"})"));
}

TEST_CASE("the client data of a terminal names it", "[protocol]") {
  CHECK(client_data_for(Bytes{0xff, 0xef}, "zeimu-03") ==
        R"({"type":"webauthn.get","challenge":"_-8","origin":"sekisho-terminal://zeimu-03",)"
        R"("crossOrigin":false})");
}

TEST_CASE("an error's word and message are read", "[protocol]") {
  const Result<ErrorResponse> error =
      decode_error_response(encode(ErrorResponse{"revoked", "the terminal was revoked"}).value());
  REQUIRE(error);
  CHECK(error->error == "revoked");
  CHECK(error->message == "the terminal was revoked");
}

TEST_CASE("a time is read strictly", "[protocol]") {
  CHECK(parse_rfc3339("1970-01-01T00:00:01Z") == instant_of(1000));
  CHECK(parse_rfc3339("2026-02-28T23:59:59.999Z") ==
        parse_rfc3339(rfc3339(*parse_rfc3339("2026-02-28T23:59:59.999Z"))));
  CHECK(parse_rfc3339("2040-01-01T00:00:00Z"));
  for (const std::string text :
       {"", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00", "2026-01-01T00:00:00+09:00", "2026-01-01T00:00:00.1Z",
        "2026-01-01T00:00:00.1234Z", "+026-01-01T00:00:00Z", "2026-1-01T00:00:000Z"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

TEST_CASE("a string split over many parts of the parser is put together whole", "[protocol]") {
  std::string escaped;
  std::string plain;
  for (int i = 0; i < 3000; ++i) escaped += "\\u95a2x", plain += "関x";
  const Result<RenewRequest> request = decode_renew_request("{\"csr\":\"" + escaped + "\"}");
  REQUIRE(request);
  CHECK(request->csr == plain);
}

}  // namespace
}  // namespace sekisho::terminal_api
