#include "certs/ends.h"

#include "certs/authority.h"
#include "tests/support/manual_clock.h"
#include "tests/support/outcome.h"

namespace sekisho::certs {
namespace {

using namespace std::chrono_literals;
using testing::has;
using testing::must;
using testing::outcome_of;

const Instant kNow = instant_of(1'795'662'000'000);

std::string authority_of(Instant now, std::string_view name = "Sekisho test") {
  return must(CertificateAuthority::create(name, now)).certificate_pem;
}

TEST_CASE("a file does its work until one of its authorities has no good certificate", "[certs]") {
  const std::string older = authority_of(kNow);
  const std::string newer = authority_of(kNow + 100h);
  const std::string other = authority_of(kNow + 50h, "another");
  const Instant end = must(end_of_authorities(older));
  CHECK(end == must(facts_of_pem(older)).not_after);
  CHECK(must(end_of_authorities(older + newer)) == end + 100h);
  CHECK(must(end_of_authorities(newer + other + older)) == end + 50h);
}

TEST_CASE("a file with no certificate, or one that cannot be read, has no end", "[certs]") {
  const std::string good = authority_of(kNow);
  for (const std::string& text :
       {std::string(), std::string("hello"), good.substr(0, good.size() / 2),
        good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    CHECK_THAT(outcome_of(end_of_authorities(text)), has("invalid: no certificate in PEM"));
  }
  CHECK_THAT(outcome_of(end_of_lists(good)), has("invalid: no list of withdrawn"));
}

}  // namespace
}  // namespace sekisho::certs
