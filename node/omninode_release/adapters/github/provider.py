"""GitHub, as a configuration names it: ``forge: github``."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from omninode_release.adapters.actions import ActionsWorkflow
from omninode_release.adapters.github.slug import slug_of_origin
from omninode_release.errors import ReleaseError
from omninode_release.models.check import ask
from omninode_release.models.place import WHOLE
from omninode_release.models.template import fill_template
from omninode_release.text.commits.release_commit import write_release_subject
from omninode_release.text.workflows.called import read_with_calls
from omninode_release.text.workflows.workflow import is_workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from omninode_release.adapters.claims import ClaimFolder
    from omninode_release.adapters.git import Git
    from omninode_release.adapters.github.branch_rules import OwnCommit
    from omninode_release.adapters.github.forge import GitHubForge
    from omninode_release.adapters.ports import Minimum, PlannedRelease, RepositorySite
    from omninode_release.models.check import Check
    from omninode_release.models.forge import Slug
    from omninode_release.models.publish import Publish
    from omninode_release.system.process import Runner

PROGRAMS: Mapping[str, Minimum | None] = {"gh": (2, 23)}  # the oldest that was tried


def open_forge(site: RepositorySite, run: Runner) -> GitHubForge:
    from omninode_release.adapters.github.api import open_api
    from omninode_release.adapters.github.calls import GitHubCalls
    from omninode_release.adapters.github.forge import GitHubForge

    calls = GitHubCalls(
        slug=_slug(site),
        cwd=site.git.path,
        run=run,
        clock=site.clock,
        seconds=site.config.timeouts.api_seconds,
        secrets=site.secrets,
    )
    publish = site.config.publish_for(site.repo)
    return GitHubForge(open_api(calls, site.config), publish.workflow, site.repo, publish)


def workflows(publish: Publish) -> ActionsWorkflow:
    return ActionsWorkflow(publish.workflow, runs_elsewhere=True)


def open_claims(site: RepositorySite, *, run_id: str, instance: str) -> ClaimFolder:
    from omninode_release.adapters.claims import ClaimFolder

    return ClaimFolder(site.places.claims, _slug(site), run_id, instance, site.clock)


def readiness(site: RepositorySite, release: PlannedRelease) -> Iterator[Check]:
    """The origin, and what GitHub says of it; a question that has to wait long is not answered."""
    from omninode_release.adapters.github.publish_workflow import early_checks
    from omninode_release.adapters.github.readiness import github_checks
    from omninode_release.adapters.github.surroundings import surrounding_checks

    origin = ask(site.repo, "origin", lambda: _address(_slug(site)))
    yield origin
    if origin.state == "ok":
        forge = open_forge(site, site.git.run)
        brief = replace(forge, api=forge.api.brief())
        whole = site.git.inside(WHOLE)  # workflows stand at the root, a package may not
        base = release.row.base_sha or ""
        text = read_with_calls(partial(whole.text, base), forge.workflow_path)
        organization = site.config.organization
        commit = _expect_commit(site, release)
        yield from github_checks(brief, release, text, organization=organization, commit=commit)
        yield from surrounding_checks(
            brief, release, text or "", labels=site.config.pull_request.labels
        )
        if not release.merged:
            yield from early_checks(brief, release, _read_workflows(whole, base))


def _expect_commit(site: RepositorySite, release: PlannedRelease) -> OwnCommit:
    """The commit that the run will make."""
    from omninode_release.adapters.github.branch_rules import OwnCommit

    return OwnCommit(
        subject=_expect_subject(release),
        find_author=partial(_find_address, partial(site.git.identity, "AUTHOR")),
        find_committer=partial(_find_address, lambda: site.committer),
        signed=site.git.flag("commit.gpgSign"),
    )


def _expect_subject(release: PlannedRelease) -> str | None:
    """Its subject; packages of one repository share it, and are not known here."""
    row, run_id, ticket = release.row, release.own_run or "RUN", release.ticket
    if row.path is not None or row.repository is not None:
        return None
    version = row.new or row.current or ""
    if release.subject is None:
        return write_release_subject([f"{row.repo} v{version}"], ticket)
    values = {"repo": row.repo, "version": version, "old": row.current or "", "run_id": run_id}
    level = {"level": str(row.bump or ""), "ticket": ticket or ""}
    return fill_template(release.subject, values | level)


def _find_address(identity: Callable[[], str]) -> str:
    """That of ``NAME <ADDRESS> SECONDS ZONE``; empty where git knows no name."""
    try:
        return identity().rpartition("<")[2].partition(">")[0]
    except ReleaseError:
        return ""


def _read_workflows(whole: Git, base: str) -> dict[str, str]:
    """All of them at the commit, with what they call."""
    read = partial(whole.text, base)
    paths = [path for path in whole.paths(base) if is_workflow(path)] if base else []
    return {path: read_with_calls(read, path) or "" for path in paths}


def _slug(site: RepositorySite) -> Slug:
    try:
        return slug_of_origin(site.origin, site.git.path, site.environ.get("GH_HOST"))
    except ReleaseError as error:
        if not site.origin:
            error.hint = f"{site.git.advise_origin('URL')}, or choose another forge"
        raise


def _address(slug: Slug) -> str:
    return f"{slug.host}/{slug.path}"
