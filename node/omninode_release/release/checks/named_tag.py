"""The tag that a dispatch of the publish workflow names: it is pushed before the workflow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omninode_release.models.place import WHOLE
from omninode_release.text.publish_start import find_named_tag
from omninode_release.text.versions import tag_name

if TYPE_CHECKING:
    from omninode_release.adapters.git import Git
    from omninode_release.models.plan import RepoPlan
    from omninode_release.release.world import World


def list_named_tags(world: World, git: Git, row: RepoPlan) -> list[str]:
    """The tag, where there is going to be one that no format of the configuration makes."""
    config, site = world.config, world.site(row.repo)
    try:
        forge = world.forge_provider.open_forge(site, git.run)
    except Exception:  # noqa: BLE001 - of any kind: the forge's own check says why
        return []
    workflow = git.inside(WHOLE).text(row.base_sha or "", forge.workflow_path) or ""
    named = find_named_tag(
        config.publish_for(row.repo),
        workflow,
        tag_name(config.tag_formats_to_make(row.repo, row.tag_format)[0], row.repo, row.new or ""),
        released=config.makes_release(row.repo),
    )
    return [named] if named and forge.runs_elsewhere else []
