"""What a repository's state becomes by each thing that can happen to it."""

from __future__ import annotations

from datetime import timedelta

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.commit import Level
from omninode_release.models.phase import Phase, PhaseState
from omninode_release.models.plan import PlanStatus, RepoPlan
from omninode_release.models.state import RepoState
from omninode_release.phases.bump import BumpOutput
from omninode_release.phases.publish import PublishOutput
from omninode_release.phases.pull_request import PrOutput
from omninode_release.release import progress
from support.cli import MOMENT

ROW = RepoPlan(
    repo="alpha", tier=1, status=PlanStatus.RELEASE, current="1.0.0", new="1.1.0", bump=Level.MINOR
)
BUMPED = BumpOutput(version="1.1.0", files=("pyproject.toml",))
OPENED = PrOutput(number=7, url="https://forge.example/7")


def planned() -> RepoState:
    return progress.make_repo_state(ROW, approved_hash="sha256:1", at=MOMENT)


def events(repo: RepoState) -> list[str]:
    return [f"{each.phase} {each.event}" for each in repo.phase_history]


def test_a_complete_phase_says_what_begins_next() -> None:
    repo = progress.complete(planned(), Phase.BUMP, BUMPED, already=False, at=MOMENT)

    assert (repo.phase, repo.completed_phase) == (PhaseState.BUMPED, PhaseState.BUMPED)
    assert repo.in_progress is Phase.PIN
    assert repo.outputs == {"BUMP": {"version": "1.1.0", "files": ["pyproject.toml"]}}
    assert events(repo) == ["PLANNED REACHED", "BUMPED REACHED"]


def test_what_is_made_again_does_not_move_the_state_back() -> None:
    ahead = progress.complete(planned(), Phase.PR, OPENED, already=False, at=MOMENT)
    bumped = progress.complete(ahead, Phase.BUMP, BUMPED, already=False, at=MOMENT)

    found = progress.complete(bumped, Phase.BUMP, BUMPED, already=True, at=MOMENT)
    again = progress.complete(found, Phase.BUMP, BUMPED, already=False, at=MOMENT)

    assert again.phase is PhaseState.PR_CREATED
    assert events(again) == [
        "PLANNED REACHED",
        "PR_CREATED REACHED",
        "BUMPED REACHED",
        "BUMPED REAPPLIED",
    ]


def test_an_output_shows_in_the_fields_of_the_state() -> None:
    repo = progress.complete(planned(), Phase.PR, OPENED, already=False, at=MOMENT)

    assert (repo.pr_number, repo.pr_url) == (7, "https://forge.example/7")


def test_a_failure_names_the_state_it_kept_from_being_reached() -> None:
    begun = progress.begin(planned(), Phase.BUMP, at=MOMENT)
    error = ReleaseError(ErrorCode.BUMP_FAILED, "no version.", hint="write one")

    repo = progress.fail(begun, Phase.BUMP, error, at=MOMENT)

    assert (repo.phase, repo.completed_phase) == (PhaseState.BUMPED, PhaseState.PLANNED)
    assert (repo.error_code, repo.in_progress) == (ErrorCode.BUMP_FAILED, None)
    assert events(repo) == ["PLANNED REACHED", "BUMPED FAILED"]


def test_what_is_asked_again_after_a_failure_does_not_move_the_state_back() -> None:
    error = ReleaseError(ErrorCode.LINT_FAILED, "a hook failed.", hint="mend it")
    bumped = progress.complete(planned(), Phase.BUMP, BUMPED, already=False, at=MOMENT)
    failed = progress.fail(bumped, Phase.LINT, error, at=MOMENT)

    again = progress.complete(failed, Phase.BUMP, BUMPED, already=True, at=MOMENT)
    other = progress.fail(failed, Phase.PIN, error, at=MOMENT)

    assert (again.phase, again.completed_phase) == (PhaseState.LINT, PhaseState.BUMPED)
    assert (other.phase, other.completed_phase) == (PhaseState.LINT, PhaseState.BUMPED)


def test_what_the_world_has_forgotten_stays_recorded_where_the_effect_is_found_again() -> None:
    rich = PublishOutput(pypi_status="available", url="https://forge.example/runs/1", files=("a",))
    published = progress.complete(planned(), Phase.PUBLISH, rich, already=False, at=MOMENT)

    poor = PublishOutput(pypi_status="pending")
    found = progress.complete(published, Phase.PUBLISH, poor, already=True, at=MOMENT)
    made = progress.complete(published, Phase.PUBLISH, poor, already=False, at=MOMENT)

    assert found.outputs[Phase.PUBLISH] == rich.model_dump(mode="json") | {"pypi_status": "pending"}
    assert made.outputs[Phase.PUBLISH] == poor.model_dump(mode="json")


def test_a_repository_planned_anew_keeps_its_history_and_its_withdrawn_pull_request() -> None:
    opened = progress.complete(planned(), Phase.PR, OPENED, already=False, at=MOMENT)
    row = ROW.model_copy(update={"new": "2.0.0", "bump": Level.MAJOR})

    repo = progress.plan_anew(opened, row, at=MOMENT + timedelta(hours=1))

    assert (repo.new_version, repo.outputs, repo.pr_number) == ("2.0.0", {}, None)
    assert repo.withdrawn == (7,)
    assert repo.approved_hash == "sha256:1"
    assert events(repo) == ["PLANNED REACHED", "PR_CREATED REACHED", "PLANNED RESTARTED"]
