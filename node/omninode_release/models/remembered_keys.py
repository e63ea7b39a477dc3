"""What of a configuration a run may find changed when it goes on."""

from __future__ import annotations

REMEMBERED_KEYS_MAY_CHANGE = frozenset(
    {
        *("timeouts", "polling", "rehearse", "approvers", "resume_gate", "approval_hours"),
        *("pins", "pins_of", "verify", "organization", "index_url", "publish", "version_files"),
        "pass_environment",
        *("lock", "lock_of", "gate_environment"),
    }
)
"""Top-level keys a resumed run may find changed; any other change is refused.

A run that a wrong name has stopped must go on with the right one. None of these decides which
repositories are released, or as which versions.
"""
KEYS_MAY_CHANGE_UNTIL_TAG = frozenset({"tag_formats"})
"""The same, as long as the run has made no tag."""
