"""Requirements that a release raises or keeps, and sources that give way to a pin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import run_cli
from support.endings import break_phase, release, resume, state_of
from support.failures import fails
from support.gitrepo import git, land
from support.repos import configure

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("no_hooks")

NEED = "alpha>=1.0.0,<2.0.0"


def manifest_of(org: Org) -> str:
    return git(org.remote("beta"), "show", "main:pyproject.toml") + "\n"


def require(org: Org, need: str, *, end: str = "") -> None:
    """Let beta require alpha in another way."""
    text = manifest_of(org)
    assert NEED in text
    land(org.remote("beta"), "pyproject.toml", text.replace(NEED, need) + end, "fix: need alpha")


def test_a_raised_requirement_is_released(small_org: Org) -> None:
    before = manifest_of(small_org)
    configure(small_org, pins_of={"beta": {"alpha": "raise"}})

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert "beta: alpha >=1.0.0,<2.0.0 → >=1.1.0,<2.0.0" in ran.out
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    raised = before.replace(NEED, "alpha>=1.1.0,<2.0.0").replace('"0.4.0"', '"0.4.1"')
    assert manifest_of(small_org) == raised
    changelog = git(small_org.remote("beta"), "show", "main:CHANGELOG.md")
    assert "- Pin alpha>=1.1.0,\\<2.0.0\n" in changelog  # escaped as Markdown has it
    pinned = state_of(small_org)["repos"]["beta"]["outputs"]["PIN"]["pinned"]
    assert pinned == ["alpha>=1.1.0,<2.0.0"]
    lock = git(small_org.remote("beta"), "show", "main:uv.lock")
    assert 'specifier = ">=1.1.0,<2.0.0"' in lock


def test_a_bound_that_is_passed_moves_on(small_org: Org) -> None:
    land(small_org.remote("alpha"), "api.md", "New.\n", "feat!: another way to greet")
    configure(small_org, pins="raise")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert "beta: alpha >=1.0.0,<2.0.0 → >=2.0.0,<3.0.0" in ran.out
    assert '"alpha>=2.0.0,<3.0.0"' in manifest_of(small_org)


def test_a_bound_of_another_form_is_refused(small_org: Org) -> None:
    land(small_org.remote("alpha"), "api.md", "New.\n", "feat!: another way to greet")
    require(small_org, "alpha>=1,<2.dev0")
    configure(small_org, pins="raise")

    failure = fails(small_org, ErrorCode.PIN_FAILED, state="unchanged")

    failure.says("line 12", "'alpha>=1,<2.dev0' cannot be raised to 2.0.0", "pins_of")


def test_a_resume_raises_as_it_was_planned(small_org: Org) -> None:
    configure(small_org, pins="raise")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PIN, after_effect=True)
        assert release(small_org).code == 3

    ran = resume(small_org)

    assert ran.code == 0, ran.err
    assert '"alpha>=1.1.0,<2.0.0"' in manifest_of(small_org)


def test_a_kept_requirement_stays_and_has_to_admit(small_org: Org) -> None:
    configure(small_org, pins="keep")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert f'"{NEED}"' in manifest_of(small_org)


def test_a_kept_requirement_that_does_not_admit_is_refused(small_org: Org) -> None:
    require(small_org, "alpha>=1.0.0,<1.1")
    configure(small_org, pins_of={"beta": {"alpha": "keep"}})

    failure = fails(small_org, ErrorCode.PIN_CONFLICT)

    failure.says("'alpha>=1.0.0,<1.1' does not admit alpha 1.1.0", "PIN leaves as it is")


@pytest.mark.parametrize("pins", ["exact", "lockstep"])
def test_an_extra_on_what_is_released_after_it_is_written_by_a_person(
    small_org: Org, pins: str
) -> None:
    text = git(small_org.remote("alpha"), "show", "main:pyproject.toml")
    extra = '\n[project.optional-dependencies]\nmore = ["beta==0.4.0"]\n'
    land(small_org.remote("alpha"), "pyproject.toml", text + extra, "feat: more")
    git(small_org.clone("alpha"), "rm", "--quiet", "uv.lock")
    git(small_org.clone("alpha"), "commit", "--quiet", "--message", "build: no lock")
    git(small_org.clone("alpha"), "pull", "--quiet", "--rebase", "origin", "main")
    git(small_org.clone("alpha"), "push", "--quiet", "origin", "main")
    version = "1.1.0" if pins == "lockstep" else "0.4.1"
    configure(small_org, pins=pins)

    refused = fails(small_org, ErrorCode.PIN_CONFLICT)
    land(small_org.remote("alpha"), "pyproject.toml", text + extra.replace("0.4.0", version), "fix")
    ran = release(small_org)

    refused.says(f"such as by 'beta=={version}', since beta is released after it")
    assert ("or leave beta out of the run" in refused.error) == (pins == "exact")
    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"


SOURCE = '\n[tool.uv.sources]\nalpha = { path = "../alpha", editable = true } # as it is written\n'


def test_a_source_gives_way_to_its_pin(small_org: Org) -> None:
    require(small_org, "alpha", end=SOURCE)
    before = manifest_of(small_org)
    refused = fails(small_org, ErrorCode.PIN_FAILED, state="unchanged")
    configure(small_org, sources="replace")

    ran = release(small_org)

    refused.says("`sources: replace`")
    assert ran.code == 0, ran.err
    shown = 'alpha any → ==1.1.0 (in place of {path = "../alpha", editable = true})'
    assert f"beta: {shown}" in ran.out
    pinned = before.replace('"alpha"', '"alpha==1.1.0"').replace('"0.4.0"', '"0.4.1"')
    assert manifest_of(small_org) == pinned.replace(SOURCE.splitlines()[2] + "\n", "")
    assert ran.result is not None
    assert ran.result["verify"]["state"] == "passed"
    pull = json.loads((small_org.remotes / "beta.forge/pulls/1.json").read_text(encoding="utf-8"))
    instead = 'in place of `{path = "../alpha", editable = true}`'
    assert f"- `alpha==1.1.0` {instead}\n" in pull["body"]


def test_a_direct_reference_gives_way_to_its_pin(small_org: Org) -> None:
    require(small_org, "alpha @ git+https://git.example/alpha@v1.0.0")
    configure(small_org, sources="replace", pins="raise")

    ran = release(small_org)

    assert ran.code == 0, ran.err
    assert '"alpha>=1.1.0"' in manifest_of(small_org)


def test_a_source_that_comes_late_is_not_taken_out_unseen(small_org: Org) -> None:
    configure(small_org, sources="replace")
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.WORKTREE, after_effect=False)
        assert release(small_org).code == 3
    require(small_org, NEED, end=SOURCE)

    ran = resume(small_org)

    assert ran.code == 3
    assert "[tool.uv.sources] takes alpha from" in ran.err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pins_of": {"beta": {"nobody": "raise"}}}, "pins_of.beta names nobody"),
        ({"pins_of": {"nobody": {}}}, "pins_of names nobody"),
        ({"pins": "respect"}, "'exact', 'override', 'raise', 'keep' or 'lockstep'"),
    ],
)
def test_a_word_or_a_name_that_is_none_is_refused(
    small_org: Org, changes: dict[str, object], words: str
) -> None:
    configure(small_org, **changes)

    ran = run_cli(small_org, "--dry-run")

    assert ran.code != 0
    assert words in ran.err
