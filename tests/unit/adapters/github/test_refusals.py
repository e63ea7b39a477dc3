"""What GitHub's refusals come to: its words on one line, and what a person does about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from omninode_release.adapters.github.remedies import find_remedy
from omninode_release.adapters.github.response import Response, error_of_query
from omninode_release.models.forge import Slug

SLUG = Slug("github.com", "pair", "alpha")
RULES = "Repository rule violations found\n\nCannot update this protected ref.\n\n"
SCOPE = "refusing to allow an OAuth App to create or update workflow `x` without `workflow` scope"


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        (RULES, "have the rules at https://github.com/pair/alpha/rules admit this"),
        (SCOPE, "give the token the scope `workflow`"),
    ],
)
def test_a_refused_merge_is_told_with_what_lets_it_through(said: str, remedy: str) -> None:
    errors = [{"type": "UNPROCESSABLE", "path": ["mergePullRequest"], "message": said}]

    error = error_of_query("MergePullRequest", errors, Response(200, {}, {}), 0)

    assert "\n" not in error.message
    assert find_remedy(200, error.why, {}, SLUG, Path("/clone")).startswith(remedy)


def test_each_objection_of_rules_is_named() -> None:
    error = error_of_query("MergePullRequest", [{"message": RULES}], Response(200, {}, {}), 0)

    assert error.why == "Repository rule violations found; Cannot update this protected ref."
