"""Release tags that call a package by the name it had there, before it got another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.errors import ErrorCode, ReleaseError
from omninode_release.text.manifests.manifest import MANIFEST, read_name
from omninode_release.text.versions.tag_formats import by_prefix, find_other_formats, read_tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from omninode_release.adapters.git import Git, Ref
    from omninode_release.models.config import ReleaseConfig


def refuse_former(
    git: Git, repo: str, tags: Mapping[str, Ref], config: ReleaseConfig, formats: Sequence[str]
) -> ReleaseError | None:
    """What is to be said where tags in ``formats`` are of ``repo`` by its former name.

    ``git`` reads its folder. A name that a package beside it has now is that one's.
    """
    names = {canonicalize_name(each) for each in config.list_beside(repo)}
    for newest in find_other_formats(tags, by_prefix(formats, repo)):
        name = read_name(git.file(tags[newest.name].sha, MANIFEST) or b"")
        if name is None or canonicalize_name(name) in names:
            continue
        if read_tag(newest.name, by_prefix(formats, name)):
            written = ", ".join(f'"{each}"' for each in formats)
            return ReleaseError(
                ErrorCode.SCAN_FAILED,
                f"expected release tags of {repo}, found {newest.name}, where it was called"
                f" {name}: all commits since the first would count as new.",
                hint=f'write tag_formats_of: {{{repo}: [{written}, "{newest.fmt}"]}} into the'
                " release configuration, and its next version is counted from there; without"
                f' "{newest.fmt}" there, it begins anew',
            )
    return None
