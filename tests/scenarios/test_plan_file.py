"""``omni-release plan``: the plan as data, in a file, and a release of exactly that file."""

from __future__ import annotations

import json
import shlex
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.contract.schemas import validator
from omninode_release.models.phase import Phase
from omninode_release.models.plan_file import PlanFile
from omninode_release.system.clock import FixedClock
from omninode_release.system.files import encode_json
from omninode_release.text.formats.sealed_json import seal
from support.cli import MOMENT, Ran, run_cli, state_home
from support.endings import TOKEN, break_phase, is_archived, state_of
from support.gitrepo import commit_file, git, land, push_main, world
from support.repos import configure, run_hooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")


def data_of(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    value: dict[str, Any] = json.loads(ran.out)
    return value


@pytest.fixture
def plan(small_org: Org) -> Path:
    """A plan of the two repositories, in a file."""
    path = small_org.root / "the plan.json"
    ran = run_cli(small_org, "plan", "--run-id", "pair", "--out", str(path))
    assert ran.code == 0, ran.err
    return path


def release(org: Org, plan: Path, *args: str, **around: Any) -> Ran:
    return run_cli(org, "--plan", str(plan), "--gate-attestation", TOKEN, *args, **around)


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a plan and seal it again, as somebody would who means to deceive."""
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_bytes(encode_json(seal(value)))


# The plan, shown and printed.


def test_a_plan_is_the_table_of_the_dry_run(small_org: Org) -> None:
    dry, plan = run_cli(small_org, "--dry-run"), run_cli(small_org, "plan")

    assert (plan.code, plan.err) == (0, "")
    assert plan.out == dry.out
    assert plan.result == dry.result


def test_a_plan_as_data_says_why_and_what_comes_of_it(small_org: Org) -> None:
    run_hooks(small_org)  # or those that are there are seen
    value = data_of(run_cli(small_org, "plan", "--json"))

    assert list(validator("plan").iter_errors(value)) == []
    alpha, beta = value["entries"]
    assert [(each["level"], each["rule"]) for each in alpha["history"]] == [
        ("patch", "the type fix asks for patch"),
        ("minor", "the type feat asks for minor"),
    ]
    assert alpha["decided_by"]["sha"] == alpha["history"][1]["sha"]
    assert (alpha["tags"], beta["tags"]) == (
        ["alpha/v1.1.0", "v1.1.0"],
        ["beta/v0.4.1", "v0.4.1"],
    )
    assert alpha["needed_by"] == ["beta"]
    assert "### " in alpha["entry"]
    assert beta["pins"][0]["changes"][0]["after"] == "alpha==1.1.0"
    assert value["seen"] == []


def test_a_dry_run_in_json_holds_the_same_plan_in_its_result(small_org: Org) -> None:
    plan = data_of(run_cli(small_org, "plan", "--json"))
    ran = run_cli(small_org, "--dry-run", "--json")

    assert data_of(ran)["plan"] == plan
    assert ran.result is not None
    assert ran.result["plan"] == plan
    plain = run_cli(small_org, "--dry-run").result
    assert plain is not None
    assert plain["plan"] is None


def test_what_is_foretold_is_what_a_release_makes(small_org: Org, plan: Path) -> None:
    foretold = json.loads(plan.read_text(encoding="utf-8"))["entries"]

    ran = release(small_org, plan)

    assert ran.code == 0, ran.out + ran.err
    assert ran.result is not None
    assert [each["tags"] for each in ran.result["details"]] == [row["tags"] for row in foretold]
    repos = state_of(small_org)["repos"]
    assert [repos[row["repo"]]["outputs"]["CHANGELOG"]["entry"] for row in foretold] == [
        row["entry"] for row in foretold
    ]
    assert is_archived(small_org)


def test_a_plan_changes_nothing_but_its_file_and_its_result(small_org: Org) -> None:
    before = world(small_org)
    left = sorted(path.name for path in small_org.root.iterdir())

    data_of(run_cli(small_org, "plan", "--json", "--out", str(small_org.root / "p.json")))

    assert world(small_org) == before
    now = {path.name for path in small_org.root.iterdir()} - {"p.json", "state_home"}
    assert sorted(now) == left
    assert [path.name for path in state_home(small_org).iterdir()] == ["skill-results"]


def test_a_plan_that_cannot_be_made_ends_as_a_dry_run_does(small_org: Org) -> None:
    ran = run_cli(small_org, "plan", "gamma", "--json")

    assert ran.code == 2
    assert json.loads(ran.out)["error_code"] == "UNKNOWN_REPO"


def test_a_plan_file_that_cannot_be_written_is_a_usage_error(small_org: Org) -> None:
    ran = run_cli(small_org, "plan", "--out", str(small_org.root))

    assert ran.code == 2
    assert f"--out: expected a file that can be written at {small_org.root}" in ran.err


# The plan, released.


def test_a_plan_waits_for_its_gate_like_any_other(small_org: Org, plan: Path) -> None:
    before = world(small_org)

    ran = run_cli(small_org, "--plan", str(plan))

    assert ran.code == 1
    assert "expected a terminal" in ran.err
    assert world(small_org)["remotes"] == before["remotes"]


def test_a_plan_is_released_under_its_own_name_on_a_later_day(small_org: Org, plan: Path) -> None:
    ran = release(small_org, plan, clock=FixedClock(MOMENT + timedelta(days=3)))

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert ran.result["run_id"] == "pair"


def test_the_words_a_plan_was_made_with_are_those_of_its_release(small_org: Org) -> None:
    path = small_org.root / "plan.json"
    words = ("alpha", "--bump", "alpha=major", "--ticket", "OMN-7", "--run-id", "pair")
    assert run_cli(small_org, "plan", *words, "--out", str(path)).code == 0

    ran = release(small_org, path)

    assert ran.code == 0, ran.err
    assert ran.result is not None
    assert [(d["repo"], d["new_version"]) for d in ran.result["details"]] == [("alpha", "2.0.0")]
    assert git(small_org.remote("alpha"), "log", "-1", "--format=%s", "main").endswith(
        "release: alpha v2.0.0 [OMN-7] (#1)"
    )


def test_a_plan_with_a_secret_in_a_subject_is_released_and_never_shows_it(small_org: Org) -> None:
    path, env = small_org.root / "plan.json", {"DEPLOY_TOKEN": "hush-hush-hush"}
    commit_file(small_org.clone("alpha"), "a.md", "A.\n", "feat: say hush-hush-hush aloud")
    push_main(small_org.clone("alpha"))
    words = ("plan", "alpha", "--run-id", "pair", "--out", str(path))
    assert run_cli(small_org, *words, env=env).code == 0
    assert "feat: say *** aloud" in path.read_text(encoding="utf-8")

    ran = release(small_org, path, env=env)

    assert ran.code == 0, ran.err
    land(small_org.remote("alpha"), "b.md", "B.\n", "feat!: hush-hush-hush")
    assert "hush" not in release(small_org, path, "--dry-run", env=env).err


def test_a_plan_of_a_world_that_moved_on_is_stale(small_org: Org, plan: Path) -> None:
    land(small_org.remote("beta"), "news.md", "New.\n", "feat: late")
    remotes = world(small_org)["remotes"]

    ran = release(small_org, plan)

    assert (ran.code, ran.err.partition(":")[0]) == (1, "PLAN_STALE")
    assert "beta: base_sha was " in ran.err
    assert "new was 0.4.1 and is 0.5.0" in ran.err
    assert "{" not in ran.err
    assert "alpha" not in ran.err.partition("by now:")[2].partition(". Nothing")[0]
    assert world(small_org)["remotes"] == remotes
    assert not list((state_home(small_org) / "state" / "release").glob("*.json"))


def test_what_to_type_after_a_stale_plan_works(small_org: Org, plan: Path) -> None:
    land(small_org.remote("beta"), "news.md", "New.\n", "feat: late")
    said = release(small_org, plan).err.partition("Next: ")[2].splitlines()[0]
    again, _, then = said.partition(" plans anew; read that, then ")

    planned = run_cli(small_org, *shlex.split(again)[1:])
    assert planned.code == 0, planned.err
    (run_id,) = {json.loads(plan.read_text(encoding="utf-8"))["run_id"]}
    token = f"1740312612.000100:{run_id}"
    ran = run_cli(small_org, *shlex.split(then)[2:], "--gate-attestation", token)

    assert ran.code == 0, ran.err


def test_a_dry_run_says_whether_a_plan_still_stands(small_org: Org, plan: Path) -> None:
    assert run_cli(small_org, "--dry-run", "--plan", str(plan)).code == 0

    land(small_org.remote("beta"), "news.md", "New.\n", "feat: late")
    git(small_org.clone("beta"), "fetch", "--quiet", "origin")
    ran = run_cli(small_org, "--dry-run", "--plan", str(plan))

    assert (ran.code, ran.err.partition(":")[0]) == (1, "PLAN_STALE")


def test_a_plan_that_was_carried_out_is_stale(small_org: Org, plan: Path) -> None:
    assert release(small_org, plan).code == 0

    ran = run_cli(small_org, "--plan", str(plan))

    assert ran.err.startswith("PLAN_STALE: ")
    assert "status was release and is skip" in ran.err


def test_a_run_of_a_plan_that_stopped_goes_on_with_resume(small_org: Org, plan: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.PUSH, after_effect=True)
        assert release(small_org, plan).code == 3

    ran = run_cli(small_org, "--resume", "pair", "--gate-attestation", TOKEN)

    assert ran.code == 0, ran.err


def test_a_plan_is_released_in_the_background(small_org: Org, plan: Path) -> None:
    begun = release(small_org, plan, "--detach", "--json")
    assert begun.code == 0, begun.err

    ended = run_cli(small_org, "wait", "pair", "--timeout", "120")

    assert ended.code == 0, ended.out + ended.err


# A plan from somewhere else.


@pytest.mark.parametrize("args", [("alpha",), ("--bump", "minor"), ("--ticket", "OMN-1")])
def test_a_plan_says_itself_what_is_released(
    small_org: Org, plan: Path, args: tuple[str, ...]
) -> None:
    ran = run_cli(small_org, "--plan", str(plan), *args)

    assert ran.code == 2
    assert "--plan says itself what is released: leave out" in ran.err


def test_a_plan_of_another_configuration_is_refused(small_org: Org, plan: Path) -> None:
    configure(small_org, default_bump="minor")

    ran = release(small_org, plan)

    assert (ran.code, ran.err.partition(":")[0]) == (2, "CONFIG_INVALID")
    assert "found default_bump changed" in ran.err


def test_a_plan_of_another_organisation_is_refused(small_org: Org, plan: Path) -> None:
    edit(plan, lambda value: value.update(organization="Evil"))

    ran = release(small_org, plan)

    assert (ran.code, ran.err.partition(":")[0]) == (2, "CONFIG_INVALID")
    assert "found one of 'Evil'" in ran.err


def test_every_flipped_byte_of_a_plan_is_found(small_org: Org, plan: Path) -> None:
    whole = plan.read_bytes()
    step = max(len(whole) // 25, 1)
    for at in range(0, len(whole), step):
        plan.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

        ran = run_cli(small_org, "--dry-run", "--plan", str(plan))

        assert ran.code == 2, (at, ran.out)
        assert ran.err.startswith("USAGE_ERROR: --plan: expected a plan that omni-release wrote")
        assert "Next: omni-release plan --out '" in ran.err


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value["entries"][0].update(new="9.9.9"),
        lambda value: value["entries"][0].update(base_sha="0" * 40),
        lambda value: value["entries"][0]["pins"].append(value["entries"][1]["pins"][0]),
    ],
    ids=["version", "commit", "pin"],
)
def test_a_forged_plan_is_never_carried_out(
    small_org: Org, plan: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    def forge(value: dict[str, Any]) -> None:
        change(value)
        value["plan_hash"] = PlanFile.model_validate(value).plan.plan_hash

    edit(plan, forge)
    remotes = world(small_org)["remotes"]

    ran = release(small_org, plan)

    assert ran.err.startswith("PLAN_STALE: ")
    assert world(small_org)["remotes"] == remotes


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda value: value.update(run_id="../../x"), "run_id"),
        (lambda value: value.update(targets=["../x"]), "names of repositories"),
        (lambda value: value["entries"][0].update(base_sha="--upload-pack=x"), "a commit"),
        (lambda value: value["entries"][0].update(tags=["-d"]), "a name of git's"),
        (lambda value: value.update(plan_hash="sha256:0"), "plan_hash"),
        (lambda value: value.update(more=1), "found at (top level)"),
        (lambda value: value.update(schema_version=2), "schema_version"),
        (lambda value: value["entries"].pop(), "one row for each"),
    ],
)
def test_a_hostile_plan_is_refused_before_anything_is_done_with_it(
    small_org: Org, plan: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    edit(plan, change)

    ran = release(small_org, plan)

    assert (ran.code, ran.err.partition(":")[0]) == (2, "USAGE_ERROR"), ran.err
    assert why in ran.err


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"digest": 1, "digest": 1}', '{"a": NaN}', "[" * 5000, "\udcff"]
)
def test_what_is_no_plan_is_refused(small_org: Org, text: str) -> None:
    path = small_org.root / "plan.json"
    path.write_bytes(text.encode(errors="surrogateescape"))

    ran = release(small_org, path)

    assert (ran.code, ran.err.partition(":")[0]) == (2, "USAGE_ERROR")
    for other in (small_org.root, small_org.root / "none.json"):
        assert release(small_org, other).err.startswith("USAGE_ERROR: --plan: expected a plan")


def test_no_hint_writes_a_plan_over_a_file_that_is_none(small_org: Org, plan: Path) -> None:
    config = small_org.omni_home / "release.yaml"
    refused = run_cli(small_org, "--plan", str(config))
    plan.write_text(plan.read_text(encoding="utf-8").replace("1.1.0", "1.1.1"), encoding="utf-8")
    changed = run_cli(small_org, "--plan", str(plan))

    assert "Next: omni-release plan --out FILE writes one" in refused.err
    assert f"--out '{plan}' writes a new one" in changed.err
