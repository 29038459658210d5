"""The access log: a line of JSON for each request, soon after it, and never a secret in it."""
# labels: journey threads
# timeout: 600

import os
import shutil
import signal
import stat
import subprocess
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from access_lines import (LOG, SOON, answer_to, ask_check_socket, left_out, line_of, requested,
                          written)
from processes import until
from segment import ROOT, Rule, program
from upstream import Application
from visitor import connect

PROXY = "127.0.0.8"


def prepare(segment, upstream):
    segment.add_application("tax", upstream.url, rules=[
        Rule("/office", groups=["tax"]), Rule("/", groups=["tax"])])
    segment.settings["access_log"] = {"path": LOG}
    segment.settings["proxies"] = {"trusted": [PROXY]}


@pytest.fixture(scope="module")
def town(shared):
    upstream = Application()
    prepare(shared, upstream)
    shared.settings["limits"] = {"threads": 1}  # the lines stand in the order of the requests
    shared.add_application("gone", "http://127.0.0.1:1", groups=["tax"])
    shared.start()
    inside = shared.sign_in(shared.add_user("hanako", groups=["tax"]))
    yield SimpleNamespace(segment=shared, upstream=upstream, inside=inside)
    upstream.close()


@pytest.fixture
def logged(segment, upstream):
    prepare(segment, upstream)
    segment.start()
    return segment


# -- the lines ---------------------------------------------------------------------------------------
def test_a_request_for_an_application_is_told_whole(town):
    before = datetime.now(timezone.utc) - timedelta(milliseconds=1)
    answer = town.inside.get(town.segment.url("tax", "/zei?year=2026"))
    after = datetime.now(timezone.utc)
    assert answer.status == 200
    line = line_of(town.segment, path="/zei")
    assert before <= datetime.fromisoformat(line.pop("at")) <= after
    assert 0 < line.pop("us") < 10_000_000
    config = town.segment.config.read_text("utf-8").splitlines()
    rules = [number for number, text in enumerate(config, 1) if text == "[[application.rule]]"]
    assert line == {
        "client": "127.0.0.1", "door": "proxy", "application": "tax", "user": "hanako",
        "method": "GET", "path": "/zei", "outcome": "allowed", "rule_line": rules[1],
        "upstream": f"127.0.0.1:{town.upstream.port}", "status": 200, "bytes": len(answer.body)}


@pytest.mark.parametrize("method, path, size", [
    ("HEAD", "/large?n=5000", 0), ("GET", "/large?n=5000000", 5_000_000),
    ("GET", "/events?n=2", len("data: 0\n\ndata: 1\n\n"))])
def test_the_bytes_are_those_of_the_answers_body(town, method, path, size):
    segment = town.segment
    assert len(town.inside.request(method, segment.url("tax", path)).body) == size
    assert line_of(segment, method=method, path=path.split("?")[0])["bytes"] == size


def test_a_stranger_and_who_is_refused_are_told_with_the_reason(town):
    segment = town.segment
    colleague = segment.sign_in(segment.add_user("jiro", groups=["roads"]))
    for visitor, path, status, outcome, user in (
            (segment.visitor(), "/stranger", 302, "sign_in", None),
            (colleague, "/colleague", 403, "forbidden", "jiro"),
            (town.inside, "/up/%2e%2e/x", 400, "bad_path", "hanako")):
        assert visitor.get(segment.url("tax", path)).status == status
        line = line_of(segment, path=path)
        assert (line["status"], line["outcome"], line.get("user")) == (status, outcome, user)
        assert (line["door"], line["application"]) == ("proxy", "tax")
        assert not {"upstream", "rule_line"} & set(line), line


def test_an_application_that_is_down_or_breaks_off_is_told(town):
    segment = town.segment
    assert town.inside.get(segment.url("gone", "/")).status == 502
    assert line_of(segment, application="gone")["status"] == 502
    with suppress(Exception):  # half of a body
        town.inside.get(segment.url("tax", "/broken?how=short"))
    line = line_of(segment, path="/broken")
    assert (line["status"], line["bytes"]) == (200, len("only this"))


def test_a_download_that_the_client_breaks_off_is_told_as_far_as_it_went(town):
    host, whole = town.segment.host("tax"), 64 * 1024 * 1024
    asked = [f"GET /paced?n={whole} HTTP/1.1", f"Host: {host}",
             f"Cookie: {town.inside.session_cookie()}"]
    assert answer_to(town.segment, host, asked).startswith(b"HTTP/1.1 200 ")
    town.upstream.go_on.set()
    line = line_of(town.segment, path="/paced")
    assert line["status"] == 200 and 0 < line["bytes"] < whole


def test_a_websocket_is_told_when_it_ends(segment, websocket_echo):
    segment.add_application("chat", websocket_echo.url, groups=["tax"], websocket=True)
    segment.settings["access_log"] = {"path": LOG}
    segment.start()
    inside, host = segment.sign_in(segment.add_user("hanako", groups=["tax"])), segment.host("chat")
    asked = ["GET /ws HTTP/1.1", f"Host: {host}", f"Cookie: {inside.session_cookie()}",
             "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: c2VraXNobyBqb3VybmV5IQ=="]
    assert answer_to(segment, host, asked).startswith(b"HTTP/1.1 101 ")
    line = line_of(segment, path="/ws")
    assert (line["status"], line["user"]) == (101, "hanako")
    assert line["upstream"] == f"127.0.0.1:{websocket_echo.port}"


@pytest.mark.parametrize("door", ["forward-auth", "check"])
def test_a_check_is_told_of_the_person_and_what_she_asked_for(town, door):
    segment, path = town.segment, f"/asked-at-{door}"
    headers = {"X-Original-URL": f"https://{segment.host('tax')}{path}?geheim=1",
               "X-Original-Method": "POST", "X-Forwarded-For": "127.0.0.9",
               "Cookie": town.inside.session_cookie()}
    if door == "check":
        assert ask_check_socket(segment, headers).startswith(b"HTTP/1.1 200 ")
    else:
        proxy = segment.visitor(source=PROXY)
        assert proxy.get(f"{segment.portal}/authz/auth-request?geheim=2", headers).status == 200
    line = line_of(segment, path=path)
    assert line["client"] == "127.0.0.9" and line["method"] == "POST", line
    assert (line["door"], line["application"], line["user"], line["outcome"], line["status"]) == (
        "forward-auth", "tax", "hanako", "allowed", 200)
    assert line["rule_line"] and "upstream" not in line


def test_the_portal_and_the_terminals_door_are_told_apart(town):
    segment = town.segment
    page = segment.visitor(source="127.0.0.7").get(f"{segment.portal}/?geheim=3")
    line = line_of(segment, client="127.0.0.7", status=page.status)
    assert (line["door"], line["method"], line["path"], line["bytes"]) == (
        "web", "GET", "/", len(page.body))
    gone = ["GET /nothing-here HTTP/1.1", "Host: gateway"]
    answer = answer_to(segment, f"gateway.{segment.domain}", gone, segment.terminal_port)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert line_of(segment, path="/nothing-here")["door"] == "terminal"


def test_of_what_cannot_be_read_nothing_is_believed(town):
    segment, wrong = town.segment, ["DELETE /wrong HTTP/1.1", "Host: a", "Host: b"]
    answer = answer_to(segment, segment.portal_host, wrong, source="127.0.0.6")
    assert answer.startswith(b"HTTP/1.1 400 ")
    line = line_of(segment, client="127.0.0.6")
    assert set(line) == {"at", "client", "door", "status", "bytes", "us"}
    assert (line["door"], line["status"]) == ("web", 400)


def test_no_query_no_cookie_and_no_password_or_code_is_told(town):
    segment, user = town.segment, town.segment.add_user("saburo", groups=["tax"])
    codes = [user.token.code_of_step(user.token.step() + step) for step in range(-1, 2)]
    inside = segment.sign_in(user, return_to=segment.url("tax", "/?geheim=4"))
    inside.get(segment.url("tax", "/a?geheim=5&b=/?geheim=6"))
    host = segment.host("tax")
    asked = [f"GET https://{host}/absolute?geheim=7 HTTP/1.1", f"Host: {host}",
             f"Cookie: {inside.session_cookie()}"]
    assert answer_to(segment, host, asked).startswith(b"HTTP/1.1 200 ")
    assert line_of(segment, path="/absolute")["user"] == "saburo"
    text = (segment.folder / LOG).read_text("utf-8")
    for secret in ("geheim", user.password, *inside.cookie_values.values(),
                   *town.inside.cookie_values.values()):
        assert secret not in text
    told = {value for line in written(segment) for value in line.values()}
    assert not told & set(codes)


def test_quotes_and_strange_bytes_leave_each_line_valid(town):
    segment, host = town.segment, town.segment.host("tax")
    for at, strange in enumerate(('"', '\\', "\x7f", "\xff", "\xe9\x96", "%00%0a%22", "a" * 3000)):
        path = f'/strange/{at}","status":200,"x":"{strange}'
        answer = ask_check_socket(segment, {"X-Original-URL": f"https://{host}{path}"})
        assert answer.startswith(b"HTTP/1.1 "), answer
        asked = [f"GET {path} HTTP/1.1", f"Host: {host}"]
        assert answer_to(segment, host, asked, source="127.0.0.5").startswith(b"HTTP/1.1 ")
    town.inside.get(segment.url("tax", "/after-the-strange"))
    assert line_of(segment, path="/after-the-strange")["status"] == 200
    paths = [line["path"] for line in written(segment) if "/strange/" in line.get("path", "")]
    assert {path[9] for path in paths} >= set("013456"), paths
    assert max(map(len, paths)) <= 1024


def test_what_the_watch_asks_is_not_told(town):
    for path in ("/metrics", "/healthz", "/readyz"):
        address = f"http://localhost:{town.segment.metrics_port}{path}"
        assert town.segment.visitor().get(address).status == 200
    requested(town.segment, "/after-the-watch")
    line_of(town.segment, path="/after-the-watch")
    assert not {"/metrics", "/healthz", "/readyz"} & {x.get("path") for x in written(town.segment)}


# -- the file ----------------------------------------------------------------------------------------
def test_the_file_is_for_its_owner_and_group_and_a_restart_goes_on_in_it(logged):
    requested(logged, "/before")
    logged.stop()  # which does not lose what waits
    first, = written(logged)
    assert stat.S_IMODE((logged.folder / LOG).stat().st_mode) == 0o640
    logged.start()
    requested(logged, "/after")
    line_of(logged, path="/after")
    assert [line["path"] for line in written(logged)] == ["/before", "/after"]
    assert written(logged)[0] == first


def test_a_request_that_the_end_of_a_stop_cuts_off_is_told(segment, upstream):
    prepare(segment, upstream)
    segment.settings["limits"] = {"stop_timeout": "1s"}
    segment.start()
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    upstream.pause_before_answer = 60
    host = segment.host("tax")
    with connect(segment.web_port, host, inside.context) as wire:
        wire.sendall(f"GET /slow HTTP/1.1\r\nHost: {host}\r\n"
                     f"Cookie: {inside.session_cookie()}\r\n\r\n".encode())
        until(lambda: any(seen["path"] == "/slow" for seen in upstream.requests), "the question")
        assert segment.stop() == 0
    [line] = [line for line in written(segment) if line.get("path") == "/slow"]
    assert (line["user"], line["application"]) == ("hanako", "tax"), line


def test_a_rotated_file_gets_no_more(logged):
    requested(logged, "/first")
    line_of(logged, path="/first")
    (logged.folder / LOG).rename(logged.folder / "access.1")
    requested(logged, "/second")
    line_of(logged, "access.1", path="/second")  # nobody has said yet that it was moved
    logged.reload()
    old = (logged.folder / "access.1").read_bytes()
    requested(logged, "/third")
    assert line_of(logged, path="/third") and len(written(logged)) == 1
    assert (logged.folder / "access.1").read_bytes() == old


def test_logrotate_goes_by_the_file_that_is_shipped(logged):
    rules = (ROOT / "packaging/logrotate/sekisho").read_text("utf-8")
    for example, ours in {"/var/log/sekisho/access.jsonl": logged.folder / LOG,
                          "  su sekisho sekisho\n": "",
                          "systemctl reload sekishod.service": f"kill -HUP {logged.gateway.pid}"}.items():
        assert example in rules
        rules = rules.replace(example, str(ours))
    (logged.folder / "logrotate.conf").write_text(rules, "utf-8")
    requested(logged, "/yesterday")
    line_of(logged, path="/yesterday")
    subprocess.run(["logrotate", "--force", "--state", logged.folder / "logrotate.state",
                    logged.folder / "logrotate.conf"], check=True)
    until(lambda: (logged.folder / LOG).exists(), "the new file", SOON)
    requested(logged, "/today")
    assert line_of(logged, path="/today") and line_of(logged, f"{LOG}.1", path="/yesterday")


def test_a_refused_reload_lets_go_of_a_rotated_file_all_the_same(logged):
    (logged.folder / LOG).rename(logged.folder / "access.1")
    logged.config.write_text(logged.config.read_text("utf-8") + "[[", "utf-8")
    logged.gateway.signal(signal.SIGHUP)
    until(lambda: '"reload_refused"' in logged.gateway.written(), "the refusal", SOON)
    until(lambda: (logged.folder / LOG).exists(), "the new file", SOON)
    requested(logged, "/today")
    assert line_of(logged, path="/today")


def test_a_pipe_is_no_log_and_keeps_nobody_waiting(segment):
    segment.initialise()
    os.mkfifo(segment.folder / LOG)
    segment.settings["access_log"] = {"path": LOG}
    segment.write_config()
    checked = subprocess.run([program("sekishod"), "--config", segment.config, "--check"], text=True,
                             capture_output=True, timeout=60)
    assert checked.returncode == 1 and str(segment.folder / LOG) in checked.stderr, checked
    with pytest.raises(RuntimeError, match=str(segment.folder / LOG)):
        segment.start()


@pytest.mark.parametrize("name", [LOG, "not/there.jsonl"])
def test_a_link_or_a_path_that_leads_nowhere_refuses_the_start_by_name(segment, name):
    segment.initialise()
    (segment.folder / LOG).symlink_to(segment.folder / "elsewhere")
    segment.settings["access_log"] = {"path": name}
    with pytest.raises(RuntimeError, match=str(segment.folder / name)):
        segment.start()
    assert not (segment.folder / "elsewhere").exists()


@pytest.mark.parametrize("name", [LOG, "not/there.jsonl"])
def test_a_link_or_a_path_that_leads_nowhere_refuses_a_reload_and_the_old_log_goes_on(logged, name):
    (logged.folder / LOG).rename(logged.folder / "access.1")
    (logged.folder / LOG).symlink_to(logged.folder / "elsewhere")
    logged.settings["access_log"] = {"path": name}
    logged.applications.clear()  # nothing else of it must count either
    logged.write_config()
    logged.gateway.signal(signal.SIGHUP)
    logged.gateway.until_written('"reload_refused"')
    told, = [line for line in logged.gateway.written().splitlines() if "reload_refused" in line]
    assert str(logged.folder / name) in told
    requested(logged, "/still")
    assert line_of(logged, "access.1", path="/still")["application"] == "tax"
    assert not (logged.folder / "elsewhere").exists()


@pytest.fixture
def on_a_full_disk(segment, upstream):
    prepare(segment, upstream)
    segment.settings["access_log"] = {"path": "/dev/full"}
    segment.start()
    return segment


def lose(segment, path, counted):
    """A request whose line is given up before the next comes."""
    requested(segment, path)
    until(lambda: left_out(segment) >= counted, "the loss to be counted", SOON)


def test_a_log_that_cannot_be_written_loses_lines_and_counts_them_but_no_request(on_a_full_disk):
    assert left_out(on_a_full_disk) == 0
    for lost in (1, 2, 3):
        lose(on_a_full_disk, f"/{lost}", lost)
    assert left_out(on_a_full_disk) == 3


def test_a_log_that_can_be_written_again_says_how_many_lines_it_lost(on_a_full_disk):
    lose(on_a_full_disk, "/lost", 1)
    on_a_full_disk.settings["access_log"] = {"path": LOG}
    on_a_full_disk.reload()
    requested(on_a_full_disk, "/kept")
    assert line_of(on_a_full_disk, left_out=1) and line_of(on_a_full_disk, path="/kept")


def test_without_the_section_nothing_is_written(logged):
    requested(logged, "/before")
    line_of(logged, path="/before")
    shutil.copy(logged.folder / LOG, logged.folder / "copy")
    del logged.settings["access_log"]
    logged.reload()
    requested(logged, "/after")
    logged.stop()
    assert written(logged) == written(logged, "copy")
    (logged.folder / LOG).unlink()
    logged.start()
    requested(logged, "/again")
    logged.stop()
    assert not list(logged.folder.rglob("*.jsonl"))
