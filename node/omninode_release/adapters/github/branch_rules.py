"""Which rules of GitHub keep a release's commit from its branch, or its merge from the base branch.

GitHub is asked for the rules of a branch, also of one that is still to be made, and only where a
ruleset that may mean it has one of a kind that counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from omninode_release.adapters.github.response import GitHubError
from omninode_release.adapters.github.rest_answers import BranchRules
from omninode_release.adapters.github.rules import BYPASSES, concerns, fits, may_bypass
from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.check import CannotTell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from omninode_release.adapters.github.forge import GitHubForge
    from omninode_release.adapters.github.repository_answers import Ruleset
    from omninode_release.adapters.github.rest_answers import BranchRule

_ON_CREATION = {"required_status_checks": "status checks", "workflows": "workflows"}
"""Rules that a new branch with a commit of its own cannot have passed yet."""
_ADDRESSES = {"commit_author_email_pattern": "author", "committer_email_pattern": "committer"}
_MESSAGE = "commit_message_pattern"
_OF_NEW = frozenset({*_ON_CREATION, *_ADDRESSES, _MESSAGE})
_OF_BASE = frozenset({"pull_request", "update", "commit_author_email_pattern", _MESSAGE})
"""A pull request is held back by the author and the message of each of its commits."""
_BYPASSES_OF_MERGES = BYPASSES | {"pull_requests_only"}


class OwnCommit(NamedTuple):
    """The commit that a release makes, as rules judge it."""

    subject: str | None
    """None where the packages that share it are not known."""
    find_author: Callable[[], str]
    """Answers the address; empty where git knows none."""
    find_committer: Callable[[], str]
    """The same of who commits."""
    signed: bool


@dataclass(frozen=True)
class _Branch:
    """One branch, and what its rules say of a commit."""

    forge: GitHubForge
    rulesets: Sequence[Ruleset]
    name: str
    commit: OwnCommit
    code: ErrorCode
    meant: Sequence[Ruleset]
    """The rulesets that may mean it."""
    bypasses: frozenset[str] = BYPASSES
    """What GitHub calls a login that they do not hold back."""

    def require(
        self, kinds: frozenset[str], judge: Callable[[BranchRule], Exception | None]
    ) -> None:
        """Raise what ``judge`` says of the first rule that stops this login, or CannotTell."""
        told: list[Exception] = []
        for rule in self._list_rules(kinds):
            objection = judge(rule) or self._judge_words(rule)
            of = [each for each in self.rulesets if each.database_id == rule.ruleset_id]
            if objection is not None and not any(
                may_bypass(self.forge, each, self.bypasses) for each in of
            ):
                told.append(objection)
        if told:
            raise min(told, key=lambda each: isinstance(each, CannotTell))

    def _list_rules(self, kinds: frozenset[str]) -> list[BranchRule]:
        there = (rule.type for each in self.meant if each.rules for rule in each.rules.seen)
        if kinds.isdisjoint(map(str.lower, there)) or not self.name:
            return []
        path = f"rules/branches/{quote(self.name, safe='')}?per_page=100"
        # GraphQL has them as well; an Enterprise Server that has not all would answer nothing.
        try:
            found = self.forge.api.get(path, BranchRules).root
        except GitHubError as error:
            told = f"the rules of {self.name} could not be asked for: {error.why}"
            raise CannotTell(told) from error
        return [rule for rule in found if rule.type in kinds]

    def refusal(self, expected: str, found: str, rule: BranchRule, *, mend: str) -> ReleaseError:
        where = f"https://{self.forge.api.slug.host}/{self.forge.api.slug.path}/rules"
        return ReleaseError(
            self.code,
            f"expected {expected}, found that a ruleset {found}.",
            hint=f"{mend} at {where}/{rule.ruleset_id}",
        )

    def _judge_words(self, rule: BranchRule) -> Exception | None:
        """An address is known for certain; a message ends with the run, and hooks may add to it."""
        operator, subject = (rule.asked.operator or "").lower(), self.commit.subject
        asked = f"{'not ' if rule.asked.negate else ''}{operator} {rule.asked.pattern}"
        role = _ADDRESSES.get(rule.type)
        find = self.commit.find_committer if role == "committer" else self.commit.find_author
        address = find() if role is not None else ""
        if address and not fits(rule.asked, address):
            change = typed_git(self.forge.api.calls.cwd, "config", "user.email", "ADDRESS")
            return self.refusal(
                f"to be allowed to commit to {self.name} as {address}",
                f"wants another address of the {role} ({asked})",
                rule,
                mend=f"{change}, or have its owner let this login pass",
            )
        if rule.type != _MESSAGE or subject is None or operator == "ends_with":
            return None
        if fits(rule.asked, subject):
            return None
        return CannotTell(
            f"a ruleset takes commits into {self.name} by their message ({asked}), and {subject!r}"
            " alone is none of those: commit_subject of the release configuration, or a"
            " prepare-commit-msg hook, can mend that"
        )


def require_pushable(
    forge: GitHubForge, rulesets: Sequence[Ruleset], branch: str, commit: OwnCommit
) -> None:
    """That ``branch`` can be made with this commit. Raises PUSH_FAILED."""
    meant = [each for each in rulesets if concerns(each, f"refs/heads/{branch}")]
    made = _Branch(forge, rulesets, branch, commit, ErrorCode.PUSH_FAILED, meant)

    def judge(rule: BranchRule) -> Exception | None:
        wanted = _ON_CREATION.get(rule.type)
        if wanted is None or rule.asked.do_not_enforce_on_create:
            return None
        return made.refusal(
            f"to be allowed to make {branch}",
            f"wants {wanted} of it, which a new branch has not",
            rule,
            mend="have its owner leave them out on creation, or leave this branch out,",
        )

    made.require(_OF_NEW, judge)


def require_mergeable(
    forge: GitHubForge, rulesets: Sequence[Ruleset], base: str, commit: OwnCommit
) -> None:
    """That no ruleset keeps this login from squashing into ``base``. Raises MERGE_FAILED."""
    active = [r for r in rulesets if (r.target, r.enforcement) == ("BRANCH", "ACTIVE")]
    onto = _Branch(
        forge, rulesets, base, commit, ErrorCode.MERGE_FAILED, active, _BYPASSES_OF_MERGES
    )

    def judge(rule: BranchRule) -> Exception | None:
        methods = rule.asked.allowed_merge_methods
        if methods and "squash" not in methods:
            return onto.refusal(
                f"pull requests into {base} to be squashed",
                f"allows {' and '.join(methods)} only",
                rule,
                mend="have its owner allow squashing",
            )
        if rule.type != "update":
            return None
        return onto.refusal(
            f"to be allowed to merge into {base}",
            "lets only those update it who may bypass it",
            rule,
            mend="have its owner let this login pass",
        )

    onto.require(_OF_BASE, judge)
