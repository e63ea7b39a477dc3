"""An ``if`` of a workflow is decided from what is known of the event, or not at all."""

from __future__ import annotations

import pytest

from omninode_release.text.conditions import decide, join

FACTS = {"github.event_name": "push", "github.ref": "refs/tags/v1.0.0"}
BY_TAG = "startsWith(github.ref, 'refs/tags/')"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("(github.event_name == 'push')", True),
        (
            f"(github.event_name == 'release' || {BY_TAG}) && !(github.ref == 'refs/heads/main')",
            True,
        ),
        ("${{ !(github.event_name == 'push') }}", False),
        ("(github.actor == 'bot') && (github.event_name == 'release')", False),
        ("(github.actor == 'bot') && (github.event_name == 'push')", None),
        (join(BY_TAG, "github.event_name == 'release'"), False),
        ("(github.event_name == 'push'", None),
        ("github.event_name == 'push')", None),
        ("contains(github.ref 'v1')", None),
        ("()", None),
        ("github.run_number == 1", None),
    ],
)
def test_what_an_if_comes_to(condition: str, holds: bool | None) -> None:  # noqa: FBT001
    assert decide(condition, FACTS) is holds
