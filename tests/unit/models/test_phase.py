"""Phases and states in order."""

from __future__ import annotations

from omninode_release.models.phase import Phase, PhaseState


def test_each_phase_leads_one_state_further() -> None:
    assert [phase.leads_to for phase in Phase] == list(PhaseState)[1:-1]
    assert [state.rank for state in PhaseState] == list(range(len(PhaseState)))
