"""How a repository writes its versions: 8.1 or 8.1.0, which are one version (PEP 440)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.version import Version

from omninode_release.planning.next_version import read_formats
from omninode_release.text.tag_formats import read_tags
from omninode_release.text.versions import leave_out_zero, must_be_whole

if TYPE_CHECKING:
    from collections.abc import Collection

    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation
    from omninode_release.text.manifest import Manifest


def spell_versions(rows: dict[str, RepoPlan], org: Organisation, *, kept: Collection[str]) -> None:
    """Write the versions of each row as its repository does; those of ``kept`` rows stay."""
    for repo, row in rows.items():
        if repo not in kept and row.current is not None and _leaves_out_zero(repo, org):
            versions = {"current": row.current, "new": row.new, "final": row.pre_release_of}
            short = {key: each and leave_out_zero(each) for key, each in versions.items()}
            short["pre_release_of"] = short.pop("final")
            rows[repo] = row.model_copy(update=short)


def _leaves_out_zero(repo: str, org: Organisation) -> bool:
    """True where the newest tag of an X.Y.0, and the file that has the version, say X.Y.

    Where the configuration writes formats of tags, X.Y.Z alone counts.
    """
    manifest = org.manifests.get(repo)
    if manifest is None or org.config.declared_tag_formats(repo) is not None:
        return False
    facts = org.facts.repos[repo]
    tags = read_tags(facts.tags, read_formats(facts, org.config))
    tagged = next((not tag.is_whole for tag in tags if tag.version.micro == 0), None)
    held = _reads_short(manifest)
    return False not in {tagged, held} and True in {tagged, held}


def _reads_short(manifest: Manifest) -> bool | None:
    """Whether the file says X.Y; None where tags decide, and where it says X.Y.Z with a last Z."""
    held = manifest.held
    if held.by_tag:
        return None
    numbers = Version(held.literal).release
    if must_be_whole(held.path, held.separator) or numbers[2:] == (0,):
        return False
    return True if len(numbers) == 2 else None
