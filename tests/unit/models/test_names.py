"""Names are judged as git and the file system would judge them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omninode_release.models.names import (
    find_address_fault,
    find_ref_fault,
    has_control_character,
    is_host,
    is_owner_or_name,
    is_repo_name,
    is_sha,
)

_PIECES = st.sampled_from(
    ["a", "B1", "v", ".", "..", "/", "//", "-", "@", "@{", "{", "~", "^", ":", "?", "*", "[", "\\",
     " ", "\t", "\x7f", ".lock", "lock", "ä", "\u2028"]
)  # fmt: skip


@settings(max_examples=40)  # each starts a program
@given(st.lists(_PIECES, min_size=1, max_size=5).map("".join))
def test_a_ref_is_refused_when_git_refuses_it(name: str) -> None:
    done = subprocess.run(
        ("git", "check-ref-format", f"refs/tags/{name}"),  # noqa: S607 - the git of PATH
        check=False,
    )
    refused_as_a_tag = done.returncode != 0 or name.startswith("-") or name == "@"

    assert (find_ref_fault(name) is not None) == refused_as_a_tag


def test_names_of_repositories() -> None:
    for name in ("alpha", "omnibase_core", "a.b-c", "0"):
        assert is_repo_name(name)
    for name in ("", ".", "..", "a..b", "a.lock", "a.", "-a", "a/b", "a b", "ä", "a" * 101, "a\n"):
        assert not is_repo_name(name)


def test_commits_hosts_and_owners() -> None:
    assert is_sha("a" * 40)
    assert is_sha("0" * 64)
    assert not any(map(is_sha, ("a" * 39, "A" * 40, "--all", "HEAD", "a" * 40 + "\n")))
    assert all(map(is_host, ("github.com", "x", "10.0.0.1", "ghe.acme.example:8443")))
    assert not any(map(is_host, ("", "a b", "-a", "a..b", "a/b", "a@b", "x" * 300, "a\n")))
    assert all(map(is_owner_or_name, ("OmniNode-ai", "omnibase_core", ".github")))
    assert not any(map(is_owner_or_name, ("", ".", "..", "a/b", "a?b", "a%2f", "ä")))
    assert has_control_character("a\0b")
    assert not has_control_character("ä b")


@pytest.mark.parametrize(
    "address", ["https://a.example", "http://127.0.0.1:8080/x", "https://bot:pw@a.example/simple/",
                "https://[::1]:8080/"],
)  # fmt: skip
def test_an_address_that_can_be_asked(address: str) -> None:
    assert find_address_fault(address) is None


@pytest.mark.parametrize(
    "address", ["", "a.example", "ftp://a.example", "https://", "https://x:99999", "https://[::1",
                "https://bot:s3cr3t@a b/", "https://a/?q", "https://a/#f", "https://x:0/",
                "https://bot:s3cr3t@\u2100.example/"],
)  # fmt: skip
def test_an_address_that_cannot_be_asked_is_refused_without_its_password(address: str) -> None:
    fault = find_address_fault(address)

    assert fault is not None
    assert "s3cr3t" not in fault
