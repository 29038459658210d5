#include "authn/factors/trust_anchors.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>

#include "authn/factors/attestation_certificate.h"
#include "authn/factors/openssl_handles.h"
#include "base/file.h"

namespace sekisho::authn {
namespace {

constexpr std::size_t kMaxAnchors = 256;
constexpr std::size_t kMaxFile = 1 << 20;  // bytes
constexpr int kMaxIntermediates = 5;
constexpr int kLeastStrength = 2;  // OpenSSL's security level: 112 bits

using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
// Lists certificates, and owns none of them.
struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

// The names of the certificate files, sorted, so that the same folder fails in the same way.
Result<std::vector<std::string>> certificate_files(const std::string& folder) {
  std::error_code ec;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator at(folder, ec), end; !ec && at != end;
       at.increment(ec)) {
    const std::string ending = at->path().extension();
    if (ending == ".pem" || ending == ".crt") names.push_back(at->path());
  }
  if (ec == std::errc::no_such_file_or_directory || ec == std::errc::not_a_directory) {
    return fail(ErrorCode::kNotFound, "there is no folder " + folder);
  }
  if (ec) return fail(ErrorCode::kDenied, "cannot list " + folder + ": " + ec.message());
  std::ranges::sort(names);
  return names;
}

// Every certificate of a text; nullopt when there is none, or something is broken.
std::optional<std::vector<CertificateHandle>> certificates_in(const std::string& text) {
  const Bio memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  std::vector<CertificateHandle> found;
  while (memory) {
    CertificateHandle one(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    found.push_back(std::move(one));
  }
  const unsigned long reason = ERR_peek_last_error();
  const bool is_at_end =
      ERR_GET_LIB(reason) == ERR_LIB_PEM && ERR_GET_REASON(reason) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (found.empty() || !is_at_end) return std::nullopt;
  return found;
}

// One whose end cannot be read counts as ended: OpenSSL would not follow a chain to it.
Instant end_of(const X509* certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) return Instant{};
  return Instant(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

struct TrustAnchors::Parts {
  Store store{X509_STORE_new()};
  std::vector<Anchor> list;
};

TrustAnchors::TrustAnchors() : parts_(std::make_unique<Parts>()) {}
TrustAnchors::~TrustAnchors() = default;
TrustAnchors::TrustAnchors(TrustAnchors&&) noexcept = default;
TrustAnchors& TrustAnchors::operator=(TrustAnchors&&) noexcept = default;

const std::vector<TrustAnchors::Anchor>& TrustAnchors::list() const {
  return parts_->list;
}

Result<TrustAnchors> TrustAnchors::load(const std::string& folder) {
  const auto files = certificate_files(folder);
  if (!files) return fail(files.error());
  TrustAnchors anchors;
  for (const std::string& file : *files) {
    const auto text = read_file(file, kMaxFile);
    if (!text) return fail(text.error());
    const auto certificates = certificates_in(*text);
    if (!certificates) {
      return fail(ErrorCode::kInvalid, file + " holds no certificate, or a broken one");
    }
    if (anchors.size() + certificates->size() > kMaxAnchors) {
      return fail(ErrorCode::kInvalid, folder + " holds more than 256 certificates");
    }
    for (const CertificateHandle& certificate : *certificates) {
      anchors.parts_->list.push_back({file, end_of(certificate.get())});
      if (X509_STORE_add_cert(anchors.parts_->store.get(), certificate.get()) != 1) {
        return fail(ErrorCode::kInternal, "OpenSSL cannot keep a certificate of " + file);
      }
    }
  }
  return anchors;
}

bool TrustAnchors::lead_to(const std::vector<Bytes>& chain, Instant now) const {
  if (chain.empty() || size() == 0) return false;
  std::vector<CertificateHandle> certificates;
  const Stack others(sk_X509_new_null());
  const StoreContext context(X509_STORE_CTX_new());
  if (!others || !context) return false;
  for (const Bytes& der : chain) {
    certificates.push_back(read_certificate(der));
    X509* const one = certificates.back().get();
    if (one == nullptr) return false;
    if (certificates.size() > 1 && sk_X509_push(others.get(), one) == 0) return false;
  }
  if (X509_STORE_CTX_init(context.get(), parts_->store.get(), certificates.front().get(),
                          others.get()) != 1) {
    return false;
  }
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
  // An anchor need not be a root: a maker may be trusted for one model's issuer alone.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_depth(rules, kMaxIntermediates);
  X509_VERIFY_PARAM_set_auth_level(rules, kLeastStrength);
  X509_VERIFY_PARAM_set_time(
      rules, std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  const bool leads = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return leads;
}

}  // namespace sekisho::authn
