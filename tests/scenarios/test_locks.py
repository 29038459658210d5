"""What a person sees who has guessed too often: refused, with when it ends, in both languages."""
# labels: journey

import re
from datetime import datetime, timedelta, timezone

import pytest
from processes import until
from visitor import forms_of

JST = timezone(timedelta(hours=9))
LOCKED = {"ja": r"(\d+)月(\d+)日（.）(\d+):(\d\d)", "en": r"(\d+):(\d\d) on \w{3} (\d+) (\w{3})"}


def started(segment, **throttle):
    segment.settings["throttle"] = {"backoff_first": "0ms", "account_backoff_most": "0ms",
                                    "source_backoff_most": "0ms", "lock_after": 3, **throttle}
    segment.start()
    return segment


def failing(segment, user, visitor):
    """The page of the second factor after as many wrong codes as are allowed."""
    page = segment.present_password(user, visitor)
    for _ in range(3):
        answer = visitor.submit(page, "/second-factor", code=user.token.wrong_code())
        assert answer.status == 401, answer
    return page


def notice_of(answer):
    """The page's words without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.text).split())


def end_told(text, language):
    """The moment, to the minute, that a page names as the end of the lock."""
    found = re.search(LOCKED[language], text)
    assert found, text
    now = datetime.now(JST)
    if language == "ja":
        month, day, hour, minute = map(int, found.groups())
    else:
        hour, minute, day = int(found[1]), int(found[2]), int(found[3])
        month = datetime.strptime(found[4], "%b").month
    end = datetime(now.year, month, day, hour, minute, tzinfo=JST)
    return end.replace(year=now.year + (now - end > timedelta(days=1)))  # over New Year


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_locked_person_is_told_until_when_even_with_the_right_code(segment, language):
    started(segment, lock_for="15m")
    user, visitor = segment.add_user("hanako"), segment.visitor(language=language)
    page = failing(segment, user, visitor)
    before = datetime.now(JST)
    answer = visitor.submit(page, "/second-factor", code=user.token.next_code())
    assert answer.status == 429, answer
    text = notice_of(answer)
    told = end_told(text, language)
    # Fifteen minutes from the last wrong code on, without the seconds.
    assert timedelta(minutes=13, seconds=30) < told - before <= timedelta(minutes=16), (told, before)
    assert f'lang="{language}"' in answer.text
    assert not answer.headers_named("Set-Cookie")
    assert forms_of(visitor.get(segment.portal + "/"))[0].action.endswith("/second-factor")


@pytest.mark.parametrize("language, words", [("ja", r"(\d+) ?秒"), ("en", r"(\d+) seconds?")])
def test_a_short_lock_is_told_in_seconds(segment, language, words):
    started(segment, lock_for="60s")
    user, visitor = segment.add_user("hanako"), segment.visitor(language=language)
    page = failing(segment, user, visitor)
    answer = visitor.submit(page, "/second-factor", code=user.token.next_code())
    assert answer.status == 429, answer
    assert 30 < int(re.search(words, notice_of(answer))[1]) <= 60


def test_a_lock_that_has_ended_lets_the_right_code_in(segment):
    started(segment, lock_for="2s")
    user, visitor = segment.add_user("hanako"), segment.visitor()
    page = failing(segment, user, visitor)
    code = user.token.next_code()
    assert visitor.submit(page, "/second-factor", code=code).status == 429
    # The same code: a refused guess is not even looked at, so nothing was spent.
    until(lambda: visitor.submit(page, "/second-factor", code=code).status == 303,
          "the lock to end", 10)


def test_an_administrator_ends_a_lock_at_once(segment):
    started(segment, lock_for="15m")
    user, visitor = segment.add_user("hanako"), segment.visitor()
    page = failing(segment, user, visitor)
    code = user.token.next_code()
    assert visitor.submit(page, "/second-factor", code=code).status == 429
    segment.command("user", "unlock", "hanako")
    assert visitor.submit(page, "/second-factor", code=code).status == 303


def attempt(visitor, page, user, password):
    return visitor.submit(page, "/signin", user=user, password=password)


def test_a_locked_password_is_answered_alike_whether_the_person_exists_or_not(segment):
    started(segment, lock_for="15m")
    user = segment.add_user("hanako")
    told = []
    for name in ("hanako", "nobody"):
        visitor = segment.visitor(language="en")
        page = visitor.get(segment.portal + "/")
        for _ in range(3):
            assert attempt(visitor, page, name, "wrong").status == 401
        answer = attempt(visitor, page, name, user.password)
        assert answer.status == 429, answer
        assert 800 < int(answer.header("Retry-After")) <= 900
        told.append(re.sub(r"\d+:\d\d", "T", notice_of(answer)))
    assert told[0] == told[1]


def test_a_lock_at_one_desk_is_none_at_another(segment):
    started(segment, lock_for="15m")
    user, here = segment.add_user("hanako"), segment.visitor()
    page = failing(segment, user, here)
    assert here.submit(page, "/second-factor", code=user.token.next_code()).status == 429
    segment.sign_in(user, segment.visitor(source="127.0.0.7"))


@pytest.mark.parametrize("language, words", [("ja", "この方法ではログインできません"),
                                             ("en", "this way of signing in is closed")])
def test_who_guessed_far_too_often_is_told_that_waiting_does_not_help(segment, language, words):
    started(segment, lock_after=100, backoff_from=100, disable_after=3)
    user, visitor = segment.add_user("hanako"), segment.visitor(language=language)
    page = failing(segment, user, visitor)
    answer = visitor.submit(page, "/second-factor", code=user.token.next_code())
    assert answer.status == 429, answer
    assert words in notice_of(answer), answer
    assert not answer.header("Retry-After")
