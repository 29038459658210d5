"""The units as shipped: what they forbid is nothing that the programs do."""
# labels: journey
# root

import sys

from segment import ROOT

UNIT = ROOT / "packaging/systemd/sekishod.service"
BEHIND = ROOT / "tests/support/behind_filter.py"


def test_the_gateway_works_within_its_filter(segment, upstream):
    segment.check_socket_group = "www-data"
    segment.settings["access_log"] = {"path": "access.jsonl"}
    segment.add_application("tax", f"http://127.0.0.1:{upstream.port}", groups=["tax"])
    segment.start(wrapper=[sys.executable, "-B", BEHIND, UNIT],
                  environment={"ASAN_OPTIONS": "detect_leaks=0"})  # which needs more than we do
    hanako = segment.add_user("hanako", "関所 花子", groups=["tax"])
    visitor = segment.sign_in(hanako)
    assert visitor.get(segment.url("tax")).status == 200
    assert visitor.get(f"http://127.0.0.1:{segment.metrics_port}/metrics").status == 200
    segment.reload()
    assert visitor.get(segment.url("tax")).status == 200
    assert segment.stop() == 0
