"""What is said of a program that failed."""

from __future__ import annotations

import pytest

from omninode_release.errors.program_end import find_last_words

_LOST = "fatal: Could not read from remote repository.\n\nPlease make sure you have access."


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("one\ntwo", "two"),
        ("fatal: not a repository\nhint: git init makes one", "fatal: not a repository"),
        (f"Permission denied (publickey).\r\n{_LOST}", "Permission denied (publickey)."),
        (f"Welcome to git.example\r\n\r\n{_LOST}", "Welcome to git.example"),
        (_LOST, "fatal: Could not read from remote repository."),
        ("remote: no\nremote:\n ! [remote rejected] main", "no; ! [remote rejected] main"),
        ("remote:", "remote:"),
    ],
)
def test_the_line_that_says_why_is_found(printed: str, words: str) -> None:
    assert find_last_words(printed) == words


def test_what_rules_of_a_remote_object_to_goes_before_where_they_stand() -> None:
    printed = """remote: error: GH013: Repository rule violations found for refs/heads/r.
remote: Review all repository rules at https://github.com/o/r/rules?ref=refs%2Fheads%2Fr
remote:
remote: - Commit message must contain OMN-
remote:
 ! [remote rejected] r -> r (push declined due to repository rule violations)
"""

    greeting, objection, end = find_last_words(printed).split("; ")

    assert greeting.startswith("error: GH013")
    assert objection == "- Commit message must contain OMN-"
    assert end.startswith("! [remote rejected] r -> r")
