#include "cli/desk.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/administrator.h"

namespace sekisho::cli {
namespace {

std::optional<Error> obstacle(const std::string& path, int rights, std::string when_missing) {
  if (::faccessat(AT_FDCWD, path.c_str(), rights, AT_EACCESS) == 0) return std::nullopt;
  if (errno == ENOENT) return Error{ErrorCode::kNotFound, std::move(when_missing)};
  if (errno == EACCES) return error_from_errno("cannot open " + path);
  return std::nullopt;
}

}  // namespace

std::optional<Error> obstacle_to_configuration(const std::string& path) {
  return obstacle(path, R_OK,
                  "there is no configuration " + path +
                      ": make one with sekisho init, or name another with --config");
}

Error store_error(const Error& error, const std::string& path) {
  // A reader needs to write, too: SQLite keeps the readers of a write-ahead log in a file.
  return obstacle(path, R_OK | W_OK,
                  "there is no store " + path +
                      ": restore a copy, or make a new deployment with sekisho init")
      .value_or(error);
}

Result<const settings::Settings*> Desk::settings() {
  if (settings_) return &*settings_;
  auto loaded = settings::load(configuration_path_);
  if (!loaded) {
    is_broken_ = true;
    if (const auto known = obstacle_to_configuration(configuration_path_)) return fail(*known);
    std::string findings = settings::text_of(loaded.error(), configuration_path_);
    while (findings.ends_with('\n')) findings.pop_back();
    return fail(ErrorCode::kInvalid, std::move(findings));
  }
  settings_ = std::move(*loaded);
  return &*settings_;
}

Result<store::Store*> Desk::reader() {
  if (reader_) return &*reader_;
  const auto known = settings();
  if (!known) return fail(known.error());
  Result<store::Store> opened = store::Store::open_read_only((*known)->store_path);
  if (!opened) {
    is_broken_ = true;
    return fail(store_error(opened.error(), (*known)->store_path));
  }
  reader_ = std::move(*opened);
  return &*reader_;
}

Result<Keyring*> Desk::keyring() {
  if (keyring_) return &*keyring_;
  const auto known = settings();
  if (!known) return fail(known.error());
  Result<Keyring> loaded = Keyring::load((*known)->seal_keys_path);
  if (!loaded) {
    is_broken_ = true;
    return fail(loaded.error());
  }
  keyring_ = std::move(*loaded);
  return &*keyring_;
}

Result<authn::Office> Desk::office() {
  const auto known = settings();
  if (!known) return fail(known.error());
  const Result<Keyring*> keys = keyring();
  if (!keys) return fail(keys.error());
  if (!store_) {
    store::OpenOptions options;
    options.verify_integrity = false;  // the gateway and `doctor` look through the whole file
    Result<store::Store> opened =
        store::Store::open((*known)->store_path, **keys, random_, options);
    if (!opened) {
      is_broken_ = true;
      return fail(store_error(opened.error(), (*known)->store_path));
    }
    store_ = std::move(*opened);
  }
  return authn::Office{*store_, **keys,           random_,
                       clock_,  (*known)->policy, administrator_name(identity_of_process())};
}

Result<void> write_down(const authn::Office& office, std::string_view event,
                        std::string_view outcome, std::string_view subject, std::string detail) {
  auto transaction = office.store.begin();
  if (!transaction) return fail(transaction.error());
  const auto written =
      office.store.audit_log().append({std::string(event), std::string(outcome), office.actor,
                                       std::string(subject), "console", std::move(detail)},
                                      office.clock.now());
  if (!written) return written;
  return transaction->commit();
}

}  // namespace sekisho::cli
