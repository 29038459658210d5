#include "cli/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "base/text.h"
#include "cli/error_text.h"
#include "cli/usage_text.h"

namespace sekisho::cli {

bool Console::has_colour() const {
  const char* refused = ::getenv("NO_COLOR");
  const char* terminal = ::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0') &&
         terminal != nullptr && std::string_view(terminal) != "dumb";
}

void Console::print(std::string_view text) const {
  ::fwrite(text.data(), 1, text.size(), stdout);
}

void Console::print_json(const boost::json::value& value) const {
  print(boost::json::serialize(value) + "\n");
}

void Console::show(const Listing& listing) const {
  if (options_.as_json) {
    print_json(cli::as_json(listing));
  } else {
    print(as_text(listing, options_.language));
  }
}

void Console::show(const Record& record) const {
  if (options_.as_json) {
    print_json(cli::as_json(record));
  } else {
    print(as_text(record, options_.language));
  }
}

void Console::report(std::string_view words, const boost::json::object& members) const {
  if (options_.as_json) {
    print_json(boost::json::value(members));
  } else {
    print(std::string(words) + "\n");
  }
}

void Console::note(std::string_view words) const {
  if (!options_.as_json) return write_line(words);
  const std::string text = is_utf8(words) ? std::string(words) : printable(words);
  write_line(boost::json::serialize(boost::json::object{{"note", text}}));
}

void Console::write_line(std::string_view words) {
  const std::string line = std::string(words) + "\n";
  ::fwrite(line.data(), 1, line.size(), stderr);
}

void Console::complain(const Error& error) const {
  if (options_.as_json) {
    boost::json::object object;
    object["error"] = boost::json::string(name_of(error.code));
    const std::string words = error_text(error, Language::kEnglish);
    object["message"] = boost::json::string(is_utf8(words) ? words : printable(words));
    write_line(boost::json::serialize(object));
    return;
  }
  // A broken configuration has a line for each mistake.
  const std::string words = error_text(error, options_.language);
  for (const std::string_view line : split(words, '\n')) {
    if (!line.empty()) write_line("sekisho: " + printable(line));
  }
}

void Console::complain_of_usage(std::string_view what, std::string_view command) const {
  if (options_.as_json) {
    write_line(boost::json::serialize(
        boost::json::object{{"error", "usage"},
                            {"message", printable(usage_text(what, Language::kEnglish))},
                            {"help", std::string(command) + " --help"}}));
    return;
  }
  write_line("sekisho: " + printable(usage_text(what, options_.language)));
  write_line(in_words({"使い方: {} --help", "see {} --help"}, command));
}

Answer Console::confirm(std::string_view question) const {
  if (options_.assume_yes) return Answer::kYes;
  if (::isatty(STDIN_FILENO) != 1) return Answer::kNobodyToAsk;
  const Text hint{" [はい: y / いいえ: n] ", " [y/n] "};
  for (int tries = 0; tries < 3; ++tries) {
    const std::string prompt = std::string(question) + std::string(hint.in(options_.language));
    ::fwrite(prompt.data(), 1, prompt.size(), stderr);
    char line[64];
    if (::fgets(line, sizeof line, stdin) == nullptr) return Answer::kNo;
    std::string_view answer = line;
    while (answer.ends_with('\n') || answer.ends_with('\r')) answer.remove_suffix(1);
    answer = trimmed(answer);
    if (equals_ignoring_case(answer, "y") || equals_ignoring_case(answer, "yes") ||
        answer == "はい") {
      return Answer::kYes;
    }
    if (equals_ignoring_case(answer, "n") || equals_ignoring_case(answer, "no") ||
        answer == "いいえ") {
      return Answer::kNo;
    }
  }
  return Answer::kNo;
}

bool Console::flush() {
  return ::fflush(stdout) == 0 && ::ferror(stdout) == 0;
}

}  // namespace sekisho::cli
