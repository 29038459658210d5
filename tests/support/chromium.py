"""A real browser: Chromium without a window, driven by selenium, trusting one certificate's key.

Names under .sekisho.test lead to loopback; anything else leads nowhere, as in the segment.
"""

import base64
import hashlib
import os
import subprocess
from contextlib import contextmanager

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


def key_pin(chain):
    """The certificate's public key as Chromium's pins want it: base64 of SHA-256 of its DER."""
    public = subprocess.run(["openssl", "x509", "-in", str(chain), "-noout", "-pubkey"],
                            check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=public,
                         check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


@contextmanager
def browser(folder, chain, language="ja", javascript=True):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--disable-gpu", "--no-first-run", "--disable-sync",
                     "--disable-background-networking", "--disable-component-update",
                     "--force-prefers-reduced-motion", "--window-size=1100,900",
                     "--host-resolver-rules=MAP *.sekisho.test 127.0.0.1, MAP * ~NOTFOUND, "
                     "EXCLUDE 127.0.0.1",
                     f"--ignore-certificate-errors-spki-list={key_pin(chain)}",
                     f"--user-data-dir={folder}/chromium", f"--lang={language}",
                     f"--accept-lang={language}"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's sandbox refuses root
    preferences = {"intl.accept_languages": language}
    if not javascript:
        preferences["profile.managed_default_content_settings.javascript"] = 2
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    options.binary_location = "/usr/bin/chromium"
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.implicitly_wait(10)
    driver.set_page_load_timeout(30)
    try:
        yield driver
    finally:
        driver.quit()
