"""Requirements by the name that a sibling had at its last release and has no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from omninode_release.models.plan import PlanStatus
from omninode_release.planning.versions.declared import base_reader, read_needs
from omninode_release.text.manifests.manifest import MANIFEST, read_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from omninode_release.models.plan import RepoPlan
    from omninode_release.planning.organisation import Organisation

_NAME = re.compile(r"""^name\s*=\s*["']([^"'\n]*)["']""", re.MULTILINE)


def warn_of_former_names(rows: Mapping[str, RepoPlan], org: Organisation) -> Iterator[str]:
    """A package that is released, and requires what is called otherwise by now."""
    former = dict(_find_former_names(org))
    for repo, row in rows.items() if former else ():
        if row.status is not PlanStatus.RELEASE:
            continue
        for need in read_needs(base_reader(org.facts.repos.get(repo)), repo):
            if need.name in former:
                now, tag = former[need.name]
                yield (
                    f"{repo} requires {need.raw!r} ({repo}/{MANIFEST}, {need.table}), and {now}"
                    f" was called so at {tag}: it is neither pinned nor checked"
                )


def _find_former_names(org: Organisation) -> Iterator[tuple[str, tuple[str, str]]]:
    """Each former name to the one of now, and the tag that has it."""
    for now, repo in org.siblings.items():
        facts = org.facts.repos.get(repo)
        if facts is None or not facts.published or facts.last_tag is None:
            continue
        # To parse a manifest takes milliseconds, and nearly none has another name than before.
        if now in _NAME.findall(facts.published):
            continue
        name = read_name(facts.published.encode())
        before = canonicalize_name(name) if name else now
        if before not in org.siblings:
            yield before, (now, facts.last_tag)
