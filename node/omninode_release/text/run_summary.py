"""What is told of a run: in a line each, and the message at its end.

The lines are the same on a screen, in Slack, in a report and in a list of runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.models.result import ModelSkillResult, ResultDetail
    from omninode_release.models.state import Approval, RunState
    from omninode_release.models.verification import Verification

UNVERIFIED = "It was approved by an unverified token: its form alone was checked."
_VERIFIED = {"passed": "Verified", "failed": "VERIFY FAILED", "skipped": "Not verified"}


def count_ends(result: ModelSkillResult) -> str:
    """How many repositories came to which end."""
    return (
        f"{result.repos_succeeded} released, {result.repos_failed} failed,"
        f" {result.repos_blocked} blocked, {result.repos_skipped} skipped"
    )


def list_approvals(approvals: Sequence[Approval]) -> Iterator[str]:
    """By whom, by which means, when and of what each was given, in that order.

    None where one is all there is: the gate tells of it.
    """
    for each in approvals if len(approvals) > 1 else ():
        who = each.approver or ("an unverified token" if each.token else "unknown")
        by = f"{who} ({each.provider})" if each.provider else who
        when = f"{each.at:%Y-%m-%d %H:%M:%S} UTC" if each.at else "at an unknown time"
        yield f"by {by}, {when}: {', '.join(each.rows)}"


def list_what_stays(state: RunState) -> Iterator[str]:
    """Each release that stopped between its merge and its publication."""
    for name, repo in state.repos.items():
        if repo.stays:
            yield f"{name} {repo.new_version} is {repo.stays}"


def describe_verification(found: Verification) -> str:
    """Whether the packages of a run install together, and why not."""
    return f"{_VERIFIED[found.state]}: {found.text}"


def summary_message(result: ModelSkillResult) -> str:
    """The LOW_RISK message at the end of a run (spec, step 9), one line per repository."""
    head = f"[LOW_RISK] release — {result.status}: {count_ends(result)}"
    lines = [head, "", f"Run: {result.run_id}", ""]
    width = max((len(detail.repo) for detail in result.details), default=0)
    lines += [f"  {detail.repo:<{width}}   {_describe(detail)}" for detail in result.details]
    if result.gate is not None and result.gate.is_unverified:
        lines += ["", UNVERIFIED]
    if result.verify is not None:
        lines += ["", describe_verification(result.verify)]
    if result.error is not None:
        lines += ["", f"{result.error_code}: {' '.join(result.error.split())}"]
    return "\n".join(lines) + "\n"


def _describe(detail: ResultDetail) -> str:
    words = [f"{detail.old_version} → {detail.new_version}", str(detail.phase)]
    if detail.error_code is not None:
        words.append(str(detail.error_code))
    if detail.stays is not None:
        words.append(detail.stays)
    words += [word for word in (detail.pr_url, detail.tag) if word]
    if detail.pypi_status is not None:
        words.append(f"index: {detail.pypi_status}")
    return "  ".join(words)
