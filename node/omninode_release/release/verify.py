"""VERIFY: what a run published installs together, looked at once everything is released.

It is no phase: it belongs to no repository, and nothing can be taken back by it. A run that is
killed here is resumed here, since its state is archived only afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from omninode_release.adapters.uv_environment import UvEnvironment, is_unreachable
from omninode_release.errors import CommandFailed, ErrorCode, ReleaseError
from omninode_release.events import Verified, Waiting, Working
from omninode_release.models.phase import Phase
from omninode_release.models.verification import Verification
from omninode_release.system.scratch import temporary_folder
from omninode_release.system.wait import NotYet, Pauses, poll
from omninode_release.text.holders.ports import Source
from omninode_release.text.manifests.manifest import MANIFEST, parse_manifest
from omninode_release.text.needs.registry import find_python
from omninode_release.text.uv_output import explain_uv, find_index_refusal, is_not_found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from omninode_release.models.state import RepoState, RunState
    from omninode_release.release.record import RunRecord
    from omninode_release.release.world import World

_SHOWN = 600
"""Characters of what uv says that are shown."""


class NotVerified(Exception):
    """The look could not be taken; the text says why."""


class _Verdict(NamedTuple):
    """What a look found."""

    state: Literal["passed", "failed", "skipped"]
    text: str
    python: str | None = None


def verify(record: RunRecord, world: World) -> None:
    """Look whether the packages of the run install together, and write down what was found.

    What does not install is a warning; with ``verify: fail`` it raises VERIFY_FAILED.
    """
    mode, released = world.config.verify, record.written.repos
    if mode == "off" or not any(map(world.config.publishes, released)):
        return
    began = world.clock.monotonic()
    record.session.report(Working("looking whether what was published installs together"))
    found, python = _Look.at(record.written, world).take()
    record.note_verification(found)
    record.session.report(Verified(found, python, world.clock.monotonic() - began))
    if found.state == "failed" and mode == "fail":
        run_id = record.session.run_id
        raise ReleaseError(
            ErrorCode.VERIFY_FAILED,
            f"everything is published, and {found.text}.",
            hint=f"release what mends it (omni-release abandon {run_id} makes room for a run of the"
            f" same repositories), or omni-release --resume {run_id} to look again",
        )
    if found.state == "failed":
        record.warnings = (*record.warnings, f"{ErrorCode.VERIFY_FAILED}: {found.text}")
    if found.state == "skipped" and not world.skip_pypi_wait:  # what no option asked for is told
        record.warnings = (*record.warnings, f"not verified: {found.text}")


@dataclass(frozen=True)
class _Look:
    """One look at one run."""

    state: RunState
    world: World
    versions: Mapping[str, str]
    """Normalised distribution to version, of everything the run has published."""

    @classmethod
    def at(cls, state: RunState, world: World) -> _Look:
        released = {
            str(canonicalize_name(repo.distribution or name)): repo.new_version
            for name, repo in state.repos.items()
            if world.config.publishes(name)
        }
        return cls(state, world, released)

    @property
    def _published(self) -> dict[str, RepoState]:
        """The repositories whose packages are on the index, or should be."""
        repos = self.state.repos.items()
        return {name: repo for name, repo in repos if self.world.config.publishes(name)}

    def take(self) -> tuple[Verification, str | None]:
        """What was found, and with which Python."""
        try:
            verdict = self._install()
        except NotVerified as why:
            verdict = _Verdict("skipped", str(why))
        except (ReleaseError, OSError) as error:
            verdict = _Verdict("skipped", f"it could not be looked at: {error}")
        state, text, python = verdict
        return Verification(state=state, text=text, packages=dict(self.versions)), python

    def _install(self) -> _Verdict:
        """Install into an environment that is gone afterwards. Raises NotVerified."""
        self._require_published()
        with temporary_folder("verify-") as folder:
            environment = open_environment(self.world, folder.resolve() / "venv")
            merged = {name: _merge_commit(repo) for name, repo in self._published.items()}
            python = make_environment(environment, self.world, merged)
            failure = self._fill(environment)
            if failure is not None:
                said = self._tell("does not install", "do not install together")
                words = explain_uv(failure.stderr)[:_SHOWN]
                return _Verdict("failed", f"{said}: {words}", python)
            wrong = list(self._find_wrong(environment.read_versions()))
        if wrong:
            said = self._tell("installs", "install")
            told = "; ".join(wrong)
            return _Verdict("failed", f"{said}, and not as released: {told}", python)
        return _Verdict("passed", self._tell("installs", "install together"), python)

    def _require_published(self) -> None:
        """Raise NotVerified where the run did not wait to see a package on the index."""
        unseen = [
            f"{name} {repo.new_version}"
            for name, repo in self._published.items()
            if repo.outputs.get(Phase.PUBLISH, {}).get("pypi_status") != "available"
        ]
        if unseen:
            raise NotVerified(f"the run did not wait for the index to have {', '.join(unseen)}")

    def _fill(self, environment: UvEnvironment) -> CommandFailed | None:
        """Install; what uv failed with where that did not go. Raises NotVerified.

        An index that answers from several places may not show everything everywhere at once.
        """
        failures: list[CommandFailed] = []

        def attempt() -> bool | NotYet:
            try:
                environment.install(self.versions)
            except CommandFailed as failure:
                failures.append(failure)
                late = environment.links is None and self._may_come(failure)
                return NotYet("the index to show all packages of this run") if late else False
            return True

        polling = self.world.config.polling
        done = poll(
            attempt,
            self.world.clock,
            seconds=environment.seconds,
            pauses=Pauses.for_event(polling.min_seconds, polling.max_seconds),
            report=lambda why, left: self.world.report(Waiting(why, left)),
        )
        if done is True:
            return None
        if is_unreachable(failures[-1]):
            words = explain_uv(failures[-1].stderr)[:_SHOWN]
            raise NotVerified(f"an index could not be asked: {words}")
        return failures[-1]

    def _may_come(self, failure: CommandFailed) -> bool:
        """True when uv did not find a package of the run, where it was let in.

        Some indexes answer 403 for what they lack.
        """
        if "401" in (find_index_refusal(failure.stderr) or ""):
            return False
        return any(is_not_found(failure.stderr, *each) for each in self.versions.items())

    def _find_wrong(self, installed: Mapping[str, str]) -> Iterator[str]:
        for name, version in self.versions.items():
            there = installed.get(name)
            if there is None or Version(there) != Version(version):
                yield f"expected {name} {version}, found {there or 'none'}"

    def _tell(self, one: str, several: str) -> str:
        number = len(self.versions)
        return f"1 package {one}" if number == 1 else f"{number} packages {several}"


def open_environment(world: World, folder: Path, *, step: str = "verify") -> UvEnvironment:
    """What packages are installed into: where the run's own index, or folder, is asked."""
    programs = world.programs.at(step)
    links = world.index_provider.links(world.index_site)
    asked = world.index_url if links is None else None
    return UvEnvironment(
        folder,
        programs,
        world.config.timeouts.verify_minutes * 60,
        links,
        index=_simple_address(asked) if asked else None,
        inherited=programs.environ.get("UV_INDEX", ""),
    )


def make_environment(environment: UvEnvironment, world: World, commits: Mapping[str, str]) -> str:
    """The version of its Python, which fits all packages: each as it is in its commit.

    Raises NotVerified where none here does.
    """
    supported = dict(_read_supported(world, commits))
    everything = SpecifierSet()
    for each in supported.values():
        everything &= each
    try:
        return environment.make(everything)
    except CommandFailed as failure:
        wanted = ", ".join(f"{name} needs {each}" for name, each in supported.items())
        raise NotVerified(
            f"uv finds no Python here that fits all packages ({wanted or failure.last_words})"
        ) from failure


def _read_supported(world: World, commits: Mapping[str, str]) -> Iterator[tuple[str, SpecifierSet]]:
    """What each package says of Python."""
    for name, commit in commits.items():
        read = partial(world.site(name).git.text, commit)
        parsed = parse_manifest(read(MANIFEST) or "", where=f"{name}/{MANIFEST}")
        found = find_python(Source(parsed, read, name))
        if found is not None:
            yield name, found


def _merge_commit(repo: RepoState) -> str:
    return str(repo.outputs[Phase.MERGE]["merge_sha"])


def _simple_address(address: str) -> str:
    """The simple API of an index, without what only our own look at it may know (redaction)."""
    parts = urlsplit(address)
    path = parts.path.rstrip("/").removesuffix("/simple")
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, f"{path}/simple/", "", ""))
