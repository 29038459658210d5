// The keys that seal the store, kept in a file that is not the store.
//
// The file has one key a line, oldest first: an id (1..32 of a-z, 0-9, '-'), a space, and 32
// random bytes in base64url.  The last line seals; every line opens.  '#' starts a comment.

#ifndef SEKISHO_BASE_KEYRING_H_
#define SEKISHO_BASE_KEYRING_H_

#include <map>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sekisho {

class Keyring {
 public:
  static constexpr std::size_t kKeyBytes = 32;

  static Result<Keyring> parse(const Secret& text);
  // Reads `path`; kDenied when others can read it, kNotFound when there is none.
  static Result<Keyring> load(const std::string& path);
  // The text of a new keyring with one key.
  static Secret new_file_text(Random& random, std::string_view key_id);

  const std::string& current_id() const { return current_id_; }
  // The key with this id, or nullptr.  Owned by the keyring.
  const Secret* find(std::string_view id) const;

  // A key for one purpose, derived (HKDF) from the key `id` so that no two purposes share bytes.
  // kNotFound when there is no such key.
  Result<Secret> derive(std::string_view id, std::string_view purpose) const;

 private:
  std::map<std::string, Secret, std::less<>> keys_;
  std::string current_id_;
};

}  // namespace sekisho

#endif  // SEKISHO_BASE_KEYRING_H_
