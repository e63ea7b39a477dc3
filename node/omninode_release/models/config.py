"""An organisation's release configuration: the ``release:`` section of contract.yaml, or a file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from omninode_release.models.changelog import ChangelogSetting
from omninode_release.models.config_keys import ConfigKeys
from omninode_release.models.config_names import refuse_names

if TYPE_CHECKING:
    from omninode_release.models.config_parts import Hooks
    from omninode_release.models.lock import LockSetting
    from omninode_release.models.pin_rule import PinRule
    from omninode_release.models.publish import Publish

_NOT = "!"


class ReleaseConfig(ConfigKeys):
    """One organisation's configuration."""

    @model_validator(mode="after")
    def _version_files_stay_inside(self) -> Self:
        for key, repos in self.named_repos.items():
            for repo in repos:
                known = self.graph.repos if key != "base_branches" else self.clones
                if repo not in known and not self.graph.is_computed:
                    raise ValueError(f"{key} names {repo}, which stands in no tier")
        for repo, paths in self.version_files.items():
            for path in paths:
                pure = PurePosixPath(path.removeprefix(_NOT))
                if pure.is_absolute() or ".." in pure.parts:
                    raise ValueError(f"version_files of {repo}: {path!r} leaves the repository")
        return self

    @model_validator(mode="after")
    def _names_can_be_used(self) -> Self:
        refuse_names(self)
        return self

    def version_files_of(self, repo: str) -> tuple[str, ...]:
        """The files of ``version_files`` that BUMP writes."""
        return tuple(p for p in self.version_files.get(repo, ()) if not p.startswith(_NOT))

    def changelog_for(self, repo: str) -> ChangelogSetting:
        return self.changelog_of.get(repo, ChangelogSetting()).over(self.changelog)

    def is_other_version(self, repo: str, path: str) -> bool:
        """True for a file that ``version_files`` says to hold another version."""
        return f"{_NOT}{path}" in self.version_files.get(repo, ())

    def pin_rule(self, repo: str, sibling: str) -> PinRule:
        """What becomes of what ``repo`` requires of ``sibling``."""
        return self.pins_of.get(repo, {}).get(sibling, self.pins)

    def lock_for(self, repo: str) -> LockSetting | None:
        """What LOCK brings up to date in ``repo``; None where its files are to say."""
        return self.lock_of.get(repo, self.lock)

    def publish_for(self, repo: str) -> Publish:
        """How a tag of ``repo`` becomes a package.

        Beside other packages a dispatch is given the whole tag: ``v1.2.0`` says none of them.
        """
        own = self.publish_of.get(repo)
        found = self.publish.changed_by(own) if own else self.publish
        whole = found.inputs is None and self.needs_named_tags(repo)
        return found.model_copy(update={"inputs": {"tag": "{tag}"}}) if whole else found

    def publishes(self, repo: str) -> bool:
        """False where a tag is all there is of a release: no index gets its package."""
        return self.publish_for(repo).trigger != "none"

    def makes_release(self, repo: str) -> bool:
        said = self.github_release
        return said if isinstance(said, bool) else repo in said

    def hooks_for(self, repo: str) -> Hooks:
        return self.hooks_of.get(repo, self.hooks)

    @property
    def templates(self) -> tuple[str, ...]:
        """Every text that names places of a release."""
        words = self.pull_request
        return tuple(filter(None, (self.commit_subject, words.title, *words.body)))

    def find_calver(self, repo: str) -> str | None:
        """The form of a repository's versions, where they say the date."""
        scheme = self.version_scheme_of.get(repo, self.version_scheme)
        return None if scheme == "semver" else scheme.calver
