"""What git says before a release: identity, signing, tag names that are free."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.adapters.git import REMOTE, is_refusal
from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError, typed_git
from omninode_release.models.check import CannotTell, Check, ask
from omninode_release.models.place import WHOLE
from omninode_release.phases.shared.tags import advise, look_at_tag
from omninode_release.planning.versions.tag_refusals import require_room
from omninode_release.text.next_commands import name_fresh_run
from omninode_release.text.versions.version import tag_name
from omninode_release.text.workflows.called import read_with_calls
from omninode_release.text.workflows.starts import find_named_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from omninode_release.adapters.git import Git
    from omninode_release.adapters.ports import Index
    from omninode_release.models.config import ReleaseConfig
    from omninode_release.models.plan import RepoPlan
    from omninode_release.release.world import World

_IDENTITY = tuple(
    f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
)
"""Variables that go before what git is configured with."""
_BRANCHES_ONLY = f"+refs/heads/*:refs/remotes/{REMOTE}/*"


class OwnMerge(NamedTuple):
    """What a run that is resumed has merged already."""

    run_id: str
    sha: str
    """The merge commit, which its tag may be on."""


def can_commit(git: Git, base_sha: str, environ: Mapping[str, str]) -> str:
    """That git can commit, tag and sign in this clone. Raises COMMIT_FAILED."""
    mend = _advise_identity(git, environ)
    try:
        git.identity("AUTHOR")
        who = git.identity().partition(">")[0] + ">"
        signs = git.flag("commit.gpgSign") or git.flag("tag.gpgSign")
        if signs:
            signing = typed_git(git.path, "config", "--get-regexp", "gpg|signingkey")
            mend = f"{signing} shows the signing key and its program; make them work"
            git.try_signing(f"{base_sha}^{{tree}}")
    except ProgramFailed as error:
        raise ReleaseError(
            ErrorCode.COMMIT_FAILED,
            f"git cannot make a commit in {git.path}: {error.last_words}",
            hint=mend,
        ) from error
    return f"{who}, signing works" if signs else who


def _advise_identity(git: Git, environ: Mapping[str, str]) -> str:
    blank = [name for name in _IDENTITY if not environ.get(name, "-").strip()]
    if blank:
        return f"unset {' '.join(blank)}"
    name = typed_git(git.path, "config", "user.name", "NAME")
    return f"{name} && {typed_git(git.path, 'config', 'user.email', 'MAIL')}"


def check_remote(git: Git, repo: str, base_sha: str) -> Iterator[Check]:
    """Whether git can push what a release pushes, and where to."""
    if git.flag(f"remote.{REMOTE}.mirror"):
        error = ReleaseError(
            ErrorCode.PUSH_FAILED,
            f"expected a clone that pushes single branches in {git.path}, found one made with"
            f" --mirror: git pushes all of its refs or none (remote.{REMOTE}.mirror).",
            hint=f"{typed_git(git.path, 'config', '--unset', f'remote.{REMOTE}.mirror')} &&"
            f" {typed_git(git.path, 'config', f'remote.{REMOTE}.fetch', _BRANCHES_ONLY)}",
        )
        yield Check.failure(repo, "remote", error)
        return
    found = ask(repo, "remote", lambda: _can_push(git, repo, base_sha))
    origin, pushed = git.remote_url(), git.push_urls()
    same = typed_git(git.path, "remote", "set-url", "--push", REMOTE, origin or "URL")
    if found.state == "ok" and pushed and pushed != [origin]:
        found = Check(
            repo, "remote", "warning",
            f"what is pushed goes to {' and '.join(pushed)}, and is looked for at {origin}",
            f"{same}, unless both are the same",
        )  # fmt: skip
    yield found


def _can_push(git: Git, repo: str, base_sha: str) -> str:
    """That the remote takes pushes of this account. Raises PUSH_FAILED for a sure no."""
    try:
        git.try_push(base_sha, f"release/probe/{repo}")
    except ProgramFailed as error:
        if not is_refusal(error):
            raise CannotTell(
                f"a push from {git.path} could not be tried: {error.last_words}"
            ) from error
        raise ReleaseError(
            ErrorCode.PUSH_FAILED,
            f"expected origin of {git.path} to take a push, found: {error.last_words.rstrip('.')}.",
            hint=error.hint,
        ) from error
    return "origin takes pushes"


def tag_is_free(
    git: Git,
    row: RepoPlan,
    config: ReleaseConfig,
    index: Callable[[], Index],
    *,
    known: Mapping[str, str] | None,
    ours: OwnMerge | None,
    also: Sequence[str] = (),
    resumed: str | None = None,
) -> str:
    """That the remote has no tag of the new version, or has it on the merge commit of ``ours``.

    ``known`` is what the remote was just seen to have; without it the remote is asked. ``index`` is
    opened only to tell of a tag that is taken. ``also`` are tags of other formats
    that are made. ``resumed`` is the run's id where it began before.
    """
    _, new = row.versions
    formats = config.tag_formats_to_make(row.repo, row.tag_format)
    names = [*dict.fromkeys((*(tag_name(fmt, row.repo, new) for fmt in formats), *also))]
    there = _remote_tags(git, names) if known is None else known
    here = {ref.name.removeprefix("refs/tags/"): ref.sha for ref in git.refs("refs/tags/")}
    for name in names:
        if row.error_code is not ErrorCode.TAG_CONFLICT:  # which the plan has told
            require_room(name, {*there, *here}, repo=row.repo, clone=git.path)
        found = there.get(name)
        if found is not None and (ours is None or found != ours.sha):
            raise _tag_is_taken(git, row, index(), tag=name, found=found, ours=ours)
        if found is None and here.get(name) not in {None, ours and ours.sha}:
            raise _tag_is_only_here(git, row, name, here[name], resumed)
    return f"{', '.join(names)} free" if ours is None else f"{', '.join(names)} free or ours"


def list_named_tags(world: World, git: Git, row: RepoPlan) -> list[str]:
    """The tag that a dispatch names, where no format of the configuration makes it."""
    config, site = world.config, world.site(row.repo)
    try:
        forge = world.forge_provider.open_forge(site, git.run)
    except Exception:  # noqa: BLE001 - of any kind: the forge's own check says why
        return []
    read = partial(git.inside(WHOLE).text, row.base_sha or "")
    workflow = read_with_calls(read, forge.workflow_path) or ""
    named = find_named_tag(
        config.publish_for(row.repo),
        workflow,
        tag_name(config.tag_formats_to_make(row.repo, row.tag_format)[0], row.repo, row.new or ""),
        released=config.makes_release(row.repo),
    )
    return [named] if named and forge.runs_elsewhere else []


def _tag_is_taken(
    git: Git, row: RepoPlan, index: Index, *, tag: str, found: str, ours: OwnMerge | None
) -> ReleaseError:
    truth = look_at_tag(
        git,
        index,
        tag,
        found,
        base=row.base_branch or "main",
        distribution=row.package,
        version=row.versions[1],
    )
    fetch = typed_git(git.path, "fetch", "--tags", "origin")
    hint = f"{fetch}: a plan with that tag takes the next version"
    if ours is not None:
        hint = advise(truth, git.path, found, run_id=ours.run_id)
    return ReleaseError(
        ErrorCode.TAG_CONFLICT,
        f"expected the tag {tag} to be free on the remote, found it on {found}: {truth.words}.",
        hint=hint,
    )


def _tag_is_only_here(
    git: Git, row: RepoPlan, tag: str, found: str, resumed: str | None
) -> ReleaseError:
    """TAG makes the tag in the clone before it pushes it, and moves none."""
    push = typed_git(git.path, "push", "origin", f"refs/tags/{tag}")
    return ReleaseError(
        ErrorCode.TAG_CONFLICT,
        f"expected the tag {tag} to be free, found it on {found} in {git.path} and not on the"
        " remote.",
        hint=f"{name_fresh_run(row.repo, resumed)} leaves that version out; where the tag is a"
        f" release, {push}: a plan with it takes the next version",
    )


def _remote_tags(git: Git, names: list[str]) -> dict[str, str]:
    try:
        folders = {f"refs/tags/{name.partition('/')[0]}" for name in names}
        refs = git.remote_refs(*(f"refs/tags/{name}*" for name in names), *folders)
    except ProgramFailed as error:
        raise CannotTell(f"the remote of {git.path} could not be asked: {error.message}") from error
    return {name.removeprefix("refs/tags/"): sha for name, sha in refs.items()}
