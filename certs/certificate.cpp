#include "certs/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/ip_network.h"
#include "base/text.h"

namespace sekisho::certs {
namespace {

constexpr std::string_view kUriPrefix = "urn:sekisho:terminal:";
constexpr std::size_t kMaxChain = 10;

using NamesHandle = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using NumberHandle = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;

// OpenSSL's default asks on the terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

std::string text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

// The one common name of a subject that consists of nothing else, or "".
std::string only_common_name(const X509_NAME* subject) {
  if (X509_NAME_entry_count(subject) != 1) return "";
  const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, 0);
  if (OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry)) != NID_commonName) return "";
  return text_of(X509_NAME_ENTRY_get_data(entry));
}

NamesHandle alternative_names(const X509* certificate) {
  int occurrences = 0;
  return NamesHandle(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, &occurrences, nullptr)));
}

// Decimal, positive, without leading zeros; nullopt otherwise.
std::optional<std::int64_t> parse_positive(std::string_view text) {
  if (text.empty() || text.front() == '0') return std::nullopt;
  const std::optional<unsigned long long> value = parse_unsigned(text);
  if (!value || *value > INT64_MAX) return std::nullopt;
  return static_cast<std::int64_t>(*value);
}

std::optional<TerminalIdentity> identity_of_uri(std::string_view uri) {
  if (!uri.starts_with(kUriPrefix)) return std::nullopt;
  const std::vector<std::string_view> parts = split(uri.substr(kUriPrefix.size()), ':');
  if (parts.size() != 2) return std::nullopt;
  const std::optional<std::int64_t> id = parse_positive(parts[0]);
  const std::optional<std::int64_t> generation = parse_positive(parts[1]);
  if (!id || !generation) return std::nullopt;
  return TerminalIdentity{"", *id, *generation};
}

std::string ip_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* octets = ASN1_STRING_get0_data(address);
  std::array<std::uint8_t, 4> v4;
  std::array<std::uint8_t, 16> v6;
  switch (ASN1_STRING_length(address)) {
    case 4:
      std::copy_n(octets, 4, v4.begin());
      return IpAddress::from_v4(v4).text();
    case 16:
      std::copy_n(octets, 16, v6.begin());
      return IpAddress::from_v6(v6).text();
    default:
      return "";
  }
}

}  // namespace

std::string terminal_uri(std::int64_t id, std::int64_t generation) {
  return std::string(kUriPrefix) + std::to_string(id) + ":" + std::to_string(generation);
}

bool is_terminal_name(std::string_view name) {
  const auto is_alnum = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 64 && name.front() != '-' && name.front() != '.' &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-'; });
}

Result<TerminalIdentity> parse_identity(X509* certificate) {
  const auto refuse = [](const char* reason) {
    return fail(ErrorCode::kInvalid, std::string("not a terminal's certificate: ") + reason);
  };
  // X509_get_extension_flags also parses the extensions that the next calls look at.
  const std::uint32_t flags = X509_get_extension_flags(certificate);
  if ((flags & (EXFLAG_INVALID | EXFLAG_CA)) != 0) return refuse("it is an authority or malformed");
  if ((flags & EXFLAG_XKUSAGE) == 0 || X509_get_extended_key_usage(certificate) != XKU_SSL_CLIENT) {
    return refuse("its use is not clientAuth alone");
  }
  const NamesHandle names = alternative_names(certificate);
  if (!names || sk_GENERAL_NAME_num(names.get()) != 1) {
    return refuse("it does not have exactly one alternative name");
  }
  const GENERAL_NAME* only = sk_GENERAL_NAME_value(names.get(), 0);
  if (only->type != GEN_URI) return refuse("its alternative name is not a URI");
  std::optional<TerminalIdentity> identity =
      identity_of_uri(text_of(only->d.uniformResourceIdentifier));
  if (!identity) return refuse("its URI does not name a terminal");
  identity->name = only_common_name(X509_get_subject_name(certificate));
  if (!is_terminal_name(identity->name)) return refuse("its subject is not a terminal's name");
  return *identity;
}

Result<std::vector<CertificateHandle>> read_chain(std::string_view pem) {
  if (pem.size() > kMaxPemBytes) return fail(ErrorCode::kInvalid, "the certificate is too long");
  const BioHandle in = reader_of(pem);
  if (!in) return fail(openssl_error("cannot read a certificate"));
  std::vector<CertificateHandle> chain;
  while (pem.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos) {
    CertificateHandle next(PEM_read_bio_X509(in.get(), nullptr, &no_pass_phrase, nullptr));
    if (!next) return fail(openssl_error("a certificate is malformed", ErrorCode::kInvalid));
    if (chain.size() == kMaxChain) return fail(ErrorCode::kInvalid, "more than 10 certificates");
    chain.push_back(std::move(next));
    const std::size_t end = pem.find("-----END CERTIFICATE-----");
    if (end == std::string_view::npos) break;
    pem.remove_prefix(end + 1);
  }
  if (chain.empty()) return fail(ErrorCode::kInvalid, "there is no PEM certificate");
  return chain;
}

Result<CertificateHandle> read_certificate(std::string_view pem) {
  Result<std::vector<CertificateHandle>> chain = read_chain(pem);
  if (!chain) return fail(chain.error());
  return std::move(chain->front());
}

Result<KeyHandle> read_private_key(const Secret& pem) {
  if (pem.size() > kMaxPemBytes) return fail(ErrorCode::kInvalid, "the private key is too long");
  const BioHandle in = reader_of(pem.reveal_text());
  KeyHandle key(in ? PEM_read_bio_PrivateKey(in.get(), nullptr, &no_pass_phrase, nullptr)
                   : nullptr);
  if (!key) {
    return fail(
        openssl_error("there is no PEM private key without a pass phrase", ErrorCode::kInvalid));
  }
  return key;
}

Result<Secret> private_key_pem(const EVP_PKEY* key) {
  // The secure memory BIO wipes what it held.
  const BioHandle out(BIO_new(BIO_s_secmem()));
  if (!out || PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, &no_pass_phrase,
                                            nullptr) != 1) {
    return fail(openssl_error("cannot write a private key"));
  }
  char* start = nullptr;
  const long size = BIO_get_mem_data(out.get(), &start);
  return Secret(std::string_view(start, static_cast<std::size_t>(size)));
}

bool belongs_together(const X509* certificate, const EVP_PKEY* key) {
  EVP_PKEY* const own = X509_get0_pubkey(certificate);
  return own != nullptr && key != nullptr && EVP_PKEY_eq(own, key) == 1;
}

std::string fingerprint(const X509* certificate) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) std::abort();
  return hex_of(ByteView(digest.data(), size));
}

Result<CertificateFacts> facts_of(X509* certificate) {
  CertificateFacts facts;
  facts.subject = only_common_name(X509_get_subject_name(certificate));
  facts.fingerprint = fingerprint(certificate);
  const NumberHandle serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (!serial) return fail(openssl_error("a serial number is malformed", ErrorCode::kInvalid));
  Bytes octets(static_cast<std::size_t>(BN_num_bytes(serial.get())));
  BN_bn2bin(serial.get(), octets.data());
  facts.serial = hex_of(octets);
  const Result<Instant> not_before = instant_of_asn1(X509_get0_notBefore(certificate));
  if (!not_before) return fail(not_before.error());
  const Result<Instant> not_after = instant_of_asn1(X509_get0_notAfter(certificate));
  if (!not_after) return fail(not_after.error());
  facts.not_before = *not_before;
  facts.not_after = *not_after;
  facts.is_authority = (X509_get_extension_flags(certificate) & EXFLAG_CA) != 0;
  if (const NamesHandle names = alternative_names(certificate)) {
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
      const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
      if (name->type == GEN_DNS) facts.dns_names.push_back(text_of(name->d.dNSName));
      if (name->type == GEN_IPADD) facts.ip_addresses.push_back(ip_text(name->d.iPAddress));
    }
  }
  return facts;
}

Result<CertificateFacts> facts_of_pem(std::string_view pem) {
  const Result<CertificateHandle> certificate = read_certificate(pem);
  if (!certificate) return fail(certificate.error());
  return facts_of(certificate->get());
}

Instant renewal_time(const CertificateFacts& facts) {
  return facts.not_before + (facts.not_after - facts.not_before) / 3 * 2;
}

}  // namespace sekisho::certs
