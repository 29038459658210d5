#include "base/keyring.h"

#include <algorithm>

#include "base/digest.h"
#include "base/encoding.h"
#include "base/file.h"
#include "base/text.h"

namespace sekisho {
namespace {

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

Result<Keyring> Keyring::parse(const Secret& text) {
  Keyring keyring;
  int number = 0;
  for (std::string_view line : split(text.reveal_text(), '\n')) {
    ++number;
    line = trimmed(line);
    if (line.empty() || line.front() == '#') continue;
    const std::string where = "line " + std::to_string(number) + " of the key file";
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || !is_key_id(line.substr(0, space))) {
      return fail(ErrorCode::kInvalid, where + " is not \"<key id> <key>\"");
    }
    std::optional<Bytes> key = bytes_from_base64url(trimmed(line.substr(space + 1)));
    if (!key || key->size() != kKeyBytes) {
      return fail(ErrorCode::kInvalid, where + ": the key is not 32 bytes in base64url");
    }
    std::string id(line.substr(0, space));
    if (keyring.keys_.contains(id)) {
      return fail(ErrorCode::kInvalid, where + ": the key id " + id + " is there twice");
    }
    keyring.current_id_ = id;
    keyring.keys_.emplace(std::move(id), Secret(std::move(*key)));
  }
  if (keyring.keys_.empty()) return fail(ErrorCode::kInvalid, "the key file holds no key");
  return keyring;
}

Result<Keyring> Keyring::load(const std::string& path) {
  const Result<Secret> text = read_secret_file(path, 64 * 1024);
  if (!text) return fail(text.error());
  Result<Keyring> keyring = parse(*text);
  if (!keyring) return fail(keyring.error().code, path + ": " + keyring.error().message);
  return keyring;
}

Secret Keyring::new_file_text(Random& random, std::string_view key_id) {
  const Secret key(random.bytes(kKeyBytes));
  std::string encoded = base64url_of(key.reveal());
  std::string text =
      std::string("# Sekisho sealing keys. Without this file no seed can be read: ") +
      "keep a copy in a safe.\n" + std::string(key_id) + " " + encoded + "\n";
  Secret out{std::string_view(text)};
  wipe(encoded);
  wipe(text);
  return out;
}

const Secret* Keyring::find(std::string_view id) const {
  const auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

Result<Secret> Keyring::derive(std::string_view id, std::string_view purpose) const {
  const Secret* key = find(id);
  if (key == nullptr) {
    return fail(ErrorCode::kNotFound, "the key file has no key with the id " + std::string(id));
  }
  return derive_key(key->reveal(), purpose, kKeyBytes);
}

}  // namespace sekisho
