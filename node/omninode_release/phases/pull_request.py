"""PR: a pull request of the release branch against the repository's base branch.

Effect: one pull request, with the labels of the configuration. Recognised by the forge having one
of that branch, in any state; one that a person closed unmerged is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.errors.excerpt import start_of
from omninode_release.models.field_types import PullUrl
from omninode_release.phases.changelog import ChangelogOutput
from omninode_release.phases.output import LateCommit, PhaseOutput
from omninode_release.phases.push import PushOutput
from omninode_release.phases.shared.release_branch import list_commits_of_others
from omninode_release.phases.shared.still_ours import require_still_ours
from omninode_release.phases.worktree import WorktreeOutput
from omninode_release.text.forge_text import cut_middle, disarm
from omninode_release.text.pins.lines import describe_requirement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from omninode_release.models.forge import PullRequest
    from omninode_release.models.plan import PlannedPin
    from omninode_release.phases.ports import Context, Step

_LONGEST = 65_000
"""Characters of a body; GitHub takes 65,536."""
_LONGEST_TITLE = 256
"""Characters of a title that GitHub takes; one of many packages has more."""
_PLAIN_NAME = re.compile(r"[\w .,'-]+ <[\w.+-]+@[\w.-]+>")
"""A name and an address that are no Markdown."""
_END = 20_000
"""How much of its end is kept: the commits of others, the run and the plan stand there."""


class PrOutput(PhaseOutput):
    """The pull request of the release branch."""

    number: Annotated[int, Field(examples=[42])]
    """Its number on the forge."""
    url: PullUrl
    """Its address."""

    def summary(self) -> str:
        return self.url

    def find_link(self) -> str | None:
        return self.url

    def state_fields(self) -> dict[str, object]:
        return {"pr_url": self.url, "pr_number": self.number}


OUTPUT = PrOutput


def done(step: Step, ctx: Context) -> PrOutput | None:
    found = ctx.forge.pulls.find(step.branch, step.base)
    if found is None or found.number in step.withdrawn:
        return None
    if found.state == "open" and _find_missing_labels(ctx, found.number):
        return None
    if found.state == "closed":
        raise ReleaseError(
            ErrorCode.PR_FAILED,
            f"expected an open pull request of {step.branch}, found {found.url} closed unmerged.",
            hint=f"{advise_reopening(step, ctx, found.url)} if it should be released, then"
            f" omni-release --resume {step.run_id}",
        )
    return _make_output(found)


def advise_reopening(step: Step, ctx: Context, url: str) -> str:
    """What to do about a closed pull request; a forge closes one whose branch is deleted."""
    ref = f"refs/heads/{step.branch}"
    if ctx.clone.branch_sha(step.branch) is None or ref in ctx.clone.remote_refs(ref):
        return f"reopen {url}"
    push = typed_git(ctx.clone.path, "push", "origin", step.branch)
    return f"its branch is gone from the remote: {push} and reopen {url}"


def apply(step: Step, ctx: Context) -> PrOutput:
    tip = require_still_ours(step, ctx)
    # Without labels `done` has found none.
    found = ctx.forge.pulls.find(step.branch, step.base) if ctx.config.pull_request.labels else None
    if found is None or found.number in step.withdrawn:
        found = _open_pull(step, ctx, tip)
    missing = _find_missing_labels(ctx, found.number)
    if missing:
        ctx.forge.pulls.add_labels(found.number, missing)
    return _make_output(found)


def _open_pull(step: Step, ctx: Context, tip: str) -> PullRequest:
    others = list_commits_of_others(step, ctx, step.evidence(PushOutput).sha, tip)
    words = ctx.config.pull_request
    title = start_of(step.fill(words.title) if words.title else step.subject, _LONGEST_TITLE)
    late = LateCommit.of(others, on_release_branch=True)
    body = describe(step, late, own=[step.fill(line) for line in words.body])
    body = shorten(body, ctx.forge.compare_url(step.row.last_tag, tip))
    try:
        return ctx.forge.pulls.create(branch=step.branch, base=step.base, title=title, body=body)
    except ReleaseError as error:
        if not _is_gone(step, ctx):
            raise
        raise ReleaseError(
            ErrorCode.PR_FAILED,
            f"expected {step.branch} on the remote, where this run has pushed it, found none.",
            hint=f"omni-release --resume {step.run_id} pushes it again",
        ) from error


def _is_gone(step: Step, ctx: Context) -> bool:
    """True where the remote has no such branch; one that gives no answer says nothing of it."""
    ref = f"refs/heads/{step.branch}"
    try:
        return ref not in ctx.clone.remote_refs(ref)
    except ReleaseError:
        return False


def shorten(body: str, more: str | None) -> str:
    """A body in the length that GitHub takes; ``more`` is the address of all that is changed."""
    where = more or "the changelog of this branch"
    note = f"\n\n(cut here, it is too long for a pull request: see {where})\n\n"
    return cut_middle(body, _LONGEST, end=_END, note=note)


def _find_missing_labels(ctx: Context, number: int) -> list[str]:
    wanted = ctx.config.pull_request.labels
    found = ctx.forge.pulls.find_labels(number) if wanted else frozenset()
    there = {name.casefold() for name in found}  # to GitHub the same in any case
    return [name for name in wanted if name.casefold() not in there]


def describe(step: Step, others: tuple[LateCommit, ...] = (), *, own: Sequence[str] = ()) -> str:
    """What a reviewer reads: versions, pins, late commits, changelog entry, run and plan.

    ``own`` are lines of the organisation, which its checks may read.
    """
    lines = [line for each in step.together for line in _describe_package(each)]
    late = step.evidence(WorktreeOutput).late
    if late:
        lines += ["Commits after the plan was approved:"]
        told = (f"- {c.sha[:12]} {_quote(c.subject)}" for c in late)
        lines += [*map(disarm, told), ""]
    if others:
        lines += [list_others(others), ""]
    lines += [line for each in step.together for line in _tell_news(each)]
    lines += [*own, ""] if own else []
    return "\n".join([*lines, step.trailers])


def _describe_package(step: Step) -> list[str]:
    lines = [f"Release {step.distribution} {step.old} → {step.new}.", ""]
    if step.row.cascaded_from:
        siblings = ", ".join(step.row.cascaded_from)
        lines += [f"Cascaded from {siblings}: it has no changes of its own.", ""]
    if step.row.pins:
        lines += ["Pins:", *map(_write_pin, step.row.pins), ""]
    return lines


def _tell_news(step: Step) -> list[str]:
    """The changelog entry, under the package's name where there are several."""
    heading = [f"## {step.distribution} {step.new}", ""] if step.companions else []
    return [*heading, disarm(step.evidence(ChangelogOutput).entry.strip()), ""]


def _write_pin(pin: PlannedPin) -> str:
    instead = f" in place of {_quote(pin.source)}" if pin.source else ""
    return f"- `{describe_requirement(pin)}`{instead}"


def list_others(others: Iterable[LateCommit]) -> str:
    """The commits on the release branch that the run did not make, by whom and about what."""
    told = (f"- {c.sha} {_quote(c.subject)} by {_name(str(c.author))}" for c in others)
    return disarm("\n".join(["Commits by others on the release branch:", *told]))


def _name(author: str) -> str:
    return author if _PLAIN_NAME.fullmatch(author) else _quote(author)


def _quote(text: str) -> str:
    """Words of others as they are: no image, no link, and nobody is called."""
    return f"`{text.replace('`', '')}`"


def _make_output(found: PullRequest) -> PrOutput:
    return PrOutput(number=found.number, url=found.url)
