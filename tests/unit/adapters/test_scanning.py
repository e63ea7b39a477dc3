"""What libgit2 answers is what git answers, and where it cannot, git is asked."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omninode_release.adapters.git import Git
from omninode_release.adapters.git.scanning import ScanGit
from omninode_release.errors import ReleaseError
from omninode_release.models.commit import Commit
from omninode_release.system.process import Completed
from support.gitrepo import commit_file, git
from support.orgs import programs

MESSAGES = st.sampled_from(
    [
        *("fix: a", "feat: b (#1)\n\nWhy.\n\nBREAKING CHANGE: c\n", "\n\n  leading\n\nbody\n\n"),
        *("", "one\n", "fix: é ✨ \u2028 line\n\r\nbody\r\n", "tab\there", "fix: \udcff"),
    ]
)
PEOPLE = st.sampled_from(
    [
        *("A <a@b>", "É B <e@b>", "  padded  < p@b >", "<only@mail>", "No Mail <>", "\udcff <x@y>"),
        "A\x1fB <a@b>",
    ]
)


class NotAsked:
    """A runner for answers that need no program."""

    def __call__(self, *_args: object, **_named: object) -> Completed:
        raise AssertionError("a program was started")

    redact = staticmethod(str)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """A history for fast-import: merges, equal and odd times, tags of both kinds, any message."""
    out = b""
    count = draw(st.integers(1, 9))
    for number in range(count):
        message = draw(MESSAGES).encode("utf-8", "surrogateescape")
        who = draw(PEOPLE).encode("utf-8", "surrogateescape")
        time = b"%d" % (1000 + draw(st.integers(0, 5)))
        before = st.integers(0, number - 1)
        parents = draw(st.lists(before, min_size=1, max_size=3, unique=True)) if number else []
        out += b"commit refs/heads/b%d\nmark :%d\n" % (number, number + 1)
        out += b"author %s %s +0130\ncommitter C <c@d> %s +0000\n" % (who, time, time)
        out += b"data %d\n%s\n" % (len(message), message)
        for at, parent in enumerate(parents):
            out += b"%s :%d\n" % (b"merge" if at else b"from", parent + 1)
        path = draw(st.sampled_from(["a.txt", "d/b.txt", "d/e/\u00e9.txt", "d.x/c", "d/caf\udce9"]))
        raw = path.encode("utf-8", "surrogateescape")
        mode = draw(st.sampled_from([b"100644", b"100755", b"120000"]))
        out += b'M %s inline "%s"\ndata 4\n./%02d\n' % (mode, _quote(raw), number)
    for number in range(draw(st.integers(0, 4))):
        mark = draw(st.integers(1, count))
        if draw(st.booleans()):
            out += b"tag v0.0.%d\nfrom :%d\ntagger T <t@u> 1000 +0000\ndata 1\nt\n" % (number, mark)
        else:
            out += b"reset refs/tags/v0.0.%d\nfrom :%d\n\n" % (number, mark)
    return out + b"reset refs/heads/main\nfrom :%d\n\n" % count


def _quote(path: bytes) -> bytes:
    return b"".join(b"\\%03o" % each if each > 126 else bytes([each]) for each in path)


def import_stream(path: Path, stream: bytes) -> None:
    argv = ["git", "-C", str(path), "fast-import", "--quiet"]
    subprocess.run(argv, input=stream, check=True, timeout=60)


def ask_all(clone: Git) -> dict[str, Any]:
    """Every question of a scan, about every ref."""
    refs = clone.refs("refs/heads/", "refs/tags/")
    tips = [*dict.fromkeys(ref.sha for ref in refs)]
    main = clone.refs("refs/heads/main")[0].sha
    paths = {path for tip in tips for path in clone.paths(tip)}
    return {
        "shallow": clone.is_shallow(),
        "refs": refs,
        "merged": [clone.refs("refs/tags", "refs/heads/b0", merged=tip) for tip in tips],
        "merged one": [clone.refs(ref.name, merged=tip) for tip in tips for ref in refs],
        "all": _ask_commits(clone, main, None),
        "since": [_ask_commits(clone, base, tip) for base in tips for tip in tips],
        "without": [_ask_commits(clone, main, None, *tips[:at]) for at in range(len(tips))],
        "paths": [clone.paths(tip) for tip in tips],
        "links": [clone.find_links(tip) for tip in tips],
        "files": clone.files([(tip, path) for tip in tips for path in [*sorted(paths), "no", "d"]]),
        "by name": clone.file("refs/heads/main", "a.txt"),
    }


def _ask_commits(clone: Git, base: str, since: str | None, *without: str) -> list[Commit]:
    """A scan reads no authors."""
    return [each._replace(author="") for each in clone.commits(base, since, *without)]


@settings(max_examples=40)
@given(streams())
def test_the_library_answers_as_git_does(stream: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clone"
        git(path.parent, "init", "--quiet", "--initial-branch=main", str(path))
        import_stream(path, stream)
        found, expected = ask_all(ScanGit(path, programs())), ask_all(Git(path, programs()))
        if _walk(found) != _walk(expected):
            # git stops early where commits are older than their parents by the clock.
            parents = _read_parents(Git(path, programs()))
            assert _walk(found) == _follow(parents, Git(path, programs()))
            for question in ("since", "merged", "merged one"):
                del found[question], expected[question]
        assert found == expected


def _walk(answers: dict[str, Any]) -> list[set[str]]:
    return [{commit.sha for commit in each} for each in answers["since"]]


def _read_parents(clone: Git) -> dict[str, tuple[str, ...]]:
    """Of every commit: what hides nothing stops nowhere."""
    heads = clone.refs("refs/heads/", "refs/tags/")
    return {each.sha: each.parents for ref in heads for each in clone.commits(ref.sha, None)}


def _follow(parents: dict[str, tuple[str, ...]], clone: Git) -> list[set[str]]:
    """What each tip has and each other has not, by looking at all of them."""
    tips = [*dict.fromkeys(ref.sha for ref in clone.refs("refs/heads/", "refs/tags/"))]
    above: dict[str, set[str]] = {}
    for tip in tips:
        seen: set[str] = set()
        left = [tip]
        while left:
            sha = left.pop()
            left += () if sha in seen else parents[sha]
            seen.add(sha)
        above[tip] = seen
    return [above[base] - above[tip] for base in tips for tip in tips]


def test_a_commit_that_is_older_than_its_parents_hides_them_all(tmp_path: Path) -> None:
    """The walk of libgit2 goes past it, and shows as new what has been released."""
    parents = ("", "1", "1 2", "2 3 1", "4 1", "2 1", "6 5")
    times = (1003, 1002, 1004, 1002, 1000, 1000, 1003)
    out = ""
    for number, (above, time) in enumerate(zip(parents, times, strict=True)):
        out += f"commit refs/heads/b{number}\nmark :{number + 1}\n"
        out += f"committer C <c@d> {time} +0000\ndata 1\nx\n"
        words = zip(("from", "merge", "merge"), above.split(), strict=False)
        out += "".join(f"{word} :{parent}\n" for word, parent in words)
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "clone")
    import_stream(tmp_path / "clone", out.encode())
    clone = ScanGit(tmp_path / "clone", programs())

    assert clone.commits("refs/heads/b2", "refs/heads/b6") == []
    assert len(clone.commits("refs/heads/b6", "refs/heads/b2")) == 4


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    path = tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(path))
    commit_file(path, "a.txt", "one\n", "fix: one")
    commit_file(path, "b.txt", "two\n", "fix: two")
    git(path, "tag", "v0.0.1", "HEAD~1")
    return path


def _replace(path: Path) -> None:
    git(path, "replace", "HEAD", "HEAD~1")


def _graft(path: Path) -> None:
    (path / ".git" / "info" / "grafts").write_text(git(path, "rev-parse", "HEAD") + "\n")


def _promise(path: Path) -> None:
    git(path, "config", "remote.origin.promisor", "true")


def _demand(path: Path) -> None:
    git(path, "config", "core.repositoryFormatVersion", "1")
    git(path, "config", "extensions.partialClone", "origin")


@pytest.mark.parametrize("change", [_replace, _graft, _promise, _demand])
def test_git_is_asked_where_objects_are_not_what_they_seem(
    clone: Path, change: Callable[[Path], None]
) -> None:
    change(clone)
    with pytest.raises(AssertionError, match="a program was started"):
        ScanGit(clone, NotAsked()).refs()
    assert ask_all(ScanGit(clone, programs())) == ask_all(Git(clone, programs()))


@pytest.mark.parametrize("head", ["", "nothing\n", "ref: nowhere\n"])
def test_what_is_no_repository_to_git_is_none(clone: Path, head: str) -> None:
    (clone / ".git" / "HEAD").write_text(head, encoding="utf-8")
    with pytest.raises(AssertionError, match="a program was started"):
        ScanGit(clone, NotAsked()).refs()


def test_git_is_asked_in_a_linked_worktree_and_a_shallow_clone(clone: Path, tmp_path: Path) -> None:
    git(clone, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{clone}", str(tmp_path / "shallow"))
    for path in (tmp_path / "linked", tmp_path / "shallow"):
        with pytest.raises(AssertionError, match="a program was started"):
            ScanGit(path, NotAsked()).refs()
    assert ScanGit(tmp_path / "shallow", programs()).is_shallow()


def test_a_commit_in_another_encoding_is_read_by_git(clone: Path) -> None:
    git(clone, "-c", "i18n.commitEncoding=latin1", "commit", "--quiet", "--allow-empty",
        "--message", "fix: encoded")  # fmt: skip
    found = ScanGit(clone, programs()).commits("main", "v0.0.1")
    assert [each.subject for each in found] == ["fix: encoded", "fix: two"]
    assert found == _ask_commits(Git(clone, programs()), "main", "v0.0.1")
    with pytest.raises(AssertionError, match="a program was started"):
        ScanGit(clone, NotAsked()).commits("main", "v0.0.1")


def test_a_tag_of_a_tag_leads_to_its_commit(clone: Path) -> None:
    git(clone, "tag", "--annotate", "--message", "a candidate", "v0.0.2rc1")
    for name, of in (("v0.0.2", "v0.0.2rc1"), ("final", "v0.0.2")):
        git(clone, "tag", "--annotate", "--message", "the release", name, of)

    for at in (Git(clone, programs()), ScanGit(clone, NotAsked())):
        tags = {ref.name.removeprefix("refs/tags/"): ref.sha for ref in at.refs("refs/tags/")}
        assert {tags[name] for name in ("v0.0.2rc1", "v0.0.2", "final")} == {
            git(clone, "rev-parse", "HEAD")
        }


@pytest.mark.parametrize("author", ["A\x1fB", "A\x01B", "A\x1eB"])
def test_no_author_stands_in_a_subject(clone: Path, author: str) -> None:
    git(clone, "-c", f"user.name={author}", "commit", "--amend", "--quiet", "--reset-author",
        "--no-edit", "--allow-empty")  # fmt: skip
    who = git(clone, "log", "-1", "--format=%an <%ae>")

    (found, *_) = Git(clone, programs(), 60).commits("HEAD", None)

    assert (found.subject, found.author) == (git(clone, "log", "-1", "--format=%s"), who)


def test_a_bare_clone_is_read_by_the_library(clone: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(clone), str(bare))
    assert ask_all(ScanGit(bare, NotAsked())) == ask_all(Git(bare, programs()))


def test_many_tags_beside_the_base_take_no_commit_of_it_into_memory(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        git(clone, "checkout", "--quiet", "--detach", "main~1")
        commit_file(clone, "side.txt", f"{number}\n", f"fix: side {number}")
        git(clone, "tag", f"v1.0.{number}")
    asked = ScanGit(clone, NotAsked())
    names = [f"refs/tags/v1.0.{number}" for number in range(3)]
    assert len(asked.commits("main", "v1.0.0")) == 1

    monkeypatch.setattr("omninode_release.adapters.git.libgit2._read_commit", _refuse)

    assert asked.refs(*names, merged="main") == []
    assert len(asked.commits("main", "v1.0.0")) == 1


def _refuse(_found: object) -> Commit:
    raise AssertionError("a commit was read")


def test_what_is_broken_ends_in_the_error_of_git(clone: Path) -> None:
    blob = git(clone, "rev-parse", "HEAD^")
    (clone / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(ReleaseError, match="git"):
        ScanGit(clone, programs()).commits("main", None)


def test_a_folder_inside_of_a_clone_is_no_clone(clone: Path) -> None:
    (clone / "inside").mkdir()
    with pytest.raises(AssertionError, match="a program was started"):
        ScanGit(clone / "inside", NotAsked()).refs()
