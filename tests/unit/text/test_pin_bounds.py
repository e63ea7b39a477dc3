"""A pin goes past a bound only by configuration, and below one never."""

from __future__ import annotations

import pytest

from omninode_release.text.pins.changes import compare_bounds, find_breach
from omninode_release.text.requirements.declared import DeclaredRequirement, find_requirements


def required(text: str) -> DeclaredRequirement:
    return next(find_requirements({"project": {"dependencies": [text]}}))


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("core", "kept"),
        ("core>=1.0", "kept"),
        ("core>=1.0,<3", "kept"),
        ("core==1.9.0", "kept"),
        ("core===1.9.0", "kept"),
        ("core==2.0.0", "kept"),
        ("core>=1.0,<2", "passed"),
        ("core~=1.4", "passed"),
        ("core==1.*", "passed"),
        ("core!=2.0.0", "passed"),
        ("core<=1.9", "passed"),
        ("core>=2.1", "above"),
        ("core>2.0.0", "above"),
        ("core~=2.1", "above"),
        ("core==2.1.0", "above"),
        ("core==3.*", "above"),
    ],
)
def test_how_a_new_version_stands_to_a_requirement(text: str, bounds: str) -> None:
    assert compare_bounds(required(text), "2.0.0") == bounds


def test_only_a_bound_from_above_can_be_overridden() -> None:
    capped, raised = required("core>=1.0,<2"), required("core>=2.1")

    assert find_breach(capped, "2.0.0", "override") is None
    refused = find_breach(capped, "2.0.0", "exact")
    assert refused is not None
    assert "'core>=1.0,<2' does not admit core 2.0.0" in refused.what
    assert "`pins: override`" in refused.mend
    in_step = find_breach(capped, "2.0.0", "lockstep")
    assert in_step is not None
    assert in_step.mend == "let it admit 2.0.0"
    for rule in ("exact", "override", "raise"):
        below = find_breach(raised, "2.0.0", rule)
        assert below is not None
        assert "'core>=2.1' asks for more than core 2.0.0" in below.what
        assert "override" not in below.mend
