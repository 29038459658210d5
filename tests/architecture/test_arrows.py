"""Arrows go one way: the tree holds to the plan, and the check notices when it does not."""

from pathlib import Path

import arrows
import pytest

ROOT = Path(__file__).resolve().parents[2]


def faults(path, text):
    """What the check says about one file of a tree with nothing else in it."""
    path = Path(path)
    if path.name == "CMakeLists.txt":
        return list(arrows.link_faults(path, text))
    return [fault for rule in (arrows.include_faults, arrows.relative_faults, arrows.length_faults)
            for fault in rule(path, text)]


def test_the_tree_has_no_forbidden_arrow():
    found = arrows.faults_of_tree(ROOT)
    assert not found, "\n" + "\n".join(found)


def test_the_tree_has_files_to_look_at():
    assert sum(1 for _ in arrows.product_files(ROOT)) > 20


@pytest.mark.parametrize("path, line, complaint", [
    ("store/users.cpp", '#include "authn/login.h"', "store must not include authn"),
    ("authn/factors/totp.cpp", '#include "store/users.h"', "must not include store"),
    ("authn/login.cpp", '#include "gateway/routes.h"', "must not include gateway"),
    ("agent/main.cpp", '#include "gateway/tls.h"', "agent must not include gateway"),
    ("agent/main.cpp", '#include "authn/login.h"', "agent must not include authn"),
    ("cli/main.cpp", '#include "agent/config.h"', "cli must not include agent"),
    ("gateway/pages/page.cpp", '#include "gateway/routes.h"', "must not include gateway"),
    ("base/log.cpp", '#include "store/store.h"', "base must not include store"),
    ("gateway/main.cpp", '#include "tests/support/manual_clock.h"', "includes a test file"),
    ("authn/login.cpp", "#include <sqlite3.h>", "SQLite"),
    ("gateway/tls.cpp", "# include <liboath/oath.h>", "liboath"),
    ("pam_module/client.cpp", "#include <openssl/evp.h>", "OpenSSL"),
    ("pam_module/client.cpp", "#include <boost/json.hpp>", "Boost.JSON"),
    ("authn/session.cpp", "#include <boost/beast/http.hpp>", "Beast"),
    ("agent/seat.cpp", "#include <security/pam_modules.h>", "Linux-PAM"),
    ("base/text.cpp", "#include <openssl/sha.h>", "OpenSSL"),
    ("authn/login.cpp", "#include <openssl/evp.h>", "OpenSSL"),
    ("agent/joining.cpp", "#include <openssl/x509.h>", "OpenSSL"),
    ("agent/conversation_server.cpp", "#include <boost/beast/http.hpp>", "Beast"),
    ("protocol/flat_json.cpp", "#include <boost/asio/buffer.hpp>", "Asio"),
    ("store/users.cpp", '#include "database.h"', "not relative to the root"),
    ("store/users.cpp", '#include "../base/result.h"', "not relative to the root"),
])
def test_a_forbidden_include_is_named(path, line, complaint):
    found = faults(path, f"// a file\n{line}\n")
    assert any(complaint in fault for fault in found), found


@pytest.mark.parametrize("path, line", [
    ("store/users.cpp", '#include "base/result.h"'),
    ("authn/login.cpp", '#include "authn/factors/totp.h"'),
    ("agent/offline.cpp", '#include "authn/factors/totp.h"'),
    ("gateway/main.cpp", '#include "gateway/pages/sign_in.h"'),
    ("base/sealing.cpp", "#include <openssl/evp.h>"),
])
def test_an_allowed_include_is_left_alone(path, line):
    assert not faults(path, line + "\n")


@pytest.mark.parametrize("path, line", [
    ("store/CMakeLists.txt", "target_link_libraries(sekisho_store PUBLIC sekisho_authn)"),
    ("authn/CMakeLists.txt", "target_link_libraries(sekisho_authn\n  PUBLIC SQLite::SQLite3)"),
    ("authn/CMakeLists.txt", "target_link_libraries(sekisho_factors PUBLIC sekisho_store)"),
    ("pam_module/CMakeLists.txt", "target_link_libraries(pam_sekisho PRIVATE sekisho_crypto)"),
    ("agent/CMakeLists.txt", "target_link_libraries(sekisho-agent PRIVATE sekisho_authn)"),
    ("agent/CMakeLists.txt", "target_link_libraries(sekisho_agent PUBLIC sekisho_cli_frame)"),
    ("cli/CMakeLists.txt", "target_link_libraries(sekisho PRIVATE sekisho_agent)"),
    ("cli/CMakeLists.txt", "target_link_libraries(sekisho PRIVATE sekisho_gateway)"),
    ("gateway/CMakeLists.txt", "target_link_libraries(sekishod PRIVATE sekisho_pam_client)"),
])
def test_a_forbidden_link_is_named(path, line):
    assert faults(path, line)


def test_a_file_that_grew_too_long_is_named():
    assert not faults("store/users.cpp", "\n" * 400)
    assert "401 lines" in faults("store/users.cpp", "\n" * 401)[0]
    test = Path("tests/store/users_test.cpp")
    assert not list(arrows.length_faults(test, "\n" * 700))
    assert list(arrows.length_faults(test, "\n" * 701))
