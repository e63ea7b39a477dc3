"""The title of a merge, and what a merge brought in."""

from __future__ import annotations

import pytest

from omninode_release.text.commits.merges import give_title, says_nothing, trace_merges
from support.commits import History, commit


@pytest.mark.parametrize(
    ("subject", "body", "title"),
    [
        pytest.param(
            "Merge pull request #6 from o/x", "feat: y\n\nWhy.", "feat: y (#6)", id="github"
        ),
        pytest.param(
            "Merge pull request #6 from o/x", "\r\n  feat: y \r\n", "feat: y (#6)", id="github-crlf"
        ),
        pytest.param(
            "Merge pull request #6 from o/x", "feat: y (#6)", "feat: y (#6)", id="numbered-already"
        ),
        pytest.param(
            "Merge branch 'x' into 'main'",
            "feat: y\n\nSee merge request g/p!7",
            "feat: y (#7)",
            id="gitlab",
        ),
        pytest.param("Merged PR 12: feat: y", "", "feat: y (#12)", id="azure"),
        pytest.param(
            "Merged in feature/x (pull request #183)", "feat: y", "feat: y (#183)", id="bitbucket"
        ),
        pytest.param(
            "Merge pull request 'feat: y' (#5) from x into main", "", "feat: y (#5)", id="gitea"
        ),
    ],
)
@pytest.mark.parametrize("merge", [True, False], ids=["merge", "one-parent"])
def test_a_pull_request_is_called_by_its_title(
    *, subject: str, body: str, title: str, merge: bool
) -> None:
    found = give_title(commit(subject, body, merge=merge))

    assert found.subject == title
    assert not says_nothing(found)
    assert give_title(found) == found


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Merge pull request #6 from o/x", ""),
        ("Merge branch 'x' into 'main'", "See merge request g/p!7"),
        ("Merge branch 'x' into 'main'", "feat: y"),
        ("Merge branch 'feat: y'", ""),
        ("Merge branch 'x' (#6)", ""),
        ("Merge remote-tracking branch 'origin/main' into x", ""),
        ("Merge tag 'v1.2.0'", ""),
        ("Merge commit '1234567'", ""),
        ("Bring main in", ""),
        ("main: bring it in", ""),
    ],
)
def test_a_merge_without_a_title_says_nothing(subject: str, body: str) -> None:
    assert says_nothing(give_title(commit(subject, body, merge=True)))


@pytest.mark.parametrize(
    "subject",
    ["feat: y", "✨ feat(cli): y", "ui!: y", "Merge two loaders into one (#6)", "Bring it in (#6)"],
)
def test_the_subject_of_a_merge_may_be_a_title(subject: str) -> None:
    assert not says_nothing(give_title(commit(subject, merge=True)))


def test_a_commit_belongs_to_the_innermost_merge_that_brought_it_in() -> None:
    history = History()
    base = history.add("base")
    work = history.add("work", on=base.sha)
    inner_work = history.add("inner work", on=base.sha)
    inner = history.add("inner", inner_work.sha, on=work.sha)
    behind = history.add("behind")
    update = history.add("update", behind.sha, on=inner.sha)
    outer = history.add("outer", update.sha)

    merges = trace_merges(history.commits)

    assert merges.above == {
        update.sha: outer.sha,
        inner.sha: outer.sha,
        work.sha: outer.sha,
        inner_work.sha: inner.sha,
    }
    assert set(merges.find_all_below(outer.sha)) == merges.above.keys()
    assert merges.find_all_above([inner_work.sha]) == {inner.sha, outer.sha}


def test_of_an_octopus_each_side_is_brought_in() -> None:
    history = History()
    one, two = (history.add(name, on=history.tip) for name in ("one", "two"))
    octopus = history.add("octopus", one.sha, two.sha)

    assert trace_merges(history.commits).above == dict.fromkeys((one.sha, two.sha), octopus.sha)
