"""Password logins that hash at the same time, for as long as it is asked for."""

import http.client
import threading
from urllib.parse import urlencode, urlsplit

from load import Failed
from visitor import Visitor, connect, forms_of

TYPE = "application/x-www-form-urlencoded"


class PasswordFlood:
    """Each login has a user and an address of its own: neither is slowed down for the others' sake.

    The passwords are right, for wrong ones are soon not looked at any more.  Sign-in forms are
    fetched once and connections kept, so that the flood costs its CPU next to nothing."""

    def __init__(self, segment, at_once):
        self.segment = segment
        self.people = [self._person(number) for number in range(at_once)]

    def _person(self, number):
        user = self.segment.add_user(f"flood-{number:02}", totp=False)
        source = f"127.0.0.{101 + number}"
        visitor = Visitor(self.segment.authority.file, source=source)
        page = visitor.follow(visitor.get(self.segment.portal + "/"))
        form = next(form for form in forms_of(page) if urlsplit(form.action).path == "/signin")
        body = urlencode({**form.fields, "user": user.name, "password": user.password})
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookie_values.items())
        return source, visitor.context, body, {"Cookie": cookie, "Content-Type": TYPE}

    def _sign_in_again_and_again(self, source, context, body, headers):
        host = self.segment.portal_host
        connection = http.client.HTTPConnection(host, self.segment.web_port)
        try:
            connection.sock = connect(self.segment.web_port, host, context, source=source)
            while not self.ending.is_set():
                connection.request("POST", "/signin", body, headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 303:
                    raise Failed(f"a login of the flood was answered {answer.status}")
                self.logins.append(answer.status)
                self.flowing.set()
        except Exception as failure:
            self.failures.append(failure)
            self.flowing.set()
        finally:
            connection.close()

    def __enter__(self):
        self.logins, self.failures = [], []
        self.ending, self.flowing = threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=self._sign_in_again_and_again, args=person)
                        for person in self.people]
        for thread in self.threads:
            thread.start()
        self.flowing.wait(30)
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise Failed(f"the flood: {self.failures[0]!r}")
