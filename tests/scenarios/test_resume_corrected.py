"""A run that a wrong setting has stopped goes on once a person has corrected it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.models.phase import Phase
from support.endings import assert_released_once, break_phase, is_archived, release, resume
from support.gitrepo import commit_file, git, land, tree_of
from support.repos import configure, hook

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def test_a_corrected_command_is_gone_on_with(small_org: Org) -> None:
    configure(small_org, after_bump={"alpha": [["sh", "-c", "exit 7"]]})
    stopped = release(small_org)
    configure(small_org, after_bump={"alpha": [["true"]]})

    ran = resume(small_org)

    assert (stopped.code, stopped.err.partition(":")[0]) == (1, "PIN_FAILED")
    assert ran.code == 0, ran.err
    assert_released_once(small_org)


def test_a_changelog_that_git_ignores_is_left_out_as_the_hint_says(small_org: Org) -> None:
    clone, remote = small_org.clone("alpha"), str(small_org.remote("alpha"))
    git(clone, "rm", "--quiet", "CHANGELOG.md")
    git(clone, "commit", "--quiet", "--message", "docs: tell it elsewhere")
    commit_file(clone, ".gitignore", "*.md\n", "chore: keep notes out")
    git(clone, "push", "--quiet", remote, "HEAD:main")

    stopped = release(small_org)
    configure(small_org, changelog_of={"alpha": {"kind": "none"}})
    ran = resume(small_org)

    assert (stopped.code, stopped.err.partition(":")[0]) == (1, "CHANGELOG_FAILED")
    hint = "changelog_of: {alpha: {kind: none}} into the release configuration"
    assert hint in " ".join(stopped.err.split())
    assert ran.code == 0, ran.err
    assert is_archived(small_org)


NOTES = "Changes\n=======\n\n0.4.0 (2026-01-01)\n------------------\n\n- First.\n"
CORRECTED: dict[str, tuple[dict[str, Any], str]] = {
    "another changelog": ({"changelog_of": {"beta": {"path": "NOTES.rst"}}}, "CHANGELOG.md"),
    "no changelog": ({"changelog_of": {"beta": {"kind": "none"}}}, "CHANGELOG.md"),
    "another way to lock": ({"lock_of": {"beta": ["true"]}}, "uv.lock"),
    "no lock": ({"lock_of": {"beta": "none"}}, "uv.lock"),
    "a file less": ({"version_files": {}}, "CITATION.cff"),
}


@pytest.mark.parametrize(("corrected", "path"), CORRECTED.values(), ids=CORRECTED)
def test_what_a_corrected_setting_writes_no_longer_is_taken_back(
    small_org: Org, corrected: dict[str, Any], path: str
) -> None:
    remote = small_org.remote("beta")
    land(remote, "NOTES.rst", NOTES, "docs: notes")
    land(remote, "CITATION.cff", "cff-version: 1.2.0\nversion: 0.4.0\n", "docs: cite")
    files = {"beta": ["CITATION.cff"]} if "version_files" in corrected else {}
    configure(small_org, version_files=files)
    before = tree_of(remote, "main")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(small_org).code == 3
    config = small_org.omni_home / "release.yaml"
    if "version_files" in corrected:
        text = config.read_text(encoding="utf-8").partition("version_files:")
        config.write_text(text[0], encoding="utf-8")
    else:
        configure(small_org, **corrected)

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert_released_once(small_org)
    assert tree_of(remote, "main")[path] == before[path]


def test_a_changelog_that_was_made_and_is_not_wanted_is_gone(small_org: Org) -> None:
    clone, remote = small_org.clone("beta"), small_org.remote("beta")
    git(clone, "rm", "--quiet", "CHANGELOG.md")
    git(clone, "commit", "--quiet", "--message", "docs: tell it elsewhere")
    git(clone, "push", "--quiet", str(remote), "HEAD:main")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(small_org).code == 3
    configure(small_org, changelog_of={"beta": {"kind": "none"}})

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert_released_once(small_org)
    assert "CHANGELOG.md" not in tree_of(remote, "main")


@pytest.mark.parametrize("corrected", [None, [["make", "--quiet", "made.txt"]]])
def test_what_commands_wrote_that_were_corrected_is_not_released(
    small_org: Org, corrected: list[list[str]] | None
) -> None:
    remote = small_org.remote("beta")
    land(remote, "Makefile", "made.txt: pyproject.toml\n\tgrep ^version $< > $@\n", "ci: make")
    land(remote, "made.txt", "none\n", "docs: the version")
    wrong = [["make", "--quiet", "made.txt"], ["sh", "-c", "echo wrong > kept.txt > new.txt"]]
    land(remote, "kept.txt", "right\n", "docs: keep")
    config = small_org.omni_home / "release.yaml"
    without = config.read_text(encoding="utf-8")
    configure(small_org, after_bump={"beta": wrong})
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(small_org).code == 3
    config.write_text(without, encoding="utf-8")
    if corrected:
        configure(small_org, after_bump={"beta": corrected})

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    after = tree_of(remote, "main")
    assert after["kept.txt"] == "right\n"
    assert "new.txt" not in after
    assert after["made.txt"] == ('version = "0.4.1"\n' if corrected else "none\n")


def test_no_hook_of_the_clone_sees_that_files_are_taken_back(small_org: Org) -> None:
    hook(small_org.clone("beta"), "post-checkout", "[ $3 = 1 ]")  # refuses all but branches
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(small_org).code == 3
    configure(small_org, changelog_of={"beta": {"kind": "none"}})

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")


def test_a_changelog_that_a_refused_commit_has_added_is_taken_back(small_org: Org) -> None:
    clone, remote = small_org.clone("beta"), small_org.remote("beta")
    git(clone, "rm", "--quiet", "CHANGELOG.md")
    git(clone, "commit", "--quiet", "--message", "docs: tell it elsewhere")
    git(clone, "push", "--quiet", str(remote), "HEAD:main")
    refuses = hook(clone, "commit-msg", "exit 1")
    stopped = release(small_org)
    refuses.unlink()
    configure(small_org, changelog_of={"beta": {"kind": "none"}})

    ran = resume(small_org)

    assert (stopped.code, stopped.err.partition(":")[0]) == (3, "COMMIT_FAILED")
    assert (ran.code, ran.err) == (0, "")
    assert "CHANGELOG.md" not in tree_of(remote, "main")
