"""The main job of Sekisho, done on a throwaway segment on loopback, and told as it happens.

    ./dev demo          shows it, then keeps serving until Ctrl-C
    ./dev demo --once   shows it and ends: 0 only if every step did what it says

Everything is the real thing: the gateway, the command line, the agent, the PAM module under
pamtester, oathtool as the token.  Names end in .localhost, which browsers take to this machine.
"""

import argparse
import shutil
import signal
import sys
import tempfile
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))

from guarded import seen_by  # noqa: E402
from otp_token import Token  # noqa: E402
from segment import Segment, User  # noqa: E402
from terminal import Terminal  # noqa: E402
from upstream import Application  # noqa: E402

PASSWORD = "sakura-no-hana-2026"


class Story:
    """Prints steps, and remembers whether each did what it says."""

    def __init__(self):
        self.failures = 0

    def chapter(self, title):
        print(f"\n\033[1m{title}\033[0m" if sys.stdout.isatty() else f"\n{title}", flush=True)

    def step(self, what, held, detail=""):
        self.failures += not held
        mark = "ok  " if held else "FAIL"
        print(f"  {mark}  {what}", flush=True)
        if detail:
            print(textwrap.indent(detail.rstrip(), "          "), flush=True)

    def quote(self, text):
        print(textwrap.indent(text.rstrip(), "        "), flush=True)


def make_segment(story, folder, application):
    story.chapter("A segment of its own, on loopback")
    segment = Segment(folder / "segment", domain="sekisho.localhost")
    segment.add_application("tax", application.url, groups=["tax"])
    segment.start()
    story.step("sekisho init: keys, certificate authority, store", True)
    story.step(f"sekishod serves {segment.portal}", segment.gateway.alive())
    return segment


def enrol(story, segment):
    """One person, one password, one TOTP credential: the enrolment that opens both doors."""
    story.chapter("The administrator enrols hanako, once")
    segment.command("user", "add", "hanako", "--display-name", "関所 花子", "--group", "tax",
                    "--password-stdin", input=PASSWORD + "\n")
    story.step("sekisho user add hanako --display-name '関所 花子' --group tax", True)
    shown = segment.command("--lang", "en", "totp", "add", "hanako").stdout
    uri = next(line.strip() for line in shown.splitlines() if "otpauth://" in line)
    token = Token.from_uri(uri)
    story.step("sekisho totp add hanako: a QR to scan", "otpauth://totp/" in uri)
    credential = segment.json("totp", "list", "hanako")[0]["id"]
    confirmed = segment.command("totp", "confirm", credential, token.next_code(), check=False)
    story.step("sekisho totp confirm, with the first code of her token", confirmed.returncode == 0)
    return User("hanako", PASSWORD, token), shown


def open_the_web(story, segment, hanako):
    story.chapter(f"The web application {segment.url('tax')}")
    tax = segment.url("tax", "/")
    stranger = segment.visitor()
    answer = stranger.get(tax)
    story.step(f"without a session: {answer.status}, to the portal's sign-in page",
               answer.status == 302 and answer.header("Location").startswith(segment.portal))

    visitor = segment.visitor()
    page = segment.present_password(hanako, visitor, return_to=tax)
    answer = visitor.get(tax)
    story.step(f"with the password alone: {answer.status}, still refused", answer.status == 302)

    answer = visitor.submit(page, "/second-factor", code=hanako.token.wrong_code())
    story.step(f"with a wrong code: {answer.status}, refused",
               answer.status != 303 and visitor.get(tax).status == 302)

    code = hanako.token.next_code()
    answer = visitor.submit(page, "/second-factor", code=code)
    inside = visitor.get(tax)
    story.step(f"with the right code {code}: {inside.status}, allowed",
               answer.status == 303 and inside.status == 200)
    if inside.status == 200:
        story.quote(f"the application is told: Remote-User: {seen_by(inside)['remote-user'][0]}, "
                    f"Remote-Groups: {seen_by(inside)['remote-groups'][0]}")

    again = segment.visitor()
    page = segment.present_password(hanako, again)
    answer = again.submit(page, "/second-factor", code=code)
    story.step(f"the same code {code} again: {answer.status}, refused",
               answer.status != 303 and again.get(tax).status == 302)
    return visitor, code


def open_the_terminal(story, segment, terminal, hanako, spent_code):
    story.chapter(f"The terminal {terminal.name}, through pam_sekisho.so")
    terminal.join()
    story.step("sekisho terminal add, sekisho-agent join: the terminal has its certificate", True)
    terminal.start()

    for what, code, expected in (
            ("with a wrong code: refused", hanako.token.wrong_code(), False),
            (f"with the code {spent_code} that opened the web: refused", spent_code, False),
            ("with the right code: allowed", code := hanako.token.next_code(), True),
            (f"the same code {code} again: refused", code, False)):
        granted, screen = terminal.login(hanako, code)
        story.step(f"pamtester, {what}", granted == expected, last_words(screen))


def last_words(screen):
    said = [line for line in screen.splitlines() if line.strip() and ":" not in line[-2:]]
    return said[-1] if said else ""


def show_the_log(story, segment):
    story.chapter("The log of it all")
    story.quote(segment.command("--lang", "en", "audit", "tail").stdout)
    verified = segment.command("--lang", "en", "audit", "verify", check=False)
    story.step("sekisho audit verify", verified.returncode == 0, verified.stdout)


def say_where_to_look(story, segment, enrolment, hanako):
    story.chapter("See for yourself")
    print(enrolment.rstrip())
    print(f"\n  portal       {segment.portal}/\n"
          f"  application  {segment.url('tax')}\n"
          f"  user         {hanako.name}   password  {PASSWORD}\n"
          f"  her token    scan the QR, or: oathtool --totp --base32 {hanako.token.seed}\n"
          f"  certificate  signed by {segment.authority.file}\n"
          f"  commands     {segment.program_line()}", flush=True)


def serve_until_told():
    print("\nServing until Ctrl-C.", flush=True)
    try:
        signal.pause()
    except KeyboardInterrupt:
        print("\nStopping.", flush=True)


def tell(folder, once):
    story, application = Story(), Application()
    segment = make_segment(story, folder, application)
    terminal = Terminal(segment, "zeimu-03")
    try:
        hanako, enrolment = enrol(story, segment)
        _, code = open_the_web(story, segment, hanako)
        open_the_terminal(story, segment, terminal, hanako, code)
        show_the_log(story, segment)
        say_where_to_look(story, segment, enrolment, hanako)
        if story.failures:
            print(f"\n{story.failures} steps did not do what they say.", flush=True)
        elif not once:
            serve_until_told()
    finally:
        terminal.close()
        segment.close()
        application.close()
    return 1 if story.failures else 0


def main():
    parser = argparse.ArgumentParser(prog="./dev demo")
    parser.add_argument("--once", action="store_true", help="end after the transcript")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite end, like Ctrl-C
    folder = Path(tempfile.mkdtemp(prefix="sekisho-demo-"))
    try:
        return tell(folder, chosen.once)
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
