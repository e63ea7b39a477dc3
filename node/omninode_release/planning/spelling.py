"""How a repository writes its versions: 8.1 or 8.1.0, which are one version (PEP 440)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.planning.versions.next_version import last_version, read_formats
from omninode_release.text.versions.tag_formats import read_tags
from omninode_release.text.versions.version import leave_out_zero, must_be_whole

if TYPE_CHECKING:
    from collections.abc import Collection

    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.holders.ports import Held

_SPELT = ("current", "new", "pre_release_of", "offered")


def spell_versions(rows: dict[str, RepoPlan], org: Organisation, *, kept: Collection[str]) -> None:
    """Write the versions of each row as its repository does; those of ``kept`` rows stay."""
    for repo, row in rows.items():
        if repo not in kept and row.current is not None and _leaves_out_zero(repo, org):
            versions = {key: getattr(row, key) for key in _SPELT}
            short = {key: each and leave_out_zero(each) for key, each in versions.items()}
            rows[repo] = row.model_copy(update=short)


def _leaves_out_zero(repo: str, org: Organisation) -> bool:
    """True where the newest tag of an X.Y.0 says X.Y, and the file with the version not X.Y.0.

    Where the configuration writes formats of tags, X.Y.Z alone counts.
    """
    manifest, config = org.manifests.get(repo), org.config
    facts = org.facts.repos[repo]
    last = last_version(facts, config)
    if manifest is None or last is None or config.declared_tag_formats(repo) is not None:
        return False
    tags = (
        tag
        for tag in read_tags(facts.tags, read_formats(facts, config))
        if tag.version <= last and tag.name not in facts.foreign_tags
    )
    is_short = next((not tag.is_whole for tag in tags if tag.version.micro == 0), False)
    return is_short and not _says_zero(manifest.held)


def _says_zero(held: Held) -> bool:
    """True of a file that says X.Y.0, or has room for three numbers alone.

    Numbers in a tuple stay as many as they are, and say nothing of how the version is written.
    """
    if must_be_whole(held.path, held.separator):
        return True
    is_text = held.separator == "." and not held.by_tag
    return is_text and Version(held.literal).release[2:] == (0,)
