"""kill -9 in the middle of 200 logins: no accepted code works again, and the audit chain verifies."""
# labels: journey slow
# timeout: 900
# serial

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

from processes import until

PEOPLE = 100
LOGINS = 2 * PEOPLE  # each person's token has two codes ready
KILL_AFTER = 60


class Log:
    """What became of every code that was presented."""

    def __init__(self):
        self.lock = threading.Lock()
        self.granted, self.refused, self.unknown = [], [], []

    def note(self, outcome, user, code, step):
        with self.lock:
            getattr(self, outcome).append((user, code, step))


def log_in(segment, user, code):
    """'granted', 'refused', or 'unknown' when the gateway died before it could say."""
    visitor = segment.visitor()
    try:
        page = segment.present_password(user, visitor)
        answer = visitor.submit(page, "/second-factor", code=code)
    except LookupError:
        return "refused"
    except (OSError, ConnectionError, Exception) as broken:  # noqa: B014 - any way a line can die
        if isinstance(broken, AssertionError):
            raise
        return "unknown"
    return "granted" if answer.status == 303 else "refused"


def present(segment, user, log):
    with user.lock:  # one person types one code at a time
        user.token.skip_past()  # it shall still be in the window when it is presented again
        code, step = user.token.next_code(), user.token._last_step
        log.note(log_in(segment, user, code), user, code, step)


def prepare(segment):
    with ThreadPoolExecutor(2) as clerks:
        people = list(clerks.map(lambda n: segment.add_user(f"staff{n:03}"), range(PEOPLE)))
    for person in people:
        person.lock = threading.Lock()
    return people


def is_in_window(entry):
    user, _, step = entry
    return step >= user.token.step() - 1


def replay(segment, codes):
    """Presents codes again; returns those that opened the door, and those that were in the window
    all the while."""
    with ThreadPoolExecutor(4) as crowd:
        outcomes = list(crowd.map(lambda entry: (log_in(segment, entry[0], entry[1]),
                                                 is_in_window(entry)), codes))
    assert "unknown" not in [outcome for outcome, _ in outcomes]
    return ([entry for entry, (outcome, _) in zip(codes, outcomes) if outcome == "granted"],
            [entry for entry, (_, was_valid) in zip(codes, outcomes) if was_valid])


def accepted_steps(segment):
    """(user, credential, step) of every code the store says it accepted."""
    return [row for row in segment.audit()
            if row["event"] == "login_totp" and row["outcome"] == "granted"]


def test_kill_9_in_the_middle_of_200_logins_forgets_no_accepted_code(segment):
    segment.settings["throttle"] = {"source_after": 10000}
    segment.start()
    people, log = prepare(segment), Log()
    with ThreadPoolExecutor(4) as crowd:
        waiting = [crowd.submit(present, segment, person, log) for person in people * 2]
        until(lambda: len(log.granted) >= KILL_AFTER, f"{KILL_AFTER} logins", 300)
        segment.kill()
        fresh = list(log.granted)[-30:]
        segment.start()
        reopened, still_valid = replay(segment, fresh)
        for future in waiting:
            future.result()

    assert not reopened
    assert len(still_valid) > 10, "the codes had expired: the replay proved nothing"
    assert len(log.granted) + len(log.refused) + len(log.unknown) == LOGINS
    assert len(log.granted) > LOGINS // 2
    # What the gateway accepted without living to say so counts as spent too.
    dead = [entry for entry in log.unknown if is_in_window(entry)]
    opened = len(replay(segment, dead)[0])
    assert not replay(segment, dead)[0], "a code worked twice"
    told = len(log.granted) + opened
    assert told <= len(accepted_steps(segment)) <= told + len(log.unknown)

    segment.command("audit", "verify")
    segment.stop()
    with sqlite3.connect(segment.folder / "store.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)
