"""The demo a newcomer runs: it does the main job and says so."""
# labels: journey slow
# timeout: 300
# root

import os
import subprocess

from segment import ROOT, build_folder


def test_the_demo_does_the_main_job_once_and_ends_with_0():
    demo = subprocess.run(["/usr/bin/python3", "-B", ROOT / "scripts/demo.py", "--once"],
                          env={**os.environ, "SEKISHO_BUILD": str(build_folder())},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "otpauth://" in demo.stdout
