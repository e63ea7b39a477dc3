"""What a release will need, asked for all at once and before anybody is asked to approve it.

A real run refuses by it, a dry run shows it (``--preflight``), ``omni-release doctor`` asks it by
itself. Nothing is changed by asking. What could not be looked at is ``unknown``: a warning, never
fine. Looks at different repositories and services go on side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from omninode_release.adapters.github.readiness import github_checks
from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.gate.keeper import no_credentials, slack_gate
from omninode_release.models.check import Check, ask
from omninode_release.models.facts import OrgFacts
from omninode_release.models.outputs import MergeOutput
from omninode_release.models.plan import Plan, PlanStatus, RepoPlan
from omninode_release.models.state import RepoState
from omninode_release.release.checks.git import identity, tag_is_free
from omninode_release.release.checks.services import slack_answers, version_is_free
from omninode_release.release.session import Invocation, begun
from omninode_release.release.world import tool_version
from omninode_release.text.versions import tag_name

Look = Callable[[], Iterable[Check]]
_PARALLEL = 8


@dataclass(frozen=True)
class Preflight:
    """The checks of one invocation."""

    call: Invocation

    def tools(self) -> list[Check]:
        """The programs a run needs, with their versions; git is the first."""
        programs, home = self.call.programs, self.call.places.omni_home
        github = ["gh"] if self.call.config.forge == "github" else []

        def look(name: str) -> Look:
            return _look(name, "program", lambda: tool_version(programs, home, name))

        return _together([look(name) for name in ("git", "uv", "pre-commit", *github)])

    def of(
        self, rows: Sequence[RepoPlan], *, remote: OrgFacts | None = None, more: Sequence[Look] = ()
    ) -> list[Check]:
        """Everything else, for these rows of the plan.

        ``remote`` is what the remotes were just seen to have; without it they are asked for their
        tags. ``more`` is what only the caller can look at.
        """
        index = list(self._index())
        published = all(each.state == "ok" for each in index)
        looks: list[Look] = [*self._gate(), *more, lambda: index]
        for row in rows:
            looks += self._repository(row, remote)
            if published and row.new is not None and self._begun(row) is None:
                looks.append(self._version(row))
        repos = {row.repo for row in rows}
        return sorted(_together(looks), key=lambda check: check.subject in repos)

    # What is asked once.

    def _gate(self) -> Iterator[Look]:
        """Slack, where somebody is going to be asked there; a token is verified by itself."""
        config, request = self.call.config, self.call.request
        if config.gate != "slack" or request.gate_attestation is not None:
            return

        def look() -> str:
            gate = slack_gate(config, self.call.environ, self.call.clock, self.call.report)
            if gate is None:
                raise no_credentials(self.call.environ)
            return slack_answers(gate)

        yield _look("Slack", "bot", look)

    def _index(self) -> Iterator[Check]:
        if self.call.config.index == "pypi":
            yield ask("index", "address", lambda: self.call.world.pypi.url)

    # What is asked of every repository.

    def _version(self, row: RepoPlan) -> Look:
        taken = self.call.world.index.taken
        return _look(row.repo, "version", lambda: version_is_free(taken, row))

    def _repository(self, row: RepoPlan, remote: OrgFacts | None) -> Iterator[Look]:
        git, base = self.call.scan().git(row.repo), row.base_sha or ""
        yield _look(row.repo, "identity", lambda: identity(git, base))
        origin = ask(row.repo, "origin", lambda: self.call.world.origin(row.repo))
        yield lambda: [origin]
        if origin.state == "ok" and self.call.config.forge == "github":
            yield lambda: self._github(row)
        ours = _merge_commit(self._begun(row))
        # Begun and no merge on record: it may be merged all the same, and tagged. TAG judges that.
        if row.new is not None and (ours is not None or self._begun(row) is None):
            known = remote.repos[row.repo].tags if remote else None
            config = self.call.config
            yield _look(row.repo, "tag", lambda: tag_is_free(git, row, config, known, ours))

    def _github(self, row: RepoPlan) -> Iterator[Check]:
        publish = self.call.config.publish
        path = f".github/workflows/{publish.workflow}"
        text = self.call.scan().git(row.repo).file(row.base_sha or "", path)
        formats = self.call.config.tag_formats[: None if publish.trigger == "auto" else 1]
        version = row.new or row.current or "0.0.0"
        yield from github_checks(
            row,
            self.call.world.inquiry(row.repo),
            workflow=text.decode("utf-8", errors="replace") if text is not None else None,
            tags=tuple(tag_name(each, row.repo, version) for each in formats),
            # Run ids are made of names and date: before we have begun, one like ours is another's.
            own_run=self.call.run_id if self._begun(row) else None,
            merged=_merge_commit(self._begun(row)) is not None,
        )

    def _begun(self, row: RepoPlan) -> RepoState | None:
        """How far this run has come with the repository, if it has begun with it."""
        repo = self.call.state.repos.get(row.repo) if self.call.state else None
        return repo if repo is not None and begun(repo) else None


def concerned(plan: Plan) -> list[RepoPlan]:
    """Rows a real run asks about: those to be released, and those refused that can be read."""
    asked = {PlanStatus.RELEASE, PlanStatus.ERROR}
    return [row for row in plan.entries if row.status in asked and row.base_sha is not None]


def judged(plan: Plan, checks: Sequence[Check]) -> Plan:
    """The plan as the checks leave it: rows that would be refused, and what to be warned of."""
    repos = {row.repo for row in plan.entries}
    failed = [check for check in checks if check.state == "failed"]
    entries = [
        _refused(row, [check for check in failed if check.subject == row.repo])
        for row in plan.entries
    ]
    general = [f"{check.code} {check.words}" for check in failed if check.subject not in repos]
    told = [
        f"unknown: {check.words}" if check.state == "unknown" else check.words
        for check in checks
        if check.state in {"unknown", "warning"}
    ]
    warnings = tuple(dict.fromkeys((*plan.warnings, *general, *told)))
    return plan.model_copy(update={"entries": tuple(entries), "warnings": warnings})


def refusal(plan: Plan, checks: Sequence[Check]) -> ReleaseError | None:
    """All that keeps a run from beginning in one error, under the code of the first."""
    repos = {row.repo for row in plan.entries}
    reasons = [
        ReleaseError(check.code or ErrorCode.INTERNAL_ERROR, check.text, hint=check.hint or None)
        for check in checks
        if check.state == "failed" and check.subject not in repos
    ]
    for row in plan.errors:
        code = row.error_code or ErrorCode.SCAN_FAILED
        reasons.append(ReleaseError.of_text(code, f"{row.repo}: {row.error}"))
    if len(reasons) <= 1:
        return reasons[0] if reasons else None
    lines = [f"  {each.code} {each.message}{_next(each)}" for each in reasons]
    return ReleaseError(
        reasons[0].code,
        "\n".join([f"{len(reasons)} things are in the way, and nothing was touched:", *lines]),
        hint="mend them and start again; omni-release doctor looks by itself",
    )


def _refused(row: RepoPlan, failed: Sequence[Check]) -> RepoPlan:
    """The row with the failed checks; what the plan has against it already comes first."""
    if not failed:
        return row
    if row.error_code is None:
        first, *others = failed
        code = first.code or ErrorCode.INTERNAL_ERROR
        error = ReleaseError(code, first.text, hint=first.hint or None)
    else:
        error, others = ReleaseError.of_text(row.error_code, row.error or ""), list(failed)
    error.message += "".join(f" Also {check.words}." for check in others)
    return row.model_copy(
        update={"status": PlanStatus.ERROR, "error_code": error.code, "error": error.text}
    )


def _next(error: ReleaseError) -> str:
    return f" → {error.hint}" if error.hint else ""


def _look(subject: str, name: str, look: Callable[[], str]) -> Look:
    return lambda: [ask(subject, name, look)]


def _together(looks: Sequence[Look]) -> list[Check]:
    """The answers in the order of the questions; the same answer found twice is told once."""
    with ThreadPoolExecutor(_PARALLEL) as pool:
        found = pool.map(lambda look: list(look()), looks)
        return list(dict.fromkeys(check for checks in found for check in checks))


def _merge_commit(repo: RepoState | None) -> str | None:
    outputs = repo.evidence.values() if repo else ()
    return next((each.merge_sha for each in outputs if isinstance(each, MergeOutput)), None)
