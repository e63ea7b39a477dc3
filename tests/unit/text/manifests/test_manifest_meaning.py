"""What a manifest means stays when a formatter has been at it."""

from __future__ import annotations

import pytest

from omninode_release.text.manifests.meaning import list_differences, read_meaning


def test_an_extra_and_a_group_are_the_same_however_their_names_are_spelled() -> None:
    text = "[project]\nname = 'a'\n[project.optional-dependencies]\n{0} = ['six']\n"
    text += "[dependency-groups]\n{0} = ['six']\n"
    was, now = (
        read_meaning({"pyproject.toml": text.format(each)}.get)
        for each in ("Fast_Mode", "fast-mode")
    )

    assert list_differences(was, now) == []
    assert len(list_differences(was, was[:-1])) == 1


@pytest.mark.parametrize("listed", ["[tool.uv]\nconstraint", "[tool.uv]\ndev", "[tool.pdm]\ndev"])
def test_a_list_of_requirements_may_be_sorted_and_spelled_otherwise(listed: str) -> None:
    spelled = [
        "['Six >=1.0', \"idna<4 ; os_name=='nt'\"]",
        "['idna<4; os_name == \"nt\"', 'six>=1']",
    ]
    text = f"[project]\nname = 'a'\n{listed}-dependencies{'.test' * ('pdm' in listed)} = "
    was, now = (read_meaning({"pyproject.toml": f"{text}{each}\n"}.get) for each in spelled)

    assert list_differences(was, now) == []
    assert list_differences(was, was[:-1]) != []


@pytest.mark.parametrize(
    "said",
    [
        "[[tool.uv.index]]\nurl = 'https://else.example/simple'",
        "[tool.uv]\noverride-dependencies = ['six<2']",
        "[tool.uv]\nconstraint-dependencies = ['six<2']",
        "[tool.uv.sources]\nsix = {git = 'https://else.example/six'}",
        "[[tool.poetry.source]]\nname = 'else'\nurl = 'https://else.example/simple'",
        "[tool.poetry]\npackages = [{include = 'more'}]",
        "[tool.pdm.resolution.overrides]\nsix = '1'",
        "[tool.pdm.build]\nexcludes = ['a/secret.py']",
        "[tool.hatch.build.targets.wheel]\npackages = ['more']",
        "[tool.setuptools.package-data]\na = ['*.bin']",
        "[tool.flit.sdist]\nexclude = ['more']",
        "[tool.maturin]\nfeatures = ['more']",
        "[project.entry-points.'pytest11']\na = 'a.plugin'",
    ],
    ids=lambda said: str(said).partition("\n")[0],
)
def test_what_changes_the_package_or_its_lock_is_part_of_the_meaning(said: str) -> None:
    was, now = (
        read_meaning({"pyproject.toml": f"[project]\nname = 'a'\n{more}\n"}.get)
        for more in ("", said)
    )

    assert list_differences(was, now) != []


@pytest.mark.parametrize(
    "said", ["[tool.ruff]\nline-length = 99", "[tool.hatch.envs.test]\npython = '3.12'"]
)
def test_a_setting_of_a_tool_that_packs_nothing_is_none_of_it(said: str) -> None:
    was, now = (
        read_meaning({"pyproject.toml": f"[project]\nname = 'a'\n{more}\n"}.get)
        for more in ("", said)
    )

    assert list_differences(was, now) == []
