"""An entry goes into a changelog in its own style, and nothing that was there gets lost."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Commit, Level
from omninode_release.text.changelogs.announcements import WAITING
from omninode_release.text.changelogs.entry import NewEntry
from omninode_release.text.changelogs.markdown import escape_inline, find_headings
from omninode_release.text.changelogs.markdown_changelog import find_entry, write_entry
from omninode_release.text.commits.meaning import CommitMeaning, classify

DAY = dt.date(2026, 2, 27)
TAGS = ("v0.2.0", "v0.3.0")
TITLE = "# Changelog\n\nAll of it.\n\n"
OLD = "## [0.2.0] - 2026-02-24\n\n### Added\n\n- Old\n"
ENTRY = "## [0.3.0] - 2026-02-27\n\n### Added\n\n- x: new\n\n"


def change(subject: str, body: str = "") -> CommitMeaning:
    return classify(Commit("a" * 40, (), subject, body), default_bump=Level.PATCH)


def insert(
    text: str | None,
    *subjects: str,
    pins: tuple[str, ...] = (),
    compare: tuple[str | None, str] = TAGS,
) -> str:
    changes = [change(subject) for subject in subjects or ("feat(x): new",)]
    return write_entry(
        text, NewEntry(version="0.3.0", date=DAY, changes=changes, pins=pins, compare=compare)
    )


def body(*subjects: str, pins: tuple[str, ...] = ()) -> str:
    found = find_entry(insert(None, *subjects, pins=pins), "0.3.0")
    assert found is not None
    return found


@pytest.mark.parametrize("text", [None, "", "\n\n"], ids=["absent", "empty", "blank"])
def test_a_new_file_follows_keep_a_changelog(text: str | None) -> None:
    created = insert(text)

    assert created.startswith("# Changelog\n\nAll notable changes")
    assert "(https://keepachangelog.com/en/1.1.0/)" in created
    assert created.endswith("\n\n## [0.3.0] - 2026-02-27\n\n### Added\n\n- x: new\n")


@pytest.mark.parametrize(
    ("newest", "heading"),
    [
        pytest.param("## [0.2.0] - 2026-02-24", "## [0.3.0] - 2026-02-27", id="keep-a-changelog"),
        pytest.param("## v0.2.0 (2026-02-24)", "## v0.3.0 (2026-02-27)", id="v-and-parentheses"),
        pytest.param(r"## \[0.2.0\] - 2026-02-24", r"## \[0.3.0\] - 2026-02-27", id="mdformat"),
        pytest.param("## 0.2.0", "## 0.3.0", id="no-date"),
        pytest.param("## [libs/x_y-v0.2.0]", "## [libs/x_y-v0.3.0]", id="whole-tag"),
        pytest.param("## x==0.2.0 (2026-02-24)", "## x==0.3.0 (2026-02-27)", id="tag-as-a-pin"),
        pytest.param("# 0.2.0 / 2026-02-24", "# 0.3.0 / 2026-02-27", id="slash"),
        pytest.param("### [v0.2.0] 2026/02/24", "### [v0.3.0] 2026/02/27", id="third-level"),
        pytest.param("## [0.2.0] \u2013 2026-02-24", "## [0.3.0] \u2013 2026-02-27", id="dash"),
        pytest.param("## 0.2.0 (February 4, 2026)", "## 0.3.0 (February 27, 2026)", id="month"),
        pytest.param(
            "## 0.2.0 (February 21st, 2026)", "## 0.3.0 (February 27th, 2026)", id="ordinal"
        ),
        pytest.param("## 0.2.0 February 4 2026", "## 0.3.0 February 27 2026", id="no-comma"),
        pytest.param(
            "## Version 0.2.0 - release 2026-02-24",
            "## Version 0.3.0 - release 2026-02-27",
            id="released",
        ),
        pytest.param("## 0.2.0 -- 2026-02-24", "## 0.3.0 -- 2026-02-27", id="two-dashes"),
        pytest.param("# 0.2 (2026-02-24)", "# 0.3 (2026-02-27)", id="no-last-zero"),
        pytest.param("## Release 0.2.0", "## Release 0.3.0", id="word"),
        pytest.param("## core v0.2.0 - 2026-02-24", "## core v0.3.0 - 2026-02-27", id="name"),
        pytest.param("## [0.2.0] - 2026-02-24 [YANKED]", "## [0.3.0] - 2026-02-27", id="yanked"),
        pytest.param("## v0.2.0: the big one", "## v0.3.0 - 2026-02-27", id="a-name-of-its-own"),
        pytest.param("## 0.2.0 (2026-02-24) ##", "## 0.3.0 (2026-02-27)", id="closed"),
        pytest.param("## [0.2.0-rc.1] - 2026-02-24", "## [0.3.0] - 2026-02-27", id="pre-release"),
        pytest.param(
            "## [0.2.0](https://x.invalid/r/compare/v0.1.0...v0.2.0) (2026-02-24)",
            "## [0.3.0](https://x.invalid/r/compare/v0.2.0...v0.3.0) (2026-02-27)",
            id="linked",
        ),
        pytest.param(
            "## [0.2.0-0.29b0](https://x.invalid/r/releases/tag/v0.2.0) - 2026-02-24",
            "## [0.3.0](https://x.invalid/r/releases/tag/v0.3.0) - 2026-02-27",
            id="two-versions",
        ),
        pytest.param("## [0.2.0 - 2026-02-24]", "## [0.3.0] - 2026-02-27", id="all-in-brackets"),
        pytest.param(
            "## [0.2.0 (beta)](https://x.invalid/) - 2026-02-24",
            "## [0.3.0] - 2026-02-27",
            id="words-in-brackets",
        ),
        pytest.param("## 0.2.0-2026-02-24", "## 0.3.0-2026-02-27", id="nothing-but-a-dash"),
        pytest.param("## 0.2.0 [2026-02-24]", "## 0.3.0 [2026-02-27]", id="date-in-brackets"),
        pytest.param("## [0.2.0][] - 2026-02-24", "## [0.3.0] - 2026-02-27", id="reference"),
        pytest.param("## [0.2.0][v2] 2026-02-24", "## [0.3.0] 2026-02-27", id="named-reference"),
        pytest.param("## 0.2.0 (2026-02-24) {#v2}", "## 0.3.0 (2026-02-27)", id="anchor"),
        pytest.param("## 0.2.0 {#v0.2.0}", "## 0.3.0 - 2026-02-27", id="anchor-without-date"),
        pytest.param('## <a id="x"></a>0.2.0', "## [0.3.0] - 2026-02-27", id="html-anchor"),
        pytest.param("## \U0001f680 v0.2.0", "## [0.3.0] - 2026-02-27", id="emoji"),
        pytest.param("## :rocket: v0.2.0", "## [0.3.0] - 2026-02-27", id="shortcode"),
        pytest.param("## 0.2.0 \U0001f680", "## 0.3.0 - 2026-02-27", id="emoji-behind"),
        pytest.param("## **0.2.0** (2026-02-24)", "## [0.3.0] - 2026-02-27", id="bold"),
        pytest.param("## 0.2.0 (24 Feb 2026)", "## 0.3.0 (27 Feb 2026)", id="day-first"),
        pytest.param("## 0.2.0 ((2026-02-24))", "## 0.3.0 - 2026-02-27", id="twice-around"),
        pytest.param(
            "0.2.0 (2026-02-24)\n------------------",
            "0.3.0 (2026-02-27)\n------------------",
            id="underlined",
        ),
    ],
)
def test_the_heading_of_the_newest_entry_is_the_model(newest: str, heading: str) -> None:
    level = "#" * (len(heading) - len(heading.lstrip("#")) or 2)

    old = f"{newest}\n\n{level}# Removed\n\n- Old\n\n## 0.1.0\n"

    assert insert(f"{TITLE}{old}") == (f"{TITLE}{heading}\n\n{level}# Added\n\n- x: new\n\n{old}")


_PIECES = st.one_of(
    st.sampled_from(
        [
            *("[", "]", "(", ")", "v", "0.2.0", "-0.29b0", "0.3.0", "Version ", " - ", " / ", " "),
            *("2026-02-24", "Feb 4, 2026", "(https://x.invalid/r/compare/v0.1.0...v0.2.0)", "[v2]"),
            *("{#v2}", '<a id="x"></a>', "**", "`", "_", "#", "<", "\\", ":rocket:", "\U0001f680"),
        ]
    ),
    st.text(max_size=3),
)


@given(st.lists(_PIECES, max_size=9).map("".join))
@settings(max_examples=400)
def test_whatever_the_newest_heading_is_ours_is_whole_and_found_again(newest: str) -> None:
    line = " ".join(newest.split())
    assume(not WAITING.fullmatch(line))  # what stands there moves into the entry
    text = f"{TITLE}## {line}\n\nOld\n\n## [0.1.0] - 2026-01-01\n"
    there = find_entry(text, "0.3.0")

    edited = insert(text)

    added = [each for each in edited.split("\n") if each not in text.split("\n")]
    heading = next((each for each in added if each.startswith("## ")), "")
    assert find_entry(edited, "0.3.0") == ("### Added\n\n- x: new" if there is None else there)
    assert (heading == "") is (there is not None)
    assert heading.count("[") == heading.count("]")
    assert heading.count("(") == heading.count(")")
    assert insert(edited) == edited


@pytest.mark.parametrize(
    "heading",
    [
        "## [0.3.0] - 2026-02-01",
        "## **0.3.0**",
        "## 0.3.0 {#v0.3.0}",
        "## :rocket: [0.3.0][]",
        "## v0.3.0 (2026-02-01)",
        "## 0.3.0",
        "# 0.3.0",
        "0.3.0\n-----",
    ],
)
def test_an_entry_that_is_there_is_left_alone(heading: str) -> None:
    text = f"{TITLE}## [Unreleased]\n\n- waits\n\n{heading}\n\nwritten by hand\n\n{OLD}"

    assert insert(text) == text
    assert find_entry(text, "0.3.0") == "written by hand"


def test_a_date_with_leading_zeros_is_the_same_version() -> None:
    text = f"{TITLE}## 2026.02.05\n\nwritten by hand\n\n## 2026.01.02\n\n- Old\n"
    new = NewEntry(version="2026.2.5", date=DAY, changes=(), pins=(), compare=TAGS)

    assert write_entry(text, new) == text
    assert find_entry(text, "2026.2.5") == "written by hand"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("## [0.3.0-rc.1] - 2026-02-01\n", id="pre-release"),
        pytest.param("## [0.3.0.1]\n", id="four-numbers"),
        pytest.param("## [10.3.0]\n", id="another-number"),
        pytest.param("```\n## [0.3.0]\n```\n", id="in-a-code-block"),
        pytest.param("- example\n  ~~~~md\n## [0.3.0]\n~~~\n  ~~~~\n", id="in-an-indented-block"),
        pytest.param("<!--\n## [0.3.0] - template\n-->\n", id="in-a-comment"),
        pytest.param("## 0.3.0 in depth\n", id="prose"),
        pytest.param("## x-0.3.0 in depth\n", id="prose-of-a-package"),
        pytest.param("## 0.2.0\n### 0.3.0\n", id="deeper-than-the-entries"),
        pytest.param("Since ## 0.3.0\n", id="in-a-line"),
        pytest.param("[0.3.0]: https://x.invalid\n", id="a-reference"),
    ],
)
def test_what_only_looks_like_the_entry_is_none(text: str) -> None:
    assert find_entry(text, "0.3.0") is None


def test_the_entry_found_is_its_own_text_only() -> None:
    text = f"{TITLE}## [0.3.0]\r\n\r\n### A\r\n\r\n```\r\n# x\r\n```\r\n\r\n{OLD}\n[0.3.0]: https://x\n"

    assert find_entry(text, "0.3.0") == "### A\n\n```\n# x\n```"
    assert find_entry(text, "0.2.0") == "### Added\n\n- Old"


def test_unreleased_text_moves_and_its_heading_stays() -> None:
    text = f"{TITLE}## [Unreleased]\n\nHand-written.\n\n### Removed\n- gone\n\n{OLD}"

    assert insert(text) == (
        f"{TITLE}## [Unreleased]\n\n## [0.3.0] - 2026-02-27\n\nHand-written.\n\n"
        f"### Removed\n- gone\n\n### Added\n\n- x: new\n\n{OLD}"
    )


@pytest.mark.parametrize(
    ("below", "added"),
    [
        pytest.param("\n\n- Old\n- Older\n", "\n\n- x: new\n- y\n", id="no-groups"),
        pytest.param("\n\n- Begin\n", "\n\n### Added\n\n- x: new\n\n### Fixed\n\n- y\n", id="one"),
        pytest.param("\n- Old\n- Older\n", "\n- x: new\n- y\n", id="right-below"),
        pytest.param("\n\n  * Old\n  * Older\n", "\n\n  * x: new\n  * y\n", id="indented"),
        pytest.param("\n\n-   Old\n-   Older\n", "\n\n-   x: new\n-   y\n", id="wide"),
        pytest.param(
            "\n\nReleased 2026-02-24\n\n- Old\n- Older\n",
            "\n\nReleased 2026-02-27\n\n- x: new\n- y\n",
            id="a-line-for-the-date",
        ),
        pytest.param(
            "\n\n_(February 4, 2026)_\n\n- Old\n- Older\n",
            "\n\n_(February 27, 2026)_\n\n- x: new\n- y\n",
            id="a-line-in-italics",
        ),
        pytest.param(
            "\n#### Fixed\n- Old\n",
            "\n#### Added\n- x: new\n\n#### Fixed\n- y\n",
            id="groups-one-deeper",
        ),
        pytest.param("\nProse.\n", "\n\n### Added\n\n- x: new\n\n### Fixed\n\n- y\n", id="prose"),
    ],
)
def test_the_bullets_are_grouped_and_spaced_like_those_of_the_newest(
    below: str, added: str
) -> None:
    edited = insert(f"{TITLE}## 0.2.0{below}", "feat(x): new", "fix: y")

    assert edited == f"{TITLE}## 0.3.0{added}\n## 0.2.0{below}"


def test_bullets_follow_those_by_hand_where_entries_have_no_groups() -> None:
    old = "## 0.2.0\n\n- Old\n\n## 0.1.0\n\n- Older\n"

    assert insert(f"{TITLE}## Unreleased\n\n- by hand\n\n{old}") == (
        f"{TITLE}## Unreleased\n\n## 0.3.0\n\n- by hand\n- x: new\n\n{old}"
    )


@pytest.mark.parametrize(
    "line", ["- Nothing yet.", "- None", r"- \[Short description of a change.\]"]
)
def test_what_only_keeps_a_place_under_unreleased_stays_there(line: str) -> None:
    waiting = f"{TITLE}## dev\n\n{line}\n\n"

    assert insert(f"{waiting}{OLD}") == f"{waiting}{ENTRY}{OLD}"


def test_entries_may_stand_below_a_heading_for_their_series() -> None:
    old = "### 0.2.0\n\n- Old\n- Older\n\n## 0.1.9\n\n- Oldest\n"

    assert insert(f"# Changes\n\n## 0\n\n{old}") == (
        f"# Changes\n\n## 0\n\n### 0.3.0\n\n- x: new\n\n{old}"
    )


def test_old_changes_of_another_project_wait_for_nothing() -> None:
    text = f"{TITLE}{OLD}\n## Unreleased changes in [o/r](https://x.invalid)\n\n- theirs\n"

    assert insert(text) == text.replace(OLD, ENTRY + OLD)


@pytest.mark.parametrize("date", ["2026-02-XX", "2026-??-??", "Not released yet"])
def test_a_date_to_come_is_filled_in_whole_and_imitated_by_none(date: str) -> None:
    old = "## 0.1.0 (2026-01-01)\n"

    announced = insert(f"{TITLE}## 0.3.0 ({date})\n\n- by hand\n\n{old}")
    forgotten = insert(f"{TITLE}## 0.2.0 ({date})\n\n- by hand\n\n{old}")

    assert announced == f"{TITLE}## 0.3.0 (2026-02-27)\n\n- by hand\n\n{old}"
    assert forgotten.startswith(f"{TITLE}## 0.3.0 (2026-02-27)\n\n### Added\n\n- x: new\n\n## 0.2")


def test_an_underlined_entry_right_below_a_heading_is_one() -> None:
    assert insert("## [Unreleased]\n0.2.0\n-----\n") == (
        "## [Unreleased]\n\n0.3.0\n-----\n\n### Added\n\n- x: new\n\n0.2.0\n-----\n"
    )


def test_brackets_that_are_escaped_wait_as_well() -> None:
    waiting = "## \\[Unreleased\\]\n\n### Added\n\n- by hand\n\n"

    text = insert(f"{TITLE}{waiting}## \\[0.2.0\\] - 2026-02-24\n\n- Old\n")

    head = "## \\[Unreleased\\]\n\n## \\[0.3.0\\] - 2026-02-27\n\n### Added\n\n- by hand\n"
    assert text.startswith(f"{TITLE}{head}")


def test_an_empty_unreleased_section_stays_as_it_is() -> None:
    assert insert(f"{TITLE}## [Unreleased]\n\n{OLD}") == (f"{TITLE}## [Unreleased]\n\n{ENTRY}{OLD}")


def test_unreleased_text_below_the_newest_release_moves_up() -> None:
    legacy = "## [Legacy]\n\n- older\n"
    text = f"{TITLE}{OLD}\n## [Unreleased]\n\n### Routing\n\n- **a**\n\n{legacy}"

    assert insert(text) == (
        f"{TITLE}## [0.3.0] - 2026-02-27\n\n### Routing\n\n- **a**\n\n### Added\n\n- x: new\n\n"
        f"{OLD}\n## [Unreleased]\n\n{legacy}"
    )


def test_generated_bullets_follow_those_by_hand_under_the_same_heading() -> None:
    text = (
        f"{TITLE}## Unreleased\n### Fixed\n* by hand\n  goes on\n\n\n"
        f"### added\n\nProse.\n#### Part\n* part\n\n{OLD.replace('- ', '* ')}"
    )

    assert insert(text, "fix: b", "feat: a", "docs: c") == (
        f"{TITLE}## Unreleased\n\n## [0.3.0] - 2026-02-27\n\n"
        "### Fixed\n* by hand\n  goes on\n* b\n\n"
        "### added\n\nProse.\n\n* a\n\n#### Part\n* part\n\n"
        f"### Changed\n\n* docs: c\n\n{OLD.replace('- ', '* ')}"
    )


def test_unreleased_at_the_end_of_a_file_without_releases() -> None:
    assert insert(f"{TITLE}## [Unreleased]\n- one") == (
        f"{TITLE}## [Unreleased]\n\n## [0.3.0] - 2026-02-27\n\n- one\n\n### Added\n\n- x: new"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(TITLE, f"{TITLE.rstrip()}\n\n{ENTRY.rstrip()}\n\n", id="title-and-preamble"),
        pytest.param("# Changelog", f"# Changelog\n\n{ENTRY.rstrip()}", id="no-final-newline"),
        pytest.param(
            f"{TITLE}## License\n\nMIT\n", f"{TITLE}{ENTRY}## License\n\nMIT\n", id="other-section"
        ),
        pytest.param(
            f"## v0.2.0 (2026-02-24)\n\n- Old\n\n{TITLE}",
            f"## v0.3.0 (2026-02-27)\n\n### Added\n\n- x: new\n\n"
            f"## v0.2.0 (2026-02-24)\n\n- Old\n\n{TITLE}",
            id="entries-above-the-title",
        ),
        pytest.param(
            "---\nversion: 1.0.0\n---\n# Changelog\n",
            f"---\nversion: 1.0.0\n---\n# Changelog\n\n{ENTRY.rstrip()}\n",
            id="front-matter",
        ),
        pytest.param(f"Text\n{OLD}", f"Text\n\n{ENTRY}{OLD}", id="no-blank-line-above"),
        pytest.param(
            "```\n## [9.9.9]\n```\n" + OLD, f"```\n## [9.9.9]\n```\n\n{ENTRY}{OLD}", id="an-example"
        ),
    ],
)
def test_the_entry_goes_below_title_and_preamble(text: str, expected: str) -> None:
    assert insert(text) == expected


URL = "https://github.com/o/r"


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        pytest.param(
            f"[0.2.0]: {URL}/compare/v0.1.0...v0.2.0\n[0.1.0]: {URL}/releases/tag/v0.1.0\n",
            f"[0.3.0]: {URL}/compare/v0.2.0...v0.3.0\n"
            f"[0.2.0]: {URL}/compare/v0.1.0...v0.2.0\n[0.1.0]: {URL}/releases/tag/v0.1.0\n",
            id="compare",
        ),
        pytest.param(
            f"[unreleased]: {URL}/compare/v0.2.0...HEAD\n[v0.2.0]: {URL}/compare/a..b\n",
            f"[unreleased]: {URL}/compare/v0.3.0...HEAD\n"
            f"[v0.3.0]: {URL}/compare/v0.2.0..v0.3.0\n[v0.2.0]: {URL}/compare/a..b\n",
            id="unreleased-starts-at-the-new-tag",
        ),
        pytest.param(
            f"[0.2.0]: {URL}/releases/tag/v0.2.0",
            f"[0.3.0]: {URL}/releases/tag/v0.3.0\n[0.2.0]: {URL}/releases/tag/v0.2.0",
            id="tag-pages",
        ),
        pytest.param(
            "[0.2.0]: https://packages.invalid/r/0.2.0/\n",
            "[0.2.0]: https://packages.invalid/r/0.2.0/\n",
            id="a-form-we-cannot-tell",
        ),
        pytest.param(
            f"[0.3.0]: {URL}/x\n[0.2.0]: {URL}/compare/a...b\n",
            f"[0.3.0]: {URL}/x\n[0.2.0]: {URL}/compare/a...b\n",
            id="there-already",
        ),
        pytest.param("[docs]: https://x.invalid\n", "[docs]: https://x.invalid\n", id="others"),
    ],
)
def test_link_references_are_extended_in_their_form(references: str, expected: str) -> None:
    assert insert(f"{TITLE}{OLD}\n{references}") == f"{TITLE}{ENTRY}{OLD}\n{expected}"


@pytest.mark.parametrize("waiting", ["", "- By hand\n\n"], ids=["empty", "filled"])
def test_a_link_in_the_heading_of_unreleased_starts_at_the_new_tag(waiting: str) -> None:
    site = "https://h.invalid/a/compare"
    old = f"## [0.2.0]({site}/v0.1.0...v0.2.0) - 2026-02-24\n\n- a\n- b\n"

    edited = insert(f"{TITLE}## [Unreleased]({site}/v0.2.0...HEAD)\n\n{waiting}{old}")

    assert edited == (
        f"{TITLE}## [Unreleased]({site}/v0.3.0...HEAD)\n\n"
        f"## [0.3.0]({site}/v0.2.0...v0.3.0) - 2026-02-27\n\n{waiting[:-1]}- x: new\n\n{old}"
    )


def test_a_first_release_links_to_its_tag() -> None:
    text = f"{TITLE}## [Unreleased]\n\n- a\n\n[0.0.1]: {URL}/compare/x...y\n"

    edited = insert(text, compare=(None, "v0.3.0"))

    assert f"\n\n[0.3.0]: {URL}/releases/tag/v0.3.0\n[0.0.1]: " in edited


@pytest.mark.parametrize("final", ["", "\n"], ids=["no-final-newline", "final-newline"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{TITLE}{OLD}\n[0.2.0]: {URL}/compare/a...b", id="above-an-entry"),
        pytest.param("# Changelog\n\nAll of it.", id="at-the-end"),
        pytest.param(f"{TITLE}## [Unreleased]\n\n### Added\n\n- waits", id="unreleased"),
    ],
)
def test_line_ends_are_kept(text: str, final: str) -> None:
    text += final

    assert insert(text.replace("\n", "\r\n")) == insert(text).replace("\n", "\r\n")
    assert insert(text).endswith("\n") == bool(final)


def test_commits_are_grouped_and_breaking_ones_come_first() -> None:
    found = body(
        *("fix: c", "feat(cli, api): a (#1)", "feat(core)!: b [OMN-2] (#2)", "docs: d"),
        *("security: e", "Free text (#3)"),
        pins=("omnibase-core==0.21.0",),
    )

    assert [line for line in found.split("\n") if line] == [
        "### Added",
        "- **BREAKING** core: b [OMN-2] (#2)",
        "- cli, api: a (#1)",
        "### Changed",
        "- docs: d",
        "- Free text (#3)",
        "- Pin omnibase-core==0.21.0",
        "### Fixed",
        "- c",
        "### Security",
        "- e",
    ]


@pytest.mark.parametrize(
    ("subject", "bullet"),
    [
        pytest.param("feat(OMN-1): x (#2)", "x [OMN-1] (#2)", id="ticket-as-scope"),
        pytest.param("[OMN-1] fix(a)(b): x", "a, b: x [OMN-1]", id="ticket-in-front"),
        pytest.param("fix(OMN-1): x [OMN-1]", "x [OMN-1]", id="ticket-twice"),
        pytest.param('Revert "feat: x (#1)" (#2)', "revert: feat: x (#1) (#2)", id="revert"),
        pytest.param("Dockerfile: slim", "dockerfile: slim", id="a-word-that-is-no-type"),
        pytest.param("config(ci): x", "config(ci): x", id="with-a-scope"),
        pytest.param("feat:", "feat:", id="nothing-said"),
    ],
)
def test_a_bullet_says_what_the_commit_said(subject: str, bullet: str) -> None:
    assert f"\n- {bullet}\n" in body(subject) + "\n"


def test_a_release_without_anything_to_tell_says_so() -> None:
    edited = write_entry(
        None, NewEntry(version="0.3.0", date=DAY, changes=[], pins=[], compare=TAGS)
    )

    assert find_entry(edited, "0.3.0") == "No notable changes."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("a\nb\r\n\n## [9.9.9]\x00\x1b[0m", "a b ## [9.9.9] [0m", id="lines"),
        pytest.param("a\u2028# b\u0085c\x0bd", "a # b c d", id="other-line-ends"),
        pytest.param("\u202eevil\u2066", "evil", id="bidirectional"),
        pytest.param("# heading", "\\# heading", id="heading"),
        pytest.param("#12 is fixed", "#12 is fixed", id="a-number"),
        pytest.param("- item", "\\- item", id="list"),
        pytest.param("1. item", "1\\. item", id="numbered"),
        pytest.param("1.2 is out", "1.2 is out", id="a-decimal"),
        pytest.param("> quote", "\\> quote", id="quote"),
        pytest.param("---", "\\---", id="rule"),
        pytest.param("~~~ x", "\\~~~ x", id="fence"),
        pytest.param("``` x", "\\`\\`\\` x", id="backtick-fence"),
        pytest.param("[0.2.0]: https://x", "\\[0.2.0]: https://x", id="definition"),
        pytest.param("[OMN-1] x", "[OMN-1] x", id="ticket"),
        pytest.param("a <!-- b", "a \\<!-- b", id="comment"),
        pytest.param("a <b> `c<d>` e", "a \\<b> `c<d>` e", id="code-stays-code"),
        pytest.param("a ` b", "a \\` b", id="unpaired-backtick"),
        pytest.param("\\` <x> `", "\\\\\\` \\<x> \\`", id="escaped-backtick"),
        pytest.param("``a`b``", "``a`b``", id="double-backticks"),
        pytest.param("C:\\new", "C:\\\\new", id="backslash"),
        pytest.param("ask @some-one/team.", "ask `@some-one/team`.", id="mention"),
        pytest.param("`@a` @b", "`@a` `@b`", id="mention-in-code"),
        pytest.param("to a@b.example", "to a@b.example", id="mail"),
        pytest.param("plain `code` *x* 🔒", "plain `code` *x* 🔒", id="harmless"),
        pytest.param("\ud800", "", id="half-a-character"),
    ],
)
def test_text_of_unknown_origin_stays_text(text: str, line: str) -> None:
    assert escape_inline(text) == line


def test_a_subject_cannot_forge_an_entry() -> None:
    hostile = "feat: x\n\n## [9.9.9] - 2026-01-01\n<!--\n```\r## [8.8.8]"

    edited = insert(f"{TITLE}{OLD}", hostile, "fix: ## [7.7.7]", "## [6.6.6] - 2026-01-01")

    assert [each.text for each in find_headings(edited.split("\n"))] == [
        "Changelog", "[0.3.0] - 2026-02-27", "Added", "Changed", "Fixed", "[0.2.0] - 2026-02-24",
        "Added",
    ]  # fmt: skip
    assert [find_entry(edited, version) for version in ("9.9.9", "8.8.8", "7.7.7")] == [None] * 3


@pytest.mark.parametrize("opened", ["```", "~~~ sh", "<!-- not closed"])
def test_a_file_with_no_visible_place_for_the_entry_is_refused(opened: str) -> None:
    with pytest.raises(ReleaseError, match="never closed") as caught:
        insert(f"# Changelog\n\n{opened}\n")

    assert caught.value.code is ErrorCode.CHANGELOG_FAILED


@pytest.mark.parametrize("title", ["Latest Changes", "Pending", "Next release (TBD)", "dev"])
def test_what_waits_under_any_usual_title_moves_into_the_entry(title: str) -> None:
    text = insert(f"{TITLE}## {title}\n\n* Told by hand\n\n{OLD}", "fix: y")

    assert text.startswith(f"{TITLE}## {title}\n\n## [0.3.0] - 2026-02-27\n\n* Told by hand\n")
    assert text.endswith(f"### Fixed\n\n- y\n\n{OLD}")


def test_a_chapter_below_the_entries_waits_for_nothing() -> None:
    text = insert(f"{TITLE}{OLD}\n## Development\n\nHow to.\n")

    assert text == f"{TITLE}{ENTRY}{OLD}\n## Development\n\nHow to.\n"


@pytest.mark.parametrize(
    ("waiting", "written"),
    [
        ("- Nothing changed yet.\n", ""),
        ("### Features Added\n\n### Bugs Fixed\n", "### Features Added\n\n### Bugs Fixed\n\n"),
        ("<!-- here -->\n", "<!-- here -->\n\n"),
    ],
)
def test_an_announced_entry_that_tells_nothing_is_filled(waiting: str, written: str) -> None:
    text = insert(f"{TITLE}## 0.3.0 (unreleased)\n\n{waiting}\n{OLD}", "fix: y")

    assert text == f"{TITLE}## 0.3.0 (2026-02-27)\n\n{written}### Fixed\n\n- y\n\n{OLD}"


@pytest.mark.parametrize("rule", ["---", "***"])
@pytest.mark.parametrize("waiting", ["", "- by hand\n\n"])
def test_a_rule_between_entries_stays_between_them(rule: str, waiting: str) -> None:
    rest = f"{rule}\n\n{OLD}"

    text = insert(f"{TITLE}## [Unreleased]\n\n{waiting}{rest}")

    entry = f"## [0.3.0] - 2026-02-27\n\n{waiting}### Added\n\n- x: new\n\n"
    assert text == f"{TITLE}## [Unreleased]\n\n{rule}\n\n{entry}{rest}"
    assert "x: new" in (find_entry(text, "0.3.0") or "")
    assert rule not in (find_entry(text, "0.3.0") or "")


def test_a_rule_of_the_preamble_parts_no_entries() -> None:
    assert insert(f"{TITLE}---\n\n{OLD}") == f"{TITLE}---\n\n{ENTRY}{OLD}"


def test_an_announced_entry_is_filled_below_the_headings_that_it_has() -> None:
    waiting = "### Added\n\n- Nothing yet\n\n### Removed\n\n"

    text = insert(f"{TITLE}## 0.3.0 (unreleased)\n\n{waiting}{OLD}", "feat: a", "fix: y")

    added, fixed = "### Added\n\n- a\n\n### Removed", "### Fixed\n\n- y"
    assert text == f"{TITLE}## 0.3.0 (2026-02-27)\n\n{added}\n\n{fixed}\n\n{OLD}"


@pytest.mark.parametrize(
    "places",
    [
        "- Nothing yet\n\n",
        "- Nothing yet\n- No changes.\n\n",
        "- None\n\n",
        "*N/A*\n\n",
        "- TBD\n\n",
    ],
)
def test_what_keeps_a_place_goes_where_bullets_come(places: str) -> None:
    waiting = f"## [Unreleased]\n\n### Added\n\n{places}### Fixed\n\n- by hand\n\n"

    text = insert(f"{TITLE}{waiting}{OLD}")

    entry = "## [0.3.0] - 2026-02-27\n\n### Added\n\n- x: new\n\n### Fixed\n\n- by hand\n\n"
    assert text == f"{TITLE}## [Unreleased]\n\n{entry}{OLD}"


@pytest.mark.parametrize(
    "by_hand",
    ["```\n>>> f()\nNone\n```\n", "- f takes one of\n  - None\n  - a number\n"],
    ids=["code", "list"],
)
@pytest.mark.parametrize("heading", ["", "### Added\n\n"])
def test_none_beside_other_words_keeps_no_place(by_hand: str, heading: str) -> None:
    assert by_hand in insert(f"{TITLE}## [Unreleased]\n\n{heading}{by_hand}\n{OLD}")


def test_an_announced_entry_without_a_change_says_so() -> None:
    waiting = f"{TITLE}## 0.3.0 (unreleased)\n\n- Nothing changed yet.\n\n{OLD}"

    text = write_entry(waiting, NewEntry("0.3.0", DAY, (), (), TAGS))

    assert text == f"{TITLE}## 0.3.0 (2026-02-27)\n\nNo notable changes.\n\n{OLD}"


@pytest.mark.parametrize(
    "words",
    [
        *(" (unreleased)", " - Unreleased", " [TBD]", ", in development"),
        *(" *(unreleased)*", " - _Unreleased_", " - **TBD**"),
    ],
)
@pytest.mark.parametrize(
    ("old", "dated"),
    [
        ("## [0.2.0]\n\n- a\n\n## [0.1.0]\n\n- b\n", ""),
        ("## [0.2.0]\n\n- a\n\n## [0.1.0] (2026-01-03)\n\n- b\n", "2026-02-27"),
        ("## [0.2.0] - 01/15/2026\n\n- a\n\n## [0.1.0] - 12/3/2025\n\n- b\n", "2026-02-27"),
        ("## [0.2.0]\n\n- a\n", "2026-02-27"),
    ],
    ids=["none-is-dated", "an-old-one-is", "in-a-form-of-their-own", "one-tells-nothing"],
)
def test_an_announced_entry_is_dated_where_others_are(words: str, old: str, dated: str) -> None:
    edited = insert(f"{TITLE}## [0.3.0]{words}\n\n- by hand\n\n{old}")

    title, _, rest = edited.removeprefix(TITLE).partition("\n")
    assert rest == f"\n- by hand\n\n{old}"
    assert (title == "## [0.3.0]") is (not dated)
    assert dated in title


@pytest.mark.parametrize("group", ["", "#### Bug Fixes\n\n"])
def test_an_announced_entry_is_filled_as_others_are_that_have_no_date(group: str) -> None:
    old = f"## 0.2.0\n\n{group}* a\n* b\n\n## 0.1.0\n\n{group}* c\n"

    edited = insert(f"{TITLE}## 0.3.0 (unreleased)\n\n{old}", "fix: y")

    assert edited == f"{TITLE}## 0.3.0\n\n{group}* y\n\n{old}"


def test_an_emphasised_line_below_the_heading_says_that_it_is_to_come() -> None:
    old = "## 0.2.0\n\n_Released 2026-01-03_\n\n- a\n"

    edited = insert(f"{TITLE}## 0.3.0\n\n_Unreleased_\n\n- by hand\n\n{old}")

    assert edited == (f"{TITLE}## 0.3.0\n\n_Released 2026-02-27_\n\n- by hand\n\n{old}")


def test_an_announced_entry_may_leave_out_the_last_number() -> None:
    text = insert(f"{TITLE}## 0.3 (unreleased)\n\n- By hand\n\n{OLD}")

    assert text == f"{TITLE}## 0.3 (2026-02-27)\n\n- By hand\n\n{OLD}"


def test_a_byte_order_mark_is_no_part_of_a_heading() -> None:
    text = "\ufeff## [0.2.0] - 2026-02-24\n\n- Old\n\n## [0.1.0] - 2026-01-01\n"

    edited = insert(text)

    assert edited.startswith("\ufeff## [0.3.0] - 2026-02-27\n")
    assert edited.endswith(text.removeprefix("\ufeff"))
    assert insert(edited) == edited


def test_byte_order_marks_may_be_many() -> None:
    marks = "\ufeff" * 5_000

    edited = insert(f"{marks}{OLD}")

    assert edited.startswith(f"{marks}## [0.3.0]")
    assert insert(edited) == edited


@pytest.mark.parametrize("words", ["Unreleased (TBD)", "unreleased, not yet released"])
def test_an_entry_that_would_wait_for_ever_is_refused(words: str) -> None:
    with pytest.raises(ReleaseError, match="expected line 5") as caught:
        insert(f"{TITLE}## 0.3.0 - {words}\n\n- By hand\n\n{OLD}")

    assert caught.value.code is ErrorCode.CHANGELOG_FAILED


def test_a_line_that_says_released_gets_the_date_alone() -> None:
    text = insert(f"{TITLE}## 0.3.0\n\nReleased: TBD\n\n- By hand\n\n{OLD}")

    assert "\n\nReleased: 2026-02-27\n\n- By hand\n" in text


def test_what_waits_and_would_hide_the_others_is_refused() -> None:
    with pytest.raises(ReleaseError, match="hide others"):
        insert(f"{TITLE}{OLD}\n## [Unreleased]\n\n<!--\n")


@pytest.mark.parametrize("other", ["cli-v0.3.0", "cli-v9.0.0"])
def test_the_entry_of_another_package_is_neither_taken_nor_imitated(other: str) -> None:
    own = "## [core-v0.2.0] - 2026-02-24\n\n- Old\n"
    text = f"{TITLE}## [{other}] - 2026-02-25\n\n- Of another\n\n{own}"

    written = insert(text)

    assert written.count("## [0.3.0] - 2026-02-27\n") == 1
    assert "new" in (find_entry(written, "0.3.0") or "")
    assert f"## [{other}] - 2026-02-25\n\n- Of another\n" in written
