"""Facts and configuration in, a plan out; nothing is read or written here.

What a real run would refuse is found now, before the gate, and stands in the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from omninode_release.models.plan import Plan, PlanStatus
from omninode_release.models.version_words import NO_WORDS
from omninode_release.planning.cascade import cascade
from omninode_release.planning.guards.branch_room import refuse_blocked_branch
from omninode_release.planning.guards.drift import refuse_drift, refuse_inverted, warn_of_unreadable
from omninode_release.planning.guards.outsiders import ask_outsiders
from omninode_release.planning.guards.requirement_checks import Begun, prove_requirements
from omninode_release.planning.guards.seen import find_seen
from omninode_release.planning.guards.step_refusals import refuse_by_steps
from omninode_release.planning.guards.warnings import Runs, find_warnings
from omninode_release.planning.lockstep import keep_step
from omninode_release.planning.organisation import Organisation
from omninode_release.planning.planned_pins import add_pins
from omninode_release.planning.rows import plan_row
from omninode_release.planning.spelling import spell_versions
from omninode_release.planning.together import gather

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.facts import OrgFacts
    from omninode_release.models.graph import Graph
    from omninode_release.models.plan import RepoPlan
    from omninode_release.models.version_words import VersionWords


@dataclass(frozen=True)
class Planner:
    """Plans one organisation from what a scan found."""

    config: ReleaseConfig
    facts: OrgFacts
    words: VersionWords = NO_WORDS
    """What was said of versions when the run was started."""
    kept: Mapping[str, RepoPlan] = field(default_factory=dict)
    """Rows of an earlier invocation of the same run that stand: finished, begun, or skipped."""
    built_in: Callable[[], Graph] | None = None
    """Answers the interface's own graph, whose inverted edges are warned of and not refused; None
    where no inverted edge is to be refused."""
    is_over: Callable[[str], bool] = lambda _run: False
    """True for a run that cannot be resumed, complete or given up."""

    def plan(self, run_id: str, targets: Iterable[str]) -> Plan:
        """The plan for ``targets``; what refuses one repository stands in its row.

        Raises GRAPH_DRIFT, and CONFIG_INVALID for manifests that require each other in a circle.
        """
        org = Organisation.settle(self.config, self.facts)
        refuse_drift(org)
        if self.built_in is not None and not self.kept:  # a run that has begun has its order
            refuse_inverted(org, self.built_in)
        wanted = set(targets)
        rows = {
            repo: self.kept.get(repo)
            or plan_row(
                repo, org.facts.repos.get(repo), org.config, self.words.find(repo), self.words.pre
            )
            for repo in org.order
            if repo in wanted
        }
        cascade(rows, org, self.words, kept=self.kept)
        while keep_step(rows, org, self.words, kept=self.kept):
            cascade(rows, org, self.words, kept=self.kept)  # what pins one that came along
        spell_versions(rows, org, kept=self.kept)
        self._refine(run_id, rows, org)
        rows = gather(rows, org)
        return Plan(
            run_id=run_id,
            entries=tuple(rows.values()),
            warnings=(
                *find_warnings(
                    rows, org, self.words, kept=self.kept, runs=Runs(run_id, self.is_over)
                ),
                *(org.graph.warn_of_open_circles() if org.config.graph.is_computed else ()),
                *warn_of_unreadable(org),
                *self.facts.notes,
            ),
            seen=tuple(find_seen(rows, org, kept=self.kept)),
        )

    def _refine(self, run_id: str, rows: dict[str, RepoPlan], org: Organisation) -> None:
        """Make the rows complete: each of these looks at what the one before it has settled."""
        prove = partial(prove_requirements, begun=Begun(run_id, frozenset(self.kept)))
        blocked = partial(refuse_blocked_branch, run_id=run_id)
        for refine in (add_pins, refuse_by_steps, blocked, prove, ask_outsiders):
            for repo, row in rows.items():
                if row.status is PlanStatus.RELEASE and repo not in self.kept:
                    rows[repo] = refine(row, rows, org)
