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

std::string authority_of(Instant now) {
  return must(CertificateAuthority::create("Sekisho test", now)).certificate_pem;
}

TEST_CASE("the first and the last certificate of a file to end are found", "[certs]") {
  const std::string older = authority_of(kNow);
  const std::string newer = authority_of(kNow + 100h);
  const Instant end = must(ends_of_certificates(older)).first;
  CHECK(end == must(facts_of_pem(older)).not_after);
  CHECK(must(ends_of_certificates(newer)).last == end + 100h);
  CHECK(must(ends_of_certificates(newer + older + newer)).first == end);
  CHECK(must(ends_of_certificates(older + newer + older)).last == end + 100h);
}

TEST_CASE("a file with no certificate, or one that cannot be read, has no end", "[certs]") {
  const std::string good = authority_of(kNow);
  for (const std::string& text :
       {std::string(), std::string("hello"), good.substr(0, good.size() / 2),
        good + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    CHECK_THAT(outcome_of(ends_of_certificates(text)), has("invalid: no certificate in PEM"));
  }
  CHECK_THAT(outcome_of(ends_of_lists(good)), has("invalid: no list of withdrawn"));
}

}  // namespace
}  // namespace sekisho::certs
