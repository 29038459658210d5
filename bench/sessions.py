"""Puts sessions into a store by the row: a million sign-ins would take hours."""

import hashlib
import secrets
import sqlite3
import time

SECOND_FACTOR = 2  # authn/assurance.h
LIFE_MS = 24 * 3600 * 1000
CHANGES_KEPT = 10_000  # gateway/housekeeping.cpp
COOKIE = "__Secure-sekisho"  # gateway/cookies.cpp, with a cookie_domain


def add_sessions(store, user, count):
    """Adds `count` live sessions of the user `user` and returns their tokens, in no order that
    means anything.

    No gateway may run: it would read a million changes one by one.  The journal that tells other
    readers of them keeps its newest rows, as the gateway's housekeeping would leave it."""
    rows = sorted((hashlib.sha256(token.encode()).digest(), token)
                  for token in (secrets.token_urlsafe(32) for _ in range(count)))
    now = int(time.time() * 1000)
    database = sqlite3.connect(store, isolation_level=None)
    try:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -262144")
        database.execute("BEGIN IMMEDIATE")
        (owner,) = database.execute("SELECT id FROM users WHERE name = ?", (user,)).fetchone()
        database.executemany(
            "INSERT INTO sessions (token_hash, user_id, assurance, factors, source, created_at,"
            " last_seen_at, idle_limit, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((digest, owner, SECOND_FACTOR, "password totp", "127.0.0.1", now, now, LIFE_MS,
              now + LIFE_MS) for digest, _ in rows))
        database.execute("DELETE FROM changes WHERE revision <= "
                         "(SELECT max(revision) FROM changes) - ?", (CHANGES_KEPT,))
        database.execute("COMMIT")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()
    return [token for _, token in rows]


def write_cookies(path, tokens):
    """A file for load.lua: one Cookie field a line."""
    path.write_text("".join(f"{COOKIE}={token}\n" for token in tokens), encoding="ascii")
    return path
