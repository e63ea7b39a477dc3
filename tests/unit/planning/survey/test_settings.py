"""Settings that clones ask for, and where a configuration says otherwise."""

from __future__ import annotations

from typing import Any

from omninode_release.models.config import ReleaseConfig
from omninode_release.models.facts import OrgFacts
from omninode_release.planning.survey.settings import (
    Setup,
    as_mapping,
    derive_settings,
    find_differences,
)
from omninode_release.planning.survey.survey import Found, Survey
from omninode_release.text.workflows.uploads import Upload
from support.facts import some_facts


def a_survey(**found: dict[str, Any]) -> Survey:
    made = {name: Found(some_facts(name), **more) for name, more in found.items()}
    return Survey(OrgFacts({name: each.facts for name, each in made.items()}, {}), made, ())


def settings_of(look: Survey, **around: Any) -> dict[str, Any]:
    usual = {"organization": "acme", "organization_from": "somewhere", "forge": "github"}
    settled = Setup(**{**usual, "index": "pypi", "has_slack": True, **around})
    return dict(as_mapping(derive_settings(look, settled)))


def published_by(*workflows: str) -> dict[str, Any]:
    return {
        "uploads": tuple(Upload(name, 3) for name in workflows),
        "workflows": ("tests.yml", *workflows),
    }


def configured(**more: Any) -> ReleaseConfig:
    graph: dict[str, Any] = {"tiers": [{"a": [], "b": [], "c": []}]}
    return ReleaseConfig.model_validate({"organization": "acme", "graph": graph, **more})


def test_what_is_the_default_is_left_out() -> None:
    look = a_survey(a=published_by("release.yml"), b={})

    assert settings_of(look) == {"organization": "acme", "graph": "auto"}


def test_what_people_wrote_stays_the_whole_entry_where_they_write_entries() -> None:
    shown = "a/CHANGELOG.md: of 3 bullets of 1.0.0 none is in the subject of a commit"
    some, every = a_survey(a={"by_hand": shown}, b={}), a_survey(a={"by_hand": shown})

    assert settings_of(some)["changelog_of"] == {"a": {"unreleased": "as_is"}}
    assert settings_of(every)["changelog"] == {"unreleased": "as_is"}
    assert "changelog" not in settings_of(every, is_built_in=True)


def test_inputs_of_most_are_not_those_of_one_that_takes_the_usual() -> None:
    inputs = {"version": "{version}"}
    many = {"uploads": (Upload("release.yml", 3, inputs),), "workflows": ("release.yml",)}
    look = a_survey(a=many, b=many, c=published_by("release.yml"))

    assert settings_of(look)["publish"] == {"workflow": "release.yml", "inputs": inputs}
    assert settings_of(look)["publish_of"] == {"c": {"inputs": None, "workflow": "release.yml"}}


def test_a_machine_without_slack_asks_on_the_terminal() -> None:
    assert settings_of(a_survey(a={}), has_slack=False)["gate"] == "console"


def test_the_workflow_of_most_wins_and_of_as_many_the_usual_one() -> None:
    many = a_survey(a=published_by("x.yml"), b=published_by("x.yml"), c=published_by("release.yml"))
    equal = a_survey(a=published_by("x.yml"), b=published_by("release.yml"))

    assert settings_of(many)["publish"] == {"workflow": "x.yml"}
    assert settings_of(many)["publish_of"] == {"c": {"workflow": "release.yml"}}
    assert "publish" not in settings_of(equal)
    assert settings_of(equal)["publish_of"] == {"a": {"workflow": "x.yml"}}


def test_a_workflow_beside_the_usual_one_is_no_setting() -> None:
    look = a_survey(a=published_by("x.yml", "release.yml"), b=published_by("release.yml"))

    assert settings_of(look) == {"organization": "acme", "graph": "auto"}


def test_a_repository_may_be_published_by_a_workflow_of_its_own_or_not_at_all() -> None:
    look = a_survey(a=published_by("x.yml"), b={"workflows": ()}, c=published_by("release.yml"))
    own = {"a": {"workflow": "x.yml"}, "b": {"trigger": "none"}}

    found = {each.key: each.text for each in find_differences(look, configured())}
    assert found.keys() == {"publish_of.a.workflow", "publish_of.b.workflow"}
    assert "publish_of: {b: {trigger: none}}" in found["publish_of.b.workflow"]
    assert list(find_differences(look, configured(publish_of=own))) == []


def test_a_private_package_has_no_say() -> None:
    look = a_survey(
        a={**published_by("x.yml"), "version_files": ("a/v.py",), "private": "a/… is private."},
        b={"version_files": ("b/v.py",)},
    )

    assert settings_of(look) == {
        "organization": "acme",
        "graph": {"tiers": "auto", "ignore": ["a"]},
        "version_files": {"b": ["b/v.py"]},
    }


def test_a_workflow_that_may_upload_in_another_way_is_no_difference() -> None:
    look = a_survey(
        a=published_by("release.yml"),
        b={"workflows": ("release.yml",)},
        c=published_by("x.yml"),
    )

    (found,) = find_differences(look, configured())

    assert (found.key, found.repo) == ("publish_of.c.workflow", "c")
    assert "c is published by c/.github/workflows/x.yml:3, and not by release.yml" in found.text
    assert list(find_differences(look, configured(forge="local"))) == []


def test_a_version_file_that_is_not_listed_is_a_difference() -> None:
    look = a_survey(a={"version_files": ("a/v.py", "a/w.py")}, b={}, c={})

    found = list(find_differences(look, configured(forge="local", version_files={"a": ["a/v.py"]})))

    assert [(each.key, each.text) for each in found] == [
        ("version_files.a", "a/a/w.py holds its version and is not listed")
    ]
