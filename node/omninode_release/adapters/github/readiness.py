"""What GitHub says before a release: login, permission, workflow, other runs, automation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.adapters.github.branch_rules import require_mergeable, require_pushable
from omninode_release.adapters.github.publish_workflow import (
    list_made_tags,
    own_tag_checks,
    require_start,
)
from omninode_release.adapters.github.remedies import (
    NOT_FOUND,
    allow_squash,
    log_in,
    name_token,
    unarchive,
    view_repository,
)
from omninode_release.adapters.github.response import Fault, GitHubError
from omninode_release.adapters.github.rules import (
    doubt_tags,
    environment_checks,
    require_admitted,
)
from omninode_release.adapters.other_runs import check_other_runs, list_pulls, none_or_unknown
from omninode_release.errors import ErrorCode, ReleaseError, ToolMissing, typed, typed_git
from omninode_release.models.check import CannotTell, Check, ask
from omninode_release.text.workflows.starts import choose_start, find_environments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omninode_release.adapters.github.about import AboutRepository
    from omninode_release.adapters.github.branch_rules import OwnCommit
    from omninode_release.adapters.github.forge import GitHubForge
    from omninode_release.adapters.ports import PlannedRelease

_UNAUTHORIZED = 401
_OF_A_WORKFLOW = "github-actions[bot]"
"""Whom GITHUB_TOKEN logs in as."""


def github_checks(
    forge: GitHubForge,
    release: PlannedRelease,
    workflow: str | None,
    *,
    organization: str,
    commit: OwnCommit,
) -> Iterator[Check]:
    """Everything GitHub is asked about one repository, in two calls.

    ``workflow`` is the publish workflow on the base branch; ``organization`` is who releases.
    """
    host, repo = forge.api.slug.host, release.row.repo
    try:
        about = forge.about(release.row.clone, release.row.base_branch)
    except GitHubError as error:
        yield from _without_answer(host, repo, forge, error)
        return
    except ToolMissing:
        yield Check(repo, "github", "unknown", "not asked: gh is not installed")
        return
    yield _login(host, about.login)
    yield from _fork(about, forge, repo, organization)
    yield ask(repo, "push", lambda: _may_push(about, forge))
    if not release.merged:
        yield ask(repo, "merge", lambda: _can_merge(about, forge, release, commit))
    text, released = workflow or "", release.makes_release
    made = list_made_tags(forge, text, release)
    refs = _refs(about, release, made)
    yield ask(repo, "rules", lambda: _may_make(about, forge, refs, commit))
    if forge.publish.trigger != "none":
        yield ask(repo, "workflow", lambda: require_start(forge, workflow, release))
        yield from own_tag_checks(forge, text, release)
        names = find_environments(forge.publish, text, made, released=released)
        start = choose_start(forge.publish, text, made, released=released)
        yield from environment_checks(forge, repo, names, made[0 if start == "release" else -1])
    yield _base(about, release, forge)
    yield _other_runs(about, release)
    yield _automation(about, repo)


def _login(host: str, login: str) -> Check:
    if login != _OF_A_WORKFLOW:
        return Check(host, "login", "ok", f"gh is logged in as {login}")
    # GitHub Docs, "Automatic token authentication".
    return Check(
        host, "login", "warning",
        "gh has the token of a workflow, and what that pushes starts none: the checks of a pull"
        " request do not run, and a tag publishes nothing unless the workflow can be dispatched",
        f"set {name_token(host)} to the token of an app or of a machine account, for git as well",
    )  # fmt: skip


def _refs(about: AboutRepository, release: PlannedRelease, made: Sequence[str]) -> list[str]:
    """What is still to be made, by its full name; the id of a run to come is not known."""
    branch = f"refs/heads/release/{release.own_run or 'RUN'}/{release.row.clone}"
    tags = (f"refs/tags/{tag}" for tag in made if tag not in release.tagged)
    return [*([] if release.merged or _is_pushed(about, release) else [branch]), *tags]


def _is_pushed(about: AboutRepository, release: PlannedRelease) -> bool:
    return release.own_run in {each.run_id for each in about.releases}


def _without_answer(
    host: str, repo: str, forge: GitHubForge, error: GitHubError
) -> Iterator[Check]:
    path = forge.api.slug.path
    if error.fault is not Fault.REFUSED:
        yield Check(repo, "github", "unknown", f"{host} could not be asked: {error.why}")
    elif error.status not in {None, _UNAUTHORIZED, NOT_FOUND}:
        refused = ReleaseError(
            ErrorCode.PUSH_FAILED,
            f"expected {host} to tell of {path}, found that it refuses: {error.why}",
            hint=error.hint,
        )
        yield Check.failure(repo, "push", refused)
    elif error.status == NOT_FOUND:
        yield Check(repo, "push", "failed",
                    f"expected {path} on {host}, found no such repository that this login can see",
                    view_repository(forge.api.slug),
                    ErrorCode.PUSH_FAILED)  # fmt: skip
    else:
        yield Check(host, "login", "failed", f"expected gh to be logged in to {host}, found:"
                    f" {error.why}", log_in(host), ErrorCode.CREDENTIALS_MISSING)  # fmt: skip
        yield Check(repo, "github", "unknown", f"not asked: gh is not logged in to {host}")


def _fork(
    about: AboutRepository, forge: GitHubForge, repo: str, organization: str
) -> Iterator[Check]:
    """A person's fork has branches and tags of its own, and nothing of it is published."""
    path, clone, parent = forge.api.slug.path, forge.api.calls.cwd, about.found.parent
    owner = path.partition("/")[0]
    if parent is None or owner.lower() == organization.lower():
        return
    of = parent.name_with_owner
    is_ours = of.partition("/")[0].lower() == organization.lower()
    yield Check(
        repo, "fork", "failed" if is_ours else "warning",
        f"expected origin of {clone} to be the repository that is released, found {path}, which is"
        f" a fork of {of}: branch, pull request and tags would be made in the fork",
        typed_git(clone, "remote", "set-url", "origin", parent.url),
        ErrorCode.PUSH_FAILED if is_ours else None,
    )  # fmt: skip


def _may_push(about: AboutRepository, forge: GitHubForge) -> str:
    path, clone = forge.api.slug.path, forge.api.calls.cwd
    if about.found.name_with_owner.lower() != path.lower():
        raise ReleaseError(
            ErrorCode.PUSH_FAILED,
            f"expected origin of {clone} to be the repository's own address, found {path}, which is"
            f" {about.found.name_with_owner} now; GitHub sends questions on to there, and no"
            " changes.",
            hint=typed_git(clone, "remote", "set-url", "origin", about.found.url),
        )
    if about.found.is_archived:
        raise ReleaseError(
            ErrorCode.PUSH_FAILED, f"expected {path} to take pushes, found it archived.",
            hint=unarchive(forge.api.slug),
        )  # fmt: skip
    if about.may_push is None:
        raise CannotTell(f"GitHub does not say what the token of {about.login} may do")
    if not about.may_push:
        raise ReleaseError(
            ErrorCode.PUSH_FAILED,
            f"expected {about.login} to have write permission on {path}, found less.",
            hint=f"ask an owner of {path} for it, or gh auth login with a login that has it",
        )
    return f"{about.login} may push"


def _may_make(
    about: AboutRepository, forge: GitHubForge, refs: Sequence[str], commit: OwnCommit
) -> str:
    """That the rules admit each of ``refs``, full names."""
    admitted = require_admitted(forge, about.rulesets, refs, signs=commit.signed)
    start = "refs/heads/"
    for branch in (ref.removeprefix(start) for ref in refs if ref.startswith(start)):
        require_pushable(forge, about.rulesets, branch, commit)
    doubt_tags(forge, about.rulesets, refs)
    return admitted


def _can_merge(
    about: AboutRepository, forge: GitHubForge, release: PlannedRelease, commit: OwnCommit
) -> str:
    if about.found.merge_queue is not None:
        return "through the merge queue"
    if not about.found.squash_merge_allowed:
        raise ReleaseError(
            ErrorCode.MERGE_FAILED,
            f"expected {forge.api.slug.path} to allow squash merging, found it switched off.",
            hint=allow_squash(forge.api.slug),
        )
    if _is_pushed(about, release):  # by another than who resumes, perhaps
        commit = commit._replace(subject=None, find_author=str)
    require_mergeable(forge, about.rulesets, release.row.base_branch or "", commit)
    return "by squash"


def _base(about: AboutRepository, release: PlannedRelease, forge: GitHubForge) -> Check:
    row = release.row
    if release.said_base is not None:
        return Check(row.repo, "base", "ok", f"{row.base_branch}, as base_branches says")
    found = f"{about.default_branch} is the default branch"
    if about.default_branch == row.base_branch:
        return Check(row.repo, "base", "ok", found)
    hint = typed_git(forge.api.calls.cwd, "remote", "set-head", "origin", "--auto")
    return Check(row.repo, "base", "warning",
                 f"the clone takes {row.base_branch} for it; {found}", hint)  # fmt: skip


def _other_runs(about: AboutRepository, release: PlannedRelease) -> Check:
    return check_other_runs(
        release.row.repo,
        about.releases,
        own_run=release.own_run,
        is_over=release.is_over,
        close=lambda pull: typed(("gh", "pr", "close", pull.url, "--delete-branch")),
        cut_short=about.found.refs is not None and about.found.refs.page_info.has_next_page,
    )


def _automation(about: AboutRepository, repo: str) -> Check:
    if about.automated:
        return Check(
            repo, "automation", "warning",
            f"{len(about.automated)} open pull requests of automation may merge meanwhile, or are"
            f" superseded by this release: {list_pulls(about.automated)}",
        )  # fmt: skip
    page = about.found.pull_requests.page_info
    return none_or_unknown(
        repo, "automation", "it has no open pull requests", cut_short=page.has_next_page
    )
