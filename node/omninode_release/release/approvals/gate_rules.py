"""What a person should know of the gate before it: who may approve, and what a token is worth.

An approval that was given before may be taken up (``resume_gate: reuse``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omninode_release.gate.actions_job import is_listed, read_job
from omninode_release.gate.ports import Surroundings
from omninode_release.gate.registry import SLACK_URL_VARIABLE, find_slack, open_slack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.gate.slack import SlackGate
    from omninode_release.models.plan import Plan
    from omninode_release.models.state import Approval, TokenCheck
    from omninode_release.release.session import Session

EVERY_MEMBER = "every full member of the workspace who is in the channel may approve"


def find_slack_for_token(session: Session) -> SlackGate | None:
    """What a run with a gate token needs of Slack: to look the token up, to announce its end.

    Raises CREDENTIALS_MISSING for half of the credentials, and where a token must be verified and
    there are none.
    """
    config, around = session.config, surroundings(session)
    if config.attestation == "verify":
        return open_slack(around)
    needed = config.attestation == "auto" or config.gate == "slack"
    return find_slack(around) if needed else None


def how_checked(session: Session, slack: SlackGate | None) -> TokenCheck:
    """How the gate token is checked, given what there is of Slack."""
    by_form = slack is None or session.config.attestation == "format"
    return "form" if by_form else "slack"


def warn_of_gate(session: Session, check: TokenCheck | None) -> Iterator[str]:
    """A line for each thing that makes an approval worth less, or differ from the configuration.

    ``check`` is how the gate token is checked, None where a person is asked.
    """
    config, token = session.config, session.request.gate_attestation
    yield from session.rules.changes()
    if check == "form":
        why = "there are no Slack credentials to look it up with"
        if config.attestation == "format":
            why = "as `attestation: format` says"
        yield f"approved by an unverified token: {token} was checked for its form only, {why}"
    asks_slack = config.gate == "slack" if check is None else check == "slack"
    if asks_slack and not config.approvers:
        yield f"{EVERY_MEMBER}: `approvers` is empty"


def say_who_may_approve(session: Session, check: TokenCheck | None) -> str:
    """Whose word lets the plan through."""
    config, variables = session.config, session.environment.variables
    if check == "form":
        return "the caller, who passes a token of the right form"
    if check is None and config.gate == "console":
        return f"the person who answers on the terminal of {session.environment.account}"
    if check is None and config.gate == "environment":
        named, job = ", ".join(config.approvers), read_job(variables)
        who = f"{named}, as reviewers" if named else "a required reviewer"
        return f"{who} of the environment {config.gate_environment} in {job.url}"
    url = variables.get(SLACK_URL_VARIABLE)
    at = f" (asked at {url})" if url else ""
    named = ", ".join(config.approvers)
    return f"in Slack {named or 'any full member of the workspace in the channel'}{at}"


def say_rules(session: Session, plan: Plan) -> str:
    """Who may approve, what becomes of later commits, and which commits the plan is made of."""
    late = {
        "refuse": "none goes along; one that comes stops the run",
        "same_level": "they go along and are recorded where they leave the level alone",
    }
    lines = [
        f"Who may approve: {say_who_may_approve(session, None)}.",
        f"Commits that reach a base branch later: {late[session.config.late_commits]}.",
        "What is released, as it was looked at:",
        *(f"  {row.repo}: {row.base_branch} at {row.base_sha}" for row in plan.remaining),
    ]
    return "\n".join(lines)


def describe_rules(session: Session) -> dict[str, Any]:
    """The part of a gate's record that says who set the rules."""
    rules = session.rules
    return {
        "config_path": str(rules.source.path),
        "config_digest": rules.source.digest,
        "policies": tuple(str(policy.source.path) for policy in rules.policies),
    }


def surroundings(session: Session) -> Surroundings:
    """What a gate of this invocation is opened with."""
    environment = session.environment
    return Surroundings(
        session.config,
        environment.variables,
        session.clock,
        session.report,
        environment.stdin,
        environment.stdout,
        environment.account,
        environment.credentials,
        environment.secrets,
        width=environment.width,
        run=session.programs.at("gate"),
    )


def find_approval(session: Session, plan: Plan, earlier: Sequence[Approval]) -> Approval | None:
    """The newest approval that a person gave of exactly what is left of the plan.

    None where the configuration does not want it, where it is too old, and where the person may not
    approve any more.
    """
    config, request = session.config, session.request
    if config.resume_gate != "reuse" or not request.resume or request.gate_attestation:
        return None
    rows = {row.repo: row.digest() for row in plan.remaining}
    fitting = [each for each in earlier if rows.items() <= each.rows.items()]
    return next((each for each in reversed(fitting) if _still_counts(session, each)), None)


def _still_counts(session: Session, approval: Approval) -> bool:
    config = session.config
    if approval.at is None or approval.approver is None:  # unverified, or of an earlier version
        return False
    age = (session.clock.now() - approval.at).total_seconds()
    is_fresh = 0 <= age < config.approval_hours * 3600
    in_slack = approval.posted_ts is not None
    by_reviewer = approval.provider == "environment"
    if {"slack": not in_slack, "environment": not by_reviewer}.get(config.gate):
        return False
    if not is_fresh or not config.approvers or not (in_slack or by_reviewer):
        return is_fresh
    if by_reviewer:
        return is_listed(approval.approver, config.approvers)
    return approval.approver in config.approvers


def name_approval(session: Session, approval: Approval) -> str:
    """The line by which a plan, a result and a person know it."""
    when = f"{approval.at:%Y-%m-%d %H:%M} UTC" if approval.at else "an unknown time"
    return f"approved at {when} by {approval.approver} for run {session.run_id}, taken up"
