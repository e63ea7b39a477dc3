"""``omni-release validate`` names what a forge or an index lacks, and where."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from omninode_release.adapters.registry import FORGES
from omninode_release.commands.command_line import describe_command_line
from omninode_release.contract.conformance.checkout import PACKAGE, Checkout
from omninode_release.contract.conformance.registries import adapters_are_complete
from support.stub import StubForge, register


def found(package: Path) -> list[str]:
    checkout = Checkout(package.parent, describe_command_line, package)
    return [str(finding) for finding in adapters_are_complete(checkout)]


def test_those_there_are_lack_nothing() -> None:
    assert found(PACKAGE) == []


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the adapters."""
    package = tmp_path / "omninode_release"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE / "adapters", package / "adapters", ignore=ignored)
    return package


def test_a_provider_that_nothing_imports_and_a_method_that_is_not_written_are_found(
    package: Path,
) -> None:
    (package / "adapters" / "gitlab").mkdir()
    source = '\n\ndef readiness(site, release):\n    """Soon."""\n    raise NotImplementedError\n'
    (package / "adapters" / "gitlab" / "provider.py").write_text(source, encoding="utf-8")

    provider = "omninode_release/adapters/gitlab/provider.py"
    assert found(package) == [
        f"{provider}:1: expected adapters/registry.py to import it, found it does not",
        f"{provider}:3: readiness is not implemented",
    ]


def test_a_forge_that_no_configuration_can_name_is_found(package: Path) -> None:
    registry = package / "adapters" / "registry.py"
    text = registry.read_text(encoding="utf-8")
    registry.write_text(text.replace('    "github": _github,\n', ""), encoding="utf-8")

    (said,) = found(package)

    assert said.endswith("expected _github in FORGES or INDEXES, found it in none")


def test_a_provider_that_breaks_off_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> None:
        raise NameError("name 'x' is not defined")

    monkeypatch.setitem(FORGES, "github", breaks)

    (said,) = found(PACKAGE)

    registries = "omninode_release/contract/conformance/registries.py"
    assert said.startswith(f"{registries}:")
    assert said.endswith(": NameError: name 'x' is not defined")


def test_a_method_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    register(monkeypatch, forge=StubForge())
    monkeypatch.delattr(StubForge, "readiness")

    assert found(PACKAGE) == [
        "omninode_release/adapters/registry.py:1: the forge stub has no readiness"
    ]


def test_a_folder_that_is_missing_is_found_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing() -> None:
        raise ModuleNotFoundError("No module named 'gitlab'")

    monkeypatch.setitem(FORGES, "github", missing)
    lines = (PACKAGE / "adapters" / "registry.py").read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, start=1) if '"github": ' in text)

    (said,) = found(PACKAGE)

    assert said.startswith(f"omninode_release/adapters/registry.py:{line}: the forge github cannot")
    assert said.endswith("be imported: No module named 'gitlab'")
