"""Where a configuration says that packages stand."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from omninode_release.models.config import ReleaseConfig
from omninode_release.models.place import WHOLE, Place

MONO = {
    "mono": {},
    "core": {"repository": "mono", "path": "packages/core"},
    "inner": {"repository": "mono", "path": "packages/core/inner"},
}


def a_config(packages: dict[str, Any], **more: Any) -> ReleaseConfig:
    said = {"organization": "o", "graph": "auto", "packages": packages}
    return ReleaseConfig.model_validate(said | more)


def test_a_package_has_the_files_of_its_folder_without_those_of_others() -> None:
    config = a_config(MONO)

    assert config.place_of("core") == Place("packages/core", ("packages/core/inner",))
    assert config.place_of("inner") == Place("packages/core/inner")
    assert config.place_of("mono") == Place("", ("packages/core", "packages/core/inner"))
    assert config.place_of("alone") == WHOLE
    assert [config.clone_of(each) for each in ("core", "mono", "alone")] == [
        "mono",
        "mono",
        "alone",
    ]


def test_a_tag_without_a_name_is_of_the_package_at_the_root() -> None:
    config = a_config(MONO)

    assert config.tag_formats_to_make("core", None) == ("{repo}/v{version}",)
    assert config.tag_formats_to_make("mono", None) == ("{repo}/v{version}", "v{version}")
    assert config.tag_formats_to_make("alone", None) == ("{repo}/v{version}", "v{version}")


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("packages/core", ("packages/core", "packages-core", "core")),
        ("core", ("core",)),
        ("packages/mono", ("packages/mono", "packages-mono")),  # called like the repository
        ("packages/app", ("packages/app", "packages-app")),  # as another package is
        ("b/http", ("b/http", "b-http")),  # of two that end alike
        ("tools/release", ("tools/release", "tools-release")),  # as any tag may begin
    ],
)
def test_tags_may_call_a_package_by_its_folder(folder: str, expected: tuple[str, ...]) -> None:
    others = {"app": {"repository": "mono", "path": "a/http"}}
    config = a_config({"mono": {}, "acme": {"repository": "mono", "path": folder}} | others)

    assert config.list_folder_names("acme") == expected
    assert config.list_folder_names("mono") == ()


def test_formats_that_are_written_for_a_package_leave_no_others() -> None:
    config = a_config(MONO, tag_formats_of={"alone": ["v{version}", "{version}"]})

    assert config.tag_formats_to_make("alone", None) == ("v{version}", "{version}")
    assert config.tag_formats_to_make("alone", "{version}") == ("{version}", "v{version}")


def test_a_branch_of_the_repository_is_that_of_its_packages() -> None:
    config = a_config(MONO, base_branches={"mono": "2.x"})

    assert {config.said_base(name) for name in MONO} == {"2.x"}
    assert config.said_base("alone") is None


@pytest.mark.parametrize("path", ["/core", "../core", "a/../b", "core/", ".", "a/.git/b", "a\\b"])
def test_a_folder_is_inside_of_its_repository(path: str) -> None:
    with pytest.raises(ValidationError, match="expected a folder inside the repository"):
        a_config({"core": {"repository": "mono", "path": path}})


@pytest.mark.parametrize(
    ("packages", "more", "fault"),
    [
        ({"a": {"repository": "m"}, "b": {"repository": "m"}}, {}, "a and b are both at the root"),
        (MONO, {"tag_formats": ["v{version}"]}, "tag_formats: expected {name} in the tags of core"),
        (MONO, {"base_branches": {"core": "2.x"}}, "expected one branch of mono for all"),
        ({"a": {"repository": "b"}, "b": {"repository": "c"}}, {}, "b names a repository"),
    ],
)
def test_places_that_cannot_be_are_refused(
    packages: dict[str, Any], more: dict[str, Any], fault: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        a_config(packages, **more)

    assert fault in str(refused.value)
