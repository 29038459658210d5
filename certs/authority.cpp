#include "certs/authority.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/ip_network.h"
#include "base/random.h"
#include "base/text.h"

namespace sekisho::certs {
namespace {

constexpr std::chrono::minutes kBackdating{5};
constexpr std::chrono::years kAuthorityLife{20};
constexpr long kVersion3 = 2;
constexpr std::size_t kSerialBytes = 16;
constexpr std::size_t kMaxServerNames = 100;

using NamesHandle = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;

// T-09: what we sign, and what we sign with, has at least 112 bits of strength.
Result<void> require_strong_key(EVP_PKEY* key) {
  const auto refuse = [] {
    return fail(ErrorCode::kInvalid,
                "the key must be ECDSA on P-256 or P-384, or RSA of 2048 to 8192 bits");
  };
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits < 2048 || bits > 8192) return refuse();
    return {};
  }
  if (EVP_PKEY_is_a(key, "EC") != 1) return refuse();
  char group[64] = {};
  char encoding[32] = {};
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                     nullptr) != 1 ||
      EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding, sizeof encoding,
                                     nullptr) != 1) {
    ERR_clear_error();
    return refuse();
  }
  const std::string_view name(group);
  const bool known =
      name == "prime256v1" || name == "P-256" || name == "secp384r1" || name == "P-384";
  // Curve parameters spelled out are how CVE-2020-0601 passed off a foreign key: named curves only.
  if (!known || std::string_view(encoding) != OSSL_PKEY_EC_ENCODING_GROUP) return refuse();
  return {};
}

// The public key of a request that proves possession of its private key; nothing else of it.
Result<KeyHandle> proven_key(std::string_view csr_pem) {
  if (csr_pem.size() > kMaxPemBytes) return fail(ErrorCode::kInvalid, "the request is too long");
  const BioHandle in = reader_of(csr_pem);
  const RequestHandle request(in ? PEM_read_bio_X509_REQ(in.get(), nullptr, nullptr, nullptr)
                                 : nullptr);
  if (!request) {
    return fail(openssl_error("the certificate request is malformed", ErrorCode::kInvalid));
  }
  KeyHandle key(X509_REQ_get_pubkey(request.get()));
  if (!key) return fail(openssl_error("the request holds no usable key", ErrorCode::kInvalid));
  if (const Result<void> strong = require_strong_key(key.get()); !strong) {
    return fail(strong.error());
  }
  if (X509_REQ_verify(request.get(), key.get()) != 1) {
    return fail(openssl_error("the request is not signed by its own key", ErrorCode::kInvalid));
  }
  return key;
}

bool set_random_serial(X509* certificate, std::string& text) {
  SystemRandom random;
  Bytes octets = random.bytes(kSerialBytes);
  octets.front() |= 0x01;  // never zero, and always 16 octets long
  text = hex_of(octets);
  const NumberHandle number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_time(ASN1_TIME* time, Instant at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return ASN1_TIME_set(time, static_cast<time_t>(seconds)) != nullptr;
}

bool set_subject(X509* certificate, std::string_view common_name) {
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                    as_bytes(common_name).data(),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

// `value` is ours, never a peer's: the syntax of X509V3 configuration would let it say anything.
bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool add_name(GENERAL_NAMES* names, int type, ByteView value) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* text =
      type == GEN_IPADD ? static_cast<ASN1_STRING*>(ASN1_OCTET_STRING_new()) : ASN1_IA5STRING_new();
  if (name == nullptr || text == nullptr ||
      ASN1_STRING_set(text, value.data(), static_cast<int>(value.size())) != 1) {
    GENERAL_NAME_free(name);
    ASN1_STRING_free(text);
    return false;
  }
  GENERAL_NAME_set0_value(name, type, text);
  if (sk_GENERAL_NAME_push(names, name) > 0) return true;
  GENERAL_NAME_free(name);
  return false;
}

bool is_dns_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > 253) return false;
  const std::vector<std::string_view> labels = split(name, '.');
  // "10.0.0.256" is a mistyped address, not a host.
  if (parse_unsigned(labels.back())) return false;
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '-';
           });
  });
}

Result<NamesHandle> server_names(std::span<const std::string> names) {
  if (names.empty() || names.size() > kMaxServerNames) {
    return fail(ErrorCode::kInvalid, "a server's certificate needs 1 to 100 names");
  }
  NamesHandle out(GENERAL_NAMES_new());
  for (const std::string& name : names) {
    bool added = false;
    if (const std::optional<IpAddress> address = IpAddress::parse(name)) {
      ByteView octets(address->octets());
      if (address->is_v4()) octets = octets.last(4);
      added = out && add_name(out.get(), GEN_IPADD, octets);
    } else if (is_dns_name(name)) {
      added = out && add_name(out.get(), GEN_DNS, as_bytes(lower_case(name)));
    } else {
      return fail(ErrorCode::kInvalid,
                  "\"" + printable(name) + "\" is neither a host name nor an IP address");
    }
    if (!added) return fail(openssl_error("cannot write an alternative name"));
  }
  return out;
}

Result<std::string> pem_of(X509* certificate) {
  const BioHandle out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), certificate) != 1) {
    return fail(openssl_error("cannot write a certificate"));
  }
  return text_of(out.get());
}

}  // namespace

struct CertificateAuthority::Leaf {
  std::string common_name;  // "" leaves the subject empty and the names critical (RFC 5280 4.2.1.6)
  GENERAL_NAMES* names;
  const char* extended_key_usage;
};

Result<CertificateAuthority::Files> CertificateAuthority::create(std::string_view common_name,
                                                                 Instant now) {
  if (common_name.empty() || common_name.size() > 64 || !is_utf8(common_name) ||
      has_control_characters(common_name)) {
    return fail(ErrorCode::kInvalid,
                "an authority's name is 1 to 64 bytes of UTF-8 without control characters");
  }
  const KeyHandle key(EVP_EC_gen("P-256"));
  const CertificateHandle certificate(X509_new());
  std::string serial;
  X509* const self = certificate.get();
  const bool made =
      key && certificate && X509_set_version(self, kVersion3) == 1 &&
      set_random_serial(self, serial) && set_time(X509_getm_notBefore(self), now - kBackdating) &&
      set_time(X509_getm_notAfter(self), now + kAuthorityLife) && set_subject(self, common_name) &&
      X509_set_issuer_name(self, X509_get_subject_name(self)) == 1 &&
      X509_set_pubkey(self, key.get()) == 1 &&
      add_extension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
      add_extension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") &&
      add_extension(self, self, NID_subject_key_identifier, "hash") &&
      add_extension(self, self, NID_authority_key_identifier, "keyid:always") &&
      X509_sign(self, key.get(), EVP_sha256()) > 0;
  if (!made) return fail(openssl_error("cannot make a certificate authority"));
  Result<std::string> pem = pem_of(self);
  if (!pem) return fail(pem.error());
  Result<Secret> private_key = certs::private_key_pem(key.get());
  if (!private_key) return fail(private_key.error());
  return Files{std::move(*pem), std::move(*private_key)};
}

Result<CertificateAuthority> CertificateAuthority::load(std::string_view certificate_pem,
                                                        const Secret& private_key_pem) {
  CertificateAuthority authority;
  Result<CertificateHandle> certificate = read_certificate(certificate_pem);
  if (!certificate) return fail(certificate.error());
  Result<KeyHandle> key = read_private_key(private_key_pem);
  if (!key) return fail(key.error());
  if (!belongs_together(certificate->get(), key->get())) {
    return fail(ErrorCode::kInvalid,
                "the authority's private key is not the one of its certificate");
  }
  if (const Result<void> strong = require_strong_key(key->get()); !strong) {
    return fail(strong.error());
  }
  Result<CertificateFacts> facts = facts_of(certificate->get());
  if (!facts) return fail(facts.error());
  if (!facts->is_authority || (X509_get_key_usage(certificate->get()) & KU_KEY_CERT_SIGN) == 0) {
    return fail(ErrorCode::kInvalid, "the certificate is not that of an authority");
  }
  authority.certificate_ = std::move(*certificate);
  authority.key_ = std::move(*key);
  authority.facts_ = std::move(*facts);
  Result<std::string> pem = pem_of(authority.certificate_.get());
  if (!pem) return fail(pem.error());
  authority.certificate_pem_ = std::move(*pem);
  return authority;
}

Result<IssuedCertificate> CertificateAuthority::issue_terminal(std::string_view csr_pem,
                                                               const TerminalIdentity& terminal,
                                                               const Validity& validity) const {
  if (!is_terminal_name(terminal.name) || terminal.id <= 0 || terminal.generation <= 0) {
    return fail(ErrorCode::kInvalid, "\"" + printable(terminal.name) + "\" is no terminal's name");
  }
  const NamesHandle names(GENERAL_NAMES_new());
  const std::string uri = terminal_uri(terminal.id, terminal.generation);
  if (!names || !add_name(names.get(), GEN_URI, as_bytes(uri))) {
    return fail(openssl_error("cannot write an alternative name"));
  }
  return issue(csr_pem, Leaf{terminal.name, names.get(), "clientAuth"}, validity);
}

Result<IssuedCertificate> CertificateAuthority::issue_server(std::string_view csr_pem,
                                                             std::span<const std::string> names,
                                                             const Validity& validity) const {
  const Result<NamesHandle> alternatives = server_names(names);
  if (!alternatives) return fail(alternatives.error());
  return issue(csr_pem, Leaf{"", alternatives->get(), "serverAuth"}, validity);
}

Result<IssuedCertificate> CertificateAuthority::issue(std::string_view csr_pem, const Leaf& leaf,
                                                      const Validity& validity) const {
  const Result<KeyHandle> key = proven_key(csr_pem);
  if (!key) return fail(key.error());
  IssuedCertificate issued;
  issued.not_after = std::min(Instant(validity.now + validity.length), facts_.not_after);
  if (validity.length.count() <= 0 || issued.not_after <= validity.now) {
    return fail(ErrorCode::kInvalid, facts_.not_after <= validity.now
                                         ? "the authority's own certificate has expired"
                                         : "a certificate must be valid for some time");
  }
  const CertificateHandle certificate(X509_new());
  X509* const self = certificate.get();
  X509* const issuer = certificate_.get();
  const int names_critical = leaf.common_name.empty() ? 1 : 0;
  const bool made = certificate && X509_set_version(self, kVersion3) == 1 &&
                    set_random_serial(self, issued.serial) &&
                    set_time(X509_getm_notBefore(self), validity.now - kBackdating) &&
                    set_time(X509_getm_notAfter(self), issued.not_after) &&
                    (leaf.common_name.empty() || set_subject(self, leaf.common_name)) &&
                    X509_set_issuer_name(self, X509_get_subject_name(issuer)) == 1 &&
                    X509_set_pubkey(self, key->get()) == 1 &&
                    add_extension(self, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(self, issuer, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(self, issuer, NID_ext_key_usage, leaf.extended_key_usage) &&
                    add_extension(self, issuer, NID_subject_key_identifier, "hash") &&
                    add_extension(self, issuer, NID_authority_key_identifier, "keyid:always") &&
                    X509_add1_ext_i2d(self, NID_subject_alt_name, leaf.names, names_critical,
                                      X509V3_ADD_DEFAULT) == 1 &&
                    X509_sign(self, key_.get(), EVP_sha256()) > 0;
  if (!made) return fail(openssl_error("cannot issue a certificate"));
  Result<std::string> pem = pem_of(self);
  if (!pem) return fail(pem.error());
  issued.pem = std::move(*pem);
  issued.fingerprint = fingerprint(self);
  return issued;
}

}  // namespace sekisho::certs
