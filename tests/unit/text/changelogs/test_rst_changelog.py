"""Entries in reStructuredText: in the style of the newest one, nothing else changed."""

from __future__ import annotations

import datetime as dt
import io

import docutils.core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omninode_release.text.changelogs.entry import NewEntry
from omninode_release.text.changelogs.rst_changelog import find_entry, list_entries, write_entry
from support.commits import read

DAY = dt.date(2026, 11, 3)


def new(version: str = "1.1.0", *, merge: bool | None = None) -> NewEntry:
    changes = [read("feat(a): `x` and *y* (#3)"), read("fix: z")]
    return NewEntry(version, DAY, changes, [], ("v1.0.0", f"v{version}"), merge)


def insert(text: str | None, *, merge: bool | None = None) -> str:
    """The changelog after the entry, which is the same when it is asked for again."""
    edited = write_entry(text, new(merge=merge))
    assert find_entry(edited, "1.1.0") is not None
    assert write_entry(edited, new()) == edited
    return edited


def warnings_of(rst: str) -> str:
    stream = io.StringIO()
    settings = {"warning_stream": stream, "report_level": 2, "halt_level": 5}
    docutils.core.publish_doctree(rst, settings_overrides=settings)
    return stream.getvalue()


BULLETS = "- a: ``x`` and \\*y\\* (#3)\n- z\n"


@pytest.mark.parametrize(
    ("old", "added"),
    [
        pytest.param(
            "Version 1.0.0\n-------------\n\nReleased 2026-01-02\n\n-   Old.\n",
            "Version 1.1.0\n-------------\n\nReleased 2026-11-03\n\n"
            "-   a: ``x`` and \\*y\\* (#3)\n-   z\n\n",
            id="pallets",
        ),
        pytest.param(
            "1.0.0 (2026-01-02)\n==================\n\n- Old.\n",
            f"1.1.0 (2026-11-03)\n==================\n\n{BULLETS}\n",
            id="date-in-the-title",
        ),
        pytest.param(
            "v1.0.0 - January 2, 2026\n~~~~~~~~~~~~~~~~~~~~~~~~\n\n- Old.\n",
            f"v1.1.0 - November 3, 2026\n~~~~~~~~~~~~~~~~~~~~~~~~~\n\n{BULLETS}\n",
            id="month-in-words",
        ),
        pytest.param(
            "=========\n 1.0.0\n=========\n\n* Old.\n",
            "=======\n 1.1.0\n=======\n\n* a: ``x`` and \\*y\\* (#3)\n* z\n\n",
            id="line-above",
        ),
        pytest.param(
            ".. _v1-0-0:\n\nalpha 1.0.0 (2026-01-02)\n************************\n\n- Old.\n",
            f".. _v1-1-0:\n\nalpha 1.1.0 (2026-11-03)\n************************\n\n{BULLETS}\n",
            id="label",
        ),
        pytest.param("**1.0.0**\n\n- Old.\n", f"**1.1.0**\n\n{BULLETS}\n", id="bold"),
        pytest.param(
            "**1.0.0** (2026-01-02)\n\n- Old.\n",
            f"**1.1.0** (2026-11-03)\n\n{BULLETS}\n",
            id="bold-version",
        ),
        pytest.param(
            "**1.0.0 (2026-01-02)**\n\n- Old.\n",
            f"**1.1.0 (2026-11-03)**\n\n{BULLETS}\n",
            id="bold-version-and-date",
        ),
        pytest.param(
            "Version 1.0.0 (January 2nd, 2026):\n\n- Old.\n",
            f"Version 1.1.0 (November 3rd, 2026):\n\n{BULLETS}\n",
            id="a-paragraph",
        ),
        pytest.param(
            "[1.0.0, 2026-01-02]\n===================\n\n- Old.\n",
            f"1.1.0 (2026-11-03)\n==================\n\n{BULLETS}\n",
            id="brackets-around-all",
        ),
        pytest.param(
            "Version 1.0.9\n-------------\n\n- Old.\n\nVersion 1.0\n-----------\n\n- Begin.\n",
            f"Version 1.1\n-----------\n\n{BULLETS}\n",
            id="no-last-zero",
        ),
        pytest.param(
            "1.0.0 *2026-01-02*\n  * Old.\n",
            "1.1.0 *2026-11-03*\n  * a: ``x`` and \\*y\\* (#3)\n  * z\n\n",
            id="a-definition",
        ),
        pytest.param(
            "1.0.0:\n\n * Old.\n\n0.9.0:\n\n * Older.\n",
            "1.1.0:\n\n * a: ``x`` and \\*y\\* (#3)\n * z\n\n",
            id="a-paragraph-above-an-indented-list",
        ),
        pytest.param(
            "v1.0.0 2026-01-02\n~~~~~~~~~~~~~~~~~\n\n- Old.\n",
            f"v1.1.0 2026-11-03\n~~~~~~~~~~~~~~~~~\n\n{BULLETS}\n",
            id="a-date-after-a-space",
        ),
        pytest.param(
            "1.0.0 (2026-01-02):\n-------------------\n* Old.\n",
            "1.1.0 (2026-11-03):\n-------------------\n* a: ``x`` and \\*y\\* (#3)\n* z\n\n",
            id="a-colon-and-no-blank-line",
        ),
        pytest.param(
            "[1.0.0] - 2026-01-02\n====================\nFixed\n-----\n* Old.\n",
            "[1.1.0] - 2026-11-03\n====================\n"
            "Added\n-----\n* a: ``x`` and \\*y\\* (#3)\n\nFixed\n-----\n* z\n\n",
            id="brackets",
        ),
        pytest.param(
            "1.0.0 ( 2 Jan 2026)\n===================\n\n- Old.\n",
            f"1.1.0 (3 Nov 2026)\n==================\n\n{BULLETS}\n",
            id="a-padded-day",
        ),
        pytest.param(
            "1.0.0\n=====\n\n- Old.\n\n0.9.0 (2026-01-02)\n==================\n\n- Older.\n",
            f"1.1.0\n=====\n\n{BULLETS}\n",
            id="dates-were-given-up",
        ),
        pytest.param(
            "`v1.0.0 <https://x.invalid>`__ (2026-01-02)\n"
            "===========================================\n\n- Old.\n",
            f"v1.1.0 (2026-11-03)\n===================\n\n{BULLETS}\n",
            id="a-link",
        ),
        pytest.param(
            "`v1.0.0`_ (2026-01-02)\n======================\n\n- Old.\n\n"
            ".. _v1.0.0: https://x.invalid\n",
            f"v1.1.0 (2026-11-03)\n===================\n\n{BULLETS}\n",
            id="a-reference",
        ),
        pytest.param(
            ":sub:`1.0.0` -- 2026-01-02\n==========================\n\n- Old.\n",
            f":sub:`1.1.0` -- 2026-11-03\n==========================\n\n{BULLETS}\n",
            id="a-role",
        ),
    ],
)
def test_the_newest_entry_is_imitated(old: str, added: str) -> None:
    written = insert(old)

    assert written == f"{added}{old}"
    assert warnings_of(written) == ""


def test_a_changelog_that_is_not_there_yet_is_made() -> None:
    written = insert(None)

    assert written == (
        "Changelog\n=========\n\n1.1.0 (2026-11-03)\n------------------\n\n" + BULLETS
    )
    assert warnings_of(written) == ""


@pytest.mark.parametrize(
    ("heading", "dated"),
    [
        ("1.1.0 (unreleased)\n------------------\n", "1.1.0 (2026-11-03)\n------------------\n"),
        ("1.1.0\n-----\n\n*Unreleased*\n", "1.1.0\n-----\n\nReleased 2026-11-03\n"),
        ("1.1.0\n-----\n\nReleased: not yet.\n", "1.1.0\n-----\n\nReleased 2026-11-03\n"),
        ("Unreleased\n----------\n", "1.1.0\n-----\n\nReleased 2026-11-03\n"),
    ],
)
def test_what_a_person_wrote_is_dated_and_stays(heading: str, dated: str) -> None:
    old = "\n1.0.0\n-----\n\nReleased 2026-01-02\n\n- Old.\n"

    assert insert(f"{heading}\n- By hand.\n{old}") == f"{dated}\n- By hand.\n{old}"


def test_an_empty_heading_is_filled_and_merge_adds_bullets() -> None:
    old = "\n1.0.0 (2026-01-02)\n------------------\n\n- Old.\n"
    heading, dated = (f"1.1.0 ({each})\n------------------\n" for each in ("unreleased", DAY))

    assert insert(f"{heading}{old}") == f"{dated}\n{BULLETS}{old}"
    assert insert(f"{heading}\n- Mine.\n{old}", merge=True) == (
        f"{dated}\n- Mine.\n\n{BULLETS}{old}"
    )


@pytest.mark.parametrize("waiting", ["", "- Nothing yet\n\n"])
def test_a_heading_over_nothing_stays_above_the_new_entry(waiting: str) -> None:
    above = f"Unreleased\n----------\n\n{waiting}"
    old = "1.0.0\n-----\n\n**Released on Jan 2, 2026**\n\n- Old.\n"

    assert insert(f"{above}{old}") == (
        f"{above}1.1.0\n-----\n\n**Released on Nov 3, 2026**\n\n{BULLETS}\n{old}"
    )


def test_a_version_without_a_word_below_it_is_dated_and_filled() -> None:
    old = "1.0.0\n-----\n\nReleased 2026-01-02\n\n- Old.\n"

    assert insert(f"1.1.0\n-----\n\n{old}") == (
        f"1.1.0\n-----\n\nReleased 2026-11-03\n\n{BULLETS}\n{old}"
    )


def test_what_waits_under_a_bold_line_becomes_the_entry() -> None:
    old = "\n**1.0.0** (2026-01-02)\n\n- Old.\n"

    assert insert(f"**UNRELEASED**\n\n- By hand.\n{old}") == (
        f"**1.1.0** (2026-11-03)\n\n- By hand.\n{old}"
    )


@pytest.mark.parametrize(
    "old",
    [
        "**1.0.0**\n\n**Development**\n\n- Tools.\n",
        "1.0.0\n=====\n\n- Old.\n\nDevelopment\n===========\n\nHow to.\n",
    ],
)
def test_what_is_called_development_below_an_entry_waits_for_nothing(old: str) -> None:
    assert insert(old).endswith(f"\n{old}")


def test_a_title_that_is_the_only_one_of_its_kind_gives_a_mark() -> None:
    text = "Changelog\n---------\n\nAll of it.\n"

    assert insert(text) == f"{text}\n1.1.0 (2026-11-03)\n~~~~~~~~~~~~~~~~~~\n\n{BULLETS}"


LINES = st.sampled_from(
    [
        "",
        "text",
        "- a",
        "  b",
        "0.9.0",
        "-----",
        "====",
        ".. note::",
        "1.0.0 (2026-01-02)",
        "\t",
        "**0.8**",
    ]
)


@given(st.lists(LINES, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_every_other_byte_stays(lines: list[str], end: str) -> None:
    old = end.join([*lines, "", "1.0.1 (2026-02-03)", "------------------", "", "- Old.", ""])
    written = insert(old)

    split = range(len(old) + 1)
    assert any(written.startswith(old[:n]) and written.endswith(old[n:]) for n in split)
    assert len(written) > len(old)


ZEST = "1.0.0 (2026-01-02)\n------------------\n\n- Old.\n"


@pytest.mark.parametrize(
    ("waiting", "written"),
    [
        ("- Nothing changed yet.\n", BULLETS),
        ("Bugs fixed\n++++++++++\n", f"Bugs fixed\n++++++++++\n\n{BULLETS}"),
        ("- By hand.\n", "- By hand.\n"),
    ],
)
@pytest.mark.parametrize("version", ["1.1", "1.1.0"])
def test_an_announced_entry_is_filled_where_it_tells_nothing(
    version: str, waiting: str, written: str
) -> None:
    underline = "-" * len(f"{version} (unreleased)")
    text = f"Changes\n=======\n\n{version} (unreleased)\n{underline}\n\n{waiting}\n\n{ZEST}"

    title = f"{version} (2026-11-03)"
    assert insert(text) == (
        f"Changes\n=======\n\n{title}\n{'-' * len(title)}\n\n{written}\n\n{ZEST}"
    )


@pytest.mark.parametrize("title", ["Unreleased", "1.1.0 (unreleased)"])
@pytest.mark.parametrize("place", ["", "- Nothing yet\n\n"])
def test_what_waits_is_filled_below_the_headings_that_it_has(title: str, place: str) -> None:
    old = "1.0.0 (2026-01-02)\n------------------\n\nAdded\n^^^^^\n\n- Old.\n- Older.\n"
    waiting = f"{title}\n{'-' * len(title)}\n\nAdded\n^^^^^\n\n{place}Removed\n^^^^^^^\n\n"

    written = insert(f"{waiting}{old}")

    added = BULLETS.partition("\n")[0]
    assert written.startswith(
        f"1.1.0 (2026-11-03)\n------------------\n\nAdded\n^^^^^\n\n{added}\n"
    )
    assert written.partition("1.0.0")[0].count("Added") == 1
    assert "Nothing" not in written
    assert written.endswith(f"\n\n{old}")


def test_a_line_between_entries_stays_between_them() -> None:
    one, other = (f"{each}\n-----\n\n- Old.\n\n" for each in ("1.0.0", "0.9.0"))
    old = f"{one}----\n\n{other}"

    assert insert(old) == f"1.1.0\n-----\n\n{BULLETS}\n----\n\n{old}"


def test_a_section_between_entries_is_written_once() -> None:
    about = "About 0.x\n---------\n\nBy hand.\n\n"
    old = f"1.0.0\n-----\n\n- Old.\n\n{about}0.9.0\n-----\n\n- Older.\n"

    assert insert(old) == f"1.1.0\n-----\n\n{BULLETS}\n{old}"


def test_bullets_below_none_of_the_headings_that_wait_get_their_own() -> None:
    inner = "Deprecated\n^^^^^^^^^^\n\n- by hand\n\nRemoved\n^^^^^^^\n\n- by hand, too\n"
    old = "1.0.0 (2026-01-02)\n------------------\n\n- Old.\n"

    written = insert(f"1.1.0 (unreleased)\n------------------\n\n{inner}\n{old}", merge=True)

    added, fixed = BULLETS.splitlines()
    assert f"{inner}\nAdded\n^^^^^\n\n{added}\n\nFixed\n^^^^^\n\n{fixed}\n\n{old}" in written
    assert warnings_of(written) == ""


def test_none_in_code_keeps_no_place() -> None:
    by_hand = "- by hand::\n\n    >>> f()\n    None\n"
    old = "1.0.0 (2026-01-02)\n------------------\n\n- Old.\n"

    written = insert(f"1.1.0 (unreleased)\n------------------\n\n{by_hand}\n{old}", merge=True)

    assert by_hand in written


def test_a_line_below_what_waits_is_no_text() -> None:
    old = "----\n\n1.0.0 (2026-01-02)\n------------------\n\n- Old.\n"

    written = insert(f"1.1.0 (unreleased)\n------------------\n\n{old}")

    assert written == f"1.1.0 (2026-11-03)\n------------------\n\n{BULLETS}\n{old}"
    assert warnings_of(written) == ""


def test_a_byte_order_mark_is_no_part_of_a_heading() -> None:
    text = "\ufeff1.0.0 (2026-01-01)\n------------------\n\n- Old\n\n0.9.0\n-----\n\n- Older\n"

    edited = insert(text)

    assert edited.startswith("\ufeff1.1.0 (")
    assert edited.endswith(text.removeprefix("\ufeff"))
    assert insert(edited) == edited


def test_what_waits_above_the_level_of_the_entries_becomes_one_of_them() -> None:
    old = "1.0.0 (2026-01-01)\n------------------\n\n- Old\n"

    edited = insert(f"Unreleased\n==========\n\n- New\n\n{old}")

    assert edited == f"1.1.0 (2026-11-03)\n------------------\n\n- New\n\n{old}"
    assert [each.version for each in list_entries(edited)] == ["1.1.0", "1.0.0"]


def test_what_waits_gets_no_date_where_entries_have_none() -> None:
    old = "1.0.0\n-----\n\n- b\n\n0.9.0\n-----\n\n- a\n"

    edited = insert(f"Changes\n=======\n\n1.1.0 (unreleased)\n------------------\n\n- c\n\n{old}")

    assert edited == f"Changes\n=======\n\n1.1.0\n-----\n\n- c\n\n{old}"
