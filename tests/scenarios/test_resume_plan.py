"""What a resume keeps of its run, and what it plans and asks anew because the world moved on."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from omninode_release.models.phase import Phase
from omninode_release.release.store import Store
from support.cli import Terminal, run_cli, state_home
from support.endings import (
    RUN,
    TOKEN,
    Died,
    assert_released_once,
    branch,
    break_phase,
    ending,
    is_archived,
    main_log,
    release,
    resume,
    state_of,
    worktree,
)
from support.gitrepo import all_refs, git, land, tree_of
from support.repos import configure, hook

if TYPE_CHECKING:
    from collections.abc import Callable

    from omninode_release.commands.demo_org import Org
    from omninode_release.models.state import RunState

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

NEW_TOKEN = f"1740399012.000200:{RUN}"


def _stopped_at(org: Org, phase: Phase, *args: str, after_effect: bool = False) -> None:
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, phase, after_effect=after_effect)
        assert release(org, *args).code == 3


def _land_late(org: Org, subject: str, path: str = "late.md") -> str:
    return land(org.remote("beta"), path, f"{subject}\n", subject)


def _stale(org: Org) -> None:
    """Beta has an open pull request when a commit arrives that makes it another release."""
    _stopped_at(org, Phase.MERGE)
    _land_late(org, "feat: late")
    ran = resume(org)
    assert ran.result is not None
    assert ran.result["details"][1]["error_code"] == "PLAN_STALE"
    assert main_log(org, "beta")[0] == "feat: late"


def test_a_stale_plan_is_made_anew_and_asked_for_again(small_org: Org) -> None:
    _stale(small_org)

    refused = resume(small_org)
    before = ending(small_org)
    ran = run_cli(small_org, "--resume", RUN, "--gate-attestation", NEW_TOKEN)

    assert refused.result is not None
    assert (refused.code, refused.result["error_code"]) == (3, "INVALID_GATE_TOKEN")
    assert before["remotes"]["beta"][f"refs/heads/{branch('beta')}"]
    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert ran.result["gate_token"] == NEW_TOKEN
    detail = ran.result["details"][1]
    assert (detail["new_version"], detail["bump"], detail["pr_number"]) == ("0.5.0", "minor", 2)
    assert main_log(small_org, "beta")[:2] == ["release: beta v0.5.0 (#2)", "feat: late"]
    pulls = small_org.remotes / "beta.forge" / "pulls"
    closed = [json.loads((pulls / f"{n}.json").read_text())["closed"] for n in (1, 2)]
    assert closed == [True, False]
    assert "beta/v0.4.1" not in git(small_org.remote("beta"), "tag")
    assert is_archived(small_org)
    beta = state_of(small_org)["repos"]["beta"]
    assert beta["withdrawn"] == [1]
    assert [each["event"] for each in beta["phase_history"]].count("RESTARTED") == 1


@pytest.mark.parametrize("ends", ["dies", "fails"])
def test_a_restart_that_gets_no_further_remembers_what_it_withdrew(
    small_org: Org, ends: str
) -> None:
    _stale(small_org)
    save: Callable[[Store, RunState], None] = Store.save

    def dies(store: Store, state: RunState) -> None:
        save(store, state)
        if state.repos["beta"].phase_history[-1].event == "RESTARTED":
            raise Died

    with pytest.MonkeyPatch.context() as patch:
        if ends == "dies":
            patch.setattr(Store, "save", dies)
            with pytest.raises(Died):
                run_cli(small_org, "--resume", RUN, "--gate-attestation", NEW_TOKEN)
        else:
            break_phase(patch, Phase.WORKTREE, after_effect=False)
            assert run_cli(small_org, "--resume", RUN, "--gate-attestation", NEW_TOKEN).code == 3

    ran = run_cli(small_org, "--resume", RUN, "--gate-attestation", NEW_TOKEN)

    assert (ran.code, ran.err) == (0, "")
    assert main_log(small_org, "beta")[0] == "release: beta v0.5.0 (#2)"
    history = [each["event"] for each in state_of(small_org)["repos"]["beta"]["phase_history"]]
    assert history.count("RESTARTED") == 1


@pytest.mark.parametrize("stopped_at", [Phase.WORKTREE, Phase.MERGE])
def test_a_late_commit_of_the_same_level_goes_along_and_is_told(
    small_org: Org, stopped_at: Phase
) -> None:
    _stopped_at(small_org, stopped_at)
    late = _land_late(small_org, "fix: late")

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    remote = small_org.remote("beta")
    tag = git(remote, "cat-file", "tag", "beta/v0.4.1")
    assert tag.count(f"Late-Commit: {late}") == 1
    assert "late.md" in tree_of(remote, "beta/v0.4.1^{commit}")
    assert ran.result is not None
    told = [each for each in ran.result["warnings"] if late[:12] in each]
    assert told == [f"beta: {late[:12]} (fix: late) came after the approval and went along"]
    body = json.loads((small_org.remotes / "beta.forge" / "pulls" / "1.json").read_text())["body"]
    early = stopped_at is Phase.WORKTREE
    assert (late[:12] in body) == early
    assert ("late" in tree_of(remote, "main")["CHANGELOG.md"]) == early


def test_a_worktree_that_is_made_again_starts_where_it_did(small_org: Org) -> None:
    _stopped_at(small_org, Phase.COMMIT)
    base = state_of(small_org)["repos"]["beta"]["base_sha"]
    late = _land_late(small_org, "fix: late")
    shutil.rmtree(worktree(small_org, "beta"))
    git(small_org.clone("beta"), "worktree", "prune")
    git(small_org.clone("beta"), "branch", "--quiet", "-D", branch("beta"))

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    remote = small_org.remote("beta")
    assert git(remote, "rev-parse", "refs/pull/1/head^") == base
    assert git(remote, "rev-parse", "main^") == late
    assert git(remote, "cat-file", "tag", "beta/v0.4.1").count("Late-Commit: ") == 1


def test_a_blocked_repository_that_moved_needs_a_new_approval(small_org: Org) -> None:
    refuses = hook(small_org.clone("alpha"), "commit-msg", "exit 1")
    assert release(small_org).code == 1
    refuses.unlink()
    _land_late(small_org, "feat: more")

    refused = resume(small_org)
    ran = run_cli(small_org, "--resume", RUN, stdin=Terminal("approve\n"))

    assert refused.result is not None
    assert refused.result["error_code"] == "INVALID_GATE_TOKEN"
    assert "alpha" not in refused.result["error"].split("what is planned")[1]
    assert (ran.code, ran.err) == (0, "")
    assert [main_log(small_org, repo)[0] for repo in small_org.repos] == [
        "release: alpha v1.1.0 (#1)",
        "release: beta v0.5.0 (#1)",
    ]


def _dies(*_args: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("dies_in", ["clean-up", "archive"])
def test_a_run_that_died_after_its_last_release_only_has_to_be_tidied_up(
    small_org: Org, dies_in: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if dies_in == "archive":
            patch.setattr(Store, "archive", _dies)
        else:
            patch.setattr("omninode_release.release.run.remove_traces", _dies)
        assert release(small_org).code == 130
    before = {repo: all_refs(small_org.remote(repo)) for repo in small_org.repos}
    recorded = state_of(small_org)["repos"]
    assert {repo["phase"] for repo in recorded.values()} == {"DONE"}

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert (ran.result["status"], ran.result["repos_succeeded"]) == ("SUCCESS", 2)
    assert state_of(small_org)["repos"] == recorded
    assert is_archived(small_org)
    assert_released_once(small_org)
    for repo in small_org.repos:
        tidied = {k: v for k, v in before[repo].items() if "/release/" not in k}
        assert all_refs(small_org.remote(repo)) == tidied


def test_the_journal_of_both_invocations_is_archived(small_org: Org) -> None:
    def half(store: Store, *_args: object) -> None:
        journal = store.places.journal(RUN)
        journal.parent.joinpath("archive").mkdir(exist_ok=True)
        journal.rename(journal.parent / "archive" / journal.name)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "archive", half)
        release(small_org)

    assert resume(small_org).code == 0

    path = state_home(small_org) / "state" / "release" / "archive" / f"{RUN}.journal.jsonl"
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(each["argv"] == ["git", "--version"] for each in entries) == 2
    assert sum(each["step"] == "alpha/PUSH" for each in entries) > 0


def test_a_resume_keeps_ticket_level_and_context(small_org: Org) -> None:
    configure(small_org, pins="override")  # beta requires alpha<2
    given = ("--bump", "major", "--ticket", "OMN-7", "--context-id", "train-7")
    _stopped_at(small_org, Phase.CHANGELOG, *given)

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert main_log(small_org, "beta")[0] == "release: beta v1.0.0 [OMN-7] (#1)"
    assert ran.result is not None
    assert ran.result["details"][1]["bump"] == "major"
    assert (state_home(small_org) / "skill-results" / "train-7" / "release.json").is_file()
    assert not (state_home(small_org) / "skill-results" / RUN).exists()


def test_a_resume_keeps_the_words_on_single_repositories(small_org: Org) -> None:
    _stopped_at(small_org, Phase.CHANGELOG, "--version", "alpha=1.5.0", "--bump", "beta=major")

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert ran.result is not None
    assert [each["new_version"] for each in ran.result["details"]] == ["1.5.0", "1.0.0"]


def test_timeouts_polling_and_approvers_may_change_between_invocations(small_org: Org) -> None:
    _stopped_at(small_org, Phase.LINT)
    configure(
        small_org, timeouts={"lint_minutes": 5}, polling={"max_seconds": 0.5}, approvers=["ann"]
    )

    assert resume(small_org).code == 0


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"major_on_zero": False, "tag_formats": ["v{version}"]}, "major_on_zero, tag_formats"),
        ({"local": {"checks": ["true"]}}, "local"),
    ],
    ids=["two keys", "a key below another"],
)
def test_any_other_change_of_the_configuration_is_named_and_refused(
    small_org: Org, change: dict[str, Any], names: str
) -> None:
    _stopped_at(small_org, Phase.LINT)
    configure(small_org, **change)
    before = ending(small_org)

    ran = resume(small_org)

    assert ran.code == 2
    assert f"found {names} changed" in ran.err
    before.pop("configuration")
    after = ending(small_org)
    after.pop("configuration")
    assert after == before


@pytest.mark.parametrize(
    "change",
    [
        {"publish": {"workflow": "publish.yml"}},
        {"version_files": {"alpha": []}},
        {"index_url": "https://packages.example"},
        {"tag_formats": ["{repo}-{version}", "{repo}/v{version}", "v{version}"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_name_that_was_corrected_is_resumed_with(small_org: Org, change: dict[str, Any]) -> None:
    first = ("--run-id", "first", "--gate-attestation", "1740312612.000100:first")
    assert run_cli(small_org, "alpha", *first).code == 0
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.LINT, after_effect=False)
        assert release(small_org, "beta").code == 1
    configure(small_org, **change)

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")


def _history(org: Org) -> list[tuple[str, str]]:
    return [(e["phase"], e["event"]) for e in state_of(org)["repos"]["beta"]["phase_history"]]


def test_the_history_tells_what_failed_and_what_was_applied_again(small_org: Org) -> None:
    _stopped_at(small_org, Phase.COMMIT)
    failed = state_of(small_org)["repos"]["beta"]
    assert (failed["phase"], failed["completed_phase"]) == ("COMMITTED", "LINT")
    assert failed["in_progress"] is None
    shutil.rmtree(worktree(small_org, "beta"))

    assert resume(small_org).code == 0

    prepared = ["WORKTREE", "BUMPED", "PINNED", "CHANGELOG", "LOCKED", "LINT"]
    released = ["COMMITTED", "PUSHED", "PR_CREATED", "MERGED", "TAGGED", "PUBLISHED", "DONE"]
    assert _history(small_org) == [
        *[(phase, "REACHED") for phase in ("PLANNED", *prepared)],
        ("COMMITTED", "FAILED"),
        *[(phase, "REAPPLIED") for phase in prepared],
        *[(phase, "REACHED") for phase in released],
    ]


def test_a_phase_never_goes_back_while_steps_are_applied_again(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stopped_at(small_org, Phase.PUSH)
    shutil.rmtree(worktree(small_org, "beta"))
    git(small_org.clone("beta"), "worktree", "prune")
    git(small_org.clone("beta"), "branch", "--quiet", "-D", branch("beta"))
    seen: list[str] = []
    save: Callable[[Store, RunState], None] = Store.save

    def watched(store: Store, state: RunState) -> None:
        seen.append(state.repos["beta"].completed_phase)
        save(store, state)

    monkeypatch.setattr(Store, "save", watched)

    assert resume(small_org).code == 0

    order = ["COMMITTED", "PUSHED", "PR_CREATED", "MERGED", "TAGGED", "PUBLISHED", "DONE"]
    assert list(dict.fromkeys(seen)) == order
    assert seen == sorted(seen, key=order.index)


def test_the_token_of_another_run_does_not_resume_this_one(small_org: Org) -> None:
    _stopped_at(small_org, Phase.TAG)

    ran = run_cli(small_org, "--resume", RUN, "--gate-attestation", TOKEN.replace(RUN, "other"))

    assert ran.result is not None
    assert ran.result["error_code"] == "INVALID_GATE_TOKEN"
