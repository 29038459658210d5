#include "agent/terminal_state.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/file.h"

namespace sekisho::agent {
namespace {

constexpr const char* kCertificate = "terminal.pem";
constexpr const char* kKey = "terminal.key";
constexpr const char* kNextKey = "terminal.key.next";
constexpr const char* kAuthority = "ca.pem";

bool is_key_of(const Secret& private_key_pem, X509* certificate) {
  const Result<certs::KeyHandle> key = certs::read_private_key(private_key_pem);
  return key && certs::belongs_together(certificate, key->get());
}

}  // namespace

Result<TerminalIdentity> TerminalState::load() const {
  const Result<std::string> certificate_pem = read_file(path(kCertificate), certs::kMaxPemBytes);
  if (!certificate_pem) return fail(certificate_pem.error());
  const Result<std::string> ca_pem = read_file(path(kAuthority), certs::kMaxPemBytes);
  if (!ca_pem) return fail(ca_pem.error());
  const Result<certs::CertificateHandle> certificate = certs::read_certificate(*certificate_pem);
  if (!certificate) return fail(ErrorCode::kCorrupt, path(kCertificate) + " holds no certificate");
  Result<certs::CertificateFacts> facts = certs::facts_of(certificate->get());
  if (!facts) return fail(facts.error());
  for (const char* const name : {kKey, kNextKey}) {
    Result<Secret> key = read_secret_file(path(name), certs::kMaxPemBytes);
    if (!key && key.error().code == ErrorCode::kNotFound) continue;
    if (!key) return fail(key.error());
    if (!is_key_of(*key, certificate->get())) continue;
    return TerminalIdentity{*certificate_pem, std::move(*key), *ca_pem, std::move(*facts)};
  }
  return fail(ErrorCode::kCorrupt,
              path(kKey) + " is not the key of " + path(kCertificate) + "; join again");
}

Result<void> TerminalState::replace(const std::string& certificate_pem,
                                    const Secret& private_key_pem) const {
  const Result<certs::CertificateHandle> certificate = certs::read_certificate(certificate_pem);
  if (!certificate) return fail(certificate.error());
  if (!is_key_of(private_key_pem, certificate->get())) {
    return fail(ErrorCode::kInvalid, "the certificate is not that of the key it was asked for");
  }
  // A crash of the last time may have left the key in use under its next name.
  if (const Result<TerminalIdentity> now = load(); now) {
    const Result<void> kept =
        write_file_durably(path(kKey), now->private_key_pem.reveal_text(), 0600);
    if (!kept) return kept;
  }
  Result<void> written = write_file_durably(path(kNextKey), private_key_pem.reveal_text(), 0600);
  if (!written) return written;
  written = write_file_durably(path(kCertificate), certificate_pem, 0644);
  if (!written) return written;
  written = write_file_durably(path(kKey), private_key_pem.reveal_text(), 0600);
  if (!written) return written;
  ::unlink(path(kNextKey).c_str());
  return {};
}

Result<void> TerminalState::pin_authority(const std::string& ca_pem) const {
  return write_file_durably(path(kAuthority), ca_pem, 0644);
}

Result<void> TerminalState::make_folder(const char* owner) const {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(error_from_errno("cannot make " + folder_));
  }
  struct stat status {};
  if (::stat(folder_.c_str(), &status) != 0)
    return fail(error_from_errno("cannot stat " + folder_));
  if (::geteuid() != 0 || status.st_uid != 0) return {};
  const passwd* const user = ::getpwnam(owner);
  if (user != nullptr && ::chown(folder_.c_str(), user->pw_uid, user->pw_gid) != 0) {
    return fail(error_from_errno("cannot give " + folder_ + " to " + owner));
  }
  return {};
}

Result<void> TerminalState::hand_over() const {
  struct stat status {};
  if (::stat(folder_.c_str(), &status) != 0)
    return fail(error_from_errno("cannot stat " + folder_));
  if (status.st_uid == ::geteuid()) return {};
  for (const char* const name : {kCertificate, kKey, kAuthority}) {
    if (::lchown(path(name).c_str(), status.st_uid, status.st_gid) != 0) {
      return fail(error_from_errno("cannot give " + path(name) + " to the folder's owner"));
    }
  }
  return {};
}

}  // namespace sekisho::agent
