"""Codes one repository fails with: its step is named, what follows is blocked, a resume is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.failures import fails, provoked, provokes
from support.gitrepo import commit_file, git, land
from support.repos import configure, hook, hook_at_merge, lands, manifest, spoil

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

RUN = "release-20260225-91bca0"


def refuses(refs: str, words: str) -> str:
    """sh for a hook in a bare repository: it lets no such ref in."""
    return f"""while read old new ref; do
case $ref in {refs}*) echo "{words}" >&2; exit 1;; esac
done"""


@provokes(ErrorCode.WORKTREE_CONFLICT)
def test_a_folder_in_the_worktrees_place_is_left_alone(small_org: Org) -> None:
    mine = small_org.worktrees / "release" / RUN / "alpha" / "mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("do not clobber\n", encoding="utf-8")

    failure = fails(small_org, ErrorCode.WORKTREE_CONFLICT, at=("alpha", Phase.WORKTREE))

    failure.says(str(mine.parent), "is no worktree")
    assert mine.read_text(encoding="utf-8") == "do not clobber\n"


@provokes(ErrorCode.BUMP_FAILED)
def test_a_version_file_that_is_not_text_cannot_be_bumped(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    # One that is committed is refused before the gate; this one comes when the worktree is made.
    written = "printf '__version__ = \"1.0.0\"  # caf\\351\\n' > src/alpha/__init__.py"
    hook(small_org.clone("alpha"), "post-checkout", written)

    failure = fails(small_org, ErrorCode.BUMP_FAILED, at=("alpha", Phase.BUMP))

    failure.says("UTF-8", "src/alpha/__init__.py")


@provokes(ErrorCode.CHANGELOG_FAILED)
def test_a_changelog_that_is_a_link_is_not_written_through(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    # One that is committed is refused before the gate; this one comes when the worktree is made.
    hook(small_org.clone("alpha"), "post-checkout", "ln -sf notes.md CHANGELOG.md")

    failure = fails(small_org, ErrorCode.CHANGELOG_FAILED, at=("alpha", Phase.CHANGELOG))

    failure.says("symbolic link", "CHANGELOG.md")


@provokes(ErrorCode.LOCK_FAILED)
def test_a_dependency_that_nobody_offers_fails_the_lock_and_shows_why(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    text = manifest("alpha", "1.0.0", "nowhere>=1")
    land(small_org.remote("alpha"), "pyproject.toml", text, "build: nowhere")

    failure = fails(small_org, ErrorCode.LOCK_FAILED, at=("alpha", Phase.LOCK))

    failure.says("uv lock", "nowhere was not found")


@provokes(ErrorCode.LINT_FAILED)
def test_a_failing_hook_is_named_with_the_end_of_its_output(small_org: Org) -> None:
    spoil(small_org, "alpha")

    failure = fails(small_org, ErrorCode.LINT_FAILED, at=("alpha", Phase.LINT))

    worktree = small_org.worktrees / "release" / RUN / "alpha"
    failure.says("check", "notes.md:1: trailing whitespace", f"git -C {worktree}")


@provokes(ErrorCode.TIER_BLOCKED)
def test_what_follows_a_failure_is_blocked_and_says_by_whom(small_org: Org) -> None:
    spoil(small_org, "alpha")

    failure = fails(small_org, ErrorCode.LINT_FAILED, at=("alpha", Phase.LINT))

    blocked = failure.detail("beta")
    provoked(ErrorCode(blocked["error_code"]))
    assert blocked["error"] == "not attempted: alpha failed before it."
    assert "blocked" in failure.ran.out
    assert not (small_org.worktrees / "release" / RUN / "beta").exists()


@provokes(ErrorCode.WORKTREE_DIRTY)
def test_a_file_that_a_hook_leaves_behind_is_not_released(small_org: Org) -> None:
    report = {"id": "report", "name": "report", "language": "system", "pass_filenames": False}
    hooks = [{**report, "entry": "touch report.txt", "always_run": True}]
    config = yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})
    land(small_org.remote("alpha"), ".pre-commit-config.yaml", config, "ci: a report")

    failure = fails(small_org, ErrorCode.WORKTREE_DIRTY, at=("alpha", Phase.COMMIT))

    failure.says("found report.txt", "add -- report.txt", "git -C")


@provokes(ErrorCode.COMMIT_FAILED)
def test_a_commit_hook_is_not_bypassed(small_org: Org) -> None:
    hook(small_org.clone("alpha"), "commit-msg", 'echo "no ticket in the subject" >&2; exit 1')

    failure = fails(small_org, ErrorCode.COMMIT_FAILED, at=("alpha", Phase.COMMIT))

    failure.says("no ticket in the subject")


@provokes(ErrorCode.PUSH_FAILED)
def test_a_push_that_the_remote_refuses_leaves_the_remote_as_it_is(small_org: Org) -> None:
    hook(small_org.remote("alpha"), "pre-receive", refuses("refs/heads/", "no branches"))

    failure = fails(small_org, ErrorCode.PUSH_FAILED, at=("alpha", Phase.PUSH))

    failure.says("no branches", "pre-receive hook declined")


@provokes(ErrorCode.PUSH_FAILED)
def test_a_remote_branch_of_our_name_that_went_another_way_is_not_forced(small_org: Org) -> None:
    clone = small_org.clone("alpha")
    commit_file(clone, "theirs.txt", "Theirs.\n", "fix: theirs")
    git(clone, "push", "--quiet", "origin", f"HEAD:release/{RUN}/alpha")
    git(clone, "reset", "--quiet", "--hard", "origin/main")

    failure = fails(small_org, ErrorCode.PUSH_FAILED, at=("alpha", Phase.PUSH))

    failure.says("went another way", "nothing is ever forced")


@provokes(ErrorCode.PR_FAILED)
def test_a_forge_that_refuses_the_pull_request_is_told_with_its_words(small_org: Org) -> None:
    refusal = refuses("refs/pull/", "no pull requests today")
    hook(small_org.remote("alpha"), "reference-transaction", refusal)

    failure = fails(small_org, ErrorCode.PR_FAILED, at=("alpha", Phase.PR))

    failure.says("no pull requests today")


@provokes(ErrorCode.MERGE_FAILED)
def test_a_red_check_is_not_merged(small_org: Org) -> None:
    configure(small_org, local={"checks": ["sh", "-c", "echo one test failed; exit 1"]})

    failure = fails(small_org, ErrorCode.MERGE_FAILED, at=("alpha", Phase.MERGE))

    failure.says("local://alpha/pull/1", "one test failed")


@provokes(ErrorCode.MERGE_FAILED)
def test_a_colleague_who_wrote_the_same_lines_is_a_conflict(small_org: Org) -> None:
    theirs = "# Changelog\n\n## [Unreleased]\n\nTheir own words.\n"
    hook(small_org.remote("alpha"), "post-receive", lands("CHANGELOG.md", theirs, "docs: mine"))

    failure = fails(
        small_org, ErrorCode.MERGE_FAILED, at=("alpha", Phase.MERGE), also={"alpha main"}
    )

    failure.says("it conflicts with main")


@provokes(ErrorCode.PLAN_STALE)
def test_a_late_feature_stops_its_repository_right_before_the_merge(small_org: Org) -> None:
    hook(small_org.remote("beta"), "post-receive", lands("news.md", "New.\n", "feat: late"))

    failure = fails(small_org, ErrorCode.PLAN_STALE, at=("beta", Phase.MERGE), also={"beta main"})

    failure.says("feat: late", "minor")
    assert failure.result["status"] == "PARTIAL"


@provokes(ErrorCode.TAG_CONFLICT)
def test_a_tag_that_appeared_on_another_commit_is_never_moved(small_org: Org) -> None:
    old = git(small_org.remote("alpha"), "rev-parse", "v1.0.0^{commit}")
    hook_at_merge(small_org.remote("alpha"), f"git tag alpha/v1.1.0 {old}")

    failure = fails(small_org, ErrorCode.TAG_CONFLICT, at=("alpha", Phase.TAG), also={"alpha tags"})

    merged = failure.state["repos"]["alpha"]["outputs"]["MERGE"]["merge_sha"]
    failure.says("alpha/v1.1.0", old, merged)
    assert git(small_org.remote("alpha"), "rev-parse", "alpha/v1.1.0^{commit}") == old


@provokes(ErrorCode.TAG_FAILED)
def test_a_remote_that_refuses_tags_fails_after_the_merge(small_org: Org) -> None:
    hook(small_org.remote("alpha"), "pre-receive", refuses("refs/tags/", "no tags"))

    failure = fails(small_org, ErrorCode.TAG_FAILED, at=("alpha", Phase.TAG), also={"alpha tags"})

    failure.says("no tags")


@provokes(ErrorCode.PUBLISH_FAILED)
def test_a_build_that_fails_is_told_with_its_last_words(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    text = manifest("alpha").replace("dependencies", 'readme = "NOWHERE.md"\ndependencies')
    land(small_org.remote("alpha"), "pyproject.toml", text, "docs: another readme")

    failure = fails(
        small_org,
        ErrorCode.PUBLISH_FAILED,
        at=("alpha", Phase.PUBLISH),
        also={"alpha publish run"},
    )

    failure.says("NOWHERE.md")
    assert failure.detail("alpha")["pypi_status"] == "failed"


STAMPS_ITS_OWN_VERSION = """
import pathlib
import tarfile

def build_sdist(folder, settings=None):
    with tarfile.open(pathlib.Path(folder) / "alpha-9.9.9.tar.gz", "w:gz") as sdist:
        sdist.add(".", "alpha-9.9.9")
    return "alpha-9.9.9.tar.gz"

def build_wheel(folder, settings=None, metadata=None):
    (pathlib.Path(folder) / "alpha-9.9.9-py3-none-any.whl").touch()
    return "alpha-9.9.9-py3-none-any.whl"
"""


@provokes(ErrorCode.PYPI_TIMEOUT)
def test_an_index_that_never_shows_the_version_times_out(small_org: Org) -> None:
    configure(small_org, rehearse=False)
    remote = small_org.remote("alpha")
    land(remote, "backend.py", STAMPS_ITS_OWN_VERSION.lstrip(), "build: a back end")
    text = manifest("alpha").replace('["uv_build>=0.8,<1"]', "[]")
    text = text.replace('"uv_build"', '"backend"\nbackend-path = ["."]')
    land(remote, "pyproject.toml", text, "build: our own back end")

    failure = fails(
        small_org,
        ErrorCode.PYPI_TIMEOUT,
        "--pypi-timeout-minutes",
        "0.001",
        at=("alpha", Phase.PUBLISH),
        also={"alpha publish run", "alpha index"},
    )

    failure.says("alpha 1.1.0", "0.001 minutes", "--skip-pypi-wait")
    assert failure.detail("alpha")["pypi_status"] == "pending"
