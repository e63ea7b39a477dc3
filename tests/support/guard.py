"""The environment tests run in: nothing of the machine's user, and no network beyond loopback."""

from __future__ import annotations

import ipaddress
import os
import pwd
import socket
import ssl
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certifi

if TYPE_CHECKING:
    import pytest

# Whatever these configure on a developer's machine, a test must not depend on it.
_CLEARED = (
    "CLAUDE_", "CURL_", "GH_", "GIT_", "GITHUB_", "NETRC", "OMNI_", "ONEX_", "PIP_", "PRE_COMMIT_",
    "REQUESTS_", "SLACK_", "SSL_", "UV_", "VIRTUAL_ENV", "XDG_", "all_proxy", "http_proxy",
    "https_proxy", "no_proxy",
)  # fmt: skip


def guard_environment(patch: pytest.MonkeyPatch, own: Path, shared: Path) -> None:
    """Point every program at temporary folders; ``shared`` may be used by other processes."""
    for name in [name for name in os.environ if name.startswith(_CLEARED)]:
        patch.delenv(name)
    home = own / "home"
    home.mkdir()
    settings = own / "gitconfig"
    # As with fsync below; and a remote that a test made a moment ago has nothing to tidy up.
    text = "[core]\n\tfsync = none\n[receive]\n\tautogc = false\n"
    # Tests write into .git/refs, and know ids of SHA-1; git 3 makes repositories in other forms.
    text += "[init]\n\tdefaultRefFormat = files\n\tdefaultObjectFormat = sha1\n"
    settings.write_text(text, encoding="utf-8")
    for name, value in {
        "HOME": home,
        "XDG_CACHE_HOME": home / "cache",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_STATE_HOME": home / "state",
        "PRE_COMMIT_HOME": home / "pre-commit",
        "ONEX_STATE_DIR": _no_folder(own),
        # The interpreter of the tests is `python3` in a hook, and uv need not look for another.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_CONFIG_GLOBAL": settings,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ann Author",
        "GIT_AUTHOR_EMAIL": "ann@tests.example",
        "GIT_COMMITTER_NAME": "Carl Committer",
        "GIT_COMMITTER_EMAIL": "carl@tests.example",
        "UV_CACHE_DIR": shared / "uv-cache",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "PIP_NO_INDEX": "1",
        # gh ends before collecting garbage is worth its while.
        "GOGC": "off",
        # Programs reach the network through a proxy that is not there, servers of ours directly.
        # Not UV_OFFLINE: uv refuses it together with the --refresh-package of the LOCK step.
        "ALL_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1,::1,localhost",
        # Nor is it waited for.
        "UV_HTTP_RETRIES": "0",
    }.items():
        patch.setenv(name, str(value))
    # A power cut in the middle of a test costs nobody anything; a run waits a hundred times for it.
    patch.setattr(os, "fsync", lambda _fd: None)
    # Reading the CAs of the machine takes 30 ms for each client of a server of ours, which needs
    # none; reading certifi's takes as long again.
    patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
    patch.setattr(certifi, "where", _first_certificate(own).__str__)
    # Whoever runs the tests: no policy file of theirs, and the same name at the gate.
    account = pwd.struct_passwd(("pat", "x", os.getuid(), os.getgid(), "", str(home), "/bin/sh"))
    patch.setattr(pwd, "getpwuid", lambda _uid: account)


def guard_network(patch: pytest.MonkeyPatch) -> None:
    """Let sockets of this process connect to this machine only."""
    for name in ("connect", "connect_ex"):
        original = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, original: Any = original) -> Any:
            if self.family != socket.AF_UNIX and not _is_loopback(address[0]):
                raise AssertionError(f"a test reached for the network: {address}")
            return original(self, address)

        patch.setattr(socket.socket, name, guarded)


def _first_certificate(own: Path) -> Path:
    """A file with the first of certifi's CAs."""
    text, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END")
    file = own / "ca.pem"
    file.write_text(f"{text}{end} CERTIFICATE-----\n", encoding="utf-8")
    return file


def _no_folder(own: Path) -> Path:
    """A folder that cannot be made, for it would lie below a file; its name says why."""
    file = own / "this-test-forgot-to-choose-ONEX_STATE_DIR"
    file.touch()
    return file / "state"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
