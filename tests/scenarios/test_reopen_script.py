"""A form that was filled in while the session ended is not lost: the script that applications may
include reopens the session in a window and then sends it.
"""
# labels: journey browser slow
# timeout: 300

import hashlib
from urllib.parse import urlencode

import pytest
from chromium import browser
from processes import until
from segment import ROOT, Rule
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

SCREENSHOTS = ROOT / "build/screenshots"
PAGE = """<!doctype html><html lang="ja"><meta charset="utf-8"><title>申請</title>
<script src="{portal}/reopen.js" defer></script>
<form action="/digest" method="post"><textarea name="riyu"></textarea>
<button name="sousin" value="yes">送信</button></form></html>"""


@pytest.fixture
def town(segment, upstream):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    upstream.pages["/form?n=7"] = PAGE.format(portal=segment.portal)
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    return segment


@pytest.fixture
def hanako(town):
    return town.add_user("hanako", "関所 花子", groups=["tax"])


def sign_in(driver, user):
    driver.find_element(By.NAME, "user").send_keys(user.name)
    driver.find_element(By.NAME, "password").send_keys(user.password, Keys.ENTER)
    driver.find_element(By.NAME, "code").send_keys(user.token.next_code(), Keys.ENTER)


def posts(upstream):
    return [request for request in upstream.requests if request["method"] == "POST"]


def fill_in(town, driver, user, words):
    """The form with these words in it, and its window."""
    driver.get(town.url("tax", "/form?n=7"))
    sign_in(driver, user)
    driver.find_element(By.NAME, "riyu").send_keys(words)
    return driver.current_window_handle


def switch_to_the_portals_window(town, driver, page):
    until(lambda: len(driver.window_handles) == 2, "the portal's window to open")
    driver.switch_to.window(next(one for one in driver.window_handles if one != page))
    until(lambda: driver.current_url.startswith(town.portal), "the portal to be there")


def test_a_form_survives_the_end_of_its_session(town, hanako, upstream, tmp_path):
    with browser(tmp_path, town.folder / "tls/portal.pem") as driver:
        page = fill_in(town, driver, hanako, "三十分かけて書いた理由")
        town.command("session", "end", "--user", "hanako")
        driver.find_element(By.NAME, "sousin").click()

        switch_to_the_portals_window(town, driver, page)
        assert not posts(upstream)
        driver.save_screenshot(str(SCREENSHOTS / "ja-reopen-window.png"))
        sign_in(driver, hanako)
        until(lambda: len(driver.window_handles) == 1, "the window to close by itself")
        driver.switch_to.window(page)
        until(lambda: len(posts(upstream)) == 1, "the form to be sent")
        # Every field as it was filled in, and the button that was pressed.
        sent = urlencode({"riyu": "三十分かけて書いた理由", "sousin": "yes"}).encode()
        until(lambda: hashlib.sha256(sent).hexdigest() in driver.page_source, "its answer")


def test_who_closes_the_portals_window_gets_another(town, hanako, upstream, tmp_path):
    with browser(tmp_path, town.folder / "tls/portal.pem") as driver:
        page = fill_in(town, driver, hanako, "理由")
        town.command("session", "end", "--user", "hanako")
        for _ in range(2):
            driver.find_element(By.NAME, "sousin").click()
            switch_to_the_portals_window(town, driver, page)
            driver.close()
            driver.switch_to.window(page)
        assert not posts(upstream)
        # Or by the link, which stays.
        link = driver.find_element(By.CSS_SELECTOR, "[role=alert] a")
        driver.save_screenshot(str(SCREENSHOTS / "ja-reopen-note.png"))
        link.click()
        switch_to_the_portals_window(town, driver, page)
        until(lambda: driver.find_elements(By.NAME, "user"), "the portal's form")
        sign_in(driver, hanako)
        driver.switch_to.window(page)
        until(lambda: posts(upstream), "the form to be sent", 20)
        assert len(posts(upstream)) == 1
        until(lambda: "sha256" in driver.page_source, "its answer")


def test_a_form_whose_address_asks_for_more_than_its_page_is_not_lost(
        town, hanako, upstream, tmp_path):
    with browser(tmp_path, town.folder / "tls/portal.pem") as driver:
        page = fill_in(town, driver, hanako, "理由")
        town.applications[0].rules.insert(0, Rule(path="/digest", groups=("tax",),
                                                  require="fido2"))
        town.reload()
        driver.find_element(By.NAME, "sousin").click()
        switch_to_the_portals_window(town, driver, page)
        driver.switch_to.window(page)
        assert driver.current_url.endswith("/form?n=7") and not posts(upstream)
        # The key was shown, say: the address lets in again.
        del town.applications[0].rules[0]
        town.reload()
        until(lambda: len(posts(upstream)) == 1, "the form to be sent", 20)


def test_with_a_session_a_form_is_sent_as_ever(town, hanako, upstream, tmp_path):
    with browser(tmp_path, town.folder / "tls/portal.pem") as driver:
        fill_in(town, driver, hanako, "理由")
        driver.find_element(By.NAME, "sousin").click()
        until(lambda: len(posts(upstream)) == 1, "the form to be sent")
        assert len(driver.window_handles) == 1


def test_the_script_may_be_asked_for_by_pages_of_other_hosts_and_not_for_ever(town):
    answer = town.visitor().get(town.portal + "/reopen.js")
    assert answer.status == 200
    assert answer.header("Content-Type") == "text/javascript; charset=utf-8"
    assert answer.header("Cross-Origin-Resource-Policy") == "cross-origin"
    assert answer.header("Cache-Control") == "public, max-age=3600"
