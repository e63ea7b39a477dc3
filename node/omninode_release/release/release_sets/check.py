"""Holding a release set against the world: tags, commits, and what the index has.

Everything is looked at and told. Attestations are compared, as documents; their signatures are not
checked.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError, usage_error
from omninode_release.errors.excerpt import show
from omninode_release.models.check import CannotTell, Check, ask
from omninode_release.models.names import is_repo_name, is_sha
from omninode_release.models.release_set import ReleaseSet
from omninode_release.models.run_id import is_run_id
from omninode_release.release.release_sets.release_set import list_released
from omninode_release.release.state_file import find_odd_names, fit_model
from omninode_release.system.files import read_file
from omninode_release.text.formats.sealed_json import read_sealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from omninode_release.models.release_set import Released, ReleasedFile
    from omninode_release.release.world import World


def read_release_set(path: Path) -> ReleaseSet:
    """The set in a file.

    Raises USAGE_ERROR for one that cannot be read, VERIFY_FAILED for one that is not as it was
    written.
    """
    try:
        data = read_file(path)
    except OSError as error:
        raise usage_error(
            f"verify: expected a release set in {path}, found: {error.strerror or error}.",
            hint="name the release-set.json that stands beside the run's release.json",
        ) from error
    try:
        return fit_model("release-set", read_sealed(data), ReleaseSet, _find_faults)
    except ValueError as error:
        raise ReleaseError(
            ErrorCode.VERIFY_FAILED,
            f"expected the release set in {path} as a run wrote it, found: {error}.",
            hint="take the file from where it was kept when the run ended",
        ) from error


def _find_faults(found: ReleaseSet) -> Iterator[str]:
    if not is_run_id(found.run_id):
        yield f"run_id: expected the name of a run, found {show(found.run_id)}"
    for each in found.released:
        if not is_repo_name(each.repo):
            yield f"expected names of repositories, found {show(each.repo)}"
        if not is_sha(each.commit):
            yield f"{each.repo}: expected a commit, found {show(each.commit)}"
        if not each.tags:
            yield f"{each.repo}: expected the tags of its release, found none"
    yield from find_odd_names(found.model_dump(mode="json"))
    if found.complete is bool(found.not_released):
        yield "it says both that it is complete and that something is missing, or neither"


def prove(found: ReleaseSet, world: World) -> Iterator[Check]:
    """Every check of a set; one that is not ok says what was expected and what was found."""
    if not found.complete:
        left = ", ".join(f"{each.repo} {each.version}" for each in found.not_released)
        yield Check("set", "complete", "warning", f"a part of its run: {left} is not released")
    for each in found.released:
        yield ask(each.repo, "tags", partial(_prove_tags, each, world))
        yield ask(each.repo, "commit", partial(_prove_commit, each, world))
        yield from _prove_files(each, world)


def _prove_tags(released: Released, world: World) -> str:
    git = world.site(released.repo).git
    try:
        there = git.remote_refs(*(f"refs/tags/{tag}*" for tag in released.tags))
    except ProgramFailed as error:
        raise CannotTell(f"its remote could not be asked: {error.message}") from error
    for tag in released.tags:
        found = there.get(f"refs/tags/{tag}")
        if found != released.commit:
            raise _differs(f"the tag {tag} on {released.commit}", found or "no such tag")
    return f"{', '.join(released.tags)} on {released.commit[:12]}"


def _prove_commit(released: Released, world: World) -> str:
    """The commit is on the remote's base branch, which is fetched for that."""
    git = world.site(released.repo).git
    try:
        branch = world.config.said_base(released.repo) or git.ls_remote().head or ""
        tip = git.fetch(branch)
        is_there = git.is_ancestor(released.commit, tip)
    except ProgramFailed as error:
        raise CannotTell(f"its remote could not be asked: {error.message}") from error
    if not is_there:
        raise _differs(f"{released.commit} on {branch}", f"a branch without it at {tip}")
    return f"{released.commit[:12]} is on {branch}"


def _prove_files(released: Released, world: World) -> Iterator[Check]:
    if released.files_problem is not None:
        yield Check(released.repo, "files", "unknown", released.files_problem)
        return
    if not released.files:
        yield _judge_none(released, publishes=world.config.publishes(released.repo))
        return
    try:
        there = {
            each.filename: each
            for each in list_released(world, released.distribution, released.version)
        }
    except CannotTell as error:
        yield Check(released.repo, "files", "unknown", str(error))
        return
    except (ReleaseError, OSError, ValueError) as error:
        yield Check(released.repo, "files", "failed", str(error), code=ErrorCode.VERIFY_FAILED)
        return
    for file in released.files:
        yield ask(released.repo, file.filename, partial(_prove_file, file, there))
    if released.pypi_status == "available":
        for name in there.keys() - {file.filename for file in released.files}:
            more = _differs(f"the files of {released.version} in the set", f"{name}, too")
            yield Check.failure(released.repo, name, more)


def _judge_none(released: Released, *, publishes: bool) -> Check:
    if not publishes:
        return Check(released.repo, "files", "ok", "none: it is published on no index")
    what = f"the set names none: {released.pypi_status} when the run ended"
    # Of an available one the index had some, and did not show them when the set was written.
    is_known = released.pypi_status != "available"
    return Check(released.repo, "files", "warning" if is_known else "unknown", what)


def _prove_file(file: ReleasedFile, there: dict[str, ReleasedFile]) -> str:
    found = there.get(file.filename)
    if found is None:
        raise _differs(f"{file.filename} on the index", "no such file")
    if file.sha256 is None or found.sha256 is None:
        raise CannotTell("the index does not say its SHA-256")
    if found.sha256 != file.sha256:
        raise _differs(f"sha256 {file.sha256}", found.sha256)
    if (found.provenance, found.provenance_sha256) != (file.provenance, file.provenance_sha256):
        raise _differs(
            f"attestations {file.provenance or 'none'} ({file.provenance_sha256})",
            f"{found.provenance or 'none'} ({found.provenance_sha256})",
        )
    attested = ", attested" if file.provenance else ""
    return f"sha256 {file.sha256[:12]}…{attested}"


def _differs(expected: str, found: str) -> ReleaseError:
    return ReleaseError(ErrorCode.VERIFY_FAILED, f"expected {expected}, found {found}.")
