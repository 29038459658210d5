"""A security key in software, in the file that programs under test share with a test.

    key = SoftwareKey(folder / "key.json", pin="1234")
    run(program, env=key.environment())           # SEKISHO_SOFTWARE_KEYS
    with key.fault("slow_touch"):                 # nobody touches it yet
        ...
        key.wait_until_it_blinks()
    # touched: the fault is gone
    key.unplug(); key.replug()

The C++ side, and what the members mean: software_key_state.h.
"""

import fcntl
import json
import os
from contextlib import contextmanager
from pathlib import Path

from processes import until


def _base64url(text):
    """Chromium pads, and its DevTools write plain base64."""
    return text.rstrip("=").replace("+", "-").replace("/", "_")


class SoftwareKey:
    def __init__(self, path, **members):
        """`members` as in the file: pin="1234", always_verifies=True, product="..."."""
        self.path = Path(path)
        with self._changed() as state:
            state.update(members)

    def environment(self, *others):
        """For the programs that shall find this key, and `others`, plugged in."""
        return {"SEKISHO_SOFTWARE_KEYS": ":".join(str(key.path) for key in (self, *others))}

    @property
    def state(self):
        with self._changed() as state:
            return state

    def set(self, **members):
        with self._changed() as state:
            state.update(members)

    def add_fault(self, name):
        with self._changed() as state:
            state["faults"] = sorted({*state.get("faults", []), name})

    def remove_fault(self, name):
        with self._changed() as state:
            state["faults"] = sorted({*state.get("faults", [])} - {name})

    @contextmanager
    def fault(self, name):
        self.add_fault(name)
        try:
            yield self
        finally:
            self.remove_fault(name)

    def unplug(self):
        self.set(attached=False)

    def replug(self):
        """Out and in again: three wrong PINs in a row are forgotten."""
        self.set(attached=True, wrong_in_a_row=0)

    def touch(self):
        """Ends the wait of a key with the fault slow_touch, for good."""
        self.remove_fault("slow_touch")

    def wait_until_it_blinks(self):
        until(lambda: self.state.get("blinking"), "the security key to wait for a touch")

    def import_credential(self, credential):
        """Takes a credential from Chromium's virtual authenticator: the dictionary of WebDriver's
        "Get Credentials", or selenium's Credential.to_dict().  From then on the two keys are
        clones; use one only, or their counters will tell."""
        with self._changed() as state:
            state.setdefault("credentials", []).append({
                "credential_id": _base64url(credential["credentialId"]),
                "private_key": _base64url(credential["privateKey"]),
                "rp_id": credential["rpId"],
                "user_handle": _base64url(credential.get("userHandle") or ""),
                "sign_count": credential["signCount"],
                "discoverable": credential["isResidentCredential"],
            })

    @contextmanager
    def _changed(self):
        """The file's object; what the block changes in it is written back whole."""
        # Readable is enough for a lock, and all that another user's file may be.
        with open(os.open(f"{self.path}.lock", os.O_RDONLY | os.O_CREAT, 0o666)) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            exists = self.path.exists()
            before = self.path.read_text(encoding="utf-8") if exists else "{}"
            state = json.loads(before)
            yield state
            after = json.dumps(state)
            if not exists or state != json.loads(before):
                new = self.path.with_suffix(".new")
                new.write_text(after, encoding="utf-8")
                os.chmod(new, 0o666)  # the agent's user and the desk's share it
                os.replace(new, self.path)
