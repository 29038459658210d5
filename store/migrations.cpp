#include "store/migrations.h"

#include <array>

namespace sekisho::store {
namespace {

// Times are UTC milliseconds since 1970.  Blobs named *_hash are SHA-256 or HMAC-SHA-256 digests:
// what they are made of cannot be read back.  STRICT makes a wrong type an error.
constexpr const char* kMigration1 = R"sql(
CREATE TABLE store_identity (
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  store_id   BLOB NOT NULL CHECK (length(store_id) = 16),  -- random; begins the audit chain
  created_at INTEGER NOT NULL,
  key_id     TEXT NOT NULL,   -- the key that sealed key_check
  key_check  BLOB NOT NULL    -- a known value, sealed: a wrong key shows at start, not at login
) STRICT;

CREATE TABLE users (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  name            TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),  -- login name
  display_name    TEXT NOT NULL CHECK (length(display_name) <= 128),
  is_enabled      INTEGER NOT NULL DEFAULT 1 CHECK (is_enabled IN (0, 1)),
  created_at      INTEGER NOT NULL,
  last_login_at   INTEGER,    -- of a login that reached "granted", at either door
  last_login_from TEXT,
  failures_since  INTEGER NOT NULL DEFAULT 0   -- refused logins since then
) STRICT;

CREATE TABLE user_groups (
  user_id    INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  group_name TEXT NOT NULL CHECK (length(group_name) BETWEEN 1 AND 64),
  PRIMARY KEY (user_id, group_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE passwords (
  user_id    INTEGER PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  hash       TEXT NOT NULL,   -- Argon2id with its parameters and salt, over a keyed password
  key_id     TEXT NOT NULL,   -- which key of the keyring the password was keyed with
  changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE totp_credentials (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  handle        BLOB NOT NULL UNIQUE CHECK (length(handle) = 16),  -- names the row in the seal
  user_id       INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  label         TEXT NOT NULL,
  algorithm     TEXT NOT NULL CHECK (algorithm IN ('SHA1', 'SHA256', 'SHA512')),
  digits        INTEGER NOT NULL CHECK (digits IN (6, 8)),
  period        INTEGER NOT NULL CHECK (period BETWEEN 1 AND 120),  -- seconds
  key_id        TEXT NOT NULL,
  sealed_secret BLOB NOT NULL CHECK (length(sealed_secret) >= 28),
  secret_hash   BLOB NOT NULL UNIQUE,  -- keyed; one seed never belongs to two rows
  last_step     INTEGER NOT NULL DEFAULT -1,  -- the newest time step ever accepted
  drift         INTEGER NOT NULL DEFAULT 0 CHECK (drift BETWEEN -1000 AND 1000),  -- steps
  created_at    INTEGER NOT NULL,
  confirmed_at  INTEGER,      -- NULL: not yet proven to be in the person's hands; cannot log in
  last_used_at  INTEGER
) STRICT;
CREATE INDEX totp_credentials_by_user ON totp_credentials (user_id);

-- Seeds whose credential is gone: one that comes back (a hardware token given out again) does not
-- accept an old code again.
CREATE TABLE retired_seeds (
  secret_hash BLOB NOT NULL,
  period      INTEGER NOT NULL,
  last_step   INTEGER NOT NULL,
  PRIMARY KEY (secret_hash, period)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER totp_credential_removed AFTER DELETE ON totp_credentials
  BEGIN INSERT INTO retired_seeds (secret_hash, period, last_step)
    VALUES (OLD.secret_hash, OLD.period, OLD.last_step)
    ON CONFLICT (secret_hash, period) DO UPDATE SET last_step = max(last_step, excluded.last_step);
  END;

CREATE TABLE recovery_codes (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id   INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  salt      BLOB NOT NULL CHECK (length(salt) = 16),  -- one salt for a set: one hash to try all
  key_id    TEXT NOT NULL,   -- which key of the keyring the set was keyed with
  hash      BLOB NOT NULL CHECK (length(hash) = 32),
  issued_at INTEGER NOT NULL,
  used_at   INTEGER,
  UNIQUE (user_id, hash)
) STRICT;

CREATE TABLE sessions (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash       BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  user_id          INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  assurance        INTEGER NOT NULL CHECK (assurance IN (1, 2)),  -- authn/assurance.h
  factors          TEXT NOT NULL,     -- "password totp"
  source           TEXT NOT NULL,     -- the address it was opened from
  created_at       INTEGER NOT NULL,
  last_seen_at     INTEGER NOT NULL,  -- at most a minute behind
  idle_limit       INTEGER NOT NULL,  -- milliseconds
  expires_at       INTEGER NOT NULL,  -- the absolute limit
  -- The login before this one, and the refusals in between, to show the person.
  previous_login_at   INTEGER,
  previous_login_from TEXT NOT NULL DEFAULT '',
  failures_before     INTEGER NOT NULL DEFAULT 0,
  ended_at         INTEGER,
  end_reason       TEXT
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, ended_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE terminals (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  name             TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
  generation       INTEGER NOT NULL DEFAULT 0,  -- grows at each join; older certificates end
  token_hash       BLOB,              -- of the join token, until it is used
  token_expires_at INTEGER,
  created_at       INTEGER NOT NULL,
  joined_at        INTEGER,
  certificate_expires_at INTEGER,
  revoked_at       INTEGER
) STRICT;

-- A login that a terminal has begun.  Taken (deleted) by the first finish.
CREATE TABLE login_transactions (
  id_hash      BLOB PRIMARY KEY CHECK (length(id_hash) = 32),
  terminal_id  INTEGER NOT NULL REFERENCES terminals(id) ON DELETE CASCADE,
  claimed_user TEXT NOT NULL,
  service      TEXT NOT NULL,
  tty          TEXT NOT NULL,
  remote_host  TEXT NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Consecutive failures.  subject: 'user:<id>', 'unknown:<n>' or '*'; source: an address, a
-- terminal or '*'.  ('user:7', 'totp', '*') counts over all sources.
CREATE TABLE attempts (
  subject         TEXT NOT NULL,
  factor          TEXT NOT NULL,
  source          TEXT NOT NULL,
  failures        INTEGER NOT NULL,
  last_failure_at INTEGER NOT NULL,
  blocked_until   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (subject, factor, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_time ON attempts (last_failure_at);

-- Each row carries the hash of the one before: store/audit_chain.h.
CREATE TABLE audit_log (
  seq           INTEGER PRIMARY KEY,  -- 1, 2, 3 without a gap
  at            INTEGER NOT NULL,
  event         TEXT NOT NULL,
  outcome       TEXT NOT NULL,
  actor         TEXT NOT NULL,        -- who acted: 'user:…', 'admin:…', 'gateway'
  subject       TEXT NOT NULL,        -- whom or what it is about
  source        TEXT NOT NULL,        -- address or terminal
  detail        TEXT NOT NULL,        -- a JSON object
  previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
  hash          BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_log
  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TABLE audit_checkpoints (
  seq       INTEGER PRIMARY KEY,      -- of the audit row it signs
  at        INTEGER NOT NULL,
  hash      BLOB NOT NULL,
  signature BLOB NOT NULL             -- Ed25519
) STRICT;

-- What a reader with a copy in memory must read again.  Written by triggers, so that no change
-- can be forgotten; kind is 's' (session), 'u' (user) or 't' (terminal).
CREATE TABLE changes (
  revision INTEGER PRIMARY KEY AUTOINCREMENT,
  kind     TEXT NOT NULL,
  row_id   INTEGER NOT NULL
) STRICT;
CREATE TRIGGER session_added AFTER INSERT ON sessions
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('s', NEW.id); END;
CREATE TRIGGER session_changed AFTER UPDATE ON sessions
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('s', NEW.id); END;
CREATE TRIGGER session_removed AFTER DELETE ON sessions
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('s', OLD.id); END;
CREATE TRIGGER user_changed AFTER UPDATE OF name, display_name, is_enabled ON users
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('u', NEW.id); END;
CREATE TRIGGER user_removed AFTER DELETE ON users
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('u', OLD.id); END;
CREATE TRIGGER group_added AFTER INSERT ON user_groups
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('u', NEW.user_id); END;
CREATE TRIGGER group_removed AFTER DELETE ON user_groups
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('u', OLD.user_id); END;
CREATE TRIGGER terminal_added AFTER INSERT ON terminals
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('t', NEW.id); END;
CREATE TRIGGER terminal_changed AFTER UPDATE ON terminals
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('t', NEW.id); END;
CREATE TRIGGER terminal_removed AFTER DELETE ON terminals
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('t', OLD.id); END;
)sql";

constexpr const char* kMigration2 = R"sql(
-- Which applications a session has opened: the first time is written to the audit log.
CREATE TABLE session_applications (
  session_id  INTEGER NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
  application TEXT NOT NULL,
  first_at    INTEGER NOT NULL,
  PRIMARY KEY (session_id, application)
) STRICT, WITHOUT ROWID;

-- A login that a terminal begins is told to the terminal, not kept; kept is that it was finished.
DROP TABLE login_transactions;
CREATE TABLE spent_logins (
  ticket_hash BLOB PRIMARY KEY CHECK (length(ticket_hash) = 32),
  expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_logins_by_time ON spent_logins (expires_at);

-- Refusals without looking, since the audit log was last told of them.
ALTER TABLE attempts ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN told_at  INTEGER NOT NULL DEFAULT 0;

-- From where a factor was last proven.  subject as in attempts.
CREATE TABLE proven_sources (
  subject TEXT NOT NULL,
  factor  TEXT NOT NULL,
  source  TEXT NOT NULL,
  at      INTEGER NOT NULL,
  PRIMARY KEY (subject, factor, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX proven_sources_by_time ON proven_sources (at);

-- Codes in a row that were found behind `drift`: authn/drift.h.
ALTER TABLE totp_credentials ADD COLUMN behind INTEGER NOT NULL DEFAULT 0;

-- For those that nobody has used for too long.
CREATE INDEX sessions_by_idle_end ON sessions (last_seen_at + idle_limit) WHERE ended_at IS NULL;

-- Many applications do not tell Taro from taro.
CREATE UNIQUE INDEX users_by_folded_name ON users (lower(name));
)sql";

constexpr const char* kMigration3 = R"sql(
-- WebAuthn Level 3 section 4, "credential record".  What must not change is under row_tag.
CREATE TABLE security_keys (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id       INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  label         TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 64),
  credential_id BLOB NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
  algorithm     INTEGER NOT NULL CHECK (algorithm IN (-7, -8, -35)),  -- COSE
  public_key    BLOB NOT NULL CHECK (length(public_key) IN (32, 64, 96)),  -- bare coordinates
  aaguid        BLOB NOT NULL CHECK (length(aaguid) = 16),
  attestation   TEXT NOT NULL CHECK (attestation IN ('none', 'self', 'unanchored', 'anchored')),
  transports    TEXT NOT NULL,      -- "usb,nfc", as the browser told: a hint
  is_backup_eligible INTEGER NOT NULL CHECK (is_backup_eligible IN (0, 1)),
  key_id        TEXT NOT NULL,      -- the key of the keyring that made row_tag
  row_tag       BLOB NOT NULL CHECK (length(row_tag) = 32),  -- HMAC over the columns above but label
  is_backed_up  INTEGER NOT NULL CHECK (is_backed_up IN (0, 1)),
  is_verifying  INTEGER NOT NULL CHECK (is_verifying IN (0, 1)),  -- uvInitialized
  sign_count    INTEGER NOT NULL CHECK (sign_count BETWEEN 0 AND 4294967295),
  added_at      INTEGER NOT NULL,
  added_from    TEXT NOT NULL,
  last_used_at  INTEGER,
  last_used_from TEXT NOT NULL DEFAULT '',
  suspected_at  INTEGER             -- when its counter last failed to grow: a copy may exist
) STRICT;
CREATE INDEX security_keys_by_user ON security_keys (user_id);

-- The WebAuthn user handle: 64 random bytes that say nothing of the person; made with the first key.
ALTER TABLE users ADD COLUMN handle BLOB CHECK (handle IS NULL OR length(handle) = 64);
CREATE UNIQUE INDEX users_by_handle ON users (handle) WHERE handle IS NOT NULL;

-- A code that an administrator handed out, with which its user may bind a first key.
CREATE TABLE enrolment_codes (
  user_id    INTEGER PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
  key_id     TEXT NOT NULL,   -- which key of the keyring the code was keyed with
  hash       BLOB NOT NULL CHECK (length(hash) = 32),  -- HMAC
  expires_at INTEGER NOT NULL
) STRICT;

-- Assurance has four levels now, and SQLite changes no CHECK: the table is made anew.
CREATE TABLE kept_session_applications AS SELECT * FROM session_applications;
CREATE TABLE new_sessions (
  id               INTEGER PRIMARY KEY AUTOINCREMENT,
  token_hash       BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  user_id          INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  assurance        INTEGER NOT NULL CHECK (assurance BETWEEN 1 AND 4),  -- authn/assurance.h
  factors          TEXT NOT NULL,     -- "password totp", "security_key+uv"
  source           TEXT NOT NULL,
  created_at       INTEGER NOT NULL,
  last_seen_at     INTEGER NOT NULL,
  idle_limit       INTEGER NOT NULL,
  expires_at       INTEGER NOT NULL,
  previous_login_at   INTEGER,
  previous_login_from TEXT NOT NULL DEFAULT '',
  failures_before     INTEGER NOT NULL DEFAULT 0,
  ended_at         INTEGER,
  end_reason       TEXT
) STRICT;
INSERT INTO new_sessions SELECT id, token_hash, user_id, assurance, factors, source, created_at,
  last_seen_at, idle_limit, expires_at, previous_login_at, previous_login_from, failures_before,
  ended_at, end_reason FROM sessions;
-- Numbers are never given out again, not even those of sessions that are forgotten.
DELETE FROM sqlite_sequence WHERE name = 'new_sessions';
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'new_sessions', seq FROM sqlite_sequence WHERE name = 'sessions';
DROP TABLE sessions;
ALTER TABLE new_sessions RENAME TO sessions;
CREATE INDEX sessions_by_user ON sessions (user_id, ended_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_idle_end ON sessions (last_seen_at + idle_limit) WHERE ended_at IS NULL;
CREATE TRIGGER session_added AFTER INSERT ON sessions
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('s', NEW.id); END;
CREATE TRIGGER session_changed AFTER UPDATE ON sessions
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('s', NEW.id); END;
CREATE TRIGGER session_removed AFTER DELETE ON sessions
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('s', OLD.id); END;
INSERT OR IGNORE INTO session_applications SELECT * FROM kept_session_applications;
DROP TABLE kept_session_applications;
)sql";

constexpr const char* kMigration4 = R"sql(
-- When each level was last proven in a session; NULL: never (authn/assurance.h ProvenAt).
ALTER TABLE sessions ADD COLUMN second_factor_at INTEGER;
ALTER TABLE sessions ADD COLUMN security_key_at INTEGER;
ALTER TABLE sessions ADD COLUMN verified_key_at INTEGER;
UPDATE sessions SET
  second_factor_at = CASE WHEN assurance >= 2 THEN created_at END,
  security_key_at = CASE WHEN assurance >= 3 THEN created_at END,
  verified_key_at = CASE WHEN assurance >= 4 THEN created_at END
  WHERE ended_at IS NULL;
)sql";

constexpr const char* kMigration5 = R"sql(
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

constexpr const char* kMigration6 = R"sql(
-- That a key verified its holder counted from its first use; now only when it was bound.  Whoever
-- found a key could give it a PIN.  What such a use has opened ends.
UPDATE security_keys SET is_verifying = 0
  WHERE is_verifying = 1 AND id NOT IN (
    SELECT json_extract(detail, '$.key') FROM audit_log
    WHERE event = 'key_add' AND outcome = 'done' AND json_extract(detail, '$.user_verified') = 1
    AND json_extract(detail, '$.key') IS NOT NULL);
UPDATE sessions SET expires_at = created_at
  WHERE ended_at IS NULL AND verified_key_at IS NOT NULL
  AND user_id NOT IN (SELECT user_id FROM security_keys WHERE is_verifying = 1);

-- Who has signed in at which terminal, sitting there: store/seats.h.
CREATE TABLE seats (
  user_id     INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  terminal_id INTEGER NOT NULL REFERENCES terminals(id) ON DELETE CASCADE,
  address     TEXT NOT NULL,      -- the terminal's, as its agent came
  generation  INTEGER NOT NULL,   -- the terminal's: one that joins anew has nobody at it
  taken_at    INTEGER NOT NULL,
  PRIMARY KEY (user_id, terminal_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX seats_by_address ON seats (address);
CREATE INDEX seats_by_terminal ON seats (terminal_id);
CREATE INDEX seats_by_age ON seats (taken_at);

-- Where a person sits is told with the person.
CREATE TRIGGER seat_taken AFTER INSERT ON seats
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('u', NEW.user_id); END;
CREATE TRIGGER seat_changed AFTER UPDATE ON seats
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('u', NEW.user_id); END;
CREATE TRIGGER seat_left AFTER DELETE ON seats
  BEGIN INSERT INTO changes (kind, row_id) VALUES ('u', OLD.user_id); END;
)sql";

constexpr std::array<const char*, 6> kMigrations = {kMigration1, kMigration2, kMigration3,
                                                    kMigration4, kMigration5, kMigration6};

}  // namespace

std::span<const char* const> migrations() {
  return kMigrations;
}

}  // namespace sekisho::store
