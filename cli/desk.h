// What a command works with: the configuration, the store and the keys, opened when first asked
// for, the console, and the security keys that are plugged in here.

#ifndef SEKISHO_CLI_DESK_H_
#define SEKISHO_CLI_DESK_H_

#include <optional>
#include <string>

#include "authn/administration.h"
#include "authn/factors/security_key.h"
#include "base/clock.h"
#include "base/keyring.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/console.h"
#include "settings/settings.h"
#include "store/store.h"

namespace sekisho::cli {

class Desk {
 public:
  // `console` and `keys` must outlive it.
  Desk(const Console& console, std::string configuration_path, authn::SecurityKeys& keys)
      : console_(console), configuration_path_(std::move(configuration_path)), keys_(keys) {}
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  const Console& console() const { return console_; }
  const std::string& configuration_path() const { return configuration_path_; }
  Random& random() { return random_; }
  const Clock& clock() const { return clock_; }
  authn::SecurityKeys& keys() { return keys_; }

  // kInvalid with every mistake of the file, one a line.
  Result<const settings::Settings*> settings();
  // The store for reading; needs no key.
  Result<store::Store*> reader();
  // The store for changing, with its keys and the administrator's name.
  Result<authn::Office> office();

  // Hands on the error of a file that the configuration names.
  Error broken(Error error) {
    is_broken_ = true;
    return error;
  }
  // True when one of those above failed: the deployment is broken, whatever was asked.
  bool is_broken() const { return is_broken_; }

 private:
  Result<Keyring*> keyring();

  const Console& console_;
  std::string configuration_path_;
  authn::SecurityKeys& keys_;
  SystemRandom random_;
  SystemClock clock_;
  std::optional<settings::Settings> settings_;
  std::optional<Keyring> keyring_;
  std::optional<store::Store> reader_;
  std::optional<store::Store> store_;
  bool is_broken_ = false;
};

// Why the configuration at `path` cannot be read, when that is for want of the file or of the right
// to read it.
std::optional<Error> obstacle_to_configuration(const std::string& path);
// What an administrator can mend: `error` of opening the store at `path`, or what is behind it when
// that is the want of the file or of a right.
Error store_error(const Error& error, const std::string& path);

// Writes one audit row of the administrator's own, in a transaction of its own.
Result<void> write_down(const authn::Office& office, std::string_view event,
                        std::string_view outcome, std::string_view subject, std::string detail);

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_DESK_H_
