"""What a commit means, on subjects and bodies as real histories have them."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Commit, Level
from omninode_release.text.commits import CommitMeaning, classify, decide


def commit(subject: str, body: str = "", *, sha: str | None = None, merge: bool = False) -> Commit:
    parents = ("1" * 40, "2" * 40) if merge else ("1" * 40,)
    return Commit(sha or subject.encode().hex()[:40].ljust(40, "0"), parents, subject, body)


def read(subject: str, body: str = "", *, default_bump: Level = Level.PATCH) -> CommitMeaning:
    return classify(commit(subject, body), default_bump=default_bump)


@pytest.mark.parametrize(
    ("subject", "level"),
    [
        pytest.param("feat: x", Level.MINOR, id="feat"),
        pytest.param("FEAT(cli): x", Level.MINOR, id="case"),
        pytest.param("feat(OMN-1): x (#3)", Level.MINOR, id="ticket-as-scope"),
        pytest.param("feat(ci): x", Level.MINOR, id="whatever-the-scope"),
        pytest.param("fix: x", Level.PATCH, id="fix"),
        pytest.param("fix+feat(OMN-1): x", Level.MINOR, id="two-types-take-the-highest"),
        pytest.param("chore(deps)(OMN-13523): x", Level.PATCH, id="two-scopes"),
        pytest.param("[OMN-1] feat(x): y", Level.MINOR, id="ticket-in-brackets"),
        pytest.param("[OMN-1][Infra] feat: y", Level.MINOR, id="several-groups"),
        pytest.param("OMN-1: feat: y", Level.MINOR, id="ticket-with-colon"),
        pytest.param("feature: x", Level.PATCH, id="feature-is-another-word"),
        pytest.param("features and fixes", Level.PATCH, id="prose"),
        pytest.param("feat without colon", Level.PATCH, id="no-colon"),
        pytest.param("Stop! Fix: everything", Level.PATCH, id="an-exclamation-in-prose"),
        pytest.param("feat!: x", Level.MAJOR, id="feat-bang"),
        pytest.param("fix(core)!: x", Level.MAJOR, id="scope-bang"),
        pytest.param("chore(a)(b)!: x", Level.MAJOR, id="scopes-bang"),
        pytest.param("feat(breaking): remove y", Level.MINOR, id="a-scope-is-no-mark"),
        pytest.param("[BREAKING] feat: y", Level.MINOR, id="nor-is-a-word"),
        pytest.param("Merge branch main into x", Level.PATCH, id="a-squashed-merge"),
        pytest.param("🔒 Fix critical issues", Level.PATCH, id="emoji"),
        pytest.param('"Claude Code Review workflow"', Level.PATCH, id="quoted"),
        pytest.param("https://example.invalid/x", Level.PATCH, id="an-address"),
        pytest.param("", Level.PATCH, id="empty"),
    ],
)
def test_the_subject_decides_the_level(subject: str, level: Level) -> None:
    assert read(subject).level is level


@pytest.mark.parametrize("subject", ["docs: x", "perf: x", "security: x", "free text", "a+b: x"])
def test_every_other_type_is_the_default_level(subject: str) -> None:
    assert read(subject, default_bump=Level.MINOR).level is Level.MINOR


def test_a_fix_stays_a_patch_whatever_the_default() -> None:
    assert read("fix: x", default_bump=Level.MINOR).level is Level.PATCH


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("BREAKING CHANGE: gone", id="alone"),
        pytest.param("Why.\n\nBREAKING CHANGE: gone", id="last-paragraph"),
        pytest.param("Why.\n\nBREAKING-CHANGE: gone", id="hyphen"),
        pytest.param("Why.\r\n\r\nBREAKING CHANGE: gone\r\n", id="crlf"),
        pytest.param("Why.\n\nRefs: #1\nBREAKING CHANGE: gone\n", id="among-footers"),
        pytest.param(
            "Why.\n\nBREAKING CHANGE: gone\n\nCo-authored-by: A <a@b>", id="before-others"
        ),
        pytest.param(
            "Why.\n\nBREAKING CHANGE: gone\n\n---------\n\nCo-authored-by: A <a@b>",
            id="before-the-rule-of-a-squash",
        ),
        pytest.param("Why.\n\nBREAKING CHANGE: these went:\n- a\n- b", id="with-a-list"),
        pytest.param("Why.\n\nBREAKING CHANGE:\nthe name", id="value-on-the-next-line"),
    ],
)
def test_a_breaking_footer_is_a_major(body: str) -> None:
    found = read("fix: x", body)

    assert found.breaking
    assert found.level is Level.MAJOR


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("* feat: a\n\nBREAKING CHANGE: b\n\n* fix: c\n\nmore", id="inside-a-squash"),
        pytest.param("* BREAKING CHANGE: b", id="in-a-bullet"),
        pytest.param("- a\nBREAKING CHANGE: b", id="under-a-bullet"),
        pytest.param("This is no BREAKING CHANGE: b", id="not-at-line-start"),
        pytest.param("Why.\n\nBREAKING CHANGE: b\n\nAnd then some prose.", id="not-at-the-end"),
        pytest.param("breaking change: b", id="lower-case"),
        pytest.param("BREAKING CHANGES:\n- strict typing", id="plural"),
        pytest.param("", id="empty"),
    ],
)
def test_the_words_elsewhere_break_nothing(body: str) -> None:
    assert not read("feat: x", body).breaking


@pytest.mark.parametrize(
    ("subject", "kind", "scopes", "tickets", "description", "pr"),
    [
        pytest.param(
            "feat(cli): add x [OMN-1] (#12)",
            *("feat", ("cli",), (), "add x [OMN-1]", 12),
            id="scope-ticket-number",
        ),
        pytest.param(
            "fix(OMN-9210, OMN-9211): x",
            "fix",
            (),
            ("OMN-9210", "OMN-9211"),
            "x",
            None,
            id="tickets-as-scopes",
        ),
        pytest.param(
            "fix(OMN-9535+9536): x", "fix", (), ("OMN-9535+9536",), "x", None, id="joined-tickets"
        ),
        pytest.param(
            "chore(deps)(OMN-2): x", "chore", ("deps",), ("OMN-2",), "x", None, id="two-groups"
        ),
        pytest.param(
            "[OMN-1] feat(a)(b): x (#1) (#1)",
            "feat",
            ("a", "b"),
            ("OMN-1",),
            "x",
            1,
            id="doubled-number",
        ),
        pytest.param("[Infra] Add x", "", (), (), "[Infra] Add x", None, id="word-kept-in-prose"),
        pytest.param(
            "[OMN-1] MCP-05: Wire x", "", (), ("OMN-1", "MCP-05"), "Wire x", None, id="two-tickets"
        ),
        pytest.param("docs+fix: x", "docs", (), (), "x", None, id="first-of-equal-types"),
        pytest.param(
            'Revert "feat: x (#36)" (#40)', "revert", (), (), "feat: x (#36)", 40, id="revert"
        ),
        pytest.param(
            'Revert "feat: x (#36)"', "revert", (), (), "feat: x (#36)", None, id="number-inside"
        ),
        pytest.param(
            f"x (#{'9' * 5000})",
            *("", (), (), "x", None),
            id="a-number-nobody-has",
        ),
        pytest.param("feat:  a\t b ", "feat", (), (), "a b", None, id="white-space"),
    ],
)
def test_a_subject_is_taken_apart(
    *,
    subject: str,
    kind: str,
    scopes: tuple[str, ...],
    tickets: tuple[str, ...],
    description: str,
    pr: int | None,
) -> None:
    found = read(subject)

    assert (found.type, found.scopes, found.tickets) == (kind, scopes, tickets)
    assert (found.description, found.pr) == (description, pr)


@pytest.mark.parametrize(
    "subject",
    [
        "release: core v0.21.0 [OMN-1] (#12)",
        "Release: bump version to 0.8.0 (#404)",
        "chore(release): bump version to 0.17.0 (#503)",
        "chore(release, OMN-10530): x",
        "chore(release)(OMN-1): x",
        "[OMN-1] chore(release): x",
        "chore: release",
        "chore: Release v0.3.0 (#1)",
        "chore: release core v0.21.0 [OMN-1]",
        "chore: release 0.7.0 and pin siblings",
        "Release v0.3.3 (#85)",
        "release core 0.3.3",
    ],
)
def test_what_a_release_commits_is_bookkeeping(subject: str) -> None:
    assert read(subject).bookkeeping
    assert decide([commit(subject)], default_bump=Level.PATCH) == (None, None, ())


@pytest.mark.parametrize(
    "subject",
    [
        "docs(release): add the checklist",
        "feat(release): a new workflow",
        "chore: release the lock on exit",
        "chore: bump version to 0.3.2",
        "chore(release-notes): x",
        "Release v0.2.0: Add 9 new protocols (#29)",
        "releases are listed now",
        "fix: release v1.0.0 was broken",
    ],
)
def test_work_on_releasing_is_work(subject: str) -> None:
    assert not read(subject).bookkeeping


def test_the_highest_level_wins_and_its_newest_commit_is_the_reason() -> None:
    range_ = [commit("fix: d"), commit("feat: c"), commit("docs: b"), commit("feat: a")]

    decision = decide(range_, default_bump=Level.PATCH)

    assert decision.level is Level.MINOR
    assert decision.commit == range_[1]
    assert [each.commit for each in decision.counted] == range_


def test_merges_and_bookkeeping_count_for_nothing() -> None:
    range_ = [
        commit("feat!: a merge of much", merge=True),
        commit("release: core v0.2.0"),
        commit("fix: a"),
    ]

    decision = decide(range_, default_bump=Level.PATCH)

    assert decision.level is Level.PATCH
    assert [each.commit.subject for each in decision.counted] == ["fix: a"]


@pytest.mark.parametrize(
    "range_",
    [
        pytest.param([], id="empty"),
        pytest.param([commit("Merge pull request #1", merge=True)], id="merges"),
        pytest.param([commit("release: a v1.0.0"), commit("m", merge=True)], id="both"),
    ],
)
def test_without_work_there_is_no_level(range_: list[Commit]) -> None:
    assert decide(range_, default_bump=Level.PATCH) == (None, None, ())


FEATURE = commit("feat: a (#36)", sha="a" * 40)
BY_SHA = f"This reverts commit {'a' * 40}."


@pytest.mark.parametrize(
    "revert",
    [
        pytest.param(commit('Revert "feat: a (#36)" (#37)', BY_SHA), id="by-id"),
        pytest.param(commit('Revert "reworded"', f"This reverts commit {'a' * 9}."), id="short-id"),
        pytest.param(commit('Revert "feat: a (#36)"'), id="by-subject"),
        pytest.param(commit('Revert "feat: a" (#37)', "Reverts x/y#36"), id="without-number"),
        pytest.param(commit('Revert "fea…" (#37)'), id="cut-by-the-forge"),
        pytest.param(commit("revert: feat: a"), id="conventional"),
        pytest.param(commit("revert(core): something", BY_SHA), id="conventional-by-id"),
        pytest.param(commit('[OMN-1] Revert "feat: a"'), id="with-a-ticket"),
    ],
)
def test_a_revert_and_its_target_cancel_out(revert: Commit) -> None:
    decision = decide([revert, commit("fix: b"), FEATURE], default_bump=Level.PATCH)

    assert decision.level is Level.PATCH
    assert [each.commit.subject for each in decision.counted] == ["fix: b"]


@pytest.mark.parametrize(
    "revert",
    [
        pytest.param(commit('Revert "feat: b"'), id="another-subject"),
        pytest.param(
            commit('Revert "feat: a"', f"This reverts commit {'b' * 40}."), id="another-id"
        ),
        pytest.param(commit("feat: c", BY_SHA), id="no-revert-by-its-subject"),
    ],
)
def test_a_revert_of_something_older_is_a_change_like_any(revert: Commit) -> None:
    assert len(decide([revert, FEATURE], default_bump=Level.PATCH).counted) == 2


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(commit('Revert "Revert "feat: a""', sha="c" * 40), id="nested"),
        pytest.param(
            commit('Reapply "feat: a"', f"This reverts commit {'b' * 40}.", sha="c" * 40), id="git"
        ),
        pytest.param(commit('Reapply "feat: a (#36)" (#39)', sha="c" * 40), id="squashed"),
    ],
)
def test_a_revert_of_the_revert_brings_the_change_back(again: Commit) -> None:
    revert = commit('Revert "feat: a"', BY_SHA, sha="b" * 40)

    decision = decide([again, revert, FEATURE], default_bump=Level.PATCH)

    assert decision.level is Level.MINOR
    assert [each.commit for each in decision.counted] == [FEATURE]


def test_a_third_revert_takes_it_away_again() -> None:
    first = commit('Revert "feat: a"', BY_SHA, sha="b" * 40)
    second = commit('Revert "Revert "feat: a""', f"This reverts commit {'b' * 40}.", sha="c" * 40)
    third = commit("revert: again", f"This reverts commit {'c' * 40}.", sha="d" * 40)

    assert decide([third, second, first, FEATURE], default_bump=Level.PATCH).level is None


def test_a_revert_of_two_of_which_one_is_old_stays() -> None:
    body = f"{BY_SHA}\nThis reverts commit {'9' * 40}."

    decision = decide([commit('Revert "both"', body), FEATURE], default_bump=Level.PATCH)

    assert [each.type for each in decision.counted] == ["revert"]


def test_the_newer_of_two_equal_subjects_is_the_one_reverted() -> None:
    old, new = commit("feat: a", sha="1" * 40), commit("feat: a", sha="2" * 40)

    decision = decide([commit("revert: feat: a"), new, old], default_bump=Level.PATCH)

    assert [each.commit for each in decision.counted] == [old]
