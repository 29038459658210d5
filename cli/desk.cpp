#include "cli/desk.h"

#include "cli/administrator.h"

namespace sekisho::cli {

Result<const settings::Settings*> Desk::settings() {
  if (settings_) return &*settings_;
  auto loaded = settings::load(configuration_path_);
  if (!loaded) {
    is_broken_ = true;
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
    return fail(opened.error());
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
      return fail(opened.error());
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
