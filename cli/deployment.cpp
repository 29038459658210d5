#include "cli/deployment.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "base/json_text.h"
#include "base/keyring.h"
#include "base/signing.h"
#include "certs/authority.h"
#include "certs/csr.h"
#include "store/store.h"

namespace sekisho::cli {
namespace {

constexpr std::chrono::days kPortalCertificateLife{825};
constexpr mode_t kSecretMode = 0640;  // root writes, the gateway's group reads
constexpr mode_t kPublicMode = 0644;
constexpr mode_t kFolderMode = 0750;

std::string list_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() == 1 ? "" : ", ") + json_string(text);
  return out + "]";
}

std::string folder_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

// What a town may want to say of security keys, as comments.
std::string security_keys_text(const std::function<std::string(Text)>& comment) {
  std::string out;
  out += "\n" +
         comment({"セキュリティキー(FIDO2)。何も書かなければ既定のとおり: sekisho config show",
                  "Security keys (FIDO2).  What is not said has its default: sekisho config show"});
  out += "#[security_keys]\n";
  out += comment({"PIN か指紋の確認: \"preferred\"(あれば)か \"required\"(必ず)",
                  "a PIN or fingerprint: \"preferred\" (where there is one) or \"required\""});
  out += "#user_verification = \"preferred\"\n";
  out += comment({"true: 鍵と PIN だけでログインできる(利用者名もパスワードも不要)",
                  "true: a key and its PIN sign in alone, without name and password"});
  out += "#passwordless = false\n";
  out += comment({"true: 鍵の外へ複製できる登録も受け付ける",
                  "true: credentials that can leave their key are taken, too"});
  out += "#syncable = false\n";
  out += comment({"1 人の鍵の上限、登録コードの有効時間",
                  "keys of one person at most; how long an enrolment code is good"});
  out += "#keys_most = 8\n#enrolment = \"10m\"\n";
  out += comment({"鍵の製造元の証明書(*.pem)を置くフォルダーと、グループが使える鍵の機種",
                  "a folder of the makers' certificates (*.pem), and the models a group may use"});
  out +=
      "#trust_anchors = \"trust_anchors\"\n#  [[security_keys.model]]\n"
      "#  groups = [\"admin\"]\n#  aaguids = [\"ee882879-721c-4913-9775-3dfcce97072a\"]\n";
  out += "\n" + comment({"端末のログインに要る要素: \"any-second-factor\"、\"fido2\"、"
                         "\"fido2+uv\"(PIN か指紋も)。サービスごとにも決められる",
                         "What terminals ask for: \"any-second-factor\", \"fido2\", or "
                         "\"fido2+uv\" (with PIN or fingerprint); also for one service"});
  out += "#[terminals]\n#require = \"any-second-factor\"\n";
  out += comment({"規則の terminals が、ログインした端末とみなす時間",
                  "for how long a rule's terminals take a person to be where they signed in"});
  out +=
      "#seat_life = \"12h\"\n#  [[terminals.service]]\n"
      "#  name = \"sudo\"\n#  require = \"fido2+uv\"\n";
  return out;
}

// Whose rights are worth most.
std::string privileged_text(const std::function<std::string(Text)>& comment) {
  return "\n" +
         comment(
             {"特権グループ: 強い要素、少ない試行、短いセッション。複製の疑いがある鍵は拒否する",
              "Privileged groups: stronger factors, fewer guesses, shorter sessions; a key that "
              "may have been copied is refused"}) +
         comment({"fido2 以上なら、最初の鍵には登録コード(sekisho enroll code)が要り、端末は鍵だけ"
                  "(ssh は不可)",
                  "from fido2 on their first key takes a code (sekisho enroll code), and terminals "
                  "take keys only, so no ssh"}) +
         "#[privileged]\n#groups = [\"admin\"]\n#require = \"fido2+uv\"\n#lock_after = 3\n"
         "#idle = \"5m\"\n#absolute = \"4h\"\n";
}

// For applications that want proof of who is there.
std::string identity_text(const std::function<std::string(Text)>& comment) {
  return "\n" +
         comment(
             {"[[application]] に identity_token = true と書くと、そのアプリケーションは署名した"
              "利用者情報(JWT)も受け取る。その有効時間と、鍵を替える日数",
              "An application with identity_token = true is also told by a signed token (JWT) "
              "who is there: how long one is good, and after how many days the key changes"}) +
         "#[identity]\n#token_life = \"60s\"\n#rotate_days = 30\n";
}

}  // namespace

std::string configuration_text(const Plan& plan, Language language) {
  const auto comment = [language](Text text) {
    return "# " + std::string(text.in(language)) + "\n";
  };
  std::string out;
  out +=
      comment({"Sekisho の設定。相対パスはこのファイルのフォルダーからたどる。変更したら "
               "sekisho config check",
               "Sekisho.  Relative paths start at this file's folder.  After a change: "
               "sekisho config check"});
  out += "\n" + comment({"閉域網の範囲。待ち受けも接続先もこの中だけ",
                         "The segment: nothing listens on or connects to anything outside"});
  out += "[segment]\nnetworks = " + list_of(plan.networks) + "\n";
  out += "\n" + comment({"データベースと、その中の秘密を封じる鍵、監査ログに署名する鍵",
                         "The store, the keys that seal its secrets, the key that signs the log"});
  out += "[store]\npath = " + json_string(plan.store_path) +
         "\nseal_keys = \"keys/seal.keys\"\naudit_key = \"keys/audit.pem\"\n";
  out += "\n" + comment({"端末に証明書を発行する認証局と、その有効日数",
                         "The authority that issues terminals' certificates, for so many days"});
  out += "[ca]\ncertificate = \"keys/ca.pem\"\nkey = \"keys/ca.key\"\nterminal_days = 90\n";
  out += "\n" + comment({"利用者がログインする入口", "Where people sign in"});
  out += "[portal]\nurl = " + json_string(plan.portal_url) + "\n";
  if (!plan.organization.empty()) {
    out += "organization = " + json_string(plan.organization) + "\n";
  }
  if (!plan.cookie_domain.empty()) {
    out += "cookie_domain = " + json_string(plan.cookie_domain) + "\n";
  }
  out += "\n" + comment({"待ち受け: Web、端末、監視(ループバックのみ)",
                         "Listeners: the web, terminals, metrics (loopback only)"});
  out += "[[listener]]\nkind = \"web\"\naddress = " + json_string(plan.web_address) +
         "\ncertificate = \"tls/portal.pem\"\nkey = \"tls/portal.key\"\n\n";
  out += "[[listener]]\nkind = \"terminal\"\naddress = " + json_string(plan.terminal_address) +
         "\nnames = " + list_of(plan.terminal_names) + "\n\n";
  out += "[[listener]]\nkind = \"metrics\"\naddress = \"127.0.0.1:9090\"\n\n";
  out += comment({"同じ機械の nginx からの確認。このソケットを開けるのは group だけ",
                  "Checks by nginx on this machine; only the group can open the socket"});
  out +=
      "#[[listener]]\n#kind = \"check\"\n#path = \"/run/sekisho-gateway/check.sock\"\n"
      "#group = \"www-data\"\n";
  out += "\n" + comment({"要求ごとに 1 行のアクセスログ (JSON)。監査ログとは別",
                         "The access log: a line of JSON for each request, beside the audit log"});
  out += "#[access_log]\n#path = \"/var/log/sekisho/access.jsonl\"\n";
  out += "\n" + comment({"前段のリバースプロキシ。ここにない相手の X-Forwarded-* は信用しない",
                         "Proxies in front; X-Forwarded-* of nobody else is believed"});
  out += "[proxies]\ntrusted = []\n";
  out += security_keys_text(comment);
  out += privileged_text(comment);
  out += identity_text(comment);
  out += "\n" + comment({"アプリケーション。最初に一致した規則で決まり、どれにも一致しなければ拒否",
                         "Applications: the first rule that matches decides, none means no"});
  const std::string domain =
      plan.cookie_domain.empty() ? std::string("town.example") : plan.cookie_domain;
  out += "#[[application]]\n#name = \"tax\"\n#host = \"tax." + domain +
         "\"\n#upstream = \"http://10.20.0.5:8080\"\n#  [[application.rule]]\n#  path = \"/\"\n"
         "#  groups = [\"tax\"]\n#  hours = \"08:00-18:00\"\n#  days = \"mon-fri\"\n"
         "#  require = \"any-second-factor\"\n#  fresh = \"30m\"\n#  terminals = [\"zeimu-*\"]\n";
  return out;
}

Result<PortalCertificate> issue_portal_certificate(const certs::CertificateAuthority& authority,
                                                   const settings::Settings& settings,
                                                   Instant now) {
  std::vector<std::string> names = {settings.portal_host};
  if (!settings.cookie_domain.empty()) names.push_back("*." + settings.cookie_domain);
  auto key = certs::make_key_and_csr(settings.portal_host.substr(0, 64));
  if (!key) return fail(key.error());
  const auto leaf = authority.issue_server(key->csr_pem, names, {now, kPortalCertificateLife});
  if (!leaf) return fail(leaf.error());
  auto facts = certs::facts_of_pem(leaf->pem);
  if (!facts) return fail(facts.error());
  return PortalCertificate{std::move(key->private_key_pem), leaf->pem + authority.certificate_pem(),
                           std::move(*facts)};
}

Deployment::~Deployment() {
  std::error_code ignored;
  for (auto path = made_.rbegin(); path != made_.rend(); ++path) {
    std::filesystem::remove(*path, ignored);  // a folder only when it is empty
  }
}

Result<void> Deployment::give_to_owner(const std::string& path, bool writable_by_owner) {
  if (!owner_) return {};
  const uid_t user = writable_by_owner ? owner_->user : 0;
  if (::lchown(path.c_str(), user, owner_->group) != 0) {
    return fail(error_from_errno("cannot change the owner of " + path));
  }
  return {};
}

Result<void> Deployment::add_folders(const std::string& path) {
  if (path.empty() || exists(path)) return {};
  if (auto parent = add_folders(folder_of(path)); !parent) return parent;
  if (::mkdir(path.c_str(), kFolderMode) != 0) {
    return fail(error_from_errno("cannot make the folder " + path));
  }
  made_.push_back(path);
  return give_to_owner(path, false);
}

Result<void> Deployment::add_file(const std::string& path, std::string_view content, mode_t mode) {
  if (exists(path)) return fail(ErrorCode::kAlreadyExists, path + " exists already");
  if (auto folders = add_folders(folder_of(path)); !folders) return folders;
  if (auto created = create_file_durably(path, content, mode); !created) return created;
  made_.push_back(path);
  if (::chmod(path.c_str(), mode) != 0) {  // whatever the umask
    return fail(error_from_errno("cannot set the mode of " + path));
  }
  return give_to_owner(path, false);
}

Result<void> Deployment::add_configuration(const std::string& path, std::string_view text) {
  return add_file(path, text, kSecretMode);
}

Result<void> Deployment::add_keys(const settings::Settings& settings) {
  const Secret seal_keys = Keyring::new_file_text(random_, "k1");
  if (auto added = add_file(settings.seal_keys_path, seal_keys.reveal_text(), kSecretMode);
      !added) {
    return added;
  }
  const Result<Secret> pem = SigningKey::new_pem();
  if (!pem) return fail(pem.error());
  if (auto added = add_file(settings.audit_key_path, pem->reveal_text(), kSecretMode); !added) {
    return added;
  }
  const Result<SigningKey> key = SigningKey::parse(*pem);
  if (!key) return fail(key.error());
  // For the auditor, who verifies exported logs with it.
  return add_file(folder_of(settings.audit_key_path) + "/audit-public.pem",
                  key->verifying_key().pem(), kPublicMode);
}

Result<void> Deployment::add_authority_and_certificates(const settings::Settings& settings) {
  const Instant now = clock_.now();
  const auto files = certs::CertificateAuthority::create("Sekisho segment CA", now);
  if (!files) return fail(files.error());
  const auto authority =
      certs::CertificateAuthority::load(files->certificate_pem, files->private_key_pem);
  if (!authority) return fail(authority.error());
  authority_fingerprint_ = authority->facts().fingerprint;
  if (auto added = add_file(settings.ca_certificate_path, files->certificate_pem, kPublicMode);
      !added) {
    return added;
  }
  if (auto added =
          add_file(settings.ca_key_path, files->private_key_pem.reveal_text(), kSecretMode);
      !added) {
    return added;
  }
  for (const settings::Listener& listener : settings.listeners) {
    if (listener.kind != settings::Listener::Kind::kWeb) continue;
    // Several listeners may share a certificate, and the town may have brought its own.
    if (exists(listener.certificate_path) || exists(listener.key_path)) continue;
    const auto issued = issue_portal_certificate(*authority, settings, now);
    if (!issued) return fail(issued.error());
    if (auto added = add_file(listener.key_path, issued->key_pem.reveal_text(), kSecretMode);
        !added) {
      return added;
    }
    if (auto added = add_file(listener.certificate_path, issued->chain_pem, kPublicMode); !added) {
      return added;
    }
  }
  return {};
}

Result<void> Deployment::add_store(const settings::Settings& settings, const std::string& actor) {
  const Result<Keyring> keyring = Keyring::load(settings.seal_keys_path);
  if (!keyring) return fail(keyring.error());
  const std::string folder = folder_of(settings.store_path);
  const bool is_new_folder = !exists(folder);
  if (auto folders = add_folders(folder); !folders) return folders;
  for (const char* suffix : {"-shm", "-wal", ""}) made_.push_back(settings.store_path + suffix);
  {
    auto store = store::Store::create(settings.store_path, *keyring, random_, clock_.now());
    if (!store) return fail(store.error());
    auto transaction = store->begin();
    if (!transaction) return fail(transaction.error());
    const auto written = store->audit_log().append(
        {"init", "done", actor, "store", "console",
         JsonObject().add("version", SEKISHO_VERSION).add("ca", authority_fingerprint_).text()},
        clock_.now());
    if (!written) return written;
    if (auto committed = transaction->commit(); !committed) return committed;
  }
  if (::chmod(settings.store_path.c_str(), kSecretMode) != 0) {
    return fail(error_from_errno("cannot set the mode of " + settings.store_path));
  }
  // The gateway writes the store, and SQLite makes its -wal and -shm files beside it.
  if (auto given = give_to_owner(settings.store_path, true); !given) return given;
  return is_new_folder ? give_to_owner(folder, true) : Result<void>();
}

Result<void> Deployment::add_parts(const settings::Settings& settings, const std::string& actor) {
  // Looked at before anything is made; the store last, because it takes longest.
  for (const std::string& path :
       {settings.store_path, settings.seal_keys_path, settings.audit_key_path,
        settings.ca_certificate_path, settings.ca_key_path}) {
    if (exists(path)) return fail(ErrorCode::kAlreadyExists, path + " exists already");
  }
  if (auto keys = add_keys(settings); !keys) return keys;
  if (auto authority = add_authority_and_certificates(settings); !authority) return authority;
  return add_store(settings, actor);
}

}  // namespace sekisho::cli
