"""Which forge the origins of the clones belong to: each forge answers for itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from omninode_release.adapters.ports import PlannedRelease, RepositorySite
from omninode_release.adapters.registry import FORGES
from omninode_release.models.fit import Difference
from omninode_release.models.plan import PlanStatus, RepoPlan
from omninode_release.text.origins import parse_slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from omninode_release.models.check import Check
    from omninode_release.models.forge import Slug

_GITHUB = "github.com"
Sites = Mapping[str, RepositorySite]
"""Repository to its clone."""


def judge_origins(forge: str, sites: Sites) -> dict[str, Check]:
    """What a forge says of the origin of each repository; no service is asked."""
    return {repo: _judge(forge, site) for repo, site in sites.items()}


def tell_once(lacks: Iterable[Difference], sites: Sites) -> Iterator[Difference]:
    """A difference for each cause: where many origins are wrong in one way, the first shows it."""
    alike: dict[str, list[Difference]] = {}
    for each in lacks:
        alike.setdefault(_cause(each, sites), []).append(each)
    for first, *others in alike.values():
        text = first.text.removeprefix(f"{first.key}: ")
        if others:
            names = ", ".join(each.repo or "" for each in others)
            yield Difference(key=first.key, text=f"{text}; the same for {names}")
        else:
            yield first.model_copy(update={"text": text})


def choose_forge(sites: Sites) -> str:
    """The forge that takes most of the origins, of equal ones the first of the registry."""
    taken = {
        forge: sum(check.state == "ok" for check in judge_origins(forge, sites).values())
        for forge in FORGES
    }
    return max(taken, key=lambda forge: taken[forge])


def find_owner(sites: Sites) -> str | None:
    """Whose repositories most of the origins are; None where no origin says."""
    owners = Counter(slug.owner for slug in map(_slug, sites.values()) if slug is not None)
    return owners.most_common(1)[0][0] if owners else None


def find_foreign_hosts(sites: Sites) -> dict[str, str]:
    """Repositories whose origin is on another host than GitHub's own, and that host."""
    found = {repo: _slug(site) for repo, site in sites.items()}
    hosts = {repo: slug.host for repo, slug in found.items() if slug and "." in slug.host}
    return {repo: host for repo, host in hosts.items() if host != _GITHUB}


def _cause(each: Difference, sites: Sites) -> str:
    """The words of a difference without what they name of its own clone."""
    site = sites.get(each.repo or "")
    own = (str(site.git.path), site.origin) if site and each.key == "forge" else ()
    words = f"{each.key}: {each.text}"
    for word in filter(None, own):
        words = words.replace(word, "")
    return words


def _slug(site: RepositorySite) -> Slug | None:
    return parse_slug(site.origin)


def _judge(forge: str, site: RepositorySite) -> Check:
    """The first check of a forge is whether the origin is one of its own (``ForgeProvider``)."""
    row = RepoPlan(repo=site.repo, tier=1, status=PlanStatus.RELEASE)
    release = PlannedRelease(row, tags=(), own_run=None, merged=False)
    return next(iter(FORGES[forge]().readiness(site, release)))
