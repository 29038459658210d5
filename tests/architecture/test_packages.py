"""Installing packages leaves the machine as it was, also when it is interrupted."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("apt_get, outcome", [
    ("true", 0), ("false", 1), ("kill -INT $BASHPID", 130), ("kill -TERM $BASHPID", 143)])
def test_services_may_start_again_however_installing_ended(tmp_path, apt_get, outcome):
    guard = tmp_path / "policy-rc.d"
    script = f"""
        set -euo pipefail
        source scripts/packages.sh
        as_root() {{ "$@"; }}
        apt-get() {{ [[ $2 == update ]] || {{ [[ -x $policy_guard ]] && {apt_get}; }}; }}
        policy_guard={guard}
        install_quietly something || exit $?"""
    result = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True,
                            timeout=30)
    assert result.returncode == outcome, result
    assert not guard.exists()


def test_somebody_elses_guard_stays(tmp_path):
    guard = tmp_path / "policy-rc.d"
    guard.write_text("#!/bin/sh\nexit 101\n")
    script = f"""
        source scripts/packages.sh
        as_root() {{ "$@"; }}
        apt-get() {{ :; }}
        policy_guard={guard}
        install_quietly something"""
    subprocess.run(["bash", "-c", script], cwd=ROOT, check=True, capture_output=True, timeout=30)
    assert guard.exists()
