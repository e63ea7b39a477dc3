"""Links of a repository that lead out of it, and those that stay inside."""

from __future__ import annotations

import pytest

from omninode_release.planning.clones.link_faults import judge_links


@pytest.mark.parametrize(
    ("path", "target", "outside"),
    [
        ("a", "b", False),
        ("a/b/c", "../../d", False),
        ("a/b/c", "../../../d", True),
        ("a", "..b", False),
        ("a", "..", True),
        ("a", "/etc/hosts", True),
        ("a/b", ".", False),
    ],
)
def test_a_link_leads_outside_or_not(path: str, target: str, *, outside: bool) -> None:
    assert (judge_links({path: target}, ()) is not None) is outside
