// Waiting for a touch ends: by the touch, by the cancellation, by the deadline.

#include <chrono>
#include <future>

#include "authn/factors/usb_security_keys.h"
#include "tests/factors/key_trial.h"
#include "tests/support/catch.h"

namespace sekisho::authn {
namespace {

using testing::KeyTrial;
using testing::outcome_of;
using testing::Registered;
using Fault = testing::SoftwareKeyFault;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

TEST_CASE("a key waits until it is touched", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  trial.key.add(Fault::kSlowTouch);
  auto waiting =
      std::async(std::launch::async, [&] { return trial.get(trial.request_for({who.id})); });
  CHECK(trial.key.wait_until_it_blinks());
  trial.key.touch();
  const auto assertion = waiting.get();
  REQUIRE(outcome_of(assertion) == "ok");
  CHECK(trial.judged(who, *assertion) == "ok");
}

TEST_CASE("a call ends promptly when it is cancelled", "[factors][security_key]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  trial.key.add(Fault::kSlowTouch);
  const bool is_making = GENERATE(false, true);
  auto waiting = std::async(std::launch::async, [&] {
    if (is_making) return outcome_of(trial.make(trial.creation()));
    AssertionRequest request = trial.request_for({who.id});
    request.verify_user = true;
    request.pin = Secret(trial.pin);
    return outcome_of(trial.get(request));
  });
  CHECK(trial.key.wait_until_it_blinks());
  const auto start = steady_clock::now();
  trial.cancellation.cancel();
  CHECK(waiting.get() == "cancelled");
  CHECK(steady_clock::now() - start < seconds(2));

  trial.key.remove(Fault::kSlowTouch);
  Cancellation another;
  CHECK(outcome_of(trial.keys.make_credential(trial.key.path(), trial.creation(), another)) ==
        "ok");
}

TEST_CASE("a cancelled call does not begin", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  trial.cancellation.cancel();
  const int before = trial.key.reports_heard();
  CHECK(outcome_of(trial.get(trial.request_for({who.id}))) == "cancelled");
  CHECK(outcome_of(trial.make(trial.creation())) == "cancelled");
  CHECK(trial.key.reports_heard() == before);
}

TEST_CASE("a cancellation at any moment ends the call", "[factors][security_key]") {
  KeyTrial trial(KeyTrial::kPin);
  const Registered who = trial.registered();
  trial.key.add(Fault::kSlowTouch);
  AssertionRequest request = trial.request_for({who.id});
  request.verify_user = true;
  request.pin = Secret(trial.pin);
  // Whatever the key has heard when it comes: the greeting, half of a request, all of it.
  const int reports = GENERATE(1, 2, 4, 7, 9, 11, 13);
  const int before = trial.key.reports_heard();
  auto waiting = std::async(std::launch::async, [&] { return outcome_of(trial.get(request)); });
  const auto start = steady_clock::now();
  while (trial.key.reports_heard() < before + reports && steady_clock::now() - start < seconds(5)) {
    std::this_thread::yield();
  }
  trial.cancellation.cancel();
  CHECK(waiting.get() == "cancelled");
  CHECK(steady_clock::now() - start < seconds(5));
}

TEST_CASE("nobody touches the key in time", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  AssertionRequest request = trial.request_for({who.id});
  request.timeout = milliseconds(200);
  const auto start = steady_clock::now();
  SECTION("the deadline comes first") {
    trial.key.add(Fault::kSlowTouch);
    CHECK(outcome_of(trial.get(request)) == "not_touched");
    CHECK(steady_clock::now() - start < seconds(1));
  }
  SECTION("the deadline comes, and the key does not hear of it") {
    trial.key.add(Fault::kDeaf);
    CHECK(outcome_of(trial.get(request)) == "not_touched");
    CHECK(steady_clock::now() - start < seconds(3));
  }
  SECTION("the key gives up first") {
    trial.key.add(Fault::kTouchTimesOut);
    request.timeout = seconds(20);
    CHECK(outcome_of(trial.get(request)) == "not_touched");
    CHECK(outcome_of(trial.make(trial.creation())) == "not_touched");
  }
}

TEST_CASE("a key that says without a pause that it waits is not listened to for ever",
          "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  trial.key.add(Fault::kBabbling);
  AssertionRequest request = trial.request_for({who.id});
  request.timeout = milliseconds(200);
  const auto start = steady_clock::now();
  SECTION("past the deadline") {
    CHECK(outcome_of(trial.get(request)) == "not_touched");
  }
  SECTION("when the call is cancelled") {
    request.timeout = seconds(60);
    auto waiting = std::async(std::launch::async, [&] { return outcome_of(trial.get(request)); });
    CHECK(trial.key.wait_until_it_blinks());
    trial.cancellation.cancel();
    CHECK(waiting.get() == "cancelled");
  }
  CHECK(steady_clock::now() - start < seconds(4));
}

TEST_CASE("a deaf key holds nobody up who has cancelled", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  trial.key.add(Fault::kDeaf);
  AssertionRequest request = trial.request_for({who.id});
  request.timeout = seconds(60);
  auto waiting = std::async(std::launch::async, [&] { return outcome_of(trial.get(request)); });
  CHECK(trial.key.wait_until_it_blinks());
  const auto start = steady_clock::now();
  trial.cancellation.cancel();
  CHECK(waiting.get() == "cancelled");
  CHECK(steady_clock::now() - start < seconds(4));
}

TEST_CASE("whoever cancels does not wait until a key has heard of it", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  trial.key.add(Fault::kSlowTouch);
  trial.key.add(Fault::kHardOfHearing);
  auto waiting = std::async(std::launch::async,
                            [&] { return outcome_of(trial.get(trial.request_for({who.id}))); });
  CHECK(trial.key.wait_until_it_blinks());
  const int before = trial.key.reports_heard();
  trial.cancellation.cancel();
  while (trial.key.reports_heard() == before) std::this_thread::yield();
  // The cancellation is being written.
  const auto start = steady_clock::now();
  trial.cancellation.cancel();
  CHECK(steady_clock::now() - start < seconds(1));
  trial.key.touch();
  CHECK(waiting.get() == "cancelled");
}

TEST_CASE("a key that is pulled out while it blinks is unplugged", "[factors][security_key]") {
  KeyTrial trial;
  const Registered who = trial.registered();
  trial.key.add(Fault::kSlowTouch);
  auto waiting =
      std::async(std::launch::async, [&] { return trial.get(trial.request_for({who.id})); });
  CHECK(trial.key.wait_until_it_blinks());
  trial.key.unplug();
  CHECK(outcome_of(waiting.get()) == "unplugged");
}

TEST_CASE("two keys wait at the same time", "[factors][security_key]") {
  KeyTrial first;
  KeyTrial second;
  first.key.add(Fault::kSlowTouch);
  second.key.add(Fault::kSlowTouch);
  UsbSecurityKeys keys(testing::software_ports({&first.key, &second.key}));
  Cancellation one;
  Cancellation two;
  const auto make = [&](KeyTrial& trial, Cancellation& cancellation) {
    return outcome_of(keys.make_credential(trial.key.path(), trial.creation(), cancellation));
  };
  auto waiting = std::async(std::launch::async, [&] { return make(first, one); });
  auto also_waiting = std::async(std::launch::async, [&] { return make(second, two); });
  CHECK(first.key.wait_until_it_blinks());
  CHECK(second.key.wait_until_it_blinks());
  second.key.touch();
  CHECK(also_waiting.get() == "ok");
  one.cancel();
  CHECK(waiting.get() == "cancelled");
}

}  // namespace
}  // namespace sekisho::authn
