"""Which rules of GitHub keep a release from its tags, its branch, or its upload."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from omninode_release.adapters.github.response import GitHubError
from omninode_release.adapters.github.rest_answers import (
    Environment,
    Immutability,
    RefPolicies,
    RulesetAnswer,
)
from omninode_release.errors import ErrorCode, ReleaseError, typed_git
from omninode_release.models.check import CannotTell, Check, ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from omninode_release.adapters.github.forge import GitHubForge
    from omninode_release.adapters.github.repository_answers import NamePattern, Ruleset
    from omninode_release.adapters.github.rest_answers import BranchParameters

_TARGETS = {"TAG": "refs/tags/", "BRANCH": "refs/heads/"}
_UNSIGNED = "takes signed commits alone, and commit.gpgSign is off here"
_UNTOLD = "GitHub did not tell who may bypass the ruleset {!r}"
_AWAITED = {"required_status_checks": "status checks", "required_deployments": "deployments"}
BYPASSES = frozenset({"always", "exempt"})
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda name, pattern: pattern in name,
    "regex": lambda name, pattern: re.search(pattern, name) is not None,
}


# Rulesets.


def require_admitted(
    forge: GitHubForge, rulesets: Iterable[Ruleset], refs: Sequence[str], *, signs: bool
) -> str:
    """That each of ``refs``, full names, can be made. Raises PUSH_FAILED or TAG_FAILED.

    ``signs`` says that git signs the commits it makes here.
    """
    for ruleset in rulesets:
        for ref in refs:
            why = _find_objection(ruleset, ref, signs=signs)
            if why and not may_bypass(forge, ruleset):
                sign = typed_git(forge.api.calls.cwd, "config", "commit.gpgSign", "true")
                mend = f"{sign}, with a key that GitHub knows, or " if why is _UNSIGNED else ""
                code = ErrorCode.TAG_FAILED if ruleset.target == "TAG" else ErrorCode.PUSH_FAILED
                where = f"https://{forge.api.slug.host}/{forge.api.slug.path}/rules"
                raise ReleaseError(
                    code,
                    f"expected to be allowed to make {ref}, found that the ruleset"
                    f" {ruleset.name!r} {why}.",
                    hint=f"{mend}have its owner let this login pass at"
                    f" {where}/{ruleset.database_id}",
                )
    return "no ruleset keeps out what is pushed"


def doubt_tags(forge: GitHubForge, rulesets: Iterable[Ruleset], refs: Sequence[str]) -> None:
    """Raise CannotTell for tags of a commit that has to pass first what runs once it is merged."""
    for ruleset in rulesets:
        listed = {rule.type.lower() for rule in (ruleset.rules.seen if ruleset.rules else ())}
        wanted = " and ".join(word for kind, word in _AWAITED.items() if kind in listed)
        meant = [ref for ref in refs if ruleset.target == "TAG" and concerns(ruleset, ref)]
        if wanted and meant and _asks(forge, ruleset):
            raise CannotTell(
                f"the ruleset {ruleset.name!r} lets {meant[0]} be made once its commit has"
                f" {wanted}: after the merge TAG stops until they are green, and a resume goes on"
            )


def _asks(forge: GitHubForge, ruleset: Ruleset) -> bool:
    """True where it asks of a tag that is new, and this login may not bypass it."""
    if may_bypass(forge, ruleset):
        return False
    rules = _ask_for(forge, ruleset).rules
    return any(r.type in _AWAITED and not r.asked.do_not_enforce_on_create for r in rules)


def _find_objection(ruleset: Ruleset, ref: str, *, signs: bool) -> str | None:
    start = _TARGETS.get(ruleset.target or "", "")
    if not concerns(ruleset, ref):
        return None
    for rule in ruleset.rules.seen if ruleset.rules else ():
        if rule.type == "CREATION":
            return f"lets only those make it who may bypass it ({', '.join(_shown(ruleset))})"
        if rule.type == "REQUIRED_SIGNATURES" and ruleset.target == "BRANCH" and not signs:
            return _UNSIGNED
        wanted = rule.parameters if rule.type.endswith("_NAME_PATTERN") else None
        if wanted is not None and not fits(wanted, ref.removeprefix(start)):
            return f"wants another name ({wanted.operator} {wanted.pattern})"
    return None


def concerns(ruleset: Ruleset, ref: str) -> bool:
    """True for a ruleset in force that means ``ref``, a full name and not the default branch's."""
    start = _TARGETS.get(ruleset.target or "")
    if ruleset.enforcement != "ACTIVE" or start is None or not ref.startswith(start):
        return False
    names = ruleset.conditions.ref_name
    return names is None or _is_meant(names.include, names.exclude, ref)


def _shown(ruleset: Ruleset) -> list[str]:
    names = ruleset.conditions.ref_name
    return names.include if names else ["every repository"]


def _is_meant(include: Iterable[str], exclude: Iterable[str], ref: str) -> bool:
    """The default branch, ``~DEFAULT_BRANCH``, is none of a release's own."""
    return any(_globs(each, ref) for each in include) and not any(
        _globs(each, ref) for each in exclude
    )


def _globs(pattern: str, ref: str) -> bool:
    """``fnmatch`` as GitHub has it: a star stays within a segment, two cross them."""
    if pattern == "~ALL":
        return True
    parts = re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|\\?.", pattern)
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    regex = "".join(
        known.get(part, part if part[0] == "[" and part != "[" else re.escape(part[-1]))
        for part in parts
    )
    try:
        return re.fullmatch(regex, ref) is not None
    except re.error:
        return False


def fits(rule: NamePattern | BranchParameters, name: str) -> bool:
    """False for a name that the rule refuses; a rule that is not understood refuses none."""
    matches = _OPERATORS.get((rule.operator or "").lower())
    if matches is None or rule.pattern is None:
        return True
    try:
        return matches(name, rule.pattern) is not rule.negate
    except re.error:
        return True


def may_bypass(forge: GitHubForge, ruleset: Ruleset, by: frozenset[str] = BYPASSES) -> bool:
    """Raises CannotTell where GitHub does not say it."""
    found = _ask_for(forge, ruleset)
    if found.current_user_can_bypass is None:
        raise CannotTell(_UNTOLD.format(ruleset.name))
    return found.current_user_can_bypass in by


def _ask_for(forge: GitHubForge, ruleset: Ruleset) -> RulesetAnswer:
    try:
        return forge.api.get(f"rulesets/{ruleset.database_id}", RulesetAnswer)
    except GitHubError as error:
        raise CannotTell(f"{_UNTOLD.format(ruleset.name)}: {error.why}") from error


# Environments.


def environment_checks(
    forge: GitHubForge, repo: str, names: Sequence[str], tag: str
) -> Iterator[Check]:
    """What the upload waits for in the environments ``names``, and whether the tag may deploy."""
    where = f"https://{forge.api.slug.host}/{forge.api.slug.path}/settings/environments"
    for name in names:
        found: list[Environment] = []
        yield ask(repo, "environment", partial(_admits, forge, name, tag, found))
        rules = [rule for each in found for rule in each.protection_rules]
        waits = [*filter(None, (_describe_wait(rule.type, rule.wait_timer) for rule in rules))]
        if waits:
            yield Check(
                repo, "environment", "warning",
                f"the upload waits in the environment {name} for {' and '.join(waits)} ({where});"
                " the time counts as waiting for the index",
            )  # fmt: skip


def _describe_wait(kind: str, minutes: int | None) -> str:
    if kind == "required_reviewers":
        return "a reviewer's approval"
    return f"{minutes} minutes" if kind == "wait_timer" and minutes else ""


def _admits(forge: GitHubForge, name: str, tag: str, found: list[Environment]) -> str:
    """That a run at ``tag`` may deploy to it; it goes to ``found``."""
    path = f"environments/{quote(name, safe='')}"
    try:
        environment = forge.api.get(path, Environment)
        policy = environment.deployment_branch_policy
        kept_out = policy is not None and policy.protected_branches
        if policy is not None and policy.custom_branch_policies:
            allowed = forge.api.get(f"{path}/deployment-branch-policies?per_page=100", RefPolicies)
            refs = [p for p in allowed.branch_policies if p.type != "branch"]
            kept_out = not any(_globs(p.name, tag) for p in refs)
    except GitHubError as error:
        if error.status == 404:  # it is made when it is first deployed to
            return f"{name} has no rules"
        raise CannotTell(f"the rules of {name} could not be asked for: {error.why}") from error
    found.append(environment)
    if kept_out:
        slug = forge.api.slug
        raise ReleaseError(
            ErrorCode.PUBLISH_FAILED,
            f"expected the environment {name}, where {forge.workflow} uploads, to admit the tag"
            f" {tag}, found that its rules keep it out.",
            hint=f"add a tag rule at https://{slug.host}/{slug.path}/settings/environments",
        )
    return f"{name} admits {tag}"


# Releases.


def warn_of_immutability(forge: GitHubForge, repo: str) -> Iterator[Check]:
    """A Release that cannot be changed takes no files that a workflow adds to it later."""
    try:
        if not forge.api.get("immutable-releases", Immutability).enabled:
            return
    except GitHubError as error:
        # Told to those alone who may administer the repository, which no release needs.
        if error.status not in {403, 404}:
            yield Check(repo, "immutable", "unknown", f"GitHub did not tell: {error.why}")
        return
    slug = forge.api.slug
    yield Check(
        repo, "immutable", "warning",
        "Releases are immutable here: a workflow that adds files to the one of the tag fails"
        f" (https://{slug.host}/{slug.path}/settings)",
    )  # fmt: skip
