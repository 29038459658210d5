"""A terminal whose program lies: the Terminal API with a terminal's own certificate."""

import http.client
import json
import ssl


class Forger:
    def __init__(self, segment, seat):
        state = seat.folder / "state"
        self.port, self.name = segment.terminal_port, seat.name
        self.context = ssl.create_default_context(cafile=str(next(state.glob("ca*.pem"))))
        self.context.check_hostname = False
        certificate = next(path for path in state.rglob("*.pem") if "BEGIN CERTIFICATE" in
                           path.read_text() and not path.name.startswith("ca"))
        key = next(path for path in state.rglob("*") if path.is_file() and "PRIVATE KEY" in
                   path.read_text())
        self.context.load_cert_chain(certificate, key)

    def ask(self, path, body, headers=()):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context,
                                                 timeout=20)
        connection.request("POST", path, json.dumps(body),
                           {"Content-Type": "application/json", **dict(headers)})
        answer = connection.getresponse()
        told = json.loads(answer.read())
        connection.close()
        return answer.status, told

    def begin(self, user, rhost="", headers=(), **members):
        return self.ask("/v1/login/begin", {"user": user, "service": "login", "tty": "tty1",
                                            "rhost": rhost, **members}, headers)

    def finish(self, begun, password, fields, factor="security_key", headers=()):
        return self.ask("/v1/login/finish", {"transaction": begun["transaction"],
                                             "password": password, "factor": factor,
                                             **{k: v for k, v in fields.items() if v}}, headers)
