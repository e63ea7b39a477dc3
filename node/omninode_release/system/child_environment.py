"""The environment every program of ours starts from."""

from __future__ import annotations

import re
from collections.abc import Mapping

from omninode_release.system.redaction import WITHHELD, is_secret_name

# Inherited GIT_DIR, GIT_INDEX_FILE and their like point git at the caller's repository (a hook's,
# for one). These are the ones that configure git without pointing it anywhere.
_GIT_ALLOWED = frozenset(
    {
        "GIT_ALLOW_PROTOCOL",
        "GIT_ASKPASS",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_EXEC_PATH",
        "GIT_HTTP_PROXY_AUTHMETHOD",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSL_CAINFO",
        "GIT_SSL_NO_VERIFY",
    }
)
_GIT_ALLOWED_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
# VIRTUAL_ENV makes uv warn about an environment that has nothing to do with the repository.
_DROPPED = frozenset({"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PRE_COMMIT_ALLOW_NO_CONFIG"})
# With these uv locks another project, or leaves the old lock and says that all is well.
_UV_ELSEWHERE = ("UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY", "UV_FROZEN", "UV_LOCKED")
# With these a build takes another version than that of the tree.
_OTHER_VERSION = re.compile(
    r"SETUPTOOLS_SCM_(?:PRETEND_VERSION|PRETEND_METADATA|OVERRIDES)(?:_FOR_\w+)?|PBR_VERSION"
    r"|VCS_VERSIONING_PRETEND_VERSION(?:_FOR_\w+)?|(?:POETRY|UV)_DYNAMIC_VERSIONING_\w+"
)
# What a build before the gate is not given beside all that is named like a secret.
_FORGE_PREFIXES = ("ACTIONS_", "GH_", "GITHUB_", "SLACK_", "TWINE_", "UV_PUBLISH_")
# Without these uv cannot read an index that asks for a password.
_INDEX_PREFIX = "UV_INDEX_"


def is_misleading(name: str) -> bool:
    """True for a variable under which a program would lock or build something else."""
    return name in _UV_ELSEWHERE or bool(_OTHER_VERSION.fullmatch(name))


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Make the environment of a program: no prompts, no colour, no stray GIT_ variables."""
    kept = {
        name: value
        for name, value in environ.items()
        if name not in _DROPPED
        and name not in WITHHELD
        and not is_misleading(name)
        and (
            not name.startswith("GIT_")
            or name in _GIT_ALLOWED
            or name.startswith(_GIT_ALLOWED_PREFIXES)
        )
    }
    return kept | {
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GH_PROMPT_DISABLED": "1",
        "PRE_COMMIT_COLOR": "never",
        "UV_NO_PROGRESS": "1",
    }


def build_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """``environ`` for repositories' own code that runs before anything is approved: no tokens."""
    return {name: value for name, value in environ.items() if not _is_withheld_from_builds(name)}


def _is_withheld_from_builds(name: str) -> bool:
    if name.startswith(_INDEX_PREFIX):
        return False
    return name.startswith(_FORGE_PREFIXES) or is_secret_name(name)
