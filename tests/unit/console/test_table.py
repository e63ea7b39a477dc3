"""Tables and lines fit a terminal, and break between words only."""

from __future__ import annotations

import pytest

from omninode_release.console.table import render_table
from omninode_release.text.fold import fold_line

HEADER = ("repo", "tier", "status")
LONG = "a_repository_of_a_name_that_is_longer_than_a_terminal_may_be_wide"
ROWS = [("alpha", "1", "skip: nothing to release"), (LONG, "2", "release")]


@pytest.mark.parametrize("width", [72, 78, 80])
def test_a_table_that_is_too_wide_is_folded_between_words(width: int) -> None:
    lines = list(render_table(HEADER, ROWS, width=width))

    assert max(map(len, lines)) <= width
    assert " ".join(lines).split()[:4] == ["repo", "tier", "status", "alpha"] or "alpha" in lines[0]
    assert {word for row in ROWS for cell in row for word in cell.split()} <= set(
        " ".join(lines).replace(",", " ").split()
    )


def test_without_a_width_a_row_is_a_line() -> None:
    assert len(list(render_table(HEADER, ROWS))) == 1 + len(ROWS)


def test_a_command_is_not_broken_and_a_label_is_hung_from() -> None:
    hint = (
        "Next: mend it there on the branch of the release and commit, then omni-release --resume r1"
    )
    assert fold_line(hint, 80)[1] == "  omni-release --resume r1"

    step = "  PUBLISH    available: " + ", ".join(f"omnibase_core-1.5.{n}.whl" for n in range(4))
    assert [line[:13] for line in fold_line(step, 80)] == ["  PUBLISH    ", " " * 13]


def test_what_fits_and_what_has_no_terminal_stays_as_it_is() -> None:
    look = "git -C '/a b/c' ls-remote --heads origin"
    folded = fold_line(f"{'word ' * 12}{look}; and {look} && {look}, then go on", 80)
    assert [line.count(look) for line in folded if "git" in line] == [1, 1, 1]

    assert fold_line("  two  spaces", 80) == ["  two  spaces"]
    assert fold_line("x " * 100, None) == ["x " * 100]
