// What vouches for applications over TLS: their authorities, and the lists of what was withdrawn.

#include <set>

#include "base/file.h"
#include "certs/ends.h"
#include "cli/doctor_checks.h"
#include "cli/error_text.h"

namespace sekisho::cli {
namespace {

constexpr Word kUpstreamTrust{"upstream_trust", {"接続先の証明書", "upstream trust"}};
constexpr std::chrono::days kAuthorityNotice{90};
constexpr std::chrono::days kListNotice{3};
constexpr std::size_t kMostPemBytes = 16 * 1024 * 1024;

void examine_authority(Examination& examination, const std::string& path, Instant now) {
  const auto pem = read_file(path, kMostPemBytes);
  if (!pem) return examination.fail(kUpstreamTrust, pem.error());
  const auto end = certs::end_of_authorities(*pem);
  if (!end) {
    return examination.fail(kUpstreamTrust, {end.error().code, path + ": " + end.error().message});
  }
  if (*end <= now) {
    return examination.fail(
        kUpstreamTrust,
        {"接続先の認証局 {} は {} に期限が切れ、その接続先はすべて拒否されます",
         "an authority of {} ended on {}, and every server under it is refused"},
        path, local_time(*end));
  }
  if (*end - now < kAuthorityNotice) {
    return examination.warn(
        kUpstreamTrust,
        {"接続先の認証局 {} は {} に期限が切れます。新しい証明書を加えて reload してください",
         "an authority of {} ends on {}: add its next certificate and reload"},
        path, local_time(*end));
  }
  examination.good(kUpstreamTrust,
                   {"接続先の認証局 {} は {} まで有効", "the authority {} holds until {}"}, path,
                   local_time(*end));
}

void examine_list(Examination& examination, const std::string& path, Instant now) {
  const auto pem = read_file(path, kMostPemBytes);
  if (!pem) return examination.fail(kUpstreamTrust, pem.error());
  const auto found = certs::end_of_lists(*pem);
  if (!found) {
    return examination.fail(kUpstreamTrust,
                            {found.error().code, path + ": " + found.error().message});
  }
  const Instant end = *found;
  if (end <= now) {
    return examination.fail(
        kUpstreamTrust,
        {"失効リスト {} は {} に期限が切れ、接続先はすべて拒否されます。新しいものに替えて reload "
         "してください",
         "the list of withdrawn certificates {} ended on {}, and every server under it is refused: "
         "replace it and reload"},
        path, local_time(end));
  }
  if (end - now < kListNotice) {
    return examination.warn(
        kUpstreamTrust,
        {"失効リスト {} は {} に期限が切れます。それまでに替えて reload してください",
         "the list of withdrawn certificates {} ends on {}: replace it and reload before then"},
        path, local_time(end));
  }
  examination.good(kUpstreamTrust, {"失効リスト {} は {} まで有効", "the list {} holds until {}"},
                   path, local_time(end));
}

}  // namespace

void examine_upstream_trust(Examination& examination, const settings::Settings& settings,
                            Instant now) {
  std::set<std::string> authorities;
  std::set<std::string> lists;
  for (const settings::ApplicationEntry& entry : settings.applications) {
    for (const settings::Upstream& upstream : entry.upstreams) {
      if (!upstream.ca_path.empty()) authorities.insert(upstream.ca_path);
      if (!upstream.crl_path.empty()) lists.insert(upstream.crl_path);
    }
  }
  for (const std::string& path : authorities) examine_authority(examination, path, now);
  for (const std::string& path : lists) examine_list(examination, path, now);
}

}  // namespace sekisho::cli
