"""The name of a machine, which stays while networks come and go."""

from __future__ import annotations

import plistlib
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from omninode_release.system import machine
from omninode_release.system.lock import Holder
from omninode_release.system.machine import find_host

if TYPE_CHECKING:
    from pathlib import Path

_LOCAL = {"Network": {"HostNames": {"LocalHostName": "Annas-MBP"}}}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which a Mac keeps its names."""
    file = tmp_path / "preferences.plist"
    monkeypatch.setattr(machine, "_NAMES", file)
    monkeypatch.setattr(sys, "platform", "darwin")
    machine._find_mac.cache_clear()
    return file


@pytest.mark.parametrize(
    ("system", "name"),
    [
        (_LOCAL, "Annas-MBP.local"),
        ({**_LOCAL, "System": {"ComputerName": "Anna's MBP"}}, "Annas-MBP.local"),
        ({**_LOCAL, "System": {"HostName": "anna.example.org"}}, "anna.example.org"),
    ],
    ids=["local", "computer", "host"],
)
@pytest.mark.parametrize("form", list(plistlib.PlistFormat), ids=str)
def test_a_mac_on_another_network_is_the_same_machine(
    settings: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: dict[str, object],
    name: str,
    form: plistlib.PlistFormat,
) -> None:
    settings.write_bytes(plistlib.dumps({"System": system}, fmt=form))
    holder = Holder.here("one")

    monkeypatch.setattr(socket, "gethostname", lambda: "dhcp-10-1-2-3.example.org")

    assert find_host() == holder.host == name
    assert holder.is_running()
    assert not holder.is_elsewhere()


@pytest.mark.parametrize(
    "found",
    [None, b"", b"no plist", b"<plist>", plistlib.dumps({}), plistlib.dumps({"System": []})],
    ids=["none", "empty", "other", "half", "bare", "odd"],
)
def test_a_mac_without_such_names_has_that_of_its_network(
    settings: Path, found: bytes | None
) -> None:
    if found is not None:
        settings.write_bytes(found)

    assert find_host() == socket.gethostname()
