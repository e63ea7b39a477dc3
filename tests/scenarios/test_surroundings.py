"""What surrounds a release: hooks, commands, the words of commits and pull requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import RUN, break_phase, release, resume, state_of, worktree
from support.failures import fails
from support.gitrepo import git, land
from support.repos import configure, hook, spoil

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

VERSION_DOC = """import pathlib, re, os
text = pathlib.Path("pyproject.toml").read_text()
version = re.search('version = "(.*)"', text)[1]
pathlib.Path("docs").mkdir(exist_ok=True)
pathlib.Path("docs/version.txt").write_text(version + "\\n")
assert not [name for name in os.environ if "TOKEN" in name], "a token"
"""
WRITES = [["python3", "scripts/write.py"]]


def add_script(org: Org, text: str = VERSION_DOC) -> None:
    land(org.remote("alpha"), "scripts/write.py", text, "ci: write docs")


def pull_of(org: Org, repo: str) -> dict[str, object]:
    path = org.remotes / f"{repo}.forge" / "pulls" / "1.json"
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


def subject_of(org: Org, repo: str) -> str:
    return git(org.remote(repo), "log", "-1", "--format=%s", "main")


# after_bump


def test_what_commands_change_joins_the_release_commit(small_org: Org) -> None:
    add_script(small_org)
    configure(small_org, after_bump={"alpha": WRITES})

    ran = run_cli(
        small_org, "--run-id", RUN, "--gate-attestation", f"1740312612.000100:{RUN}", "alpha",
        env={"SOME_TOKEN": "x"},
    )  # fmt: skip

    assert ran.code == 0, ran.err
    assert git(small_org.remote("alpha"), "show", "main:docs/version.txt") == "1.1.0"
    changed = git(small_org.remote("alpha"), "diff", "--name-only", "main^", "main").split()
    assert "docs/version.txt" in changed
    pinned = state_of(small_org)["repos"]["alpha"]["outputs"]["PIN"]
    assert pinned["written"] == ["docs/version.txt"]
    assert pinned["commands"] == WRITES


@pytest.mark.parametrize("phase", [Phase.PIN, Phase.CHANGELOG, Phase.LOCK, Phase.COMMIT])
def test_a_run_that_stops_after_them_goes_on(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    add_script(small_org)
    configure(small_org, after_bump={"alpha": WRITES})
    with monkeypatch.context() as inside:
        break_phase(inside, phase, after_effect=True, repo="alpha")
        assert release(small_org, "alpha").code != 0

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert git(small_org.remote("alpha"), "show", "main:docs/version.txt") == "1.1.0"


def test_a_command_that_fails_is_found_before_the_gate(small_org: Org) -> None:
    add_script(small_org, "raise SystemExit('no docs today')\n")
    configure(small_org, after_bump={"alpha": WRITES})

    failure = fails(small_org, ErrorCode.PIN_FAILED, state="none")

    failure.says("`python3 scripts/write.py` (after_bump.alpha) to end with 0")
    assert failure.touched == set()


def test_a_command_that_takes_the_version_back_is_found_before_the_gate(small_org: Org) -> None:
    add_script(small_org, "import subprocess\nsubprocess.run(['git', 'checkout', '.'])\n")
    configure(small_org, after_bump={"alpha": WRITES})

    failure = fails(small_org, ErrorCode.PIN_FAILED, state="none")

    failure.says("the commands of after_bump.alpha to keep version 1.1.0", "found pyproject.toml")


def test_a_program_that_is_not_there_is_found_before_the_gate(small_org: Org) -> None:
    configure(small_org, after_bump={"alpha": [["no-such-program"]]})

    failure = fails(small_org, ErrorCode.TOOL_MISSING)

    failure.says("no-such-program")
    assert failure.touched == set()


# hooks


def test_no_hooks_are_run_where_there_are_to_be_none(small_org: Org) -> None:
    spoil(small_org, "alpha")
    configure(small_org, hooks_of={"alpha": "none"}, local={"checks": []})

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    lint = state_of(small_org)["repos"]["alpha"]["outputs"]["LINT"]
    assert (lint["ran"], lint["reason"]) == (False, "hooks: none")
    assert ran.result is not None
    seen = [each for each in ran.result["seen"] if each["kind"] == "hook"]
    assert any("LINT runs nothing, as hooks of the release" in each["why"] for each in seen)


def test_a_hook_of_the_clone_signs_the_release_commit_off(small_org: Org) -> None:
    """As a check of sign-offs wants it of each commit."""
    by = "Signed-off-by: Cole League <cole@tests.example>"
    script = f'git interpret-trailers --in-place --trailer "{by}" "$1"'
    hook(small_org.clone("alpha"), "prepare-commit-msg", script)
    configure(small_org, local={"checks": []})
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=False, repo="alpha")
        assert release(small_org, "alpha").code == 1

    assert resume(small_org).code == 0
    made = git(small_org.remote("alpha"), "log", "-1", "--format=%B", "refs/pull/1/head")
    assert made.strip().endswith(by)


def test_a_command_of_the_organisation_looks_over_the_files(small_org: Org) -> None:
    land(small_org.remote("alpha"), "check.py", "raise SystemExit('untidy')\n", "ci: check")
    configure(small_org, hooks=["python3", "check.py"])

    ran = release(small_org, "alpha")

    assert ran.code == 1
    assert "LINT_FAILED" in ran.err
    assert "hook of python3 check.py" in ran.err

    configure(small_org, hooks=["python3", "-c", "pass"])
    assert "hooks" in resume(small_org).err  # what was approved is not changed on the way


def test_prek_runs_the_hooks(small_org: Org) -> None:
    spoil(small_org, "alpha")
    configure(small_org, hooks="prek")

    ran = release(small_org, "alpha")

    assert ran.code == 1
    assert "expected every hook of prek to pass" in ran.err
    assert "found check failing" in ran.err
    tree = worktree(small_org, "alpha")
    (tree / "notes.md").write_text("no spaces\n", encoding="utf-8")
    git(tree, "commit", "--quiet", "--all", "--message", "fix: spaces")
    assert resume(small_org).code == 0


# words


def test_an_organisation_says_its_own_words(small_org: Org) -> None:
    configure(
        small_org,
        commit_subject="chore(release): {repo} {old} -> {version} ({ticket})",
        pull_request={
            "title": "release: {repo} {version}, {level}",
            "body": ["Evidence-Ticket: {ticket}", "", "Run: {run_id}"],
            "labels": ["release"],
        },
    )

    ran = release(small_org, "alpha", "--ticket", "OMN-1")

    assert ran.code == 0, ran.err
    assert subject_of(small_org, "alpha") == "chore(release): alpha 1.0.0 -> 1.1.0 (OMN-1) (#1)"
    pull = pull_of(small_org, "alpha")
    assert pull["title"] == "release: alpha 1.1.0, minor"
    assert pull["labels"] == ["release"]
    assert f"Evidence-Ticket: OMN-1\n\nRun: {RUN}\n" in str(pull["body"])
    assert f"Release-Run: {RUN}" in str(pull["body"]).splitlines()
    assert "alpha" not in [
        row["repo"] for row in (run_cli(small_org, "--dry-run").result or {})["details"]
        if row["new_version"] and row["phase"] == "PLANNED" and row["error_code"] is None
        and row["bump"]
    ]  # fmt: skip


@pytest.mark.parametrize("phase", [Phase.COMMIT, Phase.PR, Phase.MERGE])
def test_its_words_are_known_again(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    words = {"labels": ["release"], "body": ["Checked: yes"]}
    configure(small_org, commit_subject="release {version}", pull_request=words)
    with monkeypatch.context() as inside:
        break_phase(inside, phase, after_effect=True, repo="alpha")
        assert release(small_org, "alpha").code != 0

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    log = git(small_org.remote("alpha"), "log", "--format=%s", "main").splitlines()
    assert [line for line in log if line.startswith("release 1.1.0")] == ["release 1.1.0 (#1)"]
    assert pull_of(small_org, "alpha")["labels"] == ["release"]


def test_a_ticket_that_a_text_names_is_asked_for_before_the_gate(small_org: Org) -> None:
    configure(small_org, pull_request={"body": ["Evidence-Ticket: {ticket}"]})

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says("expected a ticket for 'Evidence-Ticket: {ticket}'", "--ticket")
    assert failure.touched == set()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("commit_subject", "feat: {version}", "which the next plan would count as a change"),
        ("commit_subject", "release!: {version}", "which the next plan would count as a change"),
        ("commit_subject", "release: {repo}", "must name {version}"),
        ("commit_subject", "release: {version}\nfeat: x", "must be one line"),
        ("pull_request", {"title": "release: {who} {version}"}, "may name {repo}, {version}"),
        ("pull_request", {"body": ["{}"]}, "has no other braces"),
        ("pull_request", {"labels": ["a,b"]}, "pull_request.labels.0"),
        ("publish_of", {"alpha": {"inputs": {"tag": "{level}"}}}, "may name {repo}, {version}"),
        ("publish_of", {"nobody": {}}, "publish_of names nobody"),
        ("after_bump", {"alpha": [[]]}, "after_bump.alpha"),
        ("hooks", "husky", "hooks"),
        ("github_release", ["nobody"], "github_release names nobody"),
    ],
)
def test_what_cannot_be_meant_is_refused_as_it_is_read(
    small_org: Org, key: str, value: object, words: str
) -> None:
    configure(small_org, **{key: value})

    ran = run_cli(small_org, "--dry-run")

    assert ran.code != 0
    assert "CONFIG_INVALID" in ran.err
    assert words in ran.err


# publish


def test_a_repository_that_publishes_nothing_is_tagged(small_org: Org) -> None:
    configure(small_org, publish_of={"beta": {"trigger": "none"}})

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    beta = next(each for each in ran.result["details"] if each["repo"] == "beta")
    assert (beta["pypi_status"], beta["tag"]) == ("skipped", "beta/v0.4.1")
    assert not list(small_org.index.glob("beta-0.4.1*"))
    assert ran.result["verify"]["state"] == "passed"


def test_what_is_not_published_cannot_be_pinned(small_org: Org) -> None:
    configure(small_org, publish_of={"alpha": {"trigger": "none"}})

    failure = fails(small_org, ErrorCode.LOCK_FAILED, state="none")

    failure.says("found publish.trigger: none for alpha")
    assert failure.touched == set()


def test_the_embedded_forge_refuses_releases(small_org: Org) -> None:
    configure(small_org, github_release=True)

    failure = fails(small_org, ErrorCode.CONFIG_INVALID)

    failure.says("forge: local, which keeps none")
    assert failure.touched == set()
