"""What git prints, made odd: each question is answered, or told as not understood."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from omninode_release.adapters.git import Git
from omninode_release.errors import ReleaseError, is_of_the_machine, storage_error
from omninode_release.system.process import Completed
from support.mutations import bounded, mutated_text

if TYPE_CHECKING:
    from collections.abc import Callable

SHA, TAG = "a" * 40, "b" * 40
REFS = (
    f"refs/heads/main\0{SHA}\0\0\n"
    f"refs/tags/v1.0.0\0{TAG}\0{SHA}\0\n"
    f"refs/remotes/origin/HEAD\0{SHA}\0\0refs/remotes/origin/main\n"
)
COMMITS = (
    f"{SHA}\x1f{TAG} {TAG}\x1fAnn <a@b>\x1ffeat: x\n\nbody\n\0\n"
    f"{TAG}\x1f\x1fAnn <a@b>\x1ffix: y\n\0\n"
)
BATCH = f"{SHA} blob 4\nabc\n\nHEAD:x missing\n{TAG} tree 2\nab\n"
LS_REMOTE = (
    f"ref: refs/heads/main\tHEAD\n{SHA}\tHEAD\n{SHA}\trefs/heads/main\n"
    f"{TAG}\trefs/tags/v1.0.0\n{SHA}\trefs/tags/v1.0.0^{{}}\n"
)
WORKTREES = (
    f"worktree /x\0HEAD {SHA}\0branch refs/heads/main\0\0"
    f"worktree /y\0HEAD {SHA}\0detached\0locked initializing\0\0"
)
STATUS = " M pyproject.toml\0?? new file\0R  b\0"
TREE = f"100644 blob {SHA}\tsrc/x.py\x00120000 blob {SHA}\tlink\0"
IDENT = "Ann Author <ann@tests.example> 1771934400 +0000\n"


def _git(printed: str) -> Git:
    def run(argv: Any, **_: Any) -> Completed:
        said = "" if "config" in argv else printed  # no partial clone
        return Completed(tuple(argv), 0, said.encode(errors="surrogatepass"), "", 0.1)

    return Git(Path("/nowhere"), run)


def _told_or_done(act: Callable[[], object]) -> None:
    said = None
    try:
        act()
    except ReleaseError as error:
        said = error.text
    except OSError as error:  # a path that no file can have
        said = storage_error(error).text if is_of_the_machine(error) else "a bug"
    assert said is None or "Next: " in said


QUESTIONS: list[tuple[str, Callable[[Git], object]]] = [
    (REFS, lambda git: git.refs("refs/")),
    (COMMITS, lambda git: git.commits(SHA, None)),
    (BATCH, lambda git: git.files([("HEAD", "a"), ("HEAD", "x"), ("HEAD", "b")])),
    (LS_REMOTE, lambda git: git.ls_remote("refs/*")),
    (WORKTREES, lambda git: git.worktrees()),
    (STATUS, lambda git: git.changes()),
    (TREE, lambda git: git.paths(SHA)),
    (BATCH, lambda git: git.blobs({"a": SHA, "x": SHA, "b": TAG})),
    (IDENT, lambda git: git.identity()),
    ("main\n", lambda git: git.head_branch()),
    (f"{SHA}\n", lambda git: git.commit_of("HEAD")),
    ("https://x/y\n", lambda git: git.remote_url()),
    (".git\n", lambda git: git.lock_files(Path("/worktrees"))),
]


def test_good_answers_are_understood() -> None:
    for good, ask in QUESTIONS:
        assert ask(_git(good)) is not None
    assert [ref.name for ref in _git(REFS).refs("refs/")][1] == "refs/tags/v1.0.0"
    assert _git(TREE).paths(SHA) == ("src/x.py",)


@bounded
@given(
    st.sampled_from(range(len(QUESTIONS))).flatmap(
        lambda number: st.tuples(st.just(number), mutated_text(QUESTIONS[number][0]))
    )
)
def test_odd_answers(asked: tuple[int, str]) -> None:
    number, printed = asked

    _told_or_done(lambda: QUESTIONS[number][1](_git(printed)))
