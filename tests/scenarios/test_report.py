"""``omni-release report`` and the page of a plan, looked at in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from support.cli import run_cli
from support.orgs import copy_org
from support.repos import spoil

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

TOKEN = "1740312612.000100:pair"  # noqa: S105 - a gate token of this example
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
OFFLINE = ("--no-sandbox", "--disable-background-networking", "--disable-component-update")

needs_browser = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")


def release(org: Org) -> int:
    return run_cli(org, "--run-id", "pair", "--gate-attestation", TOKEN).code


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*OFFLINE])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def released(pair_template: Org, tmp_path_factory: pytest.TempPathFactory) -> Org:
    """The two repositories, released; tests only look at them."""
    org = copy_org(pair_template, tmp_path_factory.mktemp("released") / "org")
    assert release(org) == 0
    return org


@pytest.fixture(scope="module")
def page_of_a_failure(pair_template: Org, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("failed")
    org = copy_org(pair_template, folder / "org")
    spoil(org, "beta")
    assert release(org) == 3
    assert run_cli(org, "report", "pair", "--html", str(folder / "run.html")).code == 0
    return folder / "run.html"


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1000, 1600])
def test_a_page_is_whole_and_can_be_read_by_everybody(
    page_of_a_failure: Path,
    browser: Browser,
    scheme: str,
    width: int,
) -> None:
    page = page_of_a_failure
    view = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type] # a literal
    said: list[str] = []
    asked: list[str] = []
    view.on("console", lambda message: said.append(message.text))
    view.on("pageerror", lambda error: said.append(str(error)))
    view.on("request", lambda request: asked.append(request.url))

    view.goto(page.as_uri())

    assert said == []
    assert asked == [page.as_uri()]
    root = "document.documentElement"
    assert view.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
    assert view.get_by_role("heading", name="Why it stopped").is_visible()
    view.close()


@needs_browser
def test_a_page_has_no_finding_of_axe(released: Org, tmp_path: Path, browser: Browser) -> None:
    page = tmp_path / "run.html"
    run_cli(released, "report", "pair", "--html", str(page))
    view = browser.new_page(bypass_csp=True)  # axe is a script, which the page itself forbids
    view.goto(page.as_uri())

    assert Axe().run(view).response["violations"] == []


def test_a_run_is_reported_in_markdown(released: Org) -> None:
    ran = run_cli(released, "report", "pair")

    assert ran.code == 0
    assert ran.out.startswith("# Release pair\n\nCompleted: 2 of 2 released.\n")
    assert "| alpha | 1 | 1.0.0 → 1.1.0 | minor | 2 |" in ran.out
    assert "alpha/v1.1.0, v1.1.0 | alpha-1.1.0-py3-none-any.whl, alpha-1.1.0.tar.gz |" in ran.out
    assert ran.out == run_cli(released, "report", "pair", "--markdown").out


def test_a_plan_can_be_written_as_a_page(small_org: Org, tmp_path: Path) -> None:
    ran = run_cli(small_org, "--dry-run", "--html", str(tmp_path / "plan.html"))

    assert ran.code == 0
    assert f"Written: {tmp_path / 'plan.html'}" in ran.err
    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert "<h1>Release plan " in page
    assert "2 of 2 repositories have something to release." in page


def test_the_page_of_a_plan_says_above_all_that_something_is_refused(
    small_org: Org, tmp_path: Path
) -> None:
    run_cli(
        small_org, "--dry-run", "--version", "alpha=0.0.1", "--html", str(tmp_path / "plan.html")
    )

    page = (tmp_path / "plan.html").read_text(encoding="utf-8")
    assert "repositories have something to release, 1 cannot be released." in page


def test_a_page_that_cannot_be_written_is_a_usage_error(released: Org, tmp_path: Path) -> None:
    for arguments in (("report", "pair"), ("--dry-run",)):
        ran = run_cli(released, *arguments, "--html", str(tmp_path))

        assert ran.code == 2
        assert f"--html: expected a file that can be written at {tmp_path}" in ran.err


def test_a_real_run_writes_no_page_of_a_plan(small_org: Org) -> None:
    ran = run_cli(small_org, "--html", "plan.html")

    assert ran.code == 2
    assert "--html shows a plan and belongs to --dry-run" in ran.err


def test_an_unknown_run_has_no_report(small_org: Org) -> None:
    ran = run_cli(small_org, "report", "nobody")

    assert ran.err.startswith("STATE_NOT_FOUND: ")
