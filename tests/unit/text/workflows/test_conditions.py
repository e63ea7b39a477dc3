"""An ``if`` of a workflow is decided from what is known of the event, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from omninode_release.text.workflows.conditions import decide, fill, join

if TYPE_CHECKING:
    from omninode_release.text.workflows.conditions import Facts

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


EVENT: Facts = {**FACTS, "github.ref_name": "v1.0.0", "inputs.dry-run": False, "inputs.note": ""}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("github['event_name'] == 'push'", True),
        ("github['event_name'] == 'release' && github.run_attempt == 1", False),
        ("github.event['inputs'].x == 'y' || github.ref_name == 'v1.0.0'", True),
        ('contains(fromJSON(\'["release", "Push"]\'), github.event_name)', True),
        ("contains(fromJSON('[\"release\"]'), github.event_name)", False),
        ("contains(fromJSON('{\"a\": 1}'), github.event_name)", None),
        ("contains(fromJSON('['), github.event_name)", None),
        ("!fromJson(needs.plan.outputs.val).early && github.event_name == 'release'", False),
        ("github.ref_name == format('v{0}', '1.0.0')", True),
        ("github.ref_name == format('v{0}{1}', '1.0.0')", False),
        ("(github.event_name == 'push' && 'real' || 'trial') == 'real'", True),
        ("(github.actor == 'bot' && 'real' || 'trial') == 'real'", None),
        ("(github.actor == 'bot' || 'real')", True),
        ("(github.actor == 'bot' || 'real') == 'real'", None),
        ("success() && !cancelled() && !failure()", True),
        ("inputs.dry-run == false && !inputs.dry-run && inputs.note == null", True),
        ("inputs.dry-run == ''", True),
        ("inputs.dry-run == 'false'", False),
        ("2 >= 1.5 && -1 < 0 && '3' > 2", True),
        ("fromJSON('[]') == 'x'", False),
        ("fromJSON('[]') && !(github.ref).x", None),
        ("github[", None),
    ],
)
def test_expressions_as_people_write_them(condition: str, holds: bool | None) -> None:  # noqa: FBT001
    assert decide(condition, EVENT) is holds


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("pypi", "pypi"),
        ("${{ github.event_name == 'push' && 'pypi' || 'trial' }}", "pypi"),
        ("pypi-${{ github.ref_name }}-${{ 'x' }}", "pypi-v1.0.0-x"),
        ("${{ needs.build.outputs.where }}", None),
        ("${{ inputs.dry-run }}", None),
    ],
)
def test_a_name_made_of_expressions_is_told_where_they_are_known(
    text: str, filled: str | None
) -> None:
    assert fill(text, EVENT) == filled
