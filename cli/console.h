// The person at the terminal: what is shown, said and asked.
//
// Results go to standard output, everything else to standard error, so that a pipe gets results
// only.

#ifndef SEKISHO_CLI_CONSOLE_H_
#define SEKISHO_CLI_CONSOLE_H_

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "cli/language.h"
#include "cli/view.h"

namespace sekisho::cli {

struct ConsoleOptions {
  Language language = Language::kEnglish;
  bool as_json = false;     // --json
  bool assume_yes = false;  // --yes
};

enum class Answer { kYes, kNo, kNobodyToAsk };

class Console {
 public:
  explicit Console(const ConsoleOptions& options) : options_(options) {}

  Language language() const { return options_.language; }
  bool as_json() const { return options_.as_json; }
  // Standard output is a terminal that shows colour (NO_COLOR is respected).
  bool has_colour() const;

  // `text` in the person's language, with "{}" replaced as fmt does.  Arguments from outside go
  // through printable() first.
  template <typename... Arguments>
  std::string in_words(const Text& text, const Arguments&... arguments) const {
    return fmt::format(fmt::runtime(text.in(options_.language)), arguments...);
  }

  // To standard output, as it is.
  void print(std::string_view text) const;
  void print_json(const boost::json::value& value) const;
  // As a table or as JSON, whichever was asked for.
  void show(const Listing& listing) const;
  void show(const Record& record) const;

  // What a change did: `words` for a person; with --json `members`, which are for scripts.
  void report(std::string_view words, const boost::json::object& members) const;

  // A line on standard error; with --json {"note":"…"}.
  void note(std::string_view words) const;
  // An error in the person's language, or with --json {"error":"not_found","message":"…"}.
  void complain(const Error& error) const;

  // What is wrong with the command line, and where help is: "sekisho user add --help".  With --json
  // {"error":"usage", ...}.
  void complain_of_usage(std::string_view what, std::string_view command) const;

  // Asks before what cannot be undone; --yes answers.  kNobodyToAsk when standard input is no
  // terminal.
  Answer confirm(std::string_view question) const;

  // True when everything printed reached standard output.
  static bool flush();

 private:
  static void write_line(std::string_view words);

  ConsoleOptions options_;
};

}  // namespace sekisho::cli

#endif  // SEKISHO_CLI_CONSOLE_H_
