"""Questions to the remote, and what is fetched from it and pushed to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from omninode_release.adapters.git.program import NO_HOOKS, REMOTE, lines_of
from omninode_release.adapters.git.refs import Refs
from omninode_release.errors import ErrorCode, ProgramFailed, ReleaseError, typed_git

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Whole commits, also into a partial clone: what a release reads must be there.
# Submodules are no part of a release: not fetched, and not pushed from a person's clone. The first
# fetch is done before a person has approved.
_FETCH = (
    *NO_HOOKS,
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-filter"),
    "--no-recurse-submodules",
)
_PUSH = ("push", "--quiet", "--recurse-submodules=no")
# No person is there to answer ssh; a question becomes an error that says what it was about.
_BATCH = ("-c", "core.sshCommand=ssh -o BatchMode=yes")
REMOTE_TAGS = "refs/omni-release/tags/"
"""Where the remote's tags are fetched to: ``fetch --tags`` refuses a tag that was cut again."""


class RemoteRefs(NamedTuple):
    """What a remote has, as ``ls-remote`` lists it."""

    head: str | None
    """The default branch's name."""
    refs: dict[str, str]
    """Full ref name to commit id, annotated tags peeled."""


class Remote(Refs):
    def remote_url(self) -> str | None:
        done = self.ask("remote", "get-url", REMOTE, ok=(0, 2))
        return done.line or None if done.returncode == 0 else None

    def advise_origin(self, address: str) -> str:
        """What gives a clone without a remote of that name one; ``address`` is where it may be."""
        others = lines_of(self.ask("remote").stdout)
        if not others:
            return typed_git(self.path, "remote", "add", REMOTE, address)
        if len(others) == 1:
            return typed_git(self.path, "remote", "rename", *others, REMOTE)
        rename = typed_git(self.path, "remote", "rename", "NAME", REMOTE)
        return f"{rename} for the one of {', '.join(others)} that is released to"

    def push_urls(self) -> list[str]:
        """Where a push goes; a person may have set other addresses for it than for a fetch."""
        done = self.ask("remote", "get-url", "--push", "--all", REMOTE, ok=(0, 2))
        return lines_of(done.stdout) if done.returncode == 0 else []

    def call_remote(self, *args: str, landed: Callable[[], bool] | None = None) -> str:
        """Run git where it may use ssh: the user's own command, or one that asks no question.

        It is tried again with the patience there is; ``landed`` is asked whether a failed attempt
        did its work all the same.
        """
        # Asked once: a person sets it for a run that has ended, and the next asks again.
        own = self.ask_once("config", "--get", "--default=", "core.sshCommand", of=()).line
        argv = (*(() if own else _BATCH), *args)
        if self.patience is None:
            return self(*argv).stdout
        found = (lambda: "" if landed() else None) if landed else None
        return self.patience.persist(lambda: self(*argv).stdout, found)

    def ls_remote(self, *patterns: str, seconds: float | None = None) -> RemoteRefs:
        """Ask the remote for its default branch and the refs that match ``patterns``."""
        # One who has no time for the answer has none for a second attempt.
        asked = replace(self, seconds=seconds, patience=None) if seconds else self
        out = asked.call_remote("ls-remote", "--symref", REMOTE, "HEAD", *patterns)
        head: str | None = None
        refs: dict[str, str] = {}
        for line in lines_of(out):
            left, _, name = line.partition("\t")
            if left.startswith("ref: refs/heads/") and name == "HEAD":
                head = left.removeprefix("ref: refs/heads/")
            elif name.endswith("^{}"):  # the commit behind an annotated tag comes last, and wins
                refs[name.removesuffix("^{}")] = left
            else:
                refs[name] = left
        return RemoteRefs(head, refs)

    def remote_refs(self, *patterns: str) -> dict[str, str]:
        """The remote's refs that match ``patterns``, annotated tags peeled."""
        return self.ls_remote(*patterns).refs

    def fetch(self, branch: str, *, tags: bool = False) -> str:
        """Fetch the base branch, and the tags to where they meet no other; answer its tip."""
        target = f"refs/remotes/{REMOTE}/{branch}"
        specs = [f"+refs/heads/{branch}:{target}"]
        if tags:
            specs.append(f"+refs/tags/*:{REMOTE_TAGS}*")
        prune = ("--prune",) if tags else ()
        self.call_remote(*_FETCH, *prune, REMOTE, *specs)
        tip = self.commit_of(target)
        if tip is None:
            raise ReleaseError(
                ErrorCode.SCAN_FAILED, f"{REMOTE}/{branch} is missing in {self.path} after a fetch."
            )
        return tip

    def fetched_sha(self, branch: str) -> str | None:
        """Where a branch of the remote was when it was last fetched."""
        return self.commit_of(f"refs/remotes/{REMOTE}/{branch}")

    def fetch_commit(self, sha: str) -> None:
        """Bring a commit of the remote here that no branch need lead to any more."""
        self.call_remote(*_FETCH, REMOTE, sha)

    def push(self, *specs: str) -> None:
        """Push refspecs together or not at all; never forced, hooks not bypassed."""
        if any(spec.startswith(("+", ":")) for spec in specs):
            raise ValueError(f"a push of ours never forces or deletes: {specs}")
        argv = (*_PUSH, "--atomic", "--no-follow-tags", REMOTE, *specs)
        self.call_remote(*argv, landed=lambda: self._has_pushed(specs))

    def try_push(self, sha: str, branch: str) -> None:
        """Ask the remote whether it takes pushes of ours, at the address of pushes; none is made.

        No hook of the clone is run. Raises CommandFailed and TimedOut.
        """
        spec = f"{sha}:refs/heads/{branch}"
        self.call_remote(*_PUSH, "--dry-run", "--no-verify", "--no-follow-tags", REMOTE, spec)

    def _has_pushed(self, specs: Sequence[str]) -> bool:
        """True when the remote has it all: a push may land and its answer be lost."""
        wanted = {to: self.commit_of(ours) for ours, _, to in (s.partition(":") for s in specs)}
        try:
            there = replace(self, patience=None).remote_refs(*(f"{ref}*" for ref in wanted))
        except ProgramFailed:
            return False
        return {ref: there.get(ref) for ref in wanted} == wanted

    def delete_remote_branch(self, branch: str, sha: str | None) -> None:
        """Delete a branch on the remote, only while it is still at ``sha``.

        Where the remote has none, the forge has deleted it after the merge: then only the
        remote-tracking ref is deleted, and twice is harmless.
        """
        ref = f"refs/heads/{branch}"
        if sha is None:
            self("update-ref", "-d", f"refs/remotes/{REMOTE}/{branch}")
        else:
            argv = (*_PUSH, f"--force-with-lease={ref}:{sha}", REMOTE, f":{ref}")
            self.call_remote(*argv, landed=lambda: self._is_deleted_there(ref))

    def _is_deleted_there(self, ref: str) -> bool:
        try:
            return ref not in replace(self, patience=None).remote_refs(ref)
        except ProgramFailed:
            return False
