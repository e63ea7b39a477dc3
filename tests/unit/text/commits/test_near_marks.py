"""Words that look like a level are found, and prose is left in peace."""

# ruff: noqa: RUF001 - people do type fullwidth marks

from __future__ import annotations

import pytest

from omninode_release.models.commit import Level
from omninode_release.text.commits.near_marks import find_near_marks
from support.commits import commit


@pytest.mark.parametrize(
    ("subject", "body", "level"),
    [
        pytest.param("feat：新增导出功能", "", Level.MINOR, id="fullwidth-colon"),
        pytest.param("feat(导出)！：新增", "", Level.MAJOR, id="fullwidth-bang"),
        pytest.param("feature: add export", "", Level.MINOR, id="feature"),
        pytest.param("breaking: drop ini", "", Level.MAJOR, id="a-type-breaking"),
        pytest.param("[major] drop ini", "", Level.MAJOR, id="in-brackets"),
        pytest.param("drop ini #minor", "", Level.MINOR, id="hashtag"),
        pytest.param("drop ini +semver: breaking", "", Level.MAJOR, id="gitversion"),
        pytest.param("BREAKING CHANGE: drop ini", "", Level.MAJOR, id="as-the-title"),
        pytest.param("feat: x", "BREAKING CHANGES: config format", Level.MAJOR, id="plural"),
        pytest.param("feat: x", "**BREAKING CHANGE:** y", Level.MAJOR, id="bold"),
        pytest.param("feat: x", "## BREAKING CHANGE: y", Level.MAJOR, id="heading"),
        pytest.param("feat: x", "## Breaking changes\n\n- y", Level.MAJOR, id="bare-heading"),
        pytest.param("feat: x", "Breaking change: y", Level.MAJOR, id="lower-case"),
        pytest.param("feat: x (#3)", "* feat: a\n* BREAKING CHANGE: y", Level.MAJOR, id="bullet"),
        pytest.param("feat: x", "the title says\nBREAKING CHANGE: y", Level.MAJOR, id="wrapped"),
        pytest.param("feat: x", "> BREAKING-CHANGE: y", Level.MAJOR, id="quoted"),
        pytest.param("feat: x (#3)", "* refactor(api)!: y\n* fix: z", Level.MAJOR, id="squashed"),
        pytest.param("feat: x (#3)", "fix(api)!: y\n\nfix: z", Level.MAJOR, id="without-bullets"),
        pytest.param("squash! feat!: x", "", Level.MAJOR, id="to-be-squashed"),
        pytest.param("fixup! feat: x", "", Level.MINOR, id="to-be-folded"),
        pytest.param("fix(api!): x", "", Level.MAJOR, id="a-mark-among-scopes"),
        pytest.param("!fix: x", "", Level.MAJOR, id="a-mark-in-front"),
        pytest.param("fix: x", "Why.\n\nBREAKING: y", Level.MAJOR, id="a-shorter-footer"),
        pytest.param("fix: x", "- **Breaking**: y", Level.MAJOR, id="a-shorter-bullet"),
        pytest.param("OMN-1 feat: x", "", Level.MINOR, id="a-ticket-without-a-colon"),
        pytest.param("feat[api]: x", "", Level.MINOR, id="a-scope-in-brackets"),
        pytest.param("fix/feat: x", "", Level.MINOR, id="types-with-a-slash"),
        pytest.param("Feat - x", "", Level.MINOR, id="a-dash-for-the-colon"),
    ],
)
def test_what_looks_like_a_level_is_found(subject: str, body: str, level: Level) -> None:
    [mark] = find_near_marks(commit(subject, body))

    assert mark.level is level
    assert mark.words in f"{subject}\n{body}"


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("fix: break the loop", "This is a breaking change detector, it breaks nothing."),
        ("fix: a minor detail", "The major part of it."),
        ("docs: 修正：说明", ""),
        ("feat: add features", "* wow! it works: yes\n* feat: a"),
        ("fix: see #12", "- [x] not breaking changes were made"),
        ("fixup! fix: x", "so it goes! note: nothing"),
        ("Add features", "It is not\nbreaking the rule: none.\nWhat is breaking: nothing."),
        ("no feat: yet", ""),
    ],
)
def test_prose_is_none(subject: str, body: str) -> None:
    assert list(find_near_marks(commit(subject, body))) == []
