"""What a manifest means stays when a formatter has been at it."""

from __future__ import annotations

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
