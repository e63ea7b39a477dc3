"""What a name may be: of a ref, a repository, a commit, a host. Judged where it comes in."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

REPO_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_REPO = re.compile(REPO_NAME.strip("^$"), re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
# git-check-ref-format(1), rules 3 to 5 and 8 to 10, and what git tag and git branch add to them.
_NOT_IN_A_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//")
_HOST = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
_OWNER_OR_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}", re.ASCII)


def find_ref_fault(name: str) -> str | None:
    """What git refuses about a tag or branch of that name; None for one it takes."""
    if not name or name == "@":
        return "it is no name"
    if name.startswith(("-", "/")) or name.endswith(("/", ".")):
        return "it begins with '-' or '/', or ends with '/' or '.'"
    if any(part.startswith(".") or part.endswith(".lock") for part in name.split("/")):
        return "a part of it begins with '.' or ends with '.lock'"
    found = _NOT_IN_A_REF.search(name)
    return f"it contains {found[0]!r}" if found else None


def is_repo_name(name: str) -> bool:
    """True for one path component that is one branch component as well."""
    return _REPO.fullmatch(name) is not None and find_ref_fault(name) is None


def is_sha(text: str) -> bool:
    """True for a whole commit id, of SHA-1 or SHA-256."""
    return _SHA.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """True for a host's name or IPv4 address, with a port perhaps."""
    return _HOST.fullmatch(text) is not None and ".." not in text


def is_owner_or_name(text: str) -> bool:
    """True for one half of ``OWNER/NAME`` on a forge: it is put into addresses and file names."""
    return _OWNER_OR_NAME.fullmatch(text) is not None and text not in {".", ".."}


def has_control_character(text: str) -> bool:
    """True for text that no program can be given on one line, or at all."""
    return _CONTROL.search(text) is not None


def find_address_fault(address: str) -> str | None:
    """What keeps an address from being a web server's; None for one that can be asked."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # its words would show the password
        return "it is no address"
    if parts.scheme not in {"http", "https"}:
        return "it begins neither with https:// nor with http://"
    if not is_host(host) and ":" not in host:  # an IPv6 address was judged by urlsplit
        return "it names no host"
    if port == 0 or parts.query or parts.fragment or has_control_character(address):
        return "it has more than a host, a port and a path"
    return None
