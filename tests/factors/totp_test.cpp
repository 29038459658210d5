#include "authn/factors/totp.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "base/encoding.h"
#include "base/random.h"
#include "tests/support/outcome.h"

namespace sekisho::authn {
namespace {

using testing::has;
using testing::must;
using testing::outcome_of;

// "1234567890" repeated to the length of each HMAC's output (RFC 6238, reference code of
// appendix A: the text of appendix B names only the first).
Bytes published_seed(TotpAlgorithm algorithm) {
  Bytes seed;
  while (seed.size() < seed_bytes(algorithm)) {
    seed.push_back(static_cast<std::uint8_t>('0' + (seed.size() + 1) % 10));
  }
  return seed;
}

const Bytes kSeed = published_seed(TotpAlgorithm::kSha1);
const TotpParameters kSixDigits;
constexpr std::int64_t kStep = 60'000'000;

std::string code_at(std::int64_t step) {
  return must(totp_code(kSeed, kSixDigits, step));
}

std::optional<std::int64_t> match(std::string_view code, const StepWindow& window = {kStep, 1, 1}) {
  return must(match_totp(kSeed, kSixDigits, window, code));
}

TEST_CASE("the code of two steps back or ahead is refused with a window of one", "[factors]") {
  CHECK_FALSE(match(code_at(kStep - 2)));
  CHECK_FALSE(match(code_at(kStep + 2)));
}

TEST_CASE("the code of a neighbouring step is refused with a window of none", "[factors]") {
  CHECK_FALSE(match(code_at(kStep - 1), {kStep, 0, 0}));
  CHECK_FALSE(match(code_at(kStep + 1), {kStep, 0, 0}));
  CHECK(match(code_at(kStep), {kStep, 0, 0}) == kStep);
}

TEST_CASE("the code of a step ahead is refused when the window looks only back", "[factors]") {
  CHECK_FALSE(match(code_at(kStep + 1), {kStep, 1, 0}));
  CHECK(match(code_at(kStep - 1), {kStep, 1, 0}) == kStep - 1);
}

TEST_CASE("a code that is cut, extended or differs in one digit is refused", "[factors]") {
  const std::string code = code_at(kStep);
  CHECK_FALSE(match(code.substr(0, 5)));
  CHECK_FALSE(match(code.substr(1)));
  CHECK_FALSE(match(code + "0"));
  CHECK_FALSE(match("0" + code));
  CHECK_FALSE(match(code + " "));
  for (std::size_t i = 0; i < code.size(); ++i) {
    std::string other = code;
    other[i] = other[i] == '9' ? '0' : static_cast<char>(other[i] + 1);
    CHECK_FALSE(match(other));
  }
}

TEST_CASE("a code of any bytes and any length is refused without harm", "[factors]") {
  const std::string code = code_at(kStep);
  CHECK_FALSE(match(""));
  CHECK_FALSE(match(std::string_view()));
  CHECK_FALSE(match(std::string(6, '\0')));
  CHECK_FALSE(match(code + std::string(1, '\0')));
  CHECK_FALSE(match(code.substr(0, 3) + std::string(1, '\0') + code.substr(3)));
  CHECK_FALSE(match(std::string(1 << 20, '0')));
  CHECK_FALSE(match(std::string(1 << 20, '\xff')));
  CHECK_FALSE(match("\xef\xbc\x91\xef\xbc"));  // full-width digits, cut short
  CHECK_FALSE(match("'; DROP TABLE users; --"));
}

TEST_CASE("an eight-digit code is not good by its last six digits, nor by its first", "[factors]") {
  const TotpParameters eight{TotpAlgorithm::kSha1, 8, 30};
  const std::string code = must(totp_code(kSeed, eight, kStep));
  const StepWindow window{kStep, 1, 1};
  CHECK_FALSE(must(match_totp(kSeed, eight, window, code.substr(2))));
  CHECK_FALSE(must(match_totp(kSeed, eight, window, code.substr(0, 6))));
  CHECK(must(match_totp(kSeed, eight, window, code)) == kStep);
}

TEST_CASE("another seed, algorithm or period makes another code", "[factors]") {
  Bytes other = kSeed;
  other[0] ^= 1;
  const StepWindow window{kStep, 0, 0};
  const std::string code = code_at(kStep);
  CHECK_FALSE(must(match_totp(other, kSixDigits, window, code)));
  CHECK_FALSE(must(match_totp(kSeed, {TotpAlgorithm::kSha256, 6, 30}, window, code)));
  CHECK_FALSE(must(match_totp(kSeed, {TotpAlgorithm::kSha512, 6, 30}, window, code)));
}

TEST_CASE("a step before 1970 has no code, and a window may reach there", "[factors]") {
  CHECK(outcome_of(totp_code(kSeed, kSixDigits, -1)) == "invalid: a time step before 1970");
  CHECK(match(code_at(0), {0, 1, 1}) == 0);
  CHECK_FALSE(match(code_at(0), {-2, 1, 1}));
}

TEST_CASE("a number of digits that the library does not make is an error, not a refusal",
          "[factors]") {
  const TotpParameters five{TotpAlgorithm::kSha1, 5, 30};
  CHECK_THAT(outcome_of(totp_code(kSeed, five, kStep)), has("internal: liboath: "));
  CHECK_THAT(outcome_of(match_totp(kSeed, five, {kStep, 1, 1}, "12345")),
             has("internal: liboath: "));
}

TEST_CASE("the codes of the step, of one back and of one ahead are accepted", "[factors]") {
  CHECK(match(code_at(kStep - 1)) == kStep - 1);
  CHECK(match(code_at(kStep)) == kStep);
  CHECK(match(code_at(kStep + 1)) == kStep + 1);
}

TEST_CASE("where two steps of the window have the same code, the nearest one is meant",
          "[factors]") {
  constexpr int kReach = 3000;
  std::map<std::string, std::int64_t> nearest;
  int met_again = 0;
  for (int distance = 0; distance <= kReach; ++distance) {
    const std::string code = code_at(kStep + distance);
    const auto [place, is_first] = nearest.emplace(code, kStep + distance);
    if (is_first) continue;
    ++met_again;
    CHECK(match(code, {kStep, 0, kReach}) == place->second);
  }
  CHECK(met_again > 0);  // else this case has shown nothing
}

TEST_CASE("HOTP values of RFC 4226 appendix D", "[factors]") {
  const std::array<const char*, 10> published = {"755224", "287082", "359152", "969429", "338314",
                                                 "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t counter = 0; counter < published.size(); ++counter) {
    const auto step = static_cast<std::int64_t>(counter);
    CHECK(must(totp_code(kSeed, {TotpAlgorithm::kSha1, 6, 1}, step)) == published[counter]);
    CHECK(must(totp_code(kSeed, {TotpAlgorithm::kSha1, 6, 30}, step)) == published[counter]);
  }
}

struct Published {
  std::int64_t seconds;
  const char* code;
};

void require_published(TotpAlgorithm algorithm, const std::array<Published, 6>& values) {
  const Bytes seed = published_seed(algorithm);
  const TotpParameters parameters{algorithm, 8, 30};
  for (const Published& value : values) {
    INFO(value.seconds);
    const std::int64_t step = time_step(parameters, instant_of(value.seconds * 1000));
    CHECK(must(totp_code(seed, parameters, step)) == value.code);
    CHECK(must(match_totp(seed, parameters, {step, 1, 1}, value.code)) == step);
  }
}

TEST_CASE("TOTP values of RFC 6238 appendix B with SHA-1", "[factors]") {
  require_published(TotpAlgorithm::kSha1, {{{59, "94287082"},
                                            {1111111109, "07081804"},
                                            {1111111111, "14050471"},
                                            {1234567890, "89005924"},
                                            {2000000000, "69279037"},
                                            {20000000000, "65353130"}}});
}

TEST_CASE("TOTP values of RFC 6238 appendix B with SHA-256", "[factors]") {
  require_published(TotpAlgorithm::kSha256, {{{59, "46119246"},
                                              {1111111109, "68084774"},
                                              {1111111111, "67062674"},
                                              {1234567890, "91819424"},
                                              {2000000000, "90698825"},
                                              {20000000000, "77737706"}}});
}

TEST_CASE("TOTP values of RFC 6238 appendix B with SHA-512", "[factors]") {
  require_published(TotpAlgorithm::kSha512, {{{59, "90693936"},
                                              {1111111109, "25091201"},
                                              {1111111111, "99943326"},
                                              {1234567890, "93441116"},
                                              {2000000000, "38618901"},
                                              {20000000000, "47863826"}}});
}

TEST_CASE("a time step begins with its first millisecond and ends before the next's", "[factors]") {
  CHECK(time_step(kSixDigits, instant_of(0)) == 0);
  CHECK(time_step(kSixDigits, instant_of(29'999)) == 0);
  CHECK(time_step(kSixDigits, instant_of(30'000)) == 1);
  CHECK(time_step({TotpAlgorithm::kSha1, 6, 60}, instant_of(119'999)) == 1);
}

TEST_CASE("time steps go on beyond 2038 and beyond 32 bits", "[factors]") {
  CHECK(time_step(kSixDigits, instant_of(2'147'483'648'000)) == 71'582'788);
  CHECK(time_step(kSixDigits, instant_of(20'000'000'000'000)) == 666'666'666);
  CHECK(time_step({TotpAlgorithm::kSha1, 6, 1}, instant_of(20'000'000'000'000)) == 20'000'000'000);
}

TEST_CASE("an algorithm has one name, in capitals", "[factors]") {
  CHECK_FALSE(totp_algorithm("sha1"));
  CHECK_FALSE(totp_algorithm("SHA-1"));
  CHECK_FALSE(totp_algorithm(""));
  CHECK_FALSE(totp_algorithm("MD5"));
  for (const auto algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    CHECK(totp_algorithm(name_of(algorithm)) == algorithm);
  }
}

TEST_CASE("what a person types is cleaned of spaces, hyphens and full-width digits", "[factors]") {
  CHECK(normalized_code("755224") == "755224");
  CHECK(normalized_code(" 755 224 ") == "755224");
  CHECK(normalized_code("755-224") == "755224");
  CHECK(normalized_code("755\xe3\x80\x80"
                        "224") == "755224");  // ideographic space
  CHECK(normalized_code("７５５２２４") == "755224");
  CHECK(normalized_code("０１２３４５６７８９") == "0123456789");
}

TEST_CASE("what is no digit stays in a typed code, and so cannot match", "[factors]") {
  CHECK(normalized_code("75a224") == "75a224");
  CHECK(normalized_code("755224\n") == "755224\n");
  CHECK(normalized_code("755224\xef\xbc") == "755224\xef\xbc");  // cut short
  CHECK(normalized_code("\xef\xbc\x8f") == "\xef\xbc\x8f");      // full-width '/'
  CHECK(normalized_code("\xef\xbc\x9a") == "\xef\xbc\x9a");      // full-width ':'
  CHECK(normalized_code("\xe3\x80") == "\xe3\x80");              // half a space
  CHECK(normalized_code("\xd9\xa1") == "\xd9\xa1");              // an Arabic digit
  CHECK(normalized_code(std::string(3, '\0')) == std::string(3, '\0'));
  CHECK(normalized_code("").empty());
}

TEST_CASE("oathtool makes the same codes from random seeds", "[factors]") {
  if (std::system("oathtool --version >/dev/null 2>&1") != 0) {
    WARN("oathtool is not installed: codes were not compared with it");
    return;
  }
  SystemRandom random;
  for (const auto algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    for (const int digits : {6, 8}) {
      for (const int period : {30, 60}) {
        const Bytes seed = random.bytes(seed_bytes(algorithm));
        const TotpParameters parameters{algorithm, digits, period};
        for (const std::int64_t seconds : {1'234'567'890LL, 1'800'000'000LL, 20'000'000'000LL}) {
          const std::string command = "oathtool --totp=" + std::string(name_of(algorithm)) +
                                      " --digits=" + std::to_string(digits) +
                                      " --time-step-size=" + std::to_string(period) + "s --now=@" +
                                      std::to_string(seconds) + " " + hex_of(seed);
          const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
          std::array<char, 32> line{};
          REQUIRE(std::fgets(line.data(), line.size(), pipe.get()) != nullptr);
          INFO(command);
          CHECK(
              must(totp_code(seed, parameters, time_step(parameters, instant_of(seconds * 1000)))) +
                  "\n" ==
              std::string(line.data()));
        }
      }
    }
  }
}

}  // namespace
}  // namespace sekisho::authn
