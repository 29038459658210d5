// sekishod: the gateway.

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "base/log.h"
#include "gateway/gateway.h"

namespace {

constexpr int kRefused = 1;  // something needed is missing or wrong
constexpr int kBadConfiguration = 2;

// Every connection is a descriptor, and so is every upstream's.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run(int argc, char** argv) {
  using namespace sekisho;
  std::string config = "/etc/sekisho/sekishod.toml";
  bool only_checks = false;
  bool is_verbose = false;
  int ready_fd = -1;
  CLI::App app{"Sekisho, the gateway of an isolated segment"};
  app.set_version_flag("--version", SEKISHO_VERSION);
  app.add_option("--config", config, "The configuration file")->capture_default_str();
  app.add_flag("--check", only_checks, "Check the configuration and the files it names, and exit");
  app.add_flag("--verbose", is_verbose, "Log also what is only of interest to developers");
  app.add_option("--ready-fd", ready_fd, "Write \"ready\" to this descriptor when serving");
  CLI11_PARSE(app, argc, argv);
  if (is_verbose) log::set_level(log::Level::kDebug);

  auto settings = settings::load(config);
  if (!settings) {
    std::fputs(settings::text_of(settings.error(), config).c_str(), stderr);
    return kBadConfiguration;
  }
  if (only_checks) {
    if (const auto checked = gateway::check_files(*settings); !checked) {
      std::fprintf(stderr, "%s\n", checked.error().message.c_str());
      return kRefused;
    }
    std::puts("The configuration is in order.");
    return 0;
  }
  raise_descriptor_limit();
  signal(SIGPIPE, SIG_IGN);
  auto gateway = gateway::Gateway::start(std::move(*settings));
  if (!gateway) {
    log::write(log::Level::kError, "start_refused",
               JsonObject().add("error", gateway.error().message));
    return kRefused;
  }
  (*gateway)->run(ready_fd);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "sekishod: %s\n", failure.what());
    return kRefused;
  }
}
