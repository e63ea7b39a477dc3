"""The name of this machine, by which a process says later that another one ran here."""

from __future__ import annotations

import socket
import sys
from functools import cache
from pathlib import Path

from omninode_release.system.files import read_file

_NAMES = Path("/Library/Preferences/SystemConfiguration/preferences.plist")


def find_host() -> str:
    """The host name; on a Mac the one of its settings, for the other changes with the network.

    It has the form that a Mac gives itself where no network names it.
    """
    return (_find_mac() if sys.platform == "darwin" else None) or socket.gethostname()


@cache
def _find_mac() -> str | None:
    """What ``scutil --get HostName`` says, else LocalHostName."""
    import plistlib  # noqa: PLC0415 - no other system needs it, and it takes 5 ms

    try:
        system = plistlib.loads(read_file(_NAMES))["System"]
        given = system.get("System", {}).get("HostName")
        local = system.get("Network", {}).get("HostNames", {}).get("LocalHostName")
    except Exception:  # noqa: BLE001 - whatever else may stand there, it is not a name
        return None
    return given or (f"{local}.local" if local else None)
