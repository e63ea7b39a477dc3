"""What each program sees of the user's environment: one table, from which every child gets its own.

The first rule that fits a variable decides; what no rule names is kept. docs/reference.md shows the
table, and a test holds it against what programs really see.
"""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from omninode_release.system.secrets import is_secret_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence


class Program(StrEnum):
    """Whose environment it is."""

    GIT = "git, keyring"
    """What may ask for any password of the user's: a credential helper, a keyring."""
    GH = "gh"
    OWN = "uv, hooks, commands"
    """What runs code of a repository: a locker and the back ends it builds with, hooks, also those
    of ``git commit``, towncrier, commands of the configuration."""


Fate = Literal["set", "kept", "dropped", "withheld"]
"""``withheld``: dropped, unless ``pass_environment`` of the configuration names it."""

NAMED_LIKE_A_SECRET = "named like a secret"  # noqa: S105 - of names, not a secret itself
EVERY = tuple(Program)


class Rule(NamedTuple):
    """One line of the table."""

    programs: tuple[Program, ...]
    names: tuple[str, ...]
    """Names; ``*`` at the end of one stands for any characters."""
    fate: Fate
    why: str
    value: str = ""
    """Of one that is set."""
    misleads: bool = False
    """Under it a program would do something else than the plan says, so the plan names it."""


def _set(value: str, why: str, *names: str) -> Rule:
    return Rule(EVERY, names, "set", why, value)


TABLE: tuple[Rule, ...] = (
    # How programs talk.
    _set("C.UTF-8", "what they say is read, in English (on a Mac `en_US.UTF-8`)", "LC_ALL"),
    _set("1", "no colours in what is read", "NO_COLOR"),
    Rule(
        (Program.GH,),
        ("TCELL_MINIMIZE",),
        "set",
        "gh reads no descriptions of terminals, and starts in half the time",
        "1",
    ),
    _set("cat", "no person is there to turn pages", "PAGER", "GIT_PAGER", "GH_PAGER"),
    _set("false", "no person is there to edit", "GIT_EDITOR"),
    _set("0", "a question would wait for ever", "GIT_TERMINAL_PROMPT"),
    _set("0", "to look at a clone locks nothing in it", "GIT_OPTIONAL_LOCKS"),
    _set("1", "a question would wait for ever", "GH_PROMPT_DISABLED"),
    _set("1", "only the answer is wanted", "GH_NO_UPDATE_NOTIFIER", "UV_NO_PROGRESS"),
    _set("0", "a gh that reports its use goes on after its answer", "GH_TELEMETRY"),
    _set("never", "no colours in what is read", "PRE_COMMIT_COLOR"),
    Rule(
        EVERY,
        ("LANGUAGE",),
        "dropped",
        "it would translate what LC_ALL keeps in English",
    ),
    Rule(
        EVERY,
        ("CLICOLOR_FORCE", "FORCE_COLOR", "PY_COLORS", "GH_FORCE_TTY"),
        "dropped",
        "colours make JSON and messages unreadable",
    ),
    Rule(
        EVERY,
        ("GH_DEBUG", "GH_REPO", "GIT_TRACE*", "GIT_CURL_VERBOSE", "GIT_FLUSH"),
        "dropped",
        "they add to an answer, among it tokens, or ask about another repository",
    ),
    # What would make them do something else than the plan says.
    Rule(
        EVERY,
        ("UV_FROZEN", "UV_LOCKED", "UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY"),
        "dropped",
        "uv would lock another project, or keep the old lock and say that all is well",
        misleads=True,
    ),
    Rule(
        EVERY,
        ("UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON", "VIRTUAL_ENV", "CONDA_PREFIX"),
        "dropped",
        "uv would fill, or warn of, an environment that is not the repository's",
    ),
    Rule(
        EVERY,
        (
            *("SETUPTOOLS_SCM_PRETEND_VERSION*", "SETUPTOOLS_SCM_PRETEND_METADATA*"),
            *("SETUPTOOLS_SCM_OVERRIDES*", "VCS_VERSIONING_PRETEND_VERSION*", "PBR_VERSION"),
            *("POETRY_DYNAMIC_VERSIONING_*", "UV_DYNAMIC_VERSIONING_*"),
        ),
        "dropped",
        "a build would take another version than that of the tree",
        misleads=True,
    ),
    Rule(
        EVERY,
        ("SKIP", "PREK_SKIP", "PRE_COMMIT_ALLOW_NO_CONFIG", "PREK_ALLOW_NO_CONFIG"),
        "withheld",
        "a hook that is left out would count as one that passed",
        misleads=True,
    ),
    # How git is reached and configured; any other GIT_ variable points it at another repository.
    Rule(
        EVERY,
        (
            *("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"),
            *("GIT_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_*"),
            *("GIT_PROXY_*", "GIT_HTTP_*", "GIT_ALLOW_PROTOCOL", "GIT_PROTOCOL_FROM_USER"),
            *("GIT_CONFIG_*", "GIT_ATTR_*", "GIT_EXEC_PATH", "GIT_LFS_*"),
            *("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
        ),
        "kept",
        "the user's way to reach and to configure git",
    ),
    Rule(
        EVERY,
        ("GIT_*",),
        "dropped",
        "they point git at the repository, index or date of who has started the run",
    ),
    # Secrets.
    Rule(
        EVERY,
        ("SLACK_*", "OMNI_RELEASE_INDEX_URL", "OMNI_RELEASE_SLACK_URL"),
        "withheld",
        "only the run itself asks Slack and looks at the index",
    ),
    Rule(
        EVERY,
        ("UV_PUBLISH_*", "TWINE_*", "POETRY_PYPI_TOKEN_*", "PDM_PUBLISH_*", "FLIT_*"),
        "withheld",
        "the publish workflow uploads, nothing here does",
    ),
    Rule(
        (Program.GIT, Program.GH),
        ("GH_*", "GITHUB_*"),
        "kept",
        "gh's login; git has it of gh, where gh is its credential helper",
    ),
    Rule(
        (Program.OWN,),
        ("GH_*", "GITHUB_*", "ACTIONS_*", "RUNNER_*", "CI_JOB_*", "GITLAB_*"),
        "withheld",
        "code of a repository does not speak for the user of a forge",
    ),
    Rule(
        (Program.OWN,),
        (
            *("UV_INDEX_*", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "POETRY_HTTP_BASIC_*"),
            *("UV_KEYRING_PROVIDER", "UV_CREDENTIALS_DIR", "NETRC"),
        ),
        "kept",
        "to read an index that asks for a password",
    ),
    Rule(
        (Program.GH, Program.OWN),
        (
            *("AWS_*", "AZURE_*", "ARM_*", "GOOGLE_*", "GCLOUD_*", "CLOUDSDK_*", "GCP_*"),
            *("VAULT_*", "CLOUDFLARE_*", "DIGITALOCEAN_*", "KUBECONFIG", "NETLIFY_*", "VERCEL_*"),
        ),
        "withheld",
        "credentials of a cloud",
    ),
    Rule(
        (Program.GH, Program.OWN),
        (NAMED_LIKE_A_SECRET,),
        "withheld",
        "whatever it opens is not needed: TOKEN, SECRET, PASSWORD, PASSPHRASE or CREDENTIAL in the"
        " name, or KEY, PAT, PASS, AUTH and the like at its end",
    ),
    Rule(
        (Program.GIT,),
        (NAMED_LIKE_A_SECRET,),
        "kept",
        "a credential helper or a keyring may ask for any of them",
    ),
    # Named because they matter; kept as all others are.
    Rule(
        EVERY,
        (
            *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
            *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
        ),
        "kept",
        "the way out of this network",
    ),
    Rule(
        EVERY,
        ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        "kept",
        "whom this network trusts",
    ),
    Rule(
        EVERY,
        ("SSH_AUTH_SOCK", "SSH_ASKPASS", "GNUPGHOME", "GPG_TTY"),
        "kept",
        "keys that sign, and that open remotes and what is required of them",
    ),
    Rule(
        (Program.OWN,),
        ("UV_*", "PIP_*", "PRE_COMMIT_*", "POETRY_*", "PDM_*"),
        "kept",
        "the user's caches, indexes and Pythons; what changes a lock is named in the plan",
    ),
)
"""Every rule, in the order in which they are asked."""


def child_environment(
    environ: Mapping[str, str], argv: Sequence[str], passed: Collection[str] = ()
) -> dict[str, str]:
    """Make the environment of a program; ``passed`` are the names of ``pass_environment``."""
    program = program_of(argv)
    if "GIT_SSH" in environ and "GIT_SSH_COMMAND" not in environ:  # or our own would go before it
        environ = {**environ, "GIT_SSH_COMMAND": shlex.quote(environ["GIT_SSH"])}
    kept = {name: value for name, value in environ.items() if is_given(program, name, passed)}
    rules = (rule for rule in TABLE if rule.fate == "set" and program in rule.programs)
    given = {name: rule.value for rule in rules for name in rule.names}
    if sys.platform == "darwin":  # which has the other from macOS 15 on
        given["LC_ALL"] = "en_US.UTF-8"
    return kept | given


def program_of(argv: Sequence[str]) -> Program:
    """Whose environment a command gets; one that is not known is code of a repository."""
    if argv[0] == "keyring":
        return Program.GIT
    if argv[0] == "git":
        return Program.OWN if _runs_hooks_of_a_commit(argv) else Program.GIT
    return Program.GH if argv[0] == "gh" else Program.OWN


@lru_cache(maxsize=4096)
def find_rule(program: Program, name: str) -> Rule | None:
    """The rule that decides about a variable; None for one that is kept because none does."""
    fitting = (rule for rule in TABLE if program in rule.programs and _fits(rule, name))
    return next(fitting, None)


def is_given(program: Program, name: str, passed: Collection[str]) -> bool:
    """True when a program is given the user's variable, if there is one."""
    rule = find_rule(program, name)
    if rule is None or rule.fate == "kept":
        return True
    return rule.fate == "withheld" and name in passed


def can_be_passed(name: str) -> bool:
    """True for a variable that ``pass_environment`` may name."""
    rule = find_rule(Program.OWN, name)
    return rule is None or rule.fate in {"kept", "withheld"}


def is_misleading(name: str, passed: Collection[str]) -> bool:
    """True for one that no program is given, since the plan would not be what is carried out."""
    rule = find_rule(Program.OWN, name)
    return rule is not None and rule.misleads and not is_given(Program.OWN, name, passed)


def _fits(rule: Rule, name: str) -> bool:
    if rule.names == (NAMED_LIKE_A_SECRET,):
        return is_secret_name(name)
    return any(
        name.startswith(each[:-1]) if each.endswith("*") else name == each for each in rule.names
    )


def _runs_hooks_of_a_commit(argv: Sequence[str]) -> bool:
    """True for ``git commit``, and for what tries beforehand whether it can sign."""
    words = iter(argv[1:])
    for word in words:
        if word == "-c":
            next(words, None)
        elif not word.startswith("-"):
            return word in {"commit", "commit-tree"}
    return False
