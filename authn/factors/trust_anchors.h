// Whom we believe when a key's maker vouches for it: certificates from a folder of ours, because
// nothing here can ask the FIDO Metadata Service.

#ifndef SEKISHO_AUTHN_FACTORS_TRUST_ANCHORS_H_
#define SEKISHO_AUTHN_FACTORS_TRUST_ANCHORS_H_

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace sekisho::authn {

class TrustAnchors {
 public:
  // None: every chain is unanchored.
  TrustAnchors();
  // Every certificate of every *.pem and *.crt (PEM) in `folder`, at most 256.  kNotFound when
  // there is no such folder, kInvalid naming the file that holds no certificate.
  static Result<TrustAnchors> load(const std::string& folder);

  ~TrustAnchors();
  TrustAnchors(TrustAnchors&&) noexcept;
  TrustAnchors& operator=(TrustAnchors&&) noexcept;

  // Until when each can vouch for anything, in the order of the folder: for who looks after it.
  struct Anchor {
    std::string file;
    Instant not_after;
  };
  const std::vector<Anchor>& list() const;
  std::size_t size() const { return list().size(); }
  // Whether `chain` (DER, the attestation certificate first) leads to one of them at `now`, or is
  // one of them itself.  Revocation is known by taking an anchor out of the folder.
  bool lead_to(const std::vector<Bytes>& chain, Instant now) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_TRUST_ANCHORS_H_
