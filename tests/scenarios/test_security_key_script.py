"""security_key.js in a real browser with a virtual key: what the form sends, and what a person is
told when the key gives no answer.

The pages are the samples that render_samples writes; nothing here verifies an answer.
"""
# labels: journey browser slow
# timeout: 300

import base64
import functools
import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse
from contextlib import contextmanager

import pytest
from certificates import TownAuthority
from chromium import browser
from processes import until
from segment import build_folder
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions
from selenium.webdriver.support.ui import WebDriverWait

HOST = "portal.sekisho.test"
# As content_security_policy() writes it for a page with a ceremony.
POLICY = ("default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
          "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'")


class Pages(http.server.SimpleHTTPRequestHandler):
    """Serves the samples, and keeps what their forms send."""

    extensions_map = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
                      ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        self.server.posts.append((self.path, form))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"received")

    def log_message(self, *_):
        pass


class Portal:
    def __init__(self, folder):
        pages = folder / "pages"
        subprocess.run([build_folder() / "tests/gateway_pages/render_samples", pages], check=True)
        self.chain, key = TownAuthority(folder / "tls").issue("portal", HOST)
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Pages, directory=str(pages)))
        self.server.posts = self.posts = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, sample):
        return f"https://{HOST}:{self.server.server_port}/{sample}.html"


@pytest.fixture
def portal(tmp_path):
    made = Portal(tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()


@contextmanager
def person(portal, folder, language="ja", **other):
    with browser(folder, portal.chain, language, **other) as driver:
        yield driver


def insert_key(driver, verifies=True):
    options = VirtualAuthenticatorOptions()
    options.protocol = "ctap2"
    options.transport = "usb"
    options.has_resident_key = True
    options.has_user_verification = True
    options.is_user_verified = verifies
    driver.add_virtual_authenticator(options)


def form_of(driver):
    return driver.find_element(By.CSS_SELECTOR, "form[data-ceremony]")


def button_of(driver):
    return form_of(driver).find_element(By.CSS_SELECTOR, "button")


def said(driver):
    return driver.find_element(By.CSS_SELECTOR, "[data-waiting]").text


def sentence(driver, name):
    return driver.find_element(By.CSS_SELECTOR, "[data-waiting]").get_attribute("data-" + name)


def ask_for(driver, **changes):
    """Gives the page's ceremony the options of this test."""
    options = {"challenge": "3q2-7w", "timeout": 20000, **changes}
    driver.execute_script("arguments[0].dataset.options = arguments[1]", form_of(driver),
                          json.dumps(options))


def registration(**changes):
    return {"rp": {"id": HOST, "name": "関所町"},
            "user": {"id": "Ag8", "name": "hanako", "displayName": "関所 花子"},
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
            **changes}


def received(portal):
    """The path and the fields of the one form that was sent."""
    until(lambda: portal.posts, "a form to arrive")
    assert len(portal.posts) == 1
    return portal.posts.pop()


def until_said(driver, name):
    wanted = sentence(driver, name)
    assert wanted
    WebDriverWait(driver, 20).until(lambda d: said(d) == wanted)


def bytes_of(base64url):
    assert not set(base64url) & set("+/=")
    return base64.urlsafe_b64decode(base64url + "=" * (-len(base64url) % 4))


def register_key(portal, driver):
    """Registers the inserted key; returns the form that was sent and the credential's id."""
    driver.get(portal.url("add-key-ja"))
    ask_for(driver, **registration())
    driver.switch_to.active_element.send_keys("机の予備", Keys.ENTER)  # replaces the suggestion
    path, form = received(portal)
    assert path == "/keys/add"
    attested = bytes_of(form["attestation_object"])
    start = attested.index(b"authData") + 8 + 2 + 37 + 16
    length = int.from_bytes(attested[start:start + 2], "big")
    return form, attested[start + 2:start + 2 + length]


def test_a_key_is_registered_and_then_signs_in_with_the_keyboard_alone(portal, tmp_path):
    with person(portal, tmp_path) as driver:
        insert_key(driver)
        form, credential = register_key(portal, driver)
        assert form["label"] == "机の予備"
        assert form["ticket"] == "t4Yw0Qm8"
        assert form["transports"] == "usb"
        said_by_browser = json.loads(bytes_of(form["client_data"]))
        assert said_by_browser["type"] == "webauthn.create"
        assert said_by_browser["challenge"] == "3q2-7w"

        driver.get(portal.url("second-factor-key-or-code-ja"))
        ask_for(driver, rpId=HOST, userVerification="required", allowCredentials=[
            {"type": "public-key", "transports": ["usb"],
             "id": base64.urlsafe_b64encode(credential).decode().rstrip("=")}])
        assert driver.switch_to.active_element == button_of(driver)
        driver.switch_to.active_element.send_keys(Keys.ENTER)
        path, form = received(portal)
        assert path == "/second-factor/key"
        assert bytes_of(form["credential_id"]) == credential
        assert json.loads(bytes_of(form["client_data"]))["type"] == "webauthn.get"
        assert len(bytes_of(form["authenticator_data"])) == 37
        assert bytes_of(form["authenticator_data"])[32] & 0x05 == 0x05  # present and verified
        assert bytes_of(form["signature"])
        assert form["csrf_token"] and form["return_to"] and form["ticket"]
        assert not portal.posts
        assert not [e for e in driver.get_log("browser") if "Content Security" in e["message"]]


def test_a_key_says_who_is_there_without_a_user_name(portal, tmp_path):
    with person(portal, tmp_path) as driver:
        insert_key(driver)
        _, credential = register_key(portal, driver)
        driver.get(portal.url("sign-in-key-ja"))
        assert driver.switch_to.active_element.get_attribute("name") == "user"
        ask_for(driver, rpId=HOST, userVerification="required")
        button_of(driver).click()
        path, form = received(portal)
        assert path == "/signin/key"
        assert bytes_of(form["credential_id"]) == credential
        assert form["user_handle"] == "Ag8"


def test_the_code_is_one_keystroke_away_from_the_key(portal, tmp_path):
    with person(portal, tmp_path) as driver:
        driver.get(portal.url("second-factor-key-or-code-ja"))
        assert driver.switch_to.active_element == button_of(driver)
        driver.switch_to.active_element.send_keys(Keys.TAB)
        driver.switch_to.active_element.send_keys("123456", Keys.ENTER)
        path, form = received(portal)
        assert (path, form["code"]) == ("/second-factor", "123456")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_key_that_is_not_registered_leaves_the_person_where_they_can_retry(portal, tmp_path,
                                                                           language):
    with person(portal, tmp_path, language) as driver:
        insert_key(driver)
        driver.get(portal.url(f"second-factor-key-or-code-{language}"))
        ask_for(driver, rpId=HOST, timeout=1000,
                allowCredentials=[{"type": "public-key", "id": "AQID"}])
        button_of(driver).click()
        until_said(driver, "cancelled")
        WebDriverWait(driver, 20).until(lambda d: button_of(d).is_enabled())
        assert driver.switch_to.active_element == button_of(driver)
        assert not portal.posts

        _, credential = register_key(portal, driver)
        driver.get(portal.url(f"second-factor-key-or-code-{language}"))
        ask_for(driver, rpId="elsewhere.example")
        button_of(driver).click()
        until_said(driver, "address")
        ask_for(driver, rpId=HOST, allowCredentials=[
            {"type": "public-key",
             "id": base64.urlsafe_b64encode(credential).decode().rstrip("=")}])
        button_of(driver).click()  # the second try is as good as the first
        received(portal)


def test_a_key_that_is_registered_already_is_told_so(portal, tmp_path):
    with person(portal, tmp_path) as driver:
        insert_key(driver)
        _, credential = register_key(portal, driver)
        driver.get(portal.url("add-key-ja"))
        ask_for(driver, **registration(excludeCredentials=[
            {"type": "public-key",
             "id": base64.urlsafe_b64encode(credential).decode().rstrip("=")}]))
        button_of(driver).click()
        until_said(driver, "taken")
        assert not portal.posts


def test_while_a_key_is_asked_nothing_more_is_asked_or_sent(portal, tmp_path):
    with person(portal, tmp_path) as driver:
        driver.get(portal.url("second-factor-key-or-code-ja"))
        ask_for(driver, rpId=HOST)
        # Counts how often the key is asked; answers only when told to.
        driver.execute_script("""
            window.asked = 0;
            window.sent = 0;
            navigator.credentials.get = () => {
              ++window.asked;
              return new Promise((resolve) => { window.answer = resolve; });
            };
            HTMLFormElement.prototype.submit = () => { ++window.sent; };""")
        button_of(driver).click()
        until_said(driver, "waiting")
        assert not button_of(driver).is_enabled()
        driver.execute_script("arguments[0].requestSubmit()", form_of(driver))
        assert driver.execute_script("return window.asked") == 1
        driver.execute_script("""
            const bytes = new Uint8Array([1, 2, 250, 251]).buffer;
            window.answer({ rawId: bytes, response: { clientDataJSON: bytes, signature: bytes,
                authenticatorData: bytes, userHandle: null } });""")
        until_said(driver, "sending")
        driver.execute_script("arguments[0].requestSubmit()", form_of(driver))
        assert driver.execute_script("return [window.asked, window.sent]") == [1, 1]
        value = form_of(driver).find_element(By.NAME, "signature").get_attribute("value")
        assert value == "AQL6-w"
        assert form_of(driver).find_element(By.NAME, "user_handle").get_attribute("value") == ""


def test_a_browser_that_knows_no_keys_says_so_and_the_code_still_works(portal, tmp_path):
    with person(portal, tmp_path) as driver:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument",
                               {"source": "delete window.PublicKeyCredential"})
        driver.get(portal.url("second-factor-key-or-code-ja"))
        assert said(driver) == sentence(driver, "unsupported")
        assert not button_of(driver).is_enabled()
        assert driver.switch_to.active_element.get_attribute("name") == "code"


def test_without_javascript_the_page_says_what_to_do_and_the_code_still_works(portal, tmp_path):
    with person(portal, tmp_path, javascript=False) as driver:
        driver.get(portal.url("second-factor-key-or-code-ja"))
        assert "JavaScript" in form_of(driver).text
        assert not button_of(driver).is_enabled()
        assert driver.switch_to.active_element.get_attribute("name") == "code"
        driver.switch_to.active_element.send_keys("123456", Keys.ENTER)
        path, form = received(portal)
        assert (path, form["code"]) == ("/second-factor", "123456")
