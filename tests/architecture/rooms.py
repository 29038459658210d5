"""The house's plan as data: rooms, the arrows between them, and who may name which library.

docs/architecture.md draws the same plan.  tests/architecture/test_arrows.py holds the tree to it.
"""

# Room -> rooms whose headers it may include.  A room may always include itself.  Longest path wins,
# so authn/factors is a room of its own inside authn, and gateway/pages inside gateway.
MAY_INCLUDE = {
    "base": set(),
    "store": {"base"},
    "authn/factors": {"base"},
    "authn": {"base", "store", "authn/factors"},
    "protocol": {"base"},
    "certs": {"base"},
    "settings": {"base", "store", "authn", "authn/factors"},
    "gateway/pages": {"base"},
    "gateway": {"base", "store", "authn", "authn/factors", "protocol", "certs", "settings",
                "gateway/pages"},
    "agent": {"base", "authn/factors", "protocol", "certs"},
    "pam_module": {"base", "protocol"},
    "cli": {"base", "store", "authn", "authn/factors", "certs", "settings"},
}

# Library -> (what its includes look like, the places that may name it).  A place is a room or a
# file without its ending.
LIBRARIES = {
    "SQLite": (r"sqlite3\.h|SQLiteCpp/", {"store"}),
    "liboath": (r"liboath/", {"authn/factors"}),
    "libfido2": (r"fido\.h|fido/", {"authn/factors"}),
    "libcbor": (r"cbor\.h", {"authn/factors"}),
    "argon2": (r"argon2\.h", {"authn/factors"}),
    "Asio": (r"boost/asio", {"gateway", "agent"}),
    "Beast": (r"boost/beast", {"gateway", "agent/https_client"}),
    "Boost.URL": (r"boost/url", {"gateway", "agent", "settings"}),
    "Boost.JSON": (r"boost/json", {"authn/factors", "protocol", "gateway", "agent", "cli"}),
    "other Boost": (r"boost/(?!beast|asio|url|json)", {"gateway", "agent"}),
    "Linux-PAM": (r"security/(pam|_pam)", {"pam_module"}),
    "TOML": (r"toml\+\+|toml\.hpp", {"settings", "agent"}),
    "mustache": (r"mustache", {"gateway/pages"}),
    "CLI11": (r"CLI/", {"cli", "agent", "gateway"}),
    "qrencode": (r"qrencode\.h", {"cli", "gateway/pages"}),
    "OpenSSL": (r"openssl/", {"base/digest", "base/es256", "base/sealing", "base/signing", "certs",
                              "authn/factors/attestation_certificate",
                              "authn/factors/openssl_handles", "authn/factors/public_key",
                              "authn/factors/signature", "authn/factors/trust_anchors",
                              "gateway/socket_bio", "gateway/stream", "gateway/tls", "gateway/upstream_pool",
                              "agent/https_client", "agent/tls"}),
}

# CMake target -> its room, and the targets that must not be linked from elsewhere follow from
# MAY_INCLUDE.  Targets not listed are external libraries.
TARGET_ROOM = {
    "sekisho_base": "base",
    "sekisho_crypto": "base",
    "sekisho_store": "store",
    "sekisho_factors": "authn/factors",
    "sekisho_authn": "authn",
    "sekisho_settings": "settings",
    "sekisho_certs": "certs",
    "sekisho_conversation": "protocol",
    "sekisho_terminal_api": "protocol",
    "sekisho_pages": "gateway/pages",
    "sekisho_gateway": "gateway",
    "sekisho_agent": "agent",
    "sekisho_pam_client": "pam_module",
    "sekisho_cli": "cli",
    "sekisho_cli_frame": "cli",
}

# External library as CMake names it -> the rooms that may link it.
LIBRARY_TARGETS = {
    r"(?i)sqlite": {"store"},
    r"(?i)oath": {"authn/factors"},
    r"(?i)argon2": {"authn/factors"},
    r"(?i)fido2|libcbor|PkgConfig::CBOR": {"authn/factors"},
    r"(?i)\bpam\b|PkgConfig::PAM|libpam": {"pam_module"},
    r"(?i)qrencode": {"cli", "gateway/pages"},
    r"OpenSSL::SSL": {"gateway", "agent", "certs"},
    r"sekisho_crypto|OpenSSL::Crypto": {"base", "store", "authn/factors", "authn", "settings",
                                        "certs", "gateway", "agent", "cli"},
}

# Longest file of the product and of the tests, in lines.  Longer means a second reason to change
# has moved in.
LONGEST_FILE = 400
LONGEST_TEST = 700
