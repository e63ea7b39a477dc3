"""Real releases of repositories that keep their changelog in other ways than CHANGELOG.md."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import docutils.core
import pytest

from omninode_release.adapters.towncrier import Towncrier
from omninode_release.errors import ErrorCode, ToolMissing
from omninode_release.models.phase import Phase
from omninode_release.system import process
from support.cli import Terminal, run_cli
from support.endings import Died, before_phase, release, resume
from support.failures import fails
from support.gitrepo import git, land, tree_of
from support.repos import configure

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("no_hooks")

PALLETS = """\
.. currentmodule:: alpha

Version 1.2.0
-------------

Unreleased

-   Greet *everybody*. :pr:`9`

    -   Also at night.


Version 1.0.0
-------------

Released 2026-02-01

-   First.
"""
SETTINGS = """
[tool.towncrier]
package = "alpha"
package_dir = "nowhere"
directory = "news"
filename = "NEWS.rst"
title_format = "{name} {version} ({project_date})"
"""
NEWS = """\
News
====

.. towncrier release notes start

alpha 1.0.0 (2026-02-01)
========================

Features
--------

- First.
"""


def remove(org: Org, repo: str, *paths: str) -> None:
    clone = org.clone(repo)
    git(clone, "pull", "--quiet", "origin", "main")
    git(clone, "rm", "--quiet", *paths)
    git(clone, "commit", "--quiet", "--message", "docs: away")
    git(clone, "push", "--quiet", "origin", "HEAD:main")


def keep(org: Org, repo: str, files: dict[str, str]) -> None:
    """The repository keeps its changelog in these files, and not in CHANGELOG.md."""
    remove(org, repo, "CHANGELOG.md")
    for path, text in files.items():
        land(org.remote(repo), path, text, f"docs: {path}")
    git(org.clone(repo), "fetch", "--quiet", "origin")


def collect(org: Org, repo: str, fragments: dict[str, str]) -> None:
    """The repository's changelog is put together by towncrier."""
    manifest = tree_of(org.remote(repo), "main")["pyproject.toml"]
    settings = SETTINGS.replace("alpha", repo)
    keep(org, repo, {"pyproject.toml": manifest + settings, "NEWS.rst": NEWS, **fragments})


def released_files(org: Org, repo: str) -> dict[str, str]:
    return tree_of(org.remote(repo), "main")


def warnings_of(rst: str) -> str:
    stream = io.StringIO()
    settings = {"warning_stream": stream, "report_level": 2}
    docutils.core.publish_doctree(rst, settings_overrides=settings)
    return stream.getvalue()


@pytest.mark.parametrize(("repo", "declared"), [("alpha", "1.2.0"), ("beta", "0.5.0")])
def test_an_unreleased_heading_in_rst_names_the_version_and_is_dated(
    small_org: Org, repo: str, declared: str
) -> None:
    text = PALLETS.replace("1.2.0", declared).replace("1.0.0", "0.4.0")
    keep(small_org, repo, {"CHANGES.rst": text})

    dry = run_cli(small_org, "--dry-run")
    ran = release(small_org)

    assert f"{repo}: minor by CHANGES.rst line 3 (Version {declared}, Unreleased)" in dry.out
    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS", ran.out
    assert ran.result["verify"]["packages"][repo] == declared
    files = released_files(small_org, repo)
    assert files["CHANGES.rst"] == text.replace("Unreleased", "Released 2026-02-25")
    assert "CHANGELOG.md" not in files


def test_an_rst_changelog_gets_an_entry_in_its_own_style(small_org: Org) -> None:
    text = PALLETS[PALLETS.index("Version 1.0.0") :]
    keep(small_org, "alpha", {"docs/changes.rst": text})

    ran = release(small_org)

    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS", ran.out
    written = released_files(small_org, "alpha")["docs/changes.rst"]
    assert written.endswith(text)
    assert written.startswith("Version 1.1.0\n-------------\n\nReleased 2026-02-25\n\n-   ")
    assert "\n-   greeting: greet several people at once [OMN-101] (#4)\n" in written
    assert warnings_of(written) == ""
    assert "CHANGELOG.md" not in released_files(small_org, "alpha")


def test_a_plan_runs_no_towncrier_unless_it_rehearses(small_org: Org) -> None:
    collect(small_org, "beta", {"news/9.feature.rst": "Greet twice.\n"})

    plain = json.loads(run_cli(small_org, "plan", "--json").out)["entries"][1]
    rehearsed = json.loads(run_cli(small_org, "plan", "--json", "--rehearse").out)["entries"][1]

    assert plain["entry"] is None
    assert plain["entry_problem"].endswith("Next: add --rehearse to see it")
    assert "- Greet twice. (#9)" in rehearsed["entry"]


def test_towncrier_waits_for_the_approval_where_nothing_is_rehearsed(
    small_org: Org, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    template = f"{{{{ cycler.__init__.__globals__.os.system('touch {mark}') }}}}\n"
    collect(small_org, "beta", {"news/9.feature.rst": "Greet twice.\n", "news/t.rst": template})
    manifest = released_files(small_org, "beta")["pyproject.toml"]
    settings = f'{manifest}template = "news/t.rst"\nignore = ["t.rst"]\n'
    land(small_org.remote("beta"), "pyproject.toml", settings, "docs: a template")
    configure(small_org, rehearse=False)

    rejected = run_cli(small_org, "beta", stdin=Terminal("d beta\nreject\n"))
    assert rejected.err.startswith("GATE_REJECTED"), rejected.err
    assert "which rehearse: false puts off until after the approval" in rejected.out
    assert not mark.exists()

    run_cli(small_org, "beta", stdin=Terminal("approve\n"))
    assert mark.exists(), "the trap works"


def test_towncrier_collects_the_fragments_and_they_decide_the_level(small_org: Org) -> None:
    fragments = {"news/8.bugfix.rst": "Mended.\n", "news/9.feature.rst": "Greet twice.\n"}
    collect(small_org, "beta", fragments)

    dry = run_cli(small_org, "--dry-run")
    ran = release(small_org)

    assert "beta: minor by news/9.feature.rst" in dry.out
    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS", ran.out + ran.err
    assert ran.result["verify"]["state"] == "passed"
    assert ran.result["verify"]["packages"]["beta"] == "0.5.0"
    files = released_files(small_org, "beta")
    assert not [path for path in files if path.startswith("news/")]
    head, _, rest = NEWS.partition("alpha 1.0.0")
    assert files["NEWS.rst"].startswith(f"{head}Beta 0.5.0 (2026-02-25)\n====")
    assert "- Greet twice. (#9)" in files["NEWS.rst"]
    assert files["NEWS.rst"].endswith(f"alpha 1.0.0{rest}")
    assert "CHANGELOG.md" not in files


def collect_by_version(org: Org) -> str:
    """Towncrier heads entries of beta with ``v`` and the version; its news as they are."""
    collect(org, "beta", {"news/9.feature.rst": "Greet twice.\n"})
    manifest = tree_of(org.remote("beta"), "main")["pyproject.toml"]
    manifest = manifest.replace("{name} {version} ({project_date})", "{version}")
    news = NEWS.replace(f"alpha 1.0.0 (2026-02-01)\n{'=' * 24}", "v0.4.0\n======")
    land(org.remote("beta"), "pyproject.toml", manifest, "docs: titles")
    land(org.remote("beta"), "NEWS.rst", news, "docs: news")
    return news


def test_towncrier_is_given_the_version_as_its_last_entry_has_it(small_org: Org) -> None:
    news = collect_by_version(small_org)

    ran = release(small_org)

    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS", ran.out + ran.err
    head, _, rest = news.partition("v0.4.0")
    written = released_files(small_org, "beta")["NEWS.rst"]
    assert written.startswith(
        f"{head}v0.5.0\n======\n\nFeatures\n--------\n\n- Greet twice. (#9)\n"
    )
    assert written.endswith(f"v0.4.0{rest}")


def test_an_entry_that_is_not_as_expected_can_be_looked_at_with_the_version_as_it_was_built(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect_by_version(small_org)

    def collect_alone(_: Towncrier, tree: Path, *_args: object, **_named: object) -> None:
        (tree / "news" / "9.feature.rst").unlink()

    monkeypatch.setattr(Towncrier, "build", collect_alone)

    failure = fails(small_org, ErrorCode.CHANGELOG_FAILED, state="none")

    failure.says("`towncrier build --draft --version v0.5.0` in beta shows the entry")


def test_a_fragment_that_towncrier_passes_over_is_refused_by_name(small_org: Org) -> None:
    collect(small_org, "beta", {"news/8.bugfix.rst": "Mended.\n", "news/9.docs.rst": "Said.\n"})

    failure = fails(small_org, ErrorCode.CHANGELOG_FAILED, state="none")

    failure.says("to collect every fragment, found news/9.docs.rst, which it")
    failure.says(
        "rename it to a type that towncrier's settings have, or correct its settings on main"
    )
    assert "BUMP to LOCK" not in failure.error


@pytest.mark.parametrize("moment", ["before", "half way", "after"])
def test_a_build_of_towncrier_that_was_killed_is_done_once(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    collect(small_org, "beta", {"news/9.feature.rst": "Greet twice.\n"})
    configure(small_org, rehearse=False)
    build = Towncrier.build

    def die(self: Towncrier, tree: Path, version: str, date: dt.date, *, title: str | None) -> None:
        if moment != "before":
            build(self, tree, version, date, title=title)
        if moment == "half way":
            (tree / "news").mkdir(exist_ok=True)
            (tree / "news" / "9.feature.rst").write_text("Greet twice.\n", encoding="utf-8")
        if "release" in tree.parts:
            raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Towncrier, "build", die)
        with pytest.raises(Died):
            release(small_org)
    ran = resume(small_org)

    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS", ran.out + ran.err
    files = released_files(small_org, "beta")
    assert files["NEWS.rst"].count("Greet twice.") == 1
    assert "news/9.feature.rst" not in files


def test_without_towncrier_nothing_is_begun(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(small_org, "beta", {"news/9.feature.rst": "Greet twice.\n"})
    real = process.Programs.find

    def find(programs: process.Programs, name: str) -> str:
        if name == "towncrier":
            raise ToolMissing(name)
        return real(programs, name)

    monkeypatch.setattr(process.Programs, "find", find)

    failure = fails(small_org, ErrorCode.TOOL_MISSING, state="none")

    failure.says("towncrier")


def test_a_fragment_that_lands_late_and_asks_for_more_makes_the_plan_stale(
    small_org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    collect(small_org, "beta", {"news/8.bugfix.rst": "Mended.\n"})
    before_phase(
        monkeypatch,
        Phase.WORKTREE,
        lambda: land(small_org.remote("beta"), "news/9.removal.rst", "Gone.\n", "docs: news"),
    )

    ran = release(small_org)

    assert ran.result is not None
    assert ran.result["status"] == "PARTIAL"
    assert "news/9.removal.rst makes it a major release, patch was approved" in ran.err
    assert "beta-0.4.1" not in str(list(small_org.index.iterdir()))


def test_a_breaking_fragment_is_a_major_release_and_a_word_goes_before_it(small_org: Org) -> None:
    collect(small_org, "beta", {"news/9.removal.rst": "Gone.\n"})

    dry = run_cli(small_org, "--dry-run")
    said = run_cli(small_org, "--dry-run", "--bump", "beta=patch")

    assert "beta: major by news/9.removal.rst" in dry.out
    assert "beta: fragment news/9.removal.rst looks major: --bump beta=patch goes before it" in (
        said.out
    )


def test_none_writes_no_changelog_and_excluded_types_get_no_bullet(small_org: Org) -> None:
    configure(
        small_org,
        changelog={"exclude": ["fix"]},
        changelog_of={"beta": {"kind": "none"}},
    )
    before = released_files(small_org, "beta")["CHANGELOG.md"]

    ran = release(small_org)

    assert ran.result is not None
    assert ran.result["status"] == "SUCCESS", ran.out
    assert released_files(small_org, "beta")["CHANGELOG.md"] == before
    entry = released_files(small_org, "alpha")["CHANGELOG.md"]
    assert "greet several people" in entry
    assert "spaces around it" not in entry


def test_a_heading_that_the_level_goes_past_is_shown(small_org: Org) -> None:
    keep(small_org, "alpha", {"CHANGES.rst": PALLETS.replace("1.2.0", "1.0.1")})

    dry = run_cli(small_org, "--dry-run")

    assert "alpha: changelog CHANGES.rst line 3 (Version 1.0.1, Unreleased): minor releases" in (
        dry.out
    )


def test_a_heading_in_markdown_that_waits_is_dated(small_org: Org) -> None:
    text = "# Changes\n\n## Version 1.3.0\n\nUnreleased\n\n- By hand.\n\n## Version 1.0.0\n\n"
    keep(small_org, "alpha", {"CHANGES.md": f"{text}Released 2026-02-01\n\n- First.\n"})

    ran = release(small_org)

    assert ran.result is not None
    assert ran.result["verify"]["packages"]["alpha"] == "1.3.0"
    written = released_files(small_org, "alpha")["CHANGES.md"]
    assert written == f"{text}Released 2026-02-01\n\n- First.\n".replace(
        "Unreleased", "Released 2026-02-25"
    )


def test_one_that_is_no_text_is_left_as_it_is(small_org: Org) -> None:
    clone, latin = small_org.clone("alpha"), "Version 1.0.0\n-------------\n\n- Müller.\n"
    git(clone, "rm", "--quiet", "CHANGELOG.md")
    (clone / "CHANGES").write_bytes(latin.encode("latin-1"))
    git(clone, "add", "CHANGES")
    git(clone, "commit", "--quiet", "--message", "docs: changes")
    git(clone, "push", "--quiet", "origin", "HEAD:main")

    told = run_cli(small_org, "--dry-run", "alpha").out
    assert "CHANGES: its bytes are not UTF-8 text; write the entry for 1.1.0 by hand" in told

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    blob = git(small_org.remote("alpha"), "rev-parse", "main:CHANGES")
    assert blob == git(clone, "hash-object", "CHANGES")
