"""Whether a clone is behind its remote, which a dry run looks at and does not fetch from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.errors import ReleaseError, typed_git

if TYPE_CHECKING:
    from omninode_release.adapters.git import Git, RemoteRefs
    from omninode_release.models.facts import RepoFacts

_STALE_LOOK_SECONDS = 2.0


def note_if_stale(git: Git, facts: RepoFacts, said: str | None) -> str | None:
    """What a person should know of the clone; None where it is current.

    ``said`` is the base branch that the configuration names.
    """
    try:
        remote: RemoteRefs = git.ls_remote(
            f"refs/heads/{facts.base_branch}", "refs/tags/*", seconds=_STALE_LOOK_SECONDS
        )
    except ReleaseError:
        return f"{facts.repo}: its remote could not be asked; the plan is of the clone as it is"
    if said is None and remote.head not in {None, facts.base_branch}:
        fetch = typed_git(git.path, "fetch", "origin")
        follow = typed_git(git.path, "remote", "set-head", "origin", "--auto")
        return (
            f"{facts.repo}: the default branch of its remote is {remote.head} and not"
            f" {facts.base_branch} any more; a real run releases from that"
            f" ({fetch}, then {follow})"
        )
    there = remote.refs.get(f"refs/heads/{facts.base_branch}")
    if there not in {None, facts.base_sha}:
        return (
            f"{facts.repo}: the clone is behind its remote; a real run fetches first"
            f" ({typed_git(git.path, 'fetch', 'origin')})"
        )
    unknown = {ref.removeprefix("refs/tags/") for ref in remote.refs if "refs/tags/" in ref}
    if facts.last_tag is not None and facts.last_tag not in unknown:
        return (
            f"{facts.repo}: the tag {facts.last_tag} is in the clone and not on its remote; a real"
            " run plans without it"
        )
    if unknown - facts.tags.keys():
        return (
            f"{facts.repo}: tags of its remote are not in the clone; a real run asks for them"
            f" ({typed_git(git.path, 'fetch', '--tags', 'origin')})"
        )
    return _note_if_ahead(git, facts)


def _note_if_ahead(git: Git, facts: RepoFacts) -> str | None:
    """Commits that a person may take for released, and that the remote does not have."""
    here = git.branch_sha(facts.base_branch)
    if here in {None, facts.base_sha}:
        return None
    number = len(git.commits(f"refs/heads/{facts.base_branch}", None, facts.base_sha))
    if not number:
        return None
    commits = "1 commit" if number == 1 else f"{number} commits"
    return (
        f"{facts.repo}: {commits} of {facts.base_branch} not on the remote, which is what a release"
        f" is made of ({typed_git(git.path, 'push', 'origin', facts.base_branch or 'main')})"
    )
