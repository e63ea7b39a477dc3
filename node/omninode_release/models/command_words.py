"""The words that name a command; a repository of such a name could not be named after one.

``omni-release WORD`` is the module ``commands/<word>.py``; what it does is said here, so that a
list of commands is shown without importing any of them.
"""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "release": "release repositories; the word may be left out",
    "plan": "show the plan and change nothing, also as data or in a file",
    "explain": "say why a repository gets its version, or got one",
    "demo": "release six small packages, on this machine only",
    "init": "write a release.yaml for the clones in a folder",
    "graph": "show the tiers, and who needs whom",
    "status": "list the runs, or show one of them",
    "report": "show a run as a page or as Markdown",
    "verify": "hold a run's release-set.json against tags, commits and index",
    "doctor": "check that all a release needs is there",
    "wait": "follow a run until it ends",
    "cancel": "stop a run; --resume goes on with it",
    "abandon": "give a stopped run up",
    "clean": "remove what no run needs any more",
    "run-node": "answer a request in JSON with a result in JSON",
    "validate": "check a configuration, or contract, code and documents",
    "install-skill": "put the skill where an agent finds it",
    "completion": "print what makes a shell complete commands and options",
}
