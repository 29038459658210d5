"""The token in somebody's pocket, played by oathtool, and the discipline of using each code once."""

import base64
import secrets
import subprocess
import time
from urllib.parse import parse_qs, urlsplit


class Token:
    """A TOTP token.  next_code() hands out codes of time steps that were not used before."""

    def __init__(self, seed, digits=6, period=30, algorithm="SHA1"):
        self.seed, self.digits, self.period, self.algorithm = seed, digits, period, algorithm
        self._last_step = -1

    @classmethod
    def new(cls, digits=6, algorithm="sha1"):
        """A token fresh from the factory, with a seed as long as the hash (RFC 6238 section 5.1)."""
        length = {"sha1": 20, "sha256": 32, "sha512": 64}[algorithm]
        seed = base64.b32encode(secrets.token_bytes(length)).decode().rstrip("=")
        return cls(seed, digits, algorithm=algorithm.upper())

    @classmethod
    def from_uri(cls, uri):
        """From an otpauth:// address, as the QR holds it."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(uri).query).items()}
        return cls(query["secret"], int(query.get("digits", 6)), int(query.get("period", 30)),
                   query.get("algorithm", "SHA1"))

    def step(self, at=None):
        return int((time.time() if at is None else at) // self.period)

    def code_of_step(self, step):
        answer = subprocess.run(
            ["oathtool", f"--totp={self.algorithm.lower()}", "--base32", f"--digits={self.digits}",
             f"--time-step-size={self.period}s", f"--now=@{step * self.period}", self.seed],
            check=True, capture_output=True, text=True)
        return answer.stdout.strip()

    def code(self, at=None):
        """The code shown at a time (default: now), used before or not."""
        return self.code_of_step(self.step(at))

    def next_code(self):
        """A code that is valid now and was never handed out.

        The window is one step each side, so three codes are ready at any time; whoever needs more
        gives the person a second token, or waits here for the next step."""
        wanted = max(self._last_step + 1, self.step() - 1)
        if wanted < self.step() and self._seconds_left() < 3:
            wanted = self.step()  # the previous step is about to leave the window
        while wanted > self.step() + 1:
            time.sleep(min(0.2, self._seconds_left()))
        self._last_step = wanted
        return self.code_of_step(wanted)

    def skip_past(self):
        """From now on no code of the step before the present one, which is about to leave the window."""
        self._last_step = max(self._last_step, self.step() - 1)

    def wrong_code(self):
        """A well-formed code that belongs to no step near now."""
        near = {self.code_of_step(self.step() + offset) for offset in range(-12, 13)}
        guess = 0
        while f"{guess:0{self.digits}d}" in near:
            guess += 1
        return f"{guess:0{self.digits}d}"

    def _seconds_left(self):
        return self.period - time.time() % self.period
