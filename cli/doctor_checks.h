// What `doctor` and `config check` look at.  Each check adds what it found to an Examination; none
// changes anything.

#ifndef SEKISHO_CLI_DOCTOR_CHECKS_H_
#define SEKISHO_CLI_DOCTOR_CHECKS_H_

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/clock.h"
#include "cli/language.h"
#include "cli/view.h"
#include "settings/settings.h"
#include "store/store.h"

namespace sekisho::cli {

enum class Health { kGood, kWarning, kFailure };

struct Diagnosis {
  Word check;
  Health health;
  std::string words;
};

class Examination {
 public:
  explicit Examination(Language language) : language_(language) {}

  template <typename... Arguments>
  void good(const Word& check, const Text& text, const Arguments&... arguments) {
    add(check, Health::kGood, text, arguments...);
  }
  template <typename... Arguments>
  void warn(const Word& check, const Text& text, const Arguments&... arguments) {
    add(check, Health::kWarning, text, arguments...);
  }
  template <typename... Arguments>
  void fail(const Word& check, const Text& text, const Arguments&... arguments) {
    add(check, Health::kFailure, text, arguments...);
  }
  void fail(const Word& check, const Error& error);

  const std::vector<Diagnosis>& diagnoses() const { return diagnoses_; }
  bool has_failures() const;
  Listing listing() const;
  Language language() const { return language_; }

 private:
  template <typename... Arguments>
  void add(const Word& check, Health health, const Text& text, const Arguments&... arguments) {
    diagnoses_.push_back(
        {check, health, fmt::format(fmt::runtime(text.in(language_)), arguments...)});
  }
  Language language_;
  std::vector<Diagnosis> diagnoses_;
};

// Keys: there, readable by the right people only, and the ones that belong together.
void examine_keys(Examination& examination, const settings::Settings& settings);
// Certificates: the authority's and each listener's; their names, keys and ends.
void examine_certificates(Examination& examination, const settings::Settings& settings,
                          Instant now);

// What vouches for applications over TLS: not ended, and not about to end.
void examine_upstream_trust(Examination& examination, const settings::Settings& settings,
                            Instant now);

// The list of holidays, where there is one: not about to end.
void examine_holidays(Examination& examination, const settings::Settings& settings, Instant now);

// The trust anchors for security keys, where the configuration names a folder of them: there,
// readable, not about to end.
void examine_trust_anchors(Examination& examination, const settings::Settings& settings,
                           Instant now);

// The store: whole, its key right, its audit chain unbroken.
void examine_store(Examination& examination, const settings::Settings& settings, Random& random,
                   Instant now);

// Listeners and upstreams are inside the segment; no socket of a running gateway reaches out; no
// route leads out.
void examine_segment(Examination& examination, const settings::Settings& settings);
// The clock is kept by something, and room is left on the disk.
void examine_machine(Examination& examination, const settings::Settings& settings);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_DOCTOR_CHECKS_H_
