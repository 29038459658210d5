"""A person at a browser with security keys: enrols the first with a code from the desk, signs in with
it, adds a second, removes the first, and signs in without typing a name.

The keys are Chromium's virtual authenticators (CTAP 2).  Screenshots go to build/screenshots.
"""
# labels: journey browser slow
# root
# timeout: 600

import pytest
from chromium import browser
from seat import Seat, answer_prompts
from segment import ROOT
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from software_key import SoftwareKey

SCREENSHOTS = ROOT / "build/screenshots"


@pytest.fixture
def town(segment, upstream):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.add_application("juki", upstream.url, groups=["tax"], require="fido2+uv")
    segment.settings["security_keys"] = {"passwordless": True}
    segment.start()
    return segment


class Person:
    """What a person sees and does, and the keys in the drawer."""

    def __init__(self, driver, town, name):
        self.driver, self.town, self.name = driver, town, name
        self.shots = 0
        driver.execute_cdp_cmd("WebAuthn.enable", {})

    def shoot(self, what):
        self.shots += 1
        self.driver.save_screenshot(str(SCREENSHOTS / f"keys-{self.name}-{self.shots}-{what}.png"))

    def plug_in(self, verifies=True):
        return self.driver.execute_cdp_cmd("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "usb", "hasResidentKey": verifies,
            "hasUserVerification": verifies, "isUserVerified": verifies,
            "automaticPresenceSimulation": True}})["authenticatorId"]

    def pull_out(self, key):
        """Takes the key out and remembers what is on it."""
        credentials = self.driver.execute_cdp_cmd("WebAuthn.getCredentials",
                                                  {"authenticatorId": key})["credentials"]
        self.driver.execute_cdp_cmd("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
        return credentials

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def active(self):
        return self.driver.switch_to.active_element

    def text(self):
        return self.find("main").text

    def until(self, question):
        return WebDriverWait(self.driver, 20).until(lambda _: question())

    def go(self, url):
        self.driver.get(url)

    def type_password(self, user):
        self.find("#user").send_keys(user.name)
        self.find("#password").send_keys(user.password, Keys.ENTER)
        self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, "form[action='/signout']"))

    def press_key_button(self, action):
        self.press(f"form[action='{action}'] button[type=submit]:enabled")

    def press(self, selector):
        """Presses a button and waits for the page to give way to the next."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        self.find(selector).click()
        WebDriverWait(self.driver, 20).until(lambda _: self._is_gone(before))

    @staticmethod
    def _is_gone(element):
        try:
            element.is_enabled()
            return False
        except Exception:  # pylint: disable=broad-except
            return True

    def register(self, label):
        field = self.find("#label")
        field.clear()
        field.send_keys(label)
        self.press_key_button("/keys/add")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_keys_from_the_first_to_the_last(town, tmp_path, language):
    hanako = town.add_user("hanako", "関所 花子", groups=["tax"], totp=False)
    code = town.json("enroll", "code", "hanako")["code"]
    with browser(tmp_path, town.folder / "tls/portal.pem", language) as driver:
        person = Person(driver, town, language)
        # Enrol with the code.
        first = person.plug_in()
        person.go(town.portal + "/")
        person.shoot("sign-in")
        person.type_password(hanako)
        person.shoot("second-step-without-anything")
        person.find("details:has(input[name=enrolment_code]) summary").click()
        person.find("input[name=enrolment_code]").send_keys(code, Keys.ENTER)
        person.until(lambda: driver.current_url.endswith("/keys/add"))
        person.shoot("add-first")
        person.register("青い鍵")
        person.shoot("registered")
        # Sign in with it.
        person.press_key_button("/second-factor/key")
        assert "青い鍵" in person.text()
        person.shoot("home-with-one")
        # A second one, in the place of the first.
        person.pull_out(first)
        second = person.plug_in()
        person.go(town.portal + "/keys/add")
        person.shoot("add-second")
        person.register("予備の鍵")
        assert "青い鍵" in person.text() and "予備の鍵" in person.text()
        person.shoot("home-with-two")
        # Remove the first.
        person.find("details.change summary").click()
        person.shoot("change-open")
        person.press("form[action='/keys/remove'] button")
        assert "青い鍵" not in person.text() and "予備の鍵" in person.text()
        person.shoot("home-after-removal")
        # Sign in without a name.
        person.press("form[action='/signout'] button")
        person.go(town.url("juki", "/jumin"))
        assert driver.current_url.startswith(town.portal)
        person.shoot("sign-in-to-an-application")
        person.press_key_button("/signin/key")
        assert driver.current_url == town.url("juki", "/jumin")
        person.pull_out(second)
        severe = [entry for entry in driver.get_log("browser") if entry["level"] == "SEVERE"
                  and "favicon" not in entry["message"]]
        assert not severe


def test_a_key_without_a_pin_is_a_second_factor_and_no_more(town, tmp_path):
    hanako = town.add_user("hanako", "関所 花子", groups=["tax"])
    with browser(tmp_path, town.folder / "tls/portal.pem") as driver:
        person = Person(driver, town, "no-pin")
        key = person.plug_in(verifies=False)
        person.go(town.portal + "/keys/add")
        person.type_password(hanako)
        person.find("#code").send_keys(hanako.token.next_code(), Keys.ENTER)
        person.until(lambda: driver.current_url.endswith("/keys/add"))
        person.register("触れるだけの鍵")
        assert "触れるだけの鍵" in person.text()
        person.press("form[action='/signout'] button")
        person.go(town.portal + "/")
        person.type_password(hanako)
        assert person.active().tag_name == "button"  # the key comes first...
        person.shoot("second-step")
        person.active().send_keys(Keys.TAB)
        assert person.active().get_attribute("name") == "code"  # ...and the code is a key away
        person.press_key_button("/second-factor/key")
        assert "触れるだけの鍵" in person.text()
        # Where the holder must be verified, it does not do.
        person.go(town.url("juki", "/"))
        assert driver.current_url.startswith(town.portal)
        person.shoot("verification-wanted")
        button = person.find("form[action='/second-factor/key'] button:enabled")
        button.click()
        person.until(lambda: person.find("[data-waiting].refusal").text)
        person.shoot("verification-refused-by-the-browser")
        person.pull_out(key)


def test_what_a_browser_registered_opens_the_terminal(town, tmp_path):
    hanako = town.add_user("hanako", "関所 花子", groups=["tax"])
    with browser(tmp_path, town.folder / "tls/portal.pem") as driver:
        person = Person(driver, town, "to-terminal")
        in_browser = person.plug_in()
        person.go(town.portal + "/keys/add")
        person.type_password(hanako)
        person.find("#code").send_keys(hanako.token.next_code(), Keys.ENTER)
        person.until(lambda: driver.current_url.endswith("/keys/add"))
        person.register("青い鍵")
        [credential] = person.pull_out(in_browser)
    key = SoftwareKey(town.folder / "key.json")
    key.import_credential(credential)
    with Seat(town, "zeimu-03") as seat:
        seat.restart(key)
        status, shown = answer_prompts(
            ["pamtester", seat.stack(), "hanako", "authenticate"],
            [("assword[^\n]*: $", hanako.password), ("Enter alone[^\n]*: $", "")])
        assert status == 0, shown
