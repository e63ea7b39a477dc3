"""The embedded forge, as a configuration names it: ``forge: local``."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from omninode_release.adapters.actions import ActionsWorkflow
from omninode_release.errors import ErrorCode, ReleaseError, typed, typed_git
from omninode_release.models.check import Check, ask
from omninode_release.models.place import WHOLE
from omninode_release.system.presence import is_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.adapters.claims import NoClaims
    from omninode_release.adapters.local.forge import LocalForge
    from omninode_release.adapters.local.pulls import LocalPulls
    from omninode_release.adapters.local.repository import BareRepository
    from omninode_release.adapters.ports import Minimum, PlannedRelease, RepositorySite
    from omninode_release.models.publish import Publish
    from omninode_release.system.process import Runner

PROGRAMS: Mapping[str, Minimum | None] = {}
_IDENT = re.compile(r"(?P<name>.*) <(?P<email>.*)> \d+ [+-]\d{4}")


def open_forge(site: RepositorySite, run: Runner) -> LocalForge:
    from omninode_release.adapters.local.forge import LocalForge
    from omninode_release.adapters.local.index import LocalIndex, index_folder
    from omninode_release.adapters.local.runs import LocalRuns
    from omninode_release.adapters.uv import Uv
    from omninode_release.system.scratch import temporary_folder

    config, origin = site.config, _origin(site, run)
    index = LocalIndex(index_folder(config, site.places))
    uv = Uv(run, config.timeouts.lock_minutes * 60, site.links())

    def publish(tree: Path) -> None:
        with temporary_folder() as out:
            index.publish(uv.build(tree / site.git.place.folder, out))

    runs = LocalRuns(origin, config.clone_of(site.repo), site.repo, publish)
    return LocalForge(config.publish_for(site.repo).workflow, _open_pulls(site, run), runs)


def _open_pulls(site: RepositorySite, run: Runner) -> LocalPulls:
    from omninode_release.adapters.local.checks import LocalChecks
    from omninode_release.adapters.local.pulls import LocalPulls

    origin, config = _origin(site, run), site.config
    seconds = config.timeouts.checks_minutes * 60
    return LocalPulls(
        origin=origin,
        repo=config.clone_of(site.repo),
        checks=LocalChecks(origin, config.local.checks, run, seconds),
        identity=_identity(site.committer),
        now=lambda: site.clock.now().strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    )


def workflows(publish: Publish) -> ActionsWorkflow:
    return ActionsWorkflow(publish.workflow, runs_elsewhere=False)


def open_claims(site: RepositorySite, *, run_id: str, instance: str) -> NoClaims:  # noqa: ARG001
    from omninode_release.adapters.claims import NoClaims

    return NoClaims()


def readiness(site: RepositorySite, release: PlannedRelease) -> Iterator[Check]:
    """The origin takes what a release writes, and no other run has a pull request open there."""
    origin = ask(site.repo, "origin", lambda: _writable(_origin(site, site.git.run)))
    yield origin
    if origin.state == "ok":
        yield _other_runs(site, release)
    if release.makes_release or site.config.publish_for(site.repo).trigger == "release":
        refused = ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"expected no GitHub Release to be asked for of {site.repo} with forge: local, which"
            " keeps none; found github_release, or publish.trigger: release.",
            hint="take both out of the release configuration, or write forge: github",
        )
        yield Check.failure(site.repo, "release", refused)


def _other_runs(site: RepositorySite, release: PlannedRelease) -> Check:
    from omninode_release.adapters.other_runs import check_other_runs

    pulls, name = _open_pulls(site, site.git.run), release.row.clone
    return check_other_runs(
        site.repo,
        [*pulls.find_release_branches(name)],
        own_run=release.own_run,
        is_over=release.is_over,
        close=lambda pull: typed_git(site.git.path, "push", "origin", "--delete", pull.branch),
    )


def _origin(site: RepositorySite, run: Runner) -> BareRepository:
    from omninode_release.adapters.local.repository import BareRepository

    clone = site.git.path
    path = Path(site.origin.removeprefix("file://"))
    folder = path if path.is_absolute() else clone / path
    if not site.origin or not is_folder(folder):
        change = typed_git(clone, "remote", "set-url", "origin", "PATH")
        raise ReleaseError(
            ErrorCode.CONFIG_INVALID,
            f"forge: local needs a bare repository on this machine as origin of {clone},"
            f" found {site.origin or 'no origin'}.",
            hint=f"{change if site.origin else site.git.advise_origin('PATH')}, or choose another"
            " forge",
        )
    git = replace(site.git, path=folder.resolve(), run=run, place=WHOLE)
    return BareRepository(git, site.secrets)


def _writable(origin: BareRepository) -> str:
    """The repository and the records beside it. Raises PUSH_FAILED."""
    records = origin.records if is_folder(origin.records) else origin.records.parent
    for folder in (origin.path, records):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise ReleaseError(
                ErrorCode.PUSH_FAILED,
                f"expected a folder that can be written to at {folder}, found that it cannot.",
                hint=f"{typed(('chmod', 'u+wx', str(folder)))}, or ask its owner to",
            )
    return str(origin.path)


def _identity(committer: str) -> dict[str, str]:
    """The variables by which git takes ``committer`` for author and committer."""
    found = _IDENT.fullmatch(committer)
    name, email = (found["name"], found["email"]) if found else ("", "")
    return {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", name), ("EMAIL", email))
    }
