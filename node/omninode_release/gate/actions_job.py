"""Which job of GitHub Actions a process is a part of, as GitHub's variables say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.origins import parse_slug

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.models.forge import Slug


class ActionsJob(NamedTuple):
    """The job on GitHub Actions that this process is a part of."""

    slug: Slug
    """The repository of its workflow."""
    run: int
    attempt: int
    runner: str

    @property
    def url(self) -> str:
        return f"https://{self.slug.host}/{self.slug.path}/actions/runs/{self.run}"


def is_listed(login: str, approvers: Sequence[str]) -> bool:
    """True for a login that is named there; it is the same in any case."""
    return login.lower() in {each.lower() for each in approvers}


def read_job(variables: Mapping[str, str]) -> ActionsJob:
    """The job that GitHub's variables name. Raises GATE_FAILED outside of GitHub Actions."""
    server = variables.get("GITHUB_SERVER_URL", "")
    slug = parse_slug(f"{server}/{variables.get('GITHUB_REPOSITORY', '')}")
    numbers = [variables.get(name, "") for name in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT")]
    runner = variables.get("RUNNER_NAME", "")
    is_there = slug is not None and runner and all(n.isascii() and n.isdigit() for n in numbers)
    if variables.get("GITHUB_ACTIONS") != "true" or slug is None or not is_there:
        raise ReleaseError(
            ErrorCode.GATE_FAILED,
            "expected to run in a job of GitHub Actions, whose environment's approval `gate:"
            " environment` asks for, found none of its variables (GITHUB_ACTIONS, GITHUB_RUN_ID,"
            " …).",
            hint="release from the workflow, or set `gate: console` and release here",
        )
    return ActionsJob(slug, int(numbers[0]), int(numbers[1]), runner)
