#include "base/signing.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/file.h"

namespace sekisho {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::shared_ptr<EVP_PKEY> own(EVP_PKEY* key) {
  return {key, &EVP_PKEY_free};
}

Bio reader_of(ByteView bytes) {
  return {BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), &BIO_free};
}

std::string_view written(const Bio& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// PEM_read_* asks on the terminal when a file is encrypted; an unattended program must not.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

Result<VerifyingKey> VerifyingKey::parse(std::string_view pem) {
  const Bio bio = reader_of(as_bytes(pem));
  auto key = own(PEM_read_bio_PUBKEY(bio.get(), nullptr, &no_passphrase, nullptr));
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    return fail(ErrorCode::kInvalid, "not an Ed25519 public key in PEM");
  }
  return VerifyingKey(std::move(key));
}

bool VerifyingKey::verifies(ByteView message, ByteView signature) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

std::string VerifyingKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (bio == nullptr || PEM_write_bio_PUBKEY(bio.get(), key_.get()) != 1) return {};
  return std::string(written(bio));
}

Result<Secret> SigningKey::new_pem() {
  const auto key = own(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  const Bio bio(BIO_new(BIO_s_secmem()), &BIO_free);
  if (!key || bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return fail(ErrorCode::kInternal, "an Ed25519 key could not be made");
  }
  return Secret(written(bio));
}

Result<SigningKey> SigningKey::parse(const Secret& pem) {
  const Bio bio = reader_of(pem.reveal());
  auto key = own(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr));
  if (!key || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
    return fail(ErrorCode::kInvalid, "not an Ed25519 private key in PEM");
  }
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::load(const std::string& path) {
  const Result<Secret> pem = read_secret_file(path, 16 * 1024);
  if (!pem) return fail(pem.error());
  Result<SigningKey> key = parse(*pem);
  if (!key) return fail(key.error().code, path + ": " + key.error().message);
  return key;
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  Bytes signature(64);
  std::size_t size = signature.size();
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1 ||
      size != signature.size()) {
    return fail(ErrorCode::kInternal, "Ed25519 could not sign");
  }
  return signature;
}

}  // namespace sekisho
