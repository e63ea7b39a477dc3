"""What a user has set for git, for every repository: a release does as it does without it."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from support.endings import release
from support.failures import fails
from support.gitrepo import git, land, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


@pytest.fixture
def set_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make settings as ``git config --global`` does, for one test."""
    own = tmp_path / "gitconfig"
    shutil.copyfile(os.environ["GIT_CONFIG_GLOBAL"], own)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(own))

    def set_all(*settings: str) -> None:
        for each in settings:
            key, _, value = each.partition("=")
            git(tmp_path, "config", "--file", str(own), "--add", key, value)

    return set_all


@pytest.mark.parametrize(
    "settings",
    [
        ["merge.renormalize=true"],
        ["merge.renames=false", "merge.directoryRenames=true"],
        ["merge.default=union"],
        ["fetch.prune=true", "fetch.pruneTags=true", "push.followTags=true"],
        ["core.autocrlf=true", "core.safecrlf=true"],
        ["diff.noprefix=true", "diff.external=false", "color.ui=always", "column.ui=always"],
        ["log.showSignature=true", "format.pretty=oneline", "status.short=true"],
        ["trailer.ifexists=doNothing", "trailer.where=start", "trailer.separators=#"],
        ["push.default=nothing", "remote.pushDefault=upstream", "branch.autoSetupMerge=inherit"],
    ],
    ids=" ".join,
)
def test_settings_of_the_user_change_nothing(
    small_org: Org, set_for_all: Callable[..., None], settings: list[str]
) -> None:
    set_for_all(*settings)

    ran = release(small_org, "alpha")

    assert (ran.code, ran.err) == (0, "")
    assert "alpha/v1.1.0" in git(small_org.remote("alpha"), "tag").split()
    assert 'version = "1.1.0"' in tree_of(small_org.remote("alpha"), "main")["pyproject.toml"]


@pytest.mark.parametrize("own", [True, False], ids=["of the repository", "of the user"])
def test_files_in_a_folder_that_is_ignored_are_committed(
    small_org: Org, tmp_path: Path, set_for_all: Callable[..., None], *, own: bool
) -> None:
    if own:
        land(small_org.remote("alpha"), ".gitignore", "src/\nlib/\n", "chore: ignore")
    else:
        (tmp_path / "ignored").write_text("src/\n", encoding="utf-8")
        set_for_all(f"core.excludesFile={tmp_path / 'ignored'}")
    held = tree_of(small_org.remote("alpha"), "main")
    assert "1.0.0" in held["src/alpha/__init__.py"]

    ran = release(small_org, "alpha")

    assert (ran.code, ran.err) == (0, "")
    assert "1.1.0" in tree_of(small_org.remote("alpha"), "main")["src/alpha/__init__.py"]


@pytest.mark.parametrize("setting", ["push.pushOption=ci.skip", "push.gpgSign=true"])
def test_what_no_remote_of_ours_can_do_is_found_before_the_gate(
    small_org: Org, set_for_all: Callable[..., None], setting: str
) -> None:
    set_for_all(setting)

    failure = fails(small_org, ErrorCode.PUSH_FAILED, state="none")

    failure.says("the receiving end does not support", "--get-regexp '^push\\.'")


def test_an_author_without_a_name_is_found_before_the_gate(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_NAME", "")

    failure = fails(small_org, ErrorCode.COMMIT_FAILED, state="none")

    failure.says("git cannot make a commit in", "empty ident name", "unset GIT_AUTHOR_NAME")
