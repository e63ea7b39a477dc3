"""Whether each repository fits: the planner's own refusals, and what the configuration lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.models.fit import Difference, Fit, RepoFit
from omninode_release.models.plan import Plan, PlanStatus, RepoPlan
from omninode_release.planning.survey import Survey

# A refusal whose next step has one of these asks for no change on the base branch.
_TYPED = ("git -C ", "omni-release ", "clone ", "gh ")
_CONFIGURATION = "release configuration"


def judge_fits(plan: Plan, look: Survey, differences: Sequence[Difference]) -> Iterator[RepoFit]:
    """Every clone: in the order of the release, then those that are left out."""
    for row in plan.entries:
        lacks = [each.text for each in differences if each.repo == row.repo]
        yield _judge(row, lacks)
    planned = {row.repo for row in plan.entries}
    for name, why in look.left_out.items():
        if name not in planned:
            yield RepoFit(repo=name, fit=Fit.LEFT_OUT, why=(why,))
    for name in look.others:
        if name not in planned and name not in look.left_out:
            why = "no package: it has neither a pyproject.toml with one nor a setup.py"
            yield RepoFit(repo=name, fit=Fit.LEFT_OUT, why=(why,))


def find_refused_settings(plan: Plan) -> Iterator[Difference]:
    """What the planner asks to be changed in the configuration."""
    for row in plan.errors:
        error = _read_refusal(row)
        if _CONFIGURATION in (error.hint or ""):
            yield Difference(key="configuration", text=error.text, repo=row.repo)


def _read_refusal(row: RepoPlan) -> ReleaseError:
    return ReleaseError.of_text(row.error_code or ErrorCode.SCAN_FAILED, row.error or "")


def _judge(row: RepoPlan, lacks: Iterable[str]) -> RepoFit:
    fit, why = Fit.FITS, tuple(lacks)
    if why:
        fit = Fit.NEEDS
    if row.status is PlanStatus.ERROR:
        fit = Fit.NEEDS if _is_typed(_read_refusal(row).hint or "") else Fit.CANNOT
        why = (row.error or "", *why)
    return RepoFit(repo=row.repo, fit=fit, tier=row.tier, current=row.current, new=row.new, why=why)


def _is_typed(hint: str) -> bool:
    """True where a command or a setting is all that a refusal asks for."""
    return any(word in hint for word in (*_TYPED, _CONFIGURATION))
