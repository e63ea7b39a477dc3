"""Times, links and titles as both forms of a report write them."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from omninode_release.models.plan import PlanStatus
from omninode_release.text.durations import write_duration
from omninode_release.text.run_summary import list_approvals

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from omninode_release.console.report.gather import Release, RunReport


def write_moment(moment: datetime) -> str:
    """A time with its zone."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def write_title(report: RunReport) -> str:
    what = "Release plan" if report.status == "plan" else "Release"
    return f"{what} {report.run_id}"


def write_subtitle(report: RunReport) -> str:
    """How it stands, in a sentence."""
    planned = [each for each in report.releases if each.row.new is not None]
    if report.status == "plan":
        refused = sum(each.row.status is PlanStatus.ERROR for each in report.releases)
        told = f"{len(planned)} of {len(report.releases)} repositories have something to release"
        return f"{told}, {refused} cannot be released." if refused else f"{told}."
    return f"{report.status.capitalize()}: {report.released} of {len(planned)} released."


def list_facts(report: RunReport) -> Iterator[tuple[str, str]]:
    """Name and value of what is true of the whole run."""
    if report.started_at is not None:
        yield "Started", write_moment(report.started_at)
    if report.started_at is not None and report.ended_at is not None:
        yield "Last step", write_moment(report.ended_at)
        yield "Duration", write_duration((report.ended_at - report.started_at).total_seconds())
    if report.gate is not None:
        by = f" by {report.gate.approver}" if report.gate.approver else ""
        by = " by an unverified token" if report.gate.is_unverified else by
        yield "Gate", f"{report.gate.decision}{by} ({report.gate.provider})"
        if report.gate.at is not None:
            yield "Decided", write_moment(report.gate.at)
    yield from (("Approved", line) for line in list_approvals(report.approvals))
    if report.verify is not None:
        yield "Installs together", f"{report.verify.state}: {report.verify.text}"


def write_versions(release: Release) -> str:
    """The version before, and the new one where there is one."""
    row = release.row
    return (row.current or "?") + (f" → {row.new}" if row.new else "")


def list_links(release: Release) -> Iterator[tuple[str, str]]:
    """Name and address of everything of a repository that can be looked at; "" without an address.

    Only addresses a browser may follow are links: a state file is text from outside.
    """
    if release.pull:
        yield f"pull request {release.pull[0]}", _require_web(release.pull[1])
    if release.publish_url:
        yield "workflow run", _require_web(release.publish_url)


def _require_web(address: str) -> str:
    return address if address.startswith(("https://", "http://")) else ""
