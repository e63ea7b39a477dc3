"""A release is rehearsed before its gate: what would not build or lock is refused in time."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.adapters.uv import Links, Uv
from omninode_release.console.render import Console
from omninode_release.errors import ErrorCode
from omninode_release.events import Event, RepoDone
from support.cli import Ran, run_cli, state_home
from support.endings import APPROVED, RUN, Died, release, resume, state_of, worktree
from support.failures import Failure, fails
from support.gitrepo import commit_file, files_of, git, land, push_main, tree_of, world
from support.killing import Killer
from support.orgs import programs
from support.pypi_server import PyPIServer
from support.repos import configure, manifest, spoil

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

DAYS = 'exclude-newer = "7 days"\n'
EXEMPT = "exclude-newer-package = { alpha = false }\n"
STAMPS_ITS_OWN_VERSION = """
import pathlib
import tarfile

def build_sdist(folder, settings=None):
    with tarfile.open(pathlib.Path(folder) / "alpha-9.9.9.tar.gz", "w:gz") as sdist:
        sdist.add(".", "alpha-9.9.9")
    return "alpha-9.9.9.tar.gz"

def build_wheel(folder, settings=None, metadata=None):
    (pathlib.Path(folder) / "alpha-9.9.9-py3-none-any.whl").touch()
    return "alpha-9.9.9-py3-none-any.whl"
"""
TELLS_ITS_ENVIRONMENT = """
import os
import sys

def build_sdist(folder, settings=None):
    sys.exit(" ".join(f"{name}={os.environ.get(name)}" for name in sorted(os.environ)))

build_wheel = build_sdist
"""


def edit(org: Org, repo: str, old: str, new: str, path: str = "pyproject.toml") -> None:
    """Land a commit in which ``old``, which stands once in a file, is ``new``."""
    text = tree_of(org.remote(repo), "main")[path]
    assert text.count(old) == 1, text
    land(org.remote(repo), path, text.replace(old, new), "build: settings")


def add_settings(org: Org, repo: str, settings: str) -> None:
    """Land uv settings in a manifest that has none."""
    text = tree_of(org.remote(repo), "main")["pyproject.toml"]
    land(org.remote(repo), "pyproject.toml", f"{text}\n[tool.uv]\n{settings}", "build: settings")


def use_backend(org: Org, repo: str, source: str) -> None:
    """Land a build back end of the repository's own."""
    land(org.remote(repo), "backend.py", source.lstrip(), "build: a back end")
    text = manifest(repo).replace('["uv_build>=0.8,<1"]', "[]")
    text = text.replace('"uv_build"', '"backend"\nbackend-path = ["."]')
    land(org.remote(repo), "pyproject.toml", text, "build: our own back end")


def of_index(index: PyPIServer) -> dict[str, str]:
    """The environment of a user whose packages come from there."""
    return {"OMNI_RELEASE_INDEX_URL": index.url, "UV_DEFAULT_INDEX": f"{index.url}/simple"}


def refused(org: Org, code: ErrorCode, *args: str, **settings: Any) -> Failure:
    """A run that ends before its gate, with nothing changed anywhere and no folder left."""
    failure = fails(org, code, *args, state="none", **settings)
    assert "Gate:" not in failure.ran.out
    assert not list(org.worktrees.rglob("*"))
    return failure


def rehearsed(org: Org, *args: str, **settings: Any) -> Ran:
    """A dry run with a rehearsal, which changes nothing either."""
    before = world(org)
    ran = run_cli(org, "--dry-run", "--rehearse", *args, **settings)
    assert world(org) == before
    assert not org.worktrees.exists()
    return ran


# What is refused.


def test_what_would_fail_in_several_steps_is_refused_all_at_once(small_org: Org) -> None:
    stub = 'version = 1\nrequires-python = ">=3.11"\n'
    land(small_org.remote("alpha"), "uv.lock", stub, "build: a lock")
    edit(small_org, "alpha", 'readme = "README.md"', 'readme = "NOWHERE.md"')

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("alpha/uv.lock", "NOWHERE.md", "start again")
    assert "beta rehearsal: not rehearsed" in failure.ran.out
    assert "alpha" in failure.ran.out


def test_repositories_that_do_not_depend_on_each_other_are_refused_together(org: Org) -> None:
    for repo in ("omniintelligence", "omnimemory"):
        edit(org, repo, 'readme = "README.md"', 'readme = "NOWHERE.md"')

    failure = refused(org, ErrorCode.PUBLISH_FAILED)

    failure.says("2 things are in the way", "omniintelligence: ", "omnimemory: ", "NOWHERE.md")
    assert "omniclaude rehearsal: not rehearsed: the version of omniintelligence" in (
        failure.ran.out
    )


def test_a_dependency_that_needs_a_newer_python_is_refused(small_org: Org) -> None:
    source = small_org.root / "gamma"
    (source / "src" / "gamma").mkdir(parents=True)
    (source / "src" / "gamma" / "__init__.py").touch()
    newer = manifest("gamma").replace('">=3.11"', '">=3.99"')
    (source / "pyproject.toml").write_text(newer, encoding="utf-8")
    Uv(programs(), 60, Links(small_org.index, only=True)).build(source, small_org.index)
    edit(small_org, "beta", "dependencies = [\n", 'dependencies = [\n    "gamma",\n')

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("gamma==1.0.0 needs Python >=3.99: raise requires-python of beta", "start again")


def test_a_pin_that_needs_a_newer_python_is_refused(small_org: Org) -> None:
    edit(small_org, "beta", 'requires-python = ">=3.11"', 'requires-python = ">=3.9"')

    refused(small_org, ErrorCode.PIN_CONFLICT).says("beta", "alpha", ">=3.11")


def test_a_lock_without_the_package_is_refused(small_org: Org) -> None:
    stub = 'version = 1\nrequires-python = ">=3.11"\n'
    land(small_org.remote("beta"), "uv.lock", stub, "build: a lock")

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("expected beta in beta/uv.lock", "uv lock")


def test_a_uv_that_a_repository_does_not_accept_is_refused(small_org: Org) -> None:
    add_settings(small_org, "beta", 'required-version = ">=99"\n')

    failure = refused(small_org, ErrorCode.TOOL_MISSING)

    failure.says("expected uv >=99 (required-version in beta/pyproject.toml), found 0.")
    assert failure.error.count(">=99") == 1


@pytest.mark.parametrize("path", ["pyproject.toml", "uv.toml"])
def test_a_uv_that_a_repository_accepts_is_told_by_doctor(small_org: Org, path: str) -> None:
    if path == "uv.toml":
        land(small_org.remote("beta"), path, 'required-version = ">=0.1"\n', "build: uv")
    else:
        add_settings(small_org, "beta", 'required-version = ">=0.1"\n')
    git(small_org.clone("beta"), "pull", "--quiet")

    told = json.loads(run_cli(small_org, "doctor", "--json").out)["checks"]

    [check] = [each for each in told if each["check"] == "uv"]
    assert (check["subject"], check["state"]) == ("beta", "ok")
    assert ">=0.1 is required" in check["text"]


def test_a_build_that_makes_another_version_is_refused(small_org: Org) -> None:
    use_backend(small_org, "alpha", STAMPS_ITS_OWN_VERSION)

    failure = refused(small_org, ErrorCode.PUBLISH_FAILED)

    failure.says("of alpha 1.1.0, found alpha-9.9.9-py3-none-any.whl, alpha-9.9.9.tar.gz")


@pytest.mark.parametrize("place", ["src/alpha/hosts.txt", "hosts.txt"], ids=["packed", "beside"])
@pytest.mark.parametrize("target", ["/etc/hosts", "../../../../../hosts"])
def test_a_link_that_leads_out_of_the_repository_is_refused(
    small_org: Org, place: str, target: str
) -> None:
    clone = small_org.clone("alpha")
    (clone / place).symlink_to(target)
    git(clone, "add", place)
    git(clone, "commit", "--quiet", "--message", "docs: hosts")
    push_main(clone)

    refused(small_org, ErrorCode.SCAN_FAILED).says(place, "alpha", "is a symbolic link to")


def test_a_link_inside_of_the_repository_is_released(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    (clone / "src" / "alpha" / "readme.md").symlink_to("../../README.md")
    git(clone, "add", "src/alpha/readme.md")
    git(clone, "commit", "--quiet", "--message", "docs: a readme in the package")
    push_main(clone)

    assert release(small_org).code == 0


# Cutoffs.


@pytest.mark.parametrize("path", ["pyproject.toml", "uv.toml"])
def test_a_cutoff_that_hides_what_the_run_releases_is_refused(small_org: Org, path: str) -> None:
    if path == "uv.toml":
        land(small_org.remote("beta"), path, DAYS, "build: a cutoff")
    else:
        add_settings(small_org, "beta", DAYS)

    failure = refused(small_org, ErrorCode.LOCK_FAILED)

    failure.says("(alpha)", "exclude-newer", "exclude-newer-package = { alpha = false }")


def test_a_cutoff_with_an_exception_for_the_pin_is_released(small_org: Org) -> None:
    add_settings(small_org, "beta", DAYS + EXEMPT)

    ran = release(small_org)

    assert (ran.code, ran.err) == (0, "")
    lock = tree_of(small_org.remote("beta"), "main")["uv.lock"]
    assert 'exclude-newer-span = "P7D"' in lock
    assert "alpha = false" in lock


def test_a_cutoff_of_a_repository_that_pins_nothing_is_released(small_org: Org) -> None:
    add_settings(small_org, "alpha", DAYS)

    assert release(small_org).code == 0


@pytest.mark.parametrize("where", ["variable", "user's uv.toml"])
def test_a_cutoff_of_this_machine_alone_is_refused(small_org: Org, where: str) -> None:
    mine = small_org.root / "config" / "uv" / "uv.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text(DAYS, encoding="utf-8")
    env = {"UV_EXCLUDE_NEWER": "7 days"}
    if where != "variable":
        env = {"XDG_CONFIG_HOME": str(small_org.root / "config")}

    failure = refused(small_org, ErrorCode.LOCK_FAILED, env=env)

    failure.says("alpha", "UV_EXCLUDE_NEWER", "uv lock --check")


def test_a_lock_does_not_wait_for_what_uv_keeps_out(small_org: Org) -> None:
    configure(small_org, index="pypi", rehearse=False)
    land(small_org.remote("beta"), "uv.toml", 'exclude-newer = "2026-02-01T00:00:00Z"\n', "ci: uv")

    with PyPIServer(folder=small_org.root / "index") as index:
        ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=of_index(index))

    assert (ran.code, state_of(small_org)["repos"]["beta"]["error_code"]) == (3, "LOCK_FAILED")
    assert "waiting for" not in ran.out
    assert "exclude-newer-package = { alpha = false }" in ran.err


# Indexes.


def test_a_rehearsal_locks_against_an_index_that_has_the_rest(small_org: Org) -> None:
    configure(small_org, index="pypi")

    with PyPIServer(folder=small_org.root / "index") as index:
        ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=of_index(index))

    assert (ran.code, ran.err) == (0, "")
    assert "Rehearsing 2 of 2: beta" in ran.out
    lock = tree_of(small_org.remote("beta"), "main")["uv.lock"]
    assert "rehearsal" not in lock


def test_a_package_that_comes_from_one_named_index_is_rehearsed_too(small_org: Org) -> None:
    configure(small_org, index="pypi")

    with PyPIServer(folder=small_org.root / "index") as index:
        sources = f"""sources = {{ alpha = {{ index = "ours" }} }}

[[tool.uv.index]]
name = "ours"
url = "{index.url}/simple"
explicit = true
"""
        add_settings(small_org, "beta", sources)
        ran = run_cli(small_org, "--run-id", RUN, *APPROVED, env=of_index(index))

    assert (ran.code, ran.err) == (0, "")
    assert (
        f'registry = "{index.url}/simple"' in (tree_of(small_org.remote("beta"), "main")["uv.lock"])
    )


def test_an_index_that_cannot_be_reached_is_a_refusal(small_org: Org) -> None:
    configure(small_org, local={"index_only": False})

    failure = refused(small_org, ErrorCode.LOCK_FAILED, env={"UV_HTTP_RETRIES": "0"})

    failure.says("beta", "Failed to fetch", "start again")


def test_what_needs_the_network_is_unknown_to_an_offline_rehearsal(small_org: Org) -> None:
    edit(small_org, "beta", "dependencies = [\n", 'dependencies = [\n    "nowhere",\n')
    git(small_org.clone("beta"), "pull", "--quiet")
    configure(small_org, local={"index_only": False})

    ran = rehearsed(small_org, "--offline", "--strict")

    assert (ran.code, ran.err) == (0, "")
    assert "unknown: beta LOCK: " in ran.out


# A dry run, and the setting.


def test_a_dry_run_rehearses_when_it_is_asked_to(small_org: Org) -> None:
    edit(small_org, "beta", "dependencies = [\n", 'dependencies = [\n    "nowhere",\n')
    git(small_org.clone("beta"), "pull", "--quiet")

    plain, asked = run_cli(small_org, "--dry-run", "--strict"), rehearsed(small_org, "--strict")

    assert (plain.code, asked.code) == (0, 1)
    assert "Rehearsing 2 of 2: beta" in asked.out
    assert "LOCK_FAILED beta: " in asked.out


def test_a_dry_run_finds_nothing_wrong_where_nothing_is(small_org: Org) -> None:
    ran = rehearsed(small_org, "--strict", "--offline")

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert ran.result["warnings"] == []


def test_a_dry_run_needs_no_tag_that_only_a_real_run_fetches(small_org: Org) -> None:
    assert "refs/omni-release" not in git(small_org.clone("alpha"), "for-each-ref")

    assert rehearsed(small_org, "--strict").code == 0


def test_a_rehearsal_makes_no_index(org: Org) -> None:
    """The first release of all, into an index that is not there yet."""
    shutil.rmtree(org.index)

    ran = rehearsed(org, "omnibase_spi", "--strict")

    assert (ran.code, org.index.exists()) == (0, False)


def test_what_the_configuration_leaves_out_is_said_at_the_gate(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    said = "not rehearsed, since the configuration says rehearse: false"

    dry, ran = run_cli(small_org, "--dry-run"), release(small_org)

    for each in (dry, ran):
        assert said in each.out
        assert "Rehearsing" not in each.out
    assert ran.result is not None
    assert any(said in warning for warning in ran.result["warnings"])
    assert state_of(small_org)["plan"]["rehearsal"] == "left out"


def test_a_rehearsal_that_is_asked_for_is_not_left_out(small_org: Org) -> None:
    configure(small_org, rehearse=False)

    assert "Rehearsing 1 of 2: alpha" in rehearsed(small_org).out


def test_rehearse_belongs_to_a_dry_run(small_org: Org) -> None:
    fails(small_org, ErrorCode.USAGE_ERROR, "--rehearse").says("--rehearse", "--dry-run")


# What a rehearsal leaves and gives away.


def test_a_rehearsal_is_written_down_and_followed(small_org: Org) -> None:
    assert release(small_org).code == 0

    events = state_home(small_org) / "state" / "release" / "archive" / f"{RUN}.events.jsonl"
    told = [json.loads(line) for line in events.read_text(encoding="utf-8").splitlines()]
    assert [e["repo"] for e in told if e["event"] == "Rehearsing"] == ["alpha"]  # once is enough
    assert state_of(small_org)["plan"]["rehearsal"] == "done"


@contextmanager
def dies_between_repositories(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A run is killed when alpha is released and beta is not begun."""

    def die(_console: Console, event: Event) -> None:
        if isinstance(event, RepoDone):
            raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Console, "__call__", die)
        yield


def test_a_resume_rehearses_what_is_not_begun(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """alpha is released, beta not begun; what alpha was is taken from the index."""

    with pytest.raises(Died), dies_between_repositories(monkeypatch):
        release(small_org)
    assert state_of(small_org)["repos"]["alpha"]["phase"] == "DONE"

    again = resume(small_org)

    assert (again.code, again.err) == (0, "")
    assert "Rehearsing 1 of 1: beta" in again.out
    assert state_of(small_org)["plan"]["rehearsal"] == "done"
    assert "\n[2/2] beta 0.4.0 → 0.4.1\n" in again.out


def test_what_pins_a_wheel_without_a_source_distribution_is_rehearsed(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """alpha had both kinds before, and is to publish wheels from now on."""
    configure(small_org, index="pypi", publish_of={"alpha": {"expect": ["wheel"]}})

    with PyPIServer(folder=small_org.root / "index") as index:
        words = ("--run-id", RUN, *APPROVED)
        with pytest.raises(Died), dies_between_repositories(monkeypatch):
            run_cli(small_org, *words, env=of_index(index))
        (small_org.index / "alpha-1.1.0.tar.gz").unlink()
        again = run_cli(small_org, "--resume", RUN, *APPROVED, env=of_index(index))

    assert (again.code, again.err) == (0, "")
    assert "Rehearsing 1 of 1: beta" in again.out


def test_what_pins_a_begun_repository_is_rehearsed_once_that_is_published(small_org: Org) -> None:
    spoil(small_org, "alpha")
    assert release(small_org).code == 1
    alpha = worktree(small_org, "alpha")
    commit_file(alpha, "notes.md", "no spaces\n", "style: no spaces")

    again = resume(small_org)

    assert (again.code, again.err) == (0, "")
    assert "beta rehearsal: not rehearsed: the version of alpha that it pins" in again.out
    assert state_of(small_org)["plan"]["rehearsal"] == "in part"


def test_a_build_before_the_gate_is_given_no_tokens(small_org: Org) -> None:
    use_backend(small_org, "alpha", TELLS_ITS_ENVIRONMENT)
    secrets = ("GH_TOKEN", "GITHUB_TOKEN", "UV_PUBLISH_TOKEN", "TWINE_PASSWORD", "MY_API_KEY")
    env = {name: f"planted-{name}" for name in secrets}

    failure = refused(small_org, ErrorCode.PUBLISH_FAILED, env=env)

    failure.says("UV_NO_PROGRESS=1")
    for name in secrets:
        assert f"{name}=" not in failure.error
        assert env[name] not in failure.error


@pytest.mark.parametrize("number", [0, 1, 3], ids=["a lock", "a build", "the last build"])
def test_what_a_killed_rehearsal_left_is_removed_by_the_next(
    small_org: Org, tmp_path: Path, number: int
) -> None:
    before = world(small_org)
    killer = Killer.hired(tmp_path / "bin")
    assert killer.at_command(small_org, number, "after")
    left = files_of(small_org.worktrees / "rehearsal")
    touched = world(small_org) | {"worktrees": {}, "clones": before["clones"]}
    assert (bool(left), touched) == (True, before)

    assert release(small_org).code == 0

    assert not files_of(small_org.worktrees)
