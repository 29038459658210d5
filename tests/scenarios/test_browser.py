"""A person at a browser signs in with a code from a token, in Japanese and in English.

Screenshots go to build/screenshots, to be looked at.
"""
# labels: journey browser slow
# timeout: 600

import json
import re

import pytest
from chromium import browser
from segment import ROOT
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

SCREENSHOTS = ROOT / "build/screenshots"
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")


@pytest.fixture
def town(segment, upstream):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    return segment


@pytest.fixture
def hanako(town):
    return town.add_user("hanako", "関所 花子", groups=["tax"])


def chain_of(town):
    return town.folder / "tls/portal.pem"


def shoot(driver, name):
    driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))


def complaints(driver):
    """What the browser's console says about our pages: blocked by policy, failed to load...

    The page that answers a refused code has the status 401, which the browser also notes."""
    expected = ("favicon", "status of 401")
    return [entry["message"] for entry in driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")
            and not any(word in entry["message"] for word in expected)]


def active(driver):
    return driver.switch_to.active_element


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_person_signs_in_with_the_keyboard_alone(town, hanako, tmp_path, language):
    with browser(tmp_path, chain_of(town), language) as driver:
        driver.get(town.url("tax", "/zei?year=2026"))
        assert driver.current_url.startswith(town.portal)
        shoot(driver, f"{language}-1-sign-in")
        assert driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == language
        shown = driver.find_element(By.TAG_NAME, "main").text
        assert bool(JAPANESE.search(shown)) == (language == "ja"), shown

        assert active(driver).get_attribute("name") == "user"  # ready to type
        active(driver).send_keys(hanako.name, Keys.TAB)
        assert active(driver).get_attribute("name") == "password"
        active(driver).send_keys(hanako.password, Keys.ENTER)

        code = driver.find_element(By.NAME, "code")
        shoot(driver, f"{language}-2-second-factor")
        assert driver.switch_to.active_element == code
        code.send_keys(hanako.token.wrong_code(), Keys.ENTER)
        driver.find_element(By.CSS_SELECTOR, "[role=alert], [aria-invalid=true]")
        shoot(driver, f"{language}-3-wrong-code")
        assert active(driver).get_attribute("name") == "code"
        active(driver).send_keys(hanako.token.next_code(), Keys.ENTER)

        seen = json.loads(driver.find_element(By.TAG_NAME, "body").text)
        assert seen["path"] == "/zei?year=2026"  # where the person wanted to go
        driver.get(town.portal + "/")
        shoot(driver, f"{language}-4-my-page")
        assert "関所 花子" in driver.find_element(By.TAG_NAME, "main").text
        assert not complaints(driver)

        driver.find_element(By.CSS_SELECTOR, "form[action='/signout'] button").click()
        shoot(driver, f"{language}-5-signed-out")
        driver.get(town.url("tax", "/"))
        assert driver.current_url.startswith(town.portal)


def test_everything_works_without_javascript_and_every_field_has_a_label(town, hanako, tmp_path):
    with browser(tmp_path, chain_of(town), javascript=False) as driver:
        driver.get(town.portal + "/")
        for field in driver.find_elements(By.CSS_SELECTOR, "input:not([type=hidden])"):
            name = field.get_attribute("id")
            assert driver.find_elements(By.CSS_SELECTOR, f"label[for='{name}']"), name
        driver.find_element(By.NAME, "user").send_keys(hanako.name)
        driver.find_element(By.NAME, "password").send_keys(hanako.password, Keys.ENTER)
        driver.find_element(By.NAME, "code").send_keys(hanako.token.next_code(), Keys.ENTER)
        assert driver.find_elements(By.CSS_SELECTOR, "form[action='/signout']")


def test_a_person_ends_another_session_from_the_page_that_lists_them(town, hanako, tmp_path):
    elsewhere = town.sign_in(hanako)
    assert elsewhere.get(town.url("tax", "/")).status == 200
    with browser(tmp_path, chain_of(town)) as driver:
        driver.get(town.portal + "/")
        driver.find_element(By.NAME, "user").send_keys(hanako.name)
        driver.find_element(By.NAME, "password").send_keys(hanako.password, Keys.ENTER)
        driver.find_element(By.NAME, "code").send_keys(hanako.token.next_code(), Keys.ENTER)
        # Newest first: this browser's own session, then the one elsewhere.
        driver.find_elements(By.CSS_SELECTOR, "form[action='/sessions/end'] button")[-1].click()
        shoot(driver, "ja-6-session-ended")
    assert elsewhere.get(town.url("tax", "/")).status == 302


def test_a_browser_reads_a_recovery_code_too(town, hanako, tmp_path):
    hanako.recovery_codes = town.json("recovery", "issue", "hanako")["codes"]
    with browser(tmp_path, chain_of(town)) as driver:
        driver.get(town.portal + "/")
        driver.find_element(By.NAME, "user").send_keys(hanako.name)
        driver.find_element(By.NAME, "password").send_keys(hanako.password, Keys.ENTER)
        for summary in driver.find_elements(By.TAG_NAME, "summary"):
            summary.click()
        driver.find_element(By.NAME, "recovery_code").send_keys(hanako.recovery_codes[0],
                                                                Keys.ENTER)
        assert driver.find_elements(By.CSS_SELECTOR, "form[action='/signout']")
