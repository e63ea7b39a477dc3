"""What a commit means, on subjects as real histories have them."""

from __future__ import annotations

import pytest

from omninode_release.models.commit import Level
from support.commits import read


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
        pytest.param("✨ feat(cli): x (#8)", Level.MINOR, id="emoji-before-the-type"),
        pytest.param("⚡️feat: x", Level.MINOR, id="emoji-of-two-characters"),
        pytest.param("👩🏽‍💻 [OMN-1] feat: x", Level.MINOR, id="emoji-of-four-characters"),
        pytest.param(":sparkles: feat: x", Level.MINOR, id="shortcode"),
        pytest.param(":+1::tada: feat: x", Level.MINOR, id="shortcodes"),
        pytest.param("💥 feat(cli)!: x (#8)", Level.MAJOR, id="emoji-and-bang"),
        pytest.param("💥 feat: x", Level.MINOR, id="an-emoji-is-no-mark"),
        pytest.param("feat(a(b)): x", Level.MINOR, id="scope-in-a-scope"),
        pytest.param("feat(a(b))!: x", Level.MAJOR, id="scope-in-a-scope-bang"),
        pytest.param("feat/ui!: x", Level.MAJOR, id="a-bang-after-two-words"),
        pytest.param("i18n(de)!: x", Level.MAJOR, id="a-bang-after-a-word-with-a-digit"),
        pytest.param("feat, fix!: x", Level.PATCH, id="a-bang-in-a-sentence"),
        pytest.param("日本語", Level.PATCH, id="letters-are-no-emoji"),
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
        pytest.param("🔒 Mend x", "", (), (), "🔒 Mend x", None, id="emoji-kept-in-prose"),
        pytest.param(":tada: fix: x", "fix", (), (), "x", None, id="shortcode-passed-over"),
        pytest.param("feat(a(b)): x", "feat", ("a", "b"), (), "x", None, id="nested-scopes"),
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
        "chore(release): 1.2.0",
        "chore(main): release 1.2.0 (#3)",
        "1.2.0",
        "v1.2.0 (#3)",
        "1.2.0rc1 [skip ci]",
        "bump: version 1.1.0 → 1.2.0",
        "bump: version 1.1.0 -> 1.2.0 [skip ci]",
        "Bump version: 1.1.0 → 1.2.0",
        "bump version 2026.1 -> 2026.2",
        "Bump to 1.2.0",
        "Bump version to 1.2.0 (#3)",
        "🔖 Bump version to 1.2.0 (#3)",
        ":bookmark: v1.2.0",
        "chore: bump version to 1.2.0",
        "chore(core): bump package version from 1.1.0 to 1.2.0 [OMN-1] (#3)",
        "chore: prepare release 1.2.0",
        "Preparing release 1.2.0",
        "Prepare release version 1.2.0 (#3)",
        "Version 1.2.0. (#3)",
        "start version 1.3.0",
        "Back to development: 1.3.0.dev0",
    ],
)
def test_what_a_release_commits_is_bookkeeping(subject: str) -> None:
    assert read(subject).bookkeeping


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("chore(release)!: drop the old wheels", ""),
        ("release!: core v2.0.0", ""),
        ("bump!: version 1.1.0 → 2.0.0", ""),
        ("1.2.0", "BREAKING CHANGE: the port has moved"),
        ("chore: bump version to 2.0.0", "Why.\n\nBREAKING-CHANGE: the port has moved"),
    ],
)
def test_a_breaking_mark_is_never_bookkeeping(subject: str, body: str) -> None:
    found = read(subject, body)

    assert not found.bookkeeping
    assert found.level is Level.MAJOR


@pytest.mark.parametrize(
    "subject",
    [
        "docs(release): add the checklist",
        "feat(release): a new workflow",
        "chore: release the lock on exit",
        "chore(deps): bump version to 0.3.2",
        "chore: bump uv to 0.3.2",
        "chore: bump version to 0.3.2 of the base image",
        "bump: raise the limit",
        "Bump version of the API",
        "1.2.0 is out",
        "start version 2 of the protocol",
        "version 1.2.0 is out",
        "1.2",
        "v2",
        "fix: 1.2.0",
        "chore(release-notes): x",
        "Release v0.2.0: Add 9 new protocols (#29)",
        "releases are listed now",
        "fix: release v1.0.0 was broken",
    ],
)
def test_work_on_releasing_is_work(subject: str) -> None:
    assert not read(subject).bookkeeping
