from __future__ import annotations
import shutil, os
import pytest
from omninode_release.adapters.git.program import GitProgram
from omninode_release.errors import Terminated
from omninode_release.models.phase import Phase
from omninode_release.release.record import RunRecord
from omninode_release.system import worktree_files
from support.endings import Died, break_phase, release, resume, state_of, assert_released_once
from support.gitrepo import git, land, tree_of, commit_file
from support.repos import configure

NOTES = "Changes\n=======\n\n0.4.0 (2026-01-01)\n------------------\n\n- First.\n"
CORRECTED = {
    "another changelog": ({"changelog_of": {"beta": {"path": "NOTES.rst"}}}, "CHANGELOG.md"),
    "no changelog": ({"changelog_of": {"beta": {"kind": "none"}}}, "CHANGELOG.md"),
    "another way to lock": ({"lock_of": {"beta": ["sh", "-c", "echo 1 > lock.out"]}}, "uv.lock"),
    "no lock": ({"lock_of": {"beta": "none"}}, "uv.lock"),
    "a file less": ({"version_files": {}}, "CITATION.cff"),
    "other commands": ({"after_bump": {"beta": [["sh", "-c", "echo b > b.txt"]]}}, "a.txt"),
}
MUT = {"checkout", "rm", "clean", "add", "commit", "update-ref", "read-tree", "worktree"}


class Point:
    def __init__(self, at, error):
        self.n = 0
        self.at = at
        self.error = error
        self.where = None
        self.off = False

    def hit(self, where):
        if self.off:
            return
        self.n += 1
        if self.n == self.at:
            self.where = where
            raise self.error()


def instrument(patch, p):
    call, step, write, remove = (
        GitProgram.__call__,
        RunRecord.step,
        worktree_files.Tree.write,
        worktree_files.Tree.remove,
    )

    def git_(self, *args, **kw):
        words = [a for a in args if a in MUT]
        if words and words[0] == "commit":
            p.off = True
        if words:
            p.hit(f"before git {' '.join(args)[-60:]}")
        r = call(self, *args, **kw)
        if words:
            p.hit(f"after git {' '.join(args)[-60:]}")
        return r

    def step_(self, repo, state):
        p.hit(f"before save {state.phase} {state.in_progress}")
        step(self, repo, state)
        p.hit(f"after save {state.phase} {state.in_progress}")

    def write_(self, path, text):
        p.hit(f"before write {path}")
        write(self, path, text)
        p.hit(f"after write {path}")

    patch.setattr(GitProgram, "__call__", git_)
    patch.setattr(RunRecord, "step", step_)
    patch.setattr(worktree_files.Tree, "write", write_)


@pytest.mark.usefixtures("only_steps", "no_hooks")
@pytest.mark.parametrize("error", [Died, Terminated])
@pytest.mark.parametrize("case", CORRECTED)
def test_it(small_org, case, error, tmp_path):
    corrected, path = CORRECTED[case]
    remote = small_org.remote("beta")
    land(remote, "NOTES.rst", NOTES, "docs: notes")
    land(remote, "CITATION.cff", "cff-version: 1.2.0\nversion: 0.4.0\n", "docs: cite")
    files = {"beta": ["CITATION.cff"]} if "version_files" in corrected else {}
    more = (
        {"after_bump": {"beta": [["sh", "-c", "echo a > a.txt"]]}}
        if "after_bump" in corrected
        else {}
    )
    configure(small_org, version_files=files, **more)
    before = tree_of(remote, "main")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(small_org).code == 3
    config = small_org.omni_home / "release.yaml"
    if "version_files" in corrected:
        config.write_text(config.read_text().partition("version_files:")[0])
    else:
        configure(small_org, **corrected)
    shelf = tmp_path / "shelf"
    shutil.copytree(small_org.root, shelf, symlinks=True)
    bad = []
    want = None
    for at in range(0, 200):
        shutil.rmtree(small_org.root)
        shutil.copytree(shelf, small_org.root, symlinks=True)
        p = Point(at, error)
        with pytest.MonkeyPatch.context() as patch:
            instrument(patch, p)
            try:
                ran = resume(small_org)
            except Died:
                ran = None
        first = None if ran is None else (ran.code, ran.err[:300])
        if at and p.where is None:
            break
        if at:
            ran = resume(small_org)
            if ran.code:
                bad.append((at, p.where, first, ran.err[:300]))
                continue
        assert ran.code == 0, ran.err
        got = tree_of(remote, "main")
        if want is None:
            want = got
        elif got != want:
            bad.append(
                (
                    at,
                    p.where,
                    "differs",
                    {k for k in got.keys() | want.keys() if got.get(k) != want.get(k)},
                )
            )
    print("POINTS", case, error.__name__, at)
    for b in bad:
        print("BAD", b)
