"""Whether each repository fits: the planner's own refusals, and what the configuration lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.fit import Difference, Fit, RepoFit
from omninode_release.models.plan import PlanStatus
from omninode_release.planning.versions.declared import base_reader
from omninode_release.planning.versions.next_version import NOT_ASKED
from omninode_release.text.manifests.edges import find_shown_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.planning.survey.survey import Survey

# A refusal whose next step has one of these asks for no change on the base branch.
_TYPED = ("git -C ", "omni-release ", "clone ", "gh ")
_CONFIGURATION = "release configuration"
_NO_PACKAGE = "no package: it has neither a pyproject.toml with one nor a setup.py"


def judge_fits(plan: Plan, look: Survey, differences: Sequence[Difference]) -> Iterator[RepoFit]:
    """Every clone: in the order of the release, then those that are left out."""
    for row in plan.entries:
        lacks = [each.text for each in differences if each.repo == row.repo]
        yield _judge(row, lacks, look)
    planned = {row.repo for row in plan.entries}
    left = dict.fromkeys(look.others, _NO_PACKAGE) | {**look.strays} | look.left_out
    for name, why in left.items():
        if name not in planned:
            where = _find_place(name, why, look)
            yield RepoFit(repo=name, fit=Fit.LEFT_OUT, where=where, why=(why,))


def find_refused_settings(plan: Plan) -> Iterator[Difference]:
    """What the planner asks to be changed in the configuration.

    A bound that a pin must not pass may be wanted, and is no difference.
    """
    for row in plan.errors:
        error = _read_refusal(row)
        if _CONFIGURATION in (error.hint or "") and row.error_code is not ErrorCode.PIN_CONFLICT:
            yield Difference(key="configuration", text=error.text, repo=row.repo)


def find_guesses(plan: Plan) -> tuple[str, ...]:
    """The warnings of rows whose version an index that is asked may turn into another."""
    return tuple(
        f"{each}; omni-release --dry-run asks it" for each in plan.warnings if NOT_ASKED in each
    )


def _read_refusal(row: RepoPlan) -> ReleaseError:
    return ReleaseError.of_text(row.error_code or ErrorCode.SCAN_FAILED, row.error or "")


def _judge(row: RepoPlan, lacks: Iterable[str], look: Survey) -> RepoFit:
    fit, why = Fit.FITS, tuple(lacks)
    if why:
        fit = Fit.NEEDS
    if row.status is PlanStatus.ERROR:
        hint = _read_refusal(row).hint or ""
        # A command or a setting may be all that it asks for.
        is_typed = any(word in hint for word in (*_TYPED, _CONFIGURATION))
        fit = Fit.NEEDS if is_typed else Fit.CANNOT
        why = (row.error or "", *why)
    return RepoFit(
        repo=row.repo,
        fit=fit,
        tier=row.tier,
        current=row.current,
        new=row.new,
        where=_find_place(row.repo, row.error or "", look),
        why=why,
    )


def _find_place(repo: str, words: str, look: Survey) -> str | None:
    """File and line of what a refusal speaks of, where the manifest has it."""
    found = look.found.get(repo)
    place = find_shown_place(base_reader(found.facts), words) if found and words else None
    return f"{repo}/{place[0]}:{place[1]}" if place else None
