"""The LOW_RISK message at the end of a run, which tells the channel how it went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.text.verification_line import describe_verification

if TYPE_CHECKING:
    from omninode_release.models.result import ModelSkillResult, ResultDetail


def summary_message(result: ModelSkillResult) -> str:
    """The summary table of a run (spec, step 9), one line per repository."""
    counts = (
        f"{result.repos_succeeded} released, {result.repos_failed} failed,"
        f" {result.repos_blocked} blocked, {result.repos_skipped} skipped"
    )
    lines = [f"[LOW_RISK] release — {result.status}: {counts}", "", f"Run: {result.run_id}", ""]
    width = max((len(detail.repo) for detail in result.details), default=0)
    lines += [f"  {detail.repo:<{width}}   {_describe(detail)}" for detail in result.details]
    if result.gate is not None and result.gate.is_unverified:
        lines += ["", "It was approved by an unverified token: its form alone was checked."]
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
