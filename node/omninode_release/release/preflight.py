"""What a release will need, asked for all at once and before a person is asked to approve it.

A real run refuses by it, a dry run shows it (``--preflight``), ``omni-release doctor`` asks it by
itself. Nothing is changed by asking. What could not be looked at is ``unknown``: a warning, never
fine. Looks at different repositories and services go on side by side.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.adapters.ports import PlannedRelease
from omninode_release.errors import ErrorCode, ReleaseError, is_of_the_machine, storage_error
from omninode_release.gate.registry import open_environment, open_slack
from omninode_release.models.check import Check, ask
from omninode_release.models.plan import PlanStatus
from omninode_release.models.template import names_place
from omninode_release.phases.merge import MergeOutput
from omninode_release.phases.output import find_output
from omninode_release.phases.registry import read_outputs
from omninode_release.release.approvals.gate_rules import surroundings
from omninode_release.release.checks.git import (
    OwnMerge,
    can_commit,
    check_remote,
    list_named_tags,
    tag_is_free,
)
from omninode_release.release.checks.locks import check_locks
from omninode_release.release.checks.programs import (
    REQUIRED,
    check_towncrier,
    check_uv,
    list_programs_of,
    list_programs_of_checks,
    require_program,
)
from omninode_release.release.checks.services import (
    check_credentials_file,
    check_version,
    slack_answers,
)
from omninode_release.release.progress import is_stale
from omninode_release.system.children import work_together
from omninode_release.text.versions.version import tag_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from omninode_release.adapters.git import Git
    from omninode_release.adapters.ports import Minimum
    from omninode_release.models.facts import OrgFacts
    from omninode_release.models.plan import Plan, RepoPlan
    from omninode_release.models.state import RepoState
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World

Look = Callable[[], Iterable[Check]]
_PARALLEL = 8


@dataclass(frozen=True)
class Preflight:
    """The checks of one run, which need not have begun."""

    world: World
    record: RunRecord

    def programs(self) -> list[Check]:
        """The programs a run needs, with their versions; git is the first."""
        runners, own = list_programs_of(self.world.config)
        needed = {**REQUIRED, **runners, **self.world.forge_provider.PROGRAMS}
        looks = [
            _look(name, "program", partial(self._find_program, name, minimum))
            for name, minimum in needed.items()
        ]
        looks += [
            _look(name, "program", partial(self.world.programs.find, name))
            for name in own
            if name not in needed
        ]
        return _ask_together(looks)

    def services(
        self, rows: Sequence[RepoPlan], *, remote: OrgFacts | None = None, more: Sequence[Look] = ()
    ) -> list[Check]:
        """Gate, index, forge and git, for these rows of the plan.

        ``remote`` is what the remotes were just seen to have; without it they are asked for their
        tags. ``more`` is what only the caller can look at.
        """
        index = self._index()
        published = all(each.state == "ok" for each in index)
        looks: list[Look] = [
            *self._gate(),
            *more,
            lambda: index,
            self._ticket,
            self._missing_checks,
        ]
        for row in rows:
            looks += [
                partial(_keep_going, row.repo, "clone", look)
                for look in self._repository(row, remote)
            ]
            if published and self._needs_free_version(row):
                looks.append(partial(self._version, row))
        repos = {row.repo for row in rows}
        return sorted(_ask_together(looks), key=lambda check: check.subject in repos)

    def _gate(self) -> Iterator[Look]:
        """Where a person is going to be asked; a token is verified by itself."""
        session = self.record.session
        gate, is_asked = session.config.gate, session.request.gate_attestation is None
        if gate == "slack":
            yield lambda: check_credentials_file(surroundings(session).credentials)
        if gate == "slack" and is_asked:
            yield _look("Slack", "bot", lambda: slack_answers(open_slack(surroundings(session))))
        if gate == "environment" and is_asked:
            yield _look(
                "gate", "environment", lambda: open_environment(surroundings(session)).check()
            )

    def _index(self) -> list[Check]:
        world = self.world
        return _ask_provider(
            "index",
            f"index {world.config.index}",
            lambda: world.index_provider.readiness(world.index_site),
        )

    def _ticket(self) -> Iterator[Check]:
        """A text of the configuration that names a ticket, where there is none."""
        templates, state = self.world.config.templates, self.record.state
        asking = [text for text in templates if names_place(text, "ticket")]
        if asking and not (state or self.record.session.request).ticket:
            error = ReleaseError(
                ErrorCode.CONFIG_INVALID,
                f"expected a ticket for {asking[0]!r} of the release configuration, found none.",
                hint="omni-release --ticket TICKET and the rest as before",
            )
            yield Check.failure("run", "ticket", error)

    def _missing_checks(self) -> Iterator[Check]:
        """The command of `local.checks` where it cannot be run, which only MERGE would find."""
        for name in list_programs_of_checks(self.world.config):
            found = ask(name, "program", partial(self.world.programs.find, name))
            if found.state != "ok":
                yield found

    def _needs_free_version(self, row: RepoPlan) -> bool:
        """False also where this run has begun with the very version of the row."""
        begun = self.record.find_begun(row.repo)
        is_under_way = begun is not None and not is_stale(begun, row)
        return self.world.config.publishes(row.repo) and row.new is not None and not is_under_way

    def _version(self, row: RepoPlan) -> list[Check]:
        return _ask_provider(
            row.repo,
            f"index {self.world.config.index}",
            lambda: check_version(self.world.index, row, self.record.session.request.resume),
        )

    def _repository(self, row: RepoPlan, remote: OrgFacts | None) -> Iterator[Look]:
        git, base = self.world.site(row.repo).git, row.base_sha or ""
        environ = self.world.programs.environ
        yield _look(row.repo, "identity", lambda: can_commit(git, base, environ))
        yield lambda: check_remote(git, row.repo, base)
        yield lambda: check_uv(git, row, self._find_program)
        yield partial(self._locks, git, row)
        yield lambda: check_towncrier(git, row, self.world.config, self._find_program)
        known = remote.repos[row.repo].tags if remote else None
        yield partial(self._forge, row, frozenset(known or ()))
        begun = self.record.find_begun(row.repo)
        ours = _merge_commit(begun)
        # Begun and no merge on record: it may be merged all the same, and tagged. TAG judges that.
        if row.new is not None and (ours is not None or begun is None):
            merged = OwnMerge(self.record.session.run_id, ours) if ours else None
            yield _look(row.repo, "tag", partial(self._tag, git, row, known, merged))

    def _tag(
        self, git: Git, row: RepoPlan, known: Mapping[str, str] | None, ours: OwnMerge | None
    ) -> str:
        world = self.world
        also = list_named_tags(world, git, row)
        return tag_is_free(
            git,
            row,
            world.config,
            lambda: world.index,
            known=known,
            ours=ours,
            also=also,
            resumed=self.record.session.request.resume,
        )

    def _locks(self, git: Git, row: RepoPlan) -> list[Check]:
        world, find = self.world, self._find_program
        try:
            in_folder = world.index_provider.links(world.index_site) is not None
        except Exception:  # noqa: BLE001 - of any kind: the index's own check says why
            return []
        return list(check_locks(git, row, world.config, find, in_folder=in_folder))

    def _find_program(self, name: str, minimum: Minimum | None) -> str:
        return require_program(self.world.programs, self.world.places.omni_home, name, minimum)

    def _forge(self, row: RepoPlan, tagged: frozenset[str]) -> list[Check]:
        config, site = self.world.config, self.world.site(row.repo)
        begun = self.record.find_begun(row.repo)
        formats = config.tag_formats_to_make(row.repo, row.tag_format)
        formats = formats[: None if config.publish_for(row.repo).trigger in {"auto", "tag"} else 1]
        version = row.new or row.current or "0.0.0"
        release = PlannedRelease(
            row=row,
            tags=tuple(tag_name(each, row.repo, version) for each in formats),
            # Run ids are made of names and day: before this run has begun, it is another's.
            own_run=self.record.session.run_id if begun else None,
            merged=_merge_commit(begun) is not None,
            makes_release=config.makes_release(row.repo),
            said_base=config.said_base(row.repo),
            subject=config.commit_subject,
            ticket=(self.record.state or self.record.session.request).ticket,
            is_over=self.record.session.store.is_taken,
            tagged=tagged,
        )
        return _ask_provider(
            row.repo,
            f"forge {config.forge}",
            lambda: self.world.forge_provider.readiness(site, release),
        )


def rows_to_check(plan: Plan) -> list[RepoPlan]:
    """Rows a real run asks about: those to be released, and those refused that can be read."""
    asked = {PlanStatus.RELEASE, PlanStatus.ERROR}
    return [row for row in plan.entries if row.status in asked and row.base_sha is not None]


def _look(subject: str, name: str, question: Callable[[], str]) -> Look:
    return lambda: [ask(subject, name, question)]


def _keep_going(subject: str, name: str, look: Look) -> Iterator[Check]:
    """What a look found; one that an error ends keeps no other from being asked."""
    try:
        yield from look()
    except ReleaseError as error:
        yield Check.failure(subject, name, error)
    except OSError as error:
        if not is_of_the_machine(error):
            raise
        yield Check.failure(subject, name, storage_error(error))


def _ask_together(looks: Sequence[Look]) -> list[Check]:
    """The answers in the order of the questions; the same answer found twice is told once."""
    found = work_together(lambda look: list(look()), looks, threads=_PARALLEL)
    return list(dict.fromkeys(check for checks in found for check in checks))


def _ask_provider(subject: str, provider: str, look: Look) -> list[Check]:
    """What a forge or an index says of itself; one that says nothing, or breaks off, is not ready.

    ``provider`` is its kind and name, such as ``forge github``.
    """
    kind = provider.partition(" ")[0]
    checks: list[Check] = []
    try:
        checks += _keep_going(subject, kind, look)
    except Exception as error:  # noqa: BLE001 - a stub must not pass for ready, nor end a doctor
        at = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{at.name} ({'/'.join(Path(at.filename).parts[-2:])}:{at.lineno})"
        why = ": ".join(filter(None, (f"{type(error).__name__} in {place}", str(error))))
        broken = ReleaseError(
            ErrorCode.INTERNAL_ERROR,
            f"expected the {provider} to say whether it is ready, found {why}",
            hint="omni-release validate names what an adapter lacks",
        )
        checks.append(Check.failure(subject, kind, broken))
    silent = Check(subject, kind, "unknown", f"the {provider} does not say whether it is ready")
    return checks or [silent]


def _merge_commit(repo: RepoState | None) -> str | None:
    merged = find_output(read_outputs(repo.outputs).values(), MergeOutput) if repo else None
    return merged.merge_sha if merged else None
