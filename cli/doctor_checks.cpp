#include "cli/doctor_checks.h"

#include <sys/stat.h>

#include <algorithm>

#include "authn/factors/trust_anchors.h"
#include "base/file.h"
#include "base/keyring.h"
#include "base/signing.h"
#include "base/text.h"
#include "certs/authority.h"
#include "cli/error_text.h"

namespace sekisho::cli {
namespace {

constexpr Word kKeys{"keys", {"鍵", "keys"}};
constexpr Word kModes{"file_modes", {"ファイルの権限", "file modes"}};
constexpr Word kCertificates{"certificates", {"証明書", "certificates"}};
constexpr Word kHolidays{"holidays", {"休日", "holidays"}};
constexpr std::chrono::days kHolidayNotice{60};
constexpr Word kAnchors{"trust_anchors", {"鍵の製造元", "trust anchors"}};
constexpr Word kGood{"ok", {"正常", "ok"}};
constexpr Word kWarning{"warning", {"注意", "warning"}};
constexpr Word kFailure{"failure", {"異常", "FAILURE"}};

constexpr std::chrono::days kLeafNotice{30};
constexpr std::chrono::days kAuthorityNotice{365};
constexpr std::chrono::days kAnchorNotice{90};

Word word_of(Health health) {
  switch (health) {
    case Health::kGood:
      return kGood;
    case Health::kWarning:
      return kWarning;
    case Health::kFailure:
      return kFailure;
  }
  return kFailure;
}

// What is wrong with who may touch a file that holds a secret; nullopt when nothing is.
std::optional<Text> mode_fault(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;  // told where it is read
  if ((status.st_mode & S_IRWXO) != 0) {
    return Text{"{} をほかの利用者が読めます: chmod o= {}", "others can read {}: chmod o= {}"};
  }
  if ((status.st_mode & S_IWGRP) != 0) {
    return Text{"{} をグループが書き換えられます: chmod g-w {}",
                "the group can change {}: chmod g-w {}"};
  }
  return std::nullopt;
}

std::vector<std::string> secret_files(const settings::Settings& settings) {
  std::vector<std::string> paths = {settings.seal_keys_path, settings.audit_key_path,
                                    settings.ca_key_path, settings.store_path};
  for (const settings::Listener& listener : settings.listeners) {
    if (!listener.key_path.empty()) paths.push_back(listener.key_path);
  }
  return paths;
}

// "portal.town.example" is covered by itself and by "*.town.example" (RFC 6125 section 6.4.3).
bool covers(const certs::CertificateFacts& facts, const std::string& host) {
  const std::size_t dot = host.find('.');
  const std::string parent = dot == std::string::npos ? "" : "*" + host.substr(dot);
  return std::any_of(facts.dns_names.begin(), facts.dns_names.end(),
                     [&](const std::string& name) { return name == host || name == parent; });
}

long days_until(Instant at, Instant now) {
  return static_cast<long>(std::chrono::floor<std::chrono::days>(at - now).count());
}

void examine_end(Examination& examination, const std::string& path,
                 const certs::CertificateFacts& facts, Instant now, std::chrono::days notice) {
  const std::string end = local_time(facts.not_after);
  if (facts.not_after <= now) {
    examination.fail(kCertificates, {"{} は {} に期限が切れました", "{} expired on {}"}, path, end);
  } else if (facts.not_before > now) {
    examination.fail(kCertificates,
                     {"{} はまだ有効ではありません({} から)", "{} is not valid yet, only from {}"},
                     path, local_time(facts.not_before));
  } else if (facts.not_after - now < notice) {
    examination.warn(kCertificates,
                     {"{} の期限が近づいています: {}(あと {} 日)", "{} expires on {}, in {} days"},
                     path, end, days_until(facts.not_after, now));
  } else {
    examination.good(kCertificates,
                     {"{} は {} まで有効(あと {} 日)", "{} is valid until {}, {} days"}, path, end,
                     days_until(facts.not_after, now));
  }
}

void examine_listener(Examination& examination, const settings::Settings& settings,
                      const settings::Listener& listener, Instant now) {
  const auto pem = read_file(listener.certificate_path, certs::kMaxPemBytes);
  if (!pem) return examination.fail(kCertificates, pem.error());
  const auto certificate = certs::read_certificate(*pem);
  if (!certificate) {
    return examination.fail(
        kCertificates,
        {certificate.error().code, listener.certificate_path + ": " + certificate.error().message});
  }
  const auto key_pem = read_secret_file(listener.key_path, certs::kMaxPemBytes);
  if (!key_pem) return examination.fail(kCertificates, key_pem.error());
  const auto key = certs::read_private_key(*key_pem);
  if (!key) {
    return examination.fail(kCertificates,
                            {key.error().code, listener.key_path + ": " + key.error().message});
  }
  if (!certs::belongs_together(certificate->get(), key->get())) {
    return examination.fail(kCertificates,
                            {"{} と {} は組になっていません", "{} and {} do not belong together"},
                            listener.certificate_path, listener.key_path);
  }
  const auto facts = certs::facts_of(certificate->get());
  if (!facts) return examination.fail(kCertificates, facts.error());
  std::vector<std::string> hosts = {settings.portal_host};
  for (const settings::ApplicationEntry& entry : settings.applications) {
    if (!entry.upstreams.empty()) hosts.push_back(entry.application.host);
  }
  for (const std::string& host : hosts) {
    if (covers(*facts, host)) continue;
    examination.warn(kCertificates, {"{} に {} の名前がありません", "{} does not name {}"},
                     listener.certificate_path, host);
  }
  examine_end(examination, listener.certificate_path, *facts, now, kLeafNotice);
}

}  // namespace

void Examination::fail(const Word& check, const Error& error) {
  diagnoses_.push_back({check, Health::kFailure, error_text(error, language_)});
}

bool Examination::has_failures() const {
  return std::any_of(diagnoses_.begin(), diagnoses_.end(),
                     [](const Diagnosis& one) { return one.health == Health::kFailure; });
}

Listing Examination::listing() const {
  Listing listing{{{"health", {"判定", "health"}},
                   {"check", {"検査", "check"}},
                   {"finding", {"所見", "finding"}}},
                  {},
                  {"検査するものがありません", "nothing to examine"}};
  for (const Diagnosis& one : diagnoses_) {
    listing.rows.push_back({word_of(one.health), one.check, one.words});
  }
  return listing;
}

void examine_keys(Examination& examination, const settings::Settings& settings) {
  bool are_modes_good = true;
  for (const std::string& path : secret_files(settings)) {
    const auto fault = mode_fault(path);
    if (!fault) continue;
    are_modes_good = false;
    examination.fail(kModes, *fault, path, path);
  }
  if (are_modes_good) {
    examination.good(kModes, {"鍵とデータベースはほかの利用者から読めません",
                              "keys and store cannot be read by others"});
  }
  if (const auto keyring = Keyring::load(settings.seal_keys_path); !keyring) {
    examination.fail(kKeys, keyring.error());
  } else {
    examination.good(kKeys, {"封印の鍵を読めます(現在の鍵 {})", "sealing keys load; current: {}"},
                     keyring->current_id());
  }
  if (const auto key = SigningKey::load(settings.audit_key_path); !key) {
    examination.fail(kKeys,
                     {key.error().code, settings.audit_key_path + ": " + key.error().message});
  } else {
    examination.good(kKeys, {"監査ログの署名鍵を読めます", "the audit key loads"});
  }
}

void examine_certificates(Examination& examination, const settings::Settings& settings,
                          Instant now) {
  const auto pem = read_file(settings.ca_certificate_path, certs::kMaxPemBytes);
  const auto key = read_secret_file(settings.ca_key_path, certs::kMaxPemBytes);
  if (!pem) {
    examination.fail(kCertificates, pem.error());
  } else if (!key) {
    examination.fail(kCertificates, key.error());
  } else if (const auto authority = certs::CertificateAuthority::load(*pem, *key); !authority) {
    examination.fail(kCertificates, {authority.error().code, settings.ca_certificate_path + ": " +
                                                                 authority.error().message});
  } else {
    examine_end(examination, settings.ca_certificate_path, authority->facts(), now,
                kAuthorityNotice);
  }
  for (const settings::Listener& listener : settings.listeners) {
    if (listener.kind == settings::Listener::Kind::kWeb) {
      examine_listener(examination, settings, listener, now);
    }
  }
}

// A calendar that has ended lets people in on holidays, and nobody notices.
void examine_holidays(Examination& examination, const settings::Settings& settings, Instant now) {
  const auto& holidays = settings.calendar.holidays;
  if (holidays.empty()) return;
  const Instant last(holidays.back());
  if (last < now + kHolidayNotice) {
    return examination.warn(kHolidays,
                            {"休日の表は {} で終わっています。新しい表に替えてください",
                             "the list of holidays ends on {}; replace it by a newer one"},
                            local_time(last));
  }
  examination.good(kHolidays,
                   {"休日 {} 日、最後は {}", "{} holidays are known, the last of them {}"},
                   holidays.size(), local_time(last));
}

void examine_trust_anchors(Examination& examination, const settings::Settings& settings,
                           Instant now) {
  const std::string& folder = settings.trust_anchors_path;
  if (folder.empty()) return;
  const auto anchors = authn::TrustAnchors::load(folder);
  if (!anchors) return examination.fail(kAnchors, anchors.error());
  if (anchors->size() == 0) {
    const Text text{"{} に証明書(*.pem、*.crt)がないので、どの鍵の機種も確認できません",
                    "{} holds no certificate (*.pem, *.crt), so nobody vouches for any key"};
    // Where a model is demanded, nobody can register a key now.
    return settings.policy.security_keys.models.empty() ? examination.warn(kAnchors, text, folder)
                                                        : examination.fail(kAnchors, text, folder);
  }
  bool is_all_good = true;
  for (const authn::TrustAnchors::Anchor& anchor : anchors->list()) {
    if (anchor.not_after - now >= kAnchorNotice) continue;
    is_all_good = false;
    if (anchor.not_after <= now) {
      examination.warn(kAnchors,
                       {"{} は {} に期限が切れたので、この製造元の鍵を確認できません",
                        "{} expired on {} and vouches for no key any more"},
                       anchor.file, local_time(anchor.not_after));
    } else {
      examination.warn(
          kAnchors, {"{} の期限が近づいています: {}(あと {} 日)", "{} expires on {}, in {} days"},
          anchor.file, local_time(anchor.not_after), days_until(anchor.not_after, now));
    }
  }
  if (is_all_good) {
    examination.good(kAnchors,
                     {"製造元の証明書 {} 枚、期限の問題なし",
                      "{} makers' certificates, none of them ending soon"},
                     anchors->size());
  }
}

}  // namespace sekisho::cli
