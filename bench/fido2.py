"""Measures verifying a security key's assertion against `openssl speed`.  See bench/README.md.

Prints every round and, last, one line that a script can read:
    ratio fido2 0.85 (ours 11000/s, openssl 12900/s)
Verifications per second of CPU time, median over the rounds; 1 would be the bare signature.
"""

import argparse
import json
import os
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VECTORS = ROOT / "tests/vectors/webauthn-l3.json"
VECTOR = "ES256 Credential with No Attestation"
CPU = "0"


def vector_lines():
    """The vector as bench/fido2.cpp reads it."""
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    vector = next(entry for entry in vectors if entry["name"] == VECTOR)
    made, asserted = vector["registration"]["hex"], vector["authentication"]["hex"]
    return "".join(line + "\n" for line in (
        made["challenge"], made["clientDataJSON"], made["attestationObject"],
        asserted["challenge"], asserted["clientDataJSON"], asserted["authenticatorData"],
        asserted["signature"]))


def ours(seconds):
    program = Path(os.environ.get("SEKISHO_BUILD", ROOT / "build/release")) / "bench/sekisho_bench_fido2"
    run = subprocess.run(["taskset", "-c", CPU, program, str(seconds)], input=vector_lines(),
                         capture_output=True, text=True, check=True)
    return float(run.stdout)


def openssl(seconds):
    """`+F4:curve:bits:signatures a second:verifications a second`, of user CPU time."""
    run = subprocess.run(["taskset", "-c", CPU, "openssl", "speed", "-mr", "-seconds", str(seconds),
                          "ecdsap256"], capture_output=True, text=True, check=True)
    line = next(line for line in run.stdout.splitlines() if line.startswith("+F4:"))
    return float(line.split(":")[4])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    sides = {ours: [], openssl: []}
    for turn in range(options.rounds):
        for side in (ours, openssl) if turn % 2 == 0 else (openssl, ours):
            sides[side].append(side(options.seconds))
        print(f"round {turn + 1}: ours {sides[ours][-1]:.0f}/s, openssl {sides[openssl][-1]:.0f}/s",
              flush=True)
    mine, theirs = (statistics.median(sides[side]) for side in (ours, openssl))
    print(f"ratio fido2 {mine / theirs:.2f} (ours {mine:.0f}/s, openssl {theirs:.0f}/s)")


main()
