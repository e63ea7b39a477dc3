"""Generated histories: branches in branches, reverts of anything, the forms of several tools."""

from __future__ import annotations

from hypothesis import strategies as st

from support.commits import History

TEXTS = st.sampled_from(["a flag", "A flag.", "a slip", "the port", "wip"])
HEADS = st.sampled_from(
    [
        *("feat: ", "fix: ", "docs: ", "fix(cli): ", "feat(api)!: ", "chore!: ", "", ""),
        *("✨ feat: ", ":sparkles: fix: ", "✨ ", "[OMN-1] fix: "),
    ]
)
NUMBERS = st.sampled_from(["", "", " (#1)", " (#2)", " (#2) (#3)"])
BODIES = st.sampled_from(
    [
        *([""] * 8),
        "* feat: a\n\nBREAKING CHANGE: b\n\n* test: c\n\n---------\n\nCo-authored-by: A <a@b>",
        "* feat!: a\n\n* BREAKING CHANGE: b\n\n> BREAKING CHANGE: c\n\nRefs: #1",
        "It reads the words\nBREAKING CHANGE: and more.",
        "It reads\nBREAKING CHANGE: and\nBREAKING-CHANGE: alike",
        "Why.\r\n\r\nRefs: #1\r\nBREAKING-CHANGE: b\r\n",
        "Why.\nCloses #1\nBREAKING CHANGE: b",
        "Such as:\n\n```\nBREAKING CHANGE: b\n```\n\nand no more",
    ]
)
BOOKKEEPING = st.sampled_from(
    [
        *("chore(release): 1.2.0", "bump: version 1.1.0 → 1.2.0", "Bump version: 1.1.0 → 1.2.0"),
        *("1.2.0", "chore(release)!: the wheels", "v1.2.0\n\nBREAKING CHANGE: the wheels"),
    ]
)
MERGES = st.sampled_from(
    [
        *("Merge branch 'x'", "Merge pull request #6 from o/x", "{} (#9)", "feat: a flag"),
        *("Merge pull request #7 from o/x\n\n{}", "Merge pull request #8 from o/x\n\n{}"),
        *("chore(release): 1.2.0", "Merge branch 'x'\n\nBREAKING CHANGE: b"),
    ]
)
KINDS = st.sampled_from(
    ["work", "work", "work", "revert", "revert", "merge", "merge", "bookkeeping"]
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Up to some thirty commits."""
    history = History()
    history.tip = grow(draw, history, history.tip, draw(st.integers(0, 10)), deep=2)
    return history


def grow(draw: st.DrawFn, history: History, tip: str, length: int, *, deep: int) -> str:
    """A line of commits on ``tip``, and its new tip."""
    for _ in range(length):
        match draw(KINDS):
            case "merge" if deep:
                tip = grow_merge(draw, history, tip, deep=deep - 1)
            case "revert" if history.made:
                tip = history.add(write_revert(draw, history), on=tip).sha
            case "bookkeeping":
                tip = history.add(draw(BOOKKEEPING), on=tip).sha
            case _:
                tip = history.add(
                    f"{write_title(draw)}{draw(NUMBERS)}\n\n{draw(BODIES)}", on=tip
                ).sha
    return tip


def grow_merge(draw: st.DrawFn, history: History, tip: str, *, deep: int) -> str:
    """A branch, with the line that it left taken in half-way or not, and the merge of it."""
    side = grow(draw, history, tip, draw(st.integers(1, 2)), deep=deep)
    tip = grow(draw, history, tip, draw(st.integers(0, 1)), deep=0)
    if tip not in {side, "0" * 40} and draw(st.booleans()):
        side = history.add("Merge branch 'main' into x", tip, on=side).sha
        side = grow(draw, history, side, draw(st.integers(0, 1)), deep=0)
    reverted = draw(st.sampled_from(history.made)).subject
    title = draw(st.sampled_from([write_title(draw), write_title(draw), f'Revert "{reverted}"']))
    return history.add(draw(MERGES).format(title), side, on=tip).sha


def write_title(draw: st.DrawFn) -> str:
    return draw(HEADS) + draw(TEXTS)


def write_revert(draw: st.DrawFn, history: History) -> str:
    """A message that takes back one or two commits, mostly of this history."""
    target = draw(st.sampled_from(history.made))
    sha = draw(st.sampled_from([target.sha, target.sha[:9], "f" * 40]))
    also = draw(st.sampled_from(history.made)).sha
    by_id = f"This reverts commit {sha}."
    bodies = ["", by_id, f"Why.\n\n{by_id}", f"{by_id}\n\nThis reverts commit {also}."]
    bodies += [f"This reverts commit {sha}, reversing\nchanges made to {also}.", f"Refs: {sha}"]
    subjects = [f'Revert "{target.subject}"', f'Reapply "{target.subject}"', "Go back"]
    subjects += [f"revert: {target.subject}", f"revert!: {target.subject}", "fix: go back"]
    subjects += [f'✨ Revert "{target.subject}" (#4)']
    return f"{draw(st.sampled_from(subjects))}\n\n{draw(st.sampled_from(bodies))}"
