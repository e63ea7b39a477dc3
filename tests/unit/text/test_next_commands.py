"""The commands in a hint, as a caller runs them."""

from __future__ import annotations

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.text.next_commands import find_commands, pass_token, place_commands


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("omni-release --resume r1", [["--resume", "r1"]]),
        ("mend it, then omni-release --resume release-2026.a.", [["--resume", "release-2026.a"]]),
        (
            "omni-release --omni-home '/a b/c' --resume r1, or another --run-id",
            [["--omni-home", "/a b/c", "--resume", "r1"]],
        ),
        ("omni-release status lists the runs; a fresh run starts", [["status"]]),
        ("omni-release status r1; everything done so far is recorded", [["status", "r1"]]),
        ("omni-release wait r1 --after 12", [["wait", "r1", "--after", "12"]]),
        ("omni-release wait --help lists what is accepted", [["wait", "--help"]]),
        ("omni-release --help lists what is accepted", [["--help"]]),
        ("omni-release init --omni-home /x/y writes one", [["init", "--omni-home", "/x/y"]]),
        ("omni-release doctor, then omni-release --resume r1", [["doctor"], ["--resume", "r1"]]),
        ("omni-release report RUN_ID --html FILE.", []),
        ("omni-release --config FILE init writes it elsewhere", []),
        ("in a terminal, omni-release --omni-home /a release --run-id r1", []),
        ("omni-release --config '/a b' --omni-home /a alpha --bump patch sets it", []),
        ("omni-release --omni-home /a --dry-run asks it", []),
        ("omni-release doctor --json tells it", []),
        (
            "omni-release init --check --omni-home /x compares it",
            [["init", "--check", "--omni-home", "/x"]],
        ),
        ("omni-release validate '/a b.yaml' looks again", [["validate", "/a b.yaml"]]),
        ("omni-release validate says where", [["validate"]]),
        (
            "omni-release --resume r1 --take-over, once it is known to be dead",
            [["--resume", "r1"]],
        ),
        ("omni-release alpha --version alpha=X.Y.Z says a higher one", []),
        ("omni-release abandon r1 and a fresh run", []),
        ("omni-release wait r1 tells it, omni-release cancel r1 stops it", [["wait", "r1"]]),
        ("omni-release --omni-home 'it is not closed", []),
        ("correct it", []),
    ],
)
def test_what_can_be_run_as_it_stands_is_found(hint: str, expected: list[list[str]]) -> None:
    assert list(find_commands(hint)) == [("omni-release", *words) for words in expected]


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("omni-release alpha --bump patch sets it", "omni-release P alpha --bump patch sets it"),
        ("omni-release --version a=X.Y.Z says it", "omni-release P --version a=X.Y.Z says it"),
        ("mend it; omni-release doctor looks", "mend it; omni-release P doctor looks"),
        (
            "omni-release --resume r1, or omni-release a",
            "omni-release --resume r1, or omni-release P a",
        ),
        ("omni-release status r1", "omni-release status r1"),
        ("omni-release wait --help lists it", "omni-release wait --help lists it"),
        ("omni-release plan --help lists it", "omni-release plan --help lists it"),
        ("omni-release --help lists it", "omni-release --help lists it"),
        ("omni-release --omni-home /y init", "omni-release --omni-home /y init"),
        ("omni-release abandon r1 and a fresh run", "omni-release abandon r1 and a fresh run"),
        ("a word of omni-release, or another", "a word of omni-release, or another"),
        (
            "omni-release init --omni-home '/c d' writes one",
            "omni-release init --omni-home '/c d' writes one",
        ),
    ],
)
def test_what_looks_at_clones_is_told_where_they_are(hint: str, expected: str) -> None:
    place = ("--omni-home", "/a b")

    assert place_commands(hint, place) == expected.replace(" P ", " --omni-home '/a b' ")
    assert place_commands(hint, ()) == hint


def test_a_token_is_passed_on_where_its_own_run_goes_on() -> None:
    hint = "mend it, then omni-release --resume r.1, not omni-release --resume r.1.2 or r.1-x."

    told = pass_token(hint, "r.1", "1740312612.000100:r.1", None)

    command = "omni-release --resume r.1 --gate-attestation 1740312612.000100:r.1"
    assert told == hint.replace("omni-release --resume r.1,", f"{command},")
    assert next(iter(find_commands(told))) == tuple(command.split())
    assert pass_token(told, "r.1", "1740312612.000100:r.1", None) == told
    assert pass_token(hint, "r.1", None, None) == hint
    assert pass_token(hint, "r.1", "1740312612.000100:r.1", ErrorCode.PLAN_STALE) == hint
    placed = pass_token("omni-release --omni-home '/a b' --resume r.1", "r.1", "1.2:r.1", None)
    assert placed == "omni-release --omni-home '/a b' --resume r.1 --gate-attestation 1.2:r.1"
