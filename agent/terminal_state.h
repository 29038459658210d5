// What a terminal keeps of itself: its key, its certificate and the authority it trusts.
//
//   terminal.pem       the certificate the gateway issued
//   terminal.key       its private key, mode 0600, made here and never sent anywhere
//   terminal.key.next  the key of a certificate being put in place
//   ca.pem             the segment's authority, pinned by its fingerprint when joining
//
// Two files cannot be replaced at once, so replace() goes key.next, certificate, key; and load()
// takes whichever key belongs to the certificate.  A crash between any two steps leaves a pair
// that works: the old one before the certificate is replaced, the new one after.

#ifndef SEKISHO_AGENT_TERMINAL_STATE_H_
#define SEKISHO_AGENT_TERMINAL_STATE_H_

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "certs/certificate.h"

namespace sekisho::agent {

// Whom the shipped unit runs the agent as.
inline constexpr const char* kAgentUser = "sekisho-agent";

// Everything TLS needs to speak as this terminal.
struct TerminalIdentity {
  std::string certificate_pem;
  Secret private_key_pem;
  std::string ca_pem;
  certs::CertificateFacts facts;  // of the certificate; the subject is the terminal's name
};

class TerminalState {
 public:
  explicit TerminalState(std::string folder) : folder_(std::move(folder)) {}

  // kNotFound when the terminal has not joined, kCorrupt when the files do not belong together,
  // kDenied when others could read the key.
  Result<TerminalIdentity> load() const;

  // Puts a new pair in place, durably.  kInvalid, and nothing changed, unless the certificate is
  // that of the key.
  Result<void> replace(const std::string& certificate_pem, const Secret& private_key_pem) const;

  // Pins the authority; replace() must follow.
  Result<void> pin_authority(const std::string& ca_pem) const;

  // Makes the folder (mode 0700) unless it is there.  An administrator joins as root, the agent
  // runs as its own user: what would be root's is given to `owner`, if there is such a user.
  Result<void> make_folder(const char* owner = kAgentUser) const;
  // Gives the files to the folder's owner.
  Result<void> hand_over() const;

 private:
  std::string path(const char* name) const { return folder_ + "/" + name; }

  std::string folder_;
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_TERMINAL_STATE_H_
