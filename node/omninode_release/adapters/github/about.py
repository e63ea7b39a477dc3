"""What a release needs to know of a GitHub repository before it begins, in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from omninode_release.models.forge import OpenPull, ReleaseBranch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omninode_release.adapters.github.repository_answers import (
        About,
        OpenedPull,
        ReleaseRef,
        Repository,
        Ruleset,
    )

ABOUT = """
query AboutRepository($owner: String!, $name: String!, $base: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    nameWithOwner url viewerPermission isArchived squashMergeAllowed
    parent { nameWithOwner url }
    defaultBranchRef { name }
    mergeQueue(branch: $base) { id }
    rulesets(first: 100, includeParents: true) {
      nodes {
        databaseId name target enforcement
        conditions { refName { include exclude } }
        rules(first: 100) {
          nodes {
            type
            parameters {
              __typename
              ... on TagNamePatternParameters { operator pattern negate }
              ... on BranchNamePatternParameters { operator pattern negate }
            }
          }
        }
      }
    }
    refs(refPrefix: "refs/heads/release/", first: 100) {
      pageInfo { hasNextPage }
      nodes {
        name
        associatedPullRequests(states: [OPEN], first: 1) { nodes { number url } }
      }
    }
    pullRequests(states: [OPEN], first: 100, orderBy: {field: CREATED_AT, direction: DESC}) {
      pageInfo { hasNextPage }
      nodes { number url headRefName author { __typename } }
    }
  }
}
"""
_MAY_PUSH = frozenset({"WRITE", "MAINTAIN", "ADMIN"})
_AUTOMATION = "automation/"
"""Where workflows of an organisation that act in a person's name push their branches."""


class AboutRepository(NamedTuple):
    """What a release needs to know of a repository before it begins."""

    login: str
    """Who asks."""
    found: Repository
    may_push: bool | None
    """None where GitHub does not say: an app's token has permissions and no role."""
    default_branch: str | None
    releases: tuple[ReleaseBranch, ...]
    automated: tuple[OpenPull, ...]
    """Open pull requests that a program made."""
    rulesets: tuple[Ruleset, ...]


def about(data: About, name: str) -> AboutRepository:
    """The answer to ``ABOUT`` for the repository whose clone is ``name``."""
    found = data.repository
    permission, branch, refs = found.viewer_permission, found.default_branch_ref, found.refs
    return AboutRepository(
        login=data.viewer.login,
        found=found,
        may_push=None if permission is None else permission in _MAY_PUSH,
        default_branch=branch.name if branch else None,
        releases=tuple(_releases(refs.seen if refs else (), name)),
        automated=tuple(_automated(found.pull_requests.seen)),
        rulesets=tuple(found.rulesets.seen if found.rulesets else ()),
    )


def _releases(refs: Iterable[ReleaseRef], name: str) -> Iterator[ReleaseBranch]:
    """Branches of runs of ours; ``release/1.x`` is a person's."""
    for ref in refs:
        run_id, _, repo = ref.name.partition("/")
        if repo != name:
            continue
        branch, pulls = f"release/{ref.name}", ref.associated_pull_requests.seen
        pull = OpenPull(pulls[0].number, pulls[0].url, branch) if pulls else None
        yield ReleaseBranch(run_id, branch, pull)


def _automated(pulls: Iterable[OpenedPull]) -> Iterator[OpenPull]:
    for pull in pulls:
        by_program = pull.author is not None and pull.author.typename == "Bot"
        if by_program or pull.head_ref_name.startswith(_AUTOMATION):
            yield OpenPull(pull.number, pull.url, pull.head_ref_name)
