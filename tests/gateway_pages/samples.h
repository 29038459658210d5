// Every page as it may look on an ordinary and on a bad day: for the tests to inspect, and for
// render_samples to write where a person can look at them.

#ifndef SEKISHO_TESTS_GATEWAY_PAGES_SAMPLES_H_
#define SEKISHO_TESTS_GATEWAY_PAGES_SAMPLES_H_

#include <string>
#include <vector>

#include "gateway/pages/pages.h"

namespace sekisho::pages {

struct Sample {
  std::string name;  // "home-ja"
  std::string html;
  bool has_form = false;
  bool has_ceremony = false;
};

// Every page in both languages.
std::vector<Sample> every_sample();

// A whole, ordinary view of each kind, for a test to change one thing in.
SignInView ordinary_sign_in(Language language);
SecondFactorView ordinary_second_factor(Language language);
HomeView ordinary_home(Language language);
AddKeyView ordinary_add_key(Language language);

// What the forms carry when a security key is asked for an answer.
KeyCeremony assertion();

}  // namespace sekisho::pages

#endif  // SEKISHO_TESTS_GATEWAY_PAGES_SAMPLES_H_
