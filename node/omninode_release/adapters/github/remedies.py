"""What a person types, or where they click, for each thing that GitHub refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from omninode_release.errors import typed, typed_git

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from omninode_release.models.forge import Slug

_SSO = re.compile(r"url=(https://[^\s;,]+)")
_MOVED = frozenset({301, 302, 307, 308})
NOT_FOUND = 404
_REMEDIES = {
    "by personal access token": (
        "let the token read and write contents, pull requests and actions, and read commit"
        " statuses, of {path} at https://{host}/settings/personal-access-tokens"
    ),
    "not permitted to create or approve pull requests": (
        "let GitHub Actions create pull requests at https://{host}/{path}/settings/actions, or use"
        " the token of an app"
    ),
    "by integration": (
        "let the job that runs this have `permissions: {{contents: write, pull-requests: write,"
        " actions: write}}`"
    ),
    "refusing to allow .*workflow": (
        "give the token the scope `workflow` (of a fine-grained one: Workflows, write)"
    ),
    "rule violations": "have the rules at https://{host}/{path}/rules admit this",
}
"""By what GitHub says, in small letters."""


def find_remedy(status: int, why: str, headers: Mapping[str, str], slug: Slug, clone: Path) -> str:
    """The way out of a refusal, by its cause; header names are in lower case."""
    if status in _MOVED:
        return (
            f"gh repo view {slug.typed} --json url shows its address now;"
            f" {typed_git(clone, 'remote', 'set-url', 'origin', 'URL')} takes it"
        )
    return next(_list_remedies(status, why.lower(), headers, slug))


def name_token(host: str) -> str:
    """The variable that gh takes the token for a host from (gh manual, "environment")."""
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    return "GH_TOKEN" if is_cloud else "GH_ENTERPRISE_TOKEN"


def log_in(host: str) -> str:
    return f"gh auth login --hostname {host}, or set {name_token(host)}"


def unarchive(slug: Slug) -> str:
    """The command, for every gh: one of its own came late."""
    place = () if slug.host == "github.com" else ("--hostname", slug.host)
    request = ("--method", "PATCH", f"repos/{slug.path}", "--field", "archived=false")
    return typed(("gh", "api", *place, *request))


def allow_squash(slug: Slug) -> str:
    return f"gh repo edit {slug.typed} --enable-squash-merge"


def view_repository(slug: Slug) -> str:
    """What to type where GitHub finds nothing: it says so, too, of what a login may not see."""
    return f"gh repo view {slug.typed} (another login, or a token for this repository)"


def view_workflow(name: str, slug: Slug) -> str:
    """The same of a workflow, which GitHub knows by the default branch."""
    shown = typed(("gh", "workflow", "view", name, "--repo", slug.typed))
    return f"{shown} (another login, or a token that may read Actions)"


def _list_remedies(
    status: int, words: str, headers: Mapping[str, str], slug: Slug
) -> Iterator[str]:
    host = slug.host
    if status == 401 or "bad credentials" in words:
        yield log_in(host)
    if "saml" in words or "x-github-sso" in headers:
        found = _SSO.search(headers.get("x-github-sso", ""))
        where = found[1] if found else f"https://{host}/settings/tokens"
        yield f"authorise the token for {slug.owner} at {where}"
    if "squash merges are not allowed" in words:
        yield allow_squash(slug)
    if "archived" in words:
        yield unarchive(slug)
    for cause, remedy in _REMEDIES.items():
        if re.search(cause, words):
            yield remedy.format(host=host, path=slug.path)
    yield _find_by_status(status, slug)


def _find_by_status(status: int, slug: Slug) -> str:
    if status == NOT_FOUND:
        return view_repository(slug)
    return f"see https://{slug.host}/{slug.path}/settings for what GitHub objects to"
