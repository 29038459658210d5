// The fourth migration (store/schema.h): the keys that sign identity tokens.

#ifndef SEKISHO_STORE_MIGRATION4_H_
#define SEKISHO_STORE_MIGRATION4_H_

namespace sekisho::store {

inline constexpr const char* kMigration4 = R"sql(
-- P-256 keys that sign who is there, for applications: authn/identity_keys.h.
CREATE TABLE identity_keys (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  kid        TEXT NOT NULL UNIQUE CHECK (length(kid) = 43),  -- thumbprint (RFC 7638), base64url
  key_id     TEXT NOT NULL,     -- the key of the keyring that sealed it
  sealed_key BLOB NOT NULL CHECK (length(sealed_key) >= 28),  -- ECPrivateKey (RFC 5915)
  created_at INTEGER NOT NULL,  -- published from then on
  signs_from INTEGER NOT NULL,
  retires_at INTEGER            -- published until then; NULL: no other key follows it yet
) STRICT;

-- Readers with a copy in memory learn of them as of the rest; kind is 'i'.
CREATE TRIGGER identity_key_added AFTER INSERT ON identity_keys
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('i', NEW.id); END;
CREATE TRIGGER identity_key_changed AFTER UPDATE ON identity_keys
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('i', NEW.id); END;
CREATE TRIGGER identity_key_removed AFTER DELETE ON identity_keys
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('i', OLD.id); END;
)sql";

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_MIGRATION4_H_
