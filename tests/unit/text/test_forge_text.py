"""Words of commits where a forge would act on them."""

from __future__ import annotations

import pytest

from omninode_release.text.forge_text import disarm, find_skipping


@pytest.mark.parametrize(
    ("words", "disarmed"),
    [
        ("docs: words [skip ci]", "docs: words (skip ci)"),
        ("chore: x [CI Skip] (#3)", "chore: x (CI Skip) (#3)"),
        ("[no ci] x", "(no ci) x"),
        ("[skip actions][actions skip]", "(skip actions)(actions skip)"),
        ("x [skip-ci]", "x (skip-ci)"),
    ],
)
def test_what_skips_workflows_is_disarmed(words: str, disarmed: str) -> None:
    assert disarm(words) == disarmed
    assert find_skipping(words) is not None
    assert find_skipping(disarmed) is None


@pytest.mark.parametrize(
    "words", ["fix: a [list] of [no_more]", "skip ci", "[link](to/skip)", "[1.2.0 - skip it now]"]
)
def test_other_brackets_stay(words: str) -> None:
    assert disarm(words) == words
