"""A vocabulary of git questions and verbs; machine formats only, one fact per function.

The user's working tree is neither read nor changed: a clone is read by ref, and changed only under
``release/``, ``refs/omni-release/`` and in the remote-tracking branch that a fetch moves.
"""

from __future__ import annotations

from omninode_release.adapters.git.answers import Answers
from omninode_release.adapters.git.checkout import Checkout
from omninode_release.adapters.git.contents import Contents
from omninode_release.adapters.git.history import History
from omninode_release.adapters.git.lock_files import LockFiles
from omninode_release.adapters.git.network import Patience
from omninode_release.adapters.git.program import REMOTE, date_environment, lines_of
from omninode_release.adapters.git.refs import Ref
from omninode_release.adapters.git.remedies import is_refusal
from omninode_release.adapters.git.remote import REMOTE_TAGS, Remote, RemoteRefs
from omninode_release.adapters.git.trees import Trees
from omninode_release.adapters.git.unpacking import Unpacking
from omninode_release.adapters.git.workspace import Workspace

__all__ = [
    "REMOTE",
    "REMOTE_TAGS",
    "Answers",
    "Git",
    "Patience",
    "Ref",
    "RemoteRefs",
    "date_environment",
    "is_refusal",
    "lines_of",
]


class Git(History, Contents, Trees, Remote, Workspace, Checkout, Unpacking, LockFiles):
    """A clone or a worktree of it, with every question and verb of this folder."""
