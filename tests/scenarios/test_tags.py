"""Tags and declared versions as people have them: read as they are, and made alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from omninode_release.errors import ErrorCode
from omninode_release.models.phase import Phase
from support.cli import Terminal, run_cli
from support.endings import RUN, before_phase, break_phase, release, resume, state_of
from support.failures import fails
from support.gitrepo import commit_file, git, push_main, tree_of
from support.pypi_server import add_files
from support.repos import configure, hook, hook_at_merge

if TYPE_CHECKING:
    from omninode_release.commands.demo_org import Org

pytestmark = pytest.mark.usefixtures("only_steps", "no_hooks")

REFUSES_TAGS = "while read old new ref; do case $ref in refs/tags/*) exit 1;; esac; done"


@pytest.fixture
def stranger(small_org: Org) -> Org:
    """An organisation whose configuration writes no formats; both repositories have v-tags."""
    path = small_org.omni_home / "release.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    del config["tag_formats"]
    path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return small_org


def tags_of(org: Org, repo: str) -> list[str]:
    return git(org.remote(repo), "tag").split()


def declare(org: Org, repo: str, old: str, new: str, message: str = "chore: what comes") -> str:
    """A colleague writes another version into the manifest."""
    clone = org.clone(repo)
    text = (clone / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{old}"' in text
    text = text.replace(f'version = "{old}"', f'version = "{new}"')
    commit = commit_file(clone, "pyproject.toml", text, message)
    push_main(clone)
    return commit


def test_a_release_is_tagged_as_those_before_it(stranger: Org) -> None:
    dry = run_cli(stranger, "--dry-run")
    ran = release(stranger)

    assert "Tags:\n  alpha: v1.1.0, in the format v{version}\n  beta: v0.4.1, in the" in dry.out
    assert (ran.code, ran.err) == (0, "")
    assert tags_of(stranger, "alpha") == ["v1.0.0", "v1.1.0"]
    assert ran.result is not None
    assert [each["tag"] for each in ran.result["details"]] == ["v1.1.0", "v0.4.1"]
    assert dry.result is not None
    assert ran.result["plan_hash"] == dry.result["plan_hash"]
    changelog = tree_of(stranger.remote("alpha"), "main")["CHANGELOG.md"]
    assert "1.1.0" in changelog
    assert "alpha/v1.1.0" not in changelog


def test_formats_that_are_written_say_what_is_made(small_org: Org) -> None:
    dry = run_cli(small_org, "--dry-run")

    assert release(small_org).code == 0
    assert "Tags:" not in dry.out
    assert "alpha/v1.1.0" in tags_of(small_org, "alpha")


def test_a_resumed_run_keeps_the_format_it_was_approved_with(stranger: Org) -> None:
    refuses = hook(stranger.remote("alpha"), "pre-receive", REFUSES_TAGS)
    fails(stranger, ErrorCode.TAG_FAILED, at=("alpha", Phase.TAG), also={"alpha tags"})
    refuses.unlink()
    run_id = next(iter((stranger.root / "state_home/state/release").glob("*.json"))).stem
    configure(stranger, tag_formats=["{repo}/v{version}", "v{version}"])

    ran = run_cli(stranger, "--resume", run_id, "--gate-attestation", f"1740312612.000100:{run_id}")

    assert (ran.code, ran.err) == (0, "")
    assert tags_of(stranger, "alpha") == ["v1.0.0", "v1.1.0"]
    assert "beta/v0.4.1" in tags_of(stranger, "beta")  # it was planned anew, and approved so


def test_a_release_of_another_branch_is_followed_and_not_repeated(small_org: Org) -> None:
    clone = small_org.clone("beta")
    git(clone, "checkout", "--quiet", "-b", "hotfix", "v0.4.0")
    commit_file(clone, "hot.txt", "fix\n", "fix: in a hurry")
    git(clone, "tag", "v0.4.1")
    git(clone, "push", "--quiet", "origin", "v0.4.1")
    git(clone, "checkout", "--quiet", "main")

    dry, offline = run_cli(small_org, "--dry-run"), run_cli(small_org, "--dry-run", "--offline")
    ran = release(small_org)

    says = "; the next version is counted from it"
    assert f"beta: 0.4.1 was tagged on another branch (v0.4.1) and is not on the index{says}" in (
        dry.out
    )
    assert f"beta: 0.4.1 was released on another branch (tag v0.4.1){says}" in offline.out
    assert (ran.code, ran.err) == (0, "")
    assert "beta/v0.4.2" in tags_of(small_org, "beta")
    changelog = tree_of(small_org.remote("beta"), "main")["CHANGELOG.md"]
    assert "0.4.2" in changelog
    assert "in a hurry" not in changelog
    assert dry.result is not None
    assert ran.result is not None
    assert ran.result["plan_hash"] == dry.result["plan_hash"]


def test_a_tag_that_the_plan_does_not_read_is_in_nobodys_way(small_org: Org) -> None:
    configure(small_org, tag_formats_of={"alpha": ["v{version}"]})
    with pytest.MonkeyPatch.context() as patch:
        break_phase(patch, Phase.MERGE, after_effect=True, repo="alpha")
        assert release(small_org).code == 1
    git(small_org.remote("alpha"), "tag", "alpha/v1.1.0", "main^")

    ran = resume(small_org)

    assert (ran.code, ran.err) == (0, "")
    assert tags_of(small_org, "alpha") == ["alpha/v1.1.0", "v1.0.0", "v1.1.0"]


def test_formats_of_a_repository_make_room_beside_a_tag_that_is_a_folder(small_org: Org) -> None:
    git(small_org.remote("alpha"), "tag", "alpha", "main")
    failure = fails(small_org, ErrorCode.TAG_CONFLICT, state="none")

    failure.says('write tag_formats_of: {alpha: ["alpha-v{version}"]}')
    configure(small_org, tag_formats_of={"alpha": ["alpha-v{version}", "v{version}"]})
    ran = release(small_org)

    assert ran.code == 0, ran.err
    # The workflow listens to the last.
    assert tags_of(small_org, "alpha") == ["alpha", "alpha-v1.1.0", "v1.0.0", "v1.1.0"]


def test_a_tag_that_only_the_clone_has_is_told_by_a_dry_run(small_org: Org) -> None:
    git(small_org.clone("beta"), "tag", "v0.9.0", "origin/main~1")

    dry = run_cli(small_org, "--dry-run")
    real = release(small_org)

    told = "beta: the tag v0.9.0 is in the clone and not on its remote; a real run plans without it"
    assert told in dry.out
    assert real.result is not None
    assert real.result["details"][1]["new_version"] == "0.4.1"


def test_a_tag_of_the_next_version_that_only_the_clone_has_is_refused_before_the_gate(
    small_org: Org,
) -> None:
    clone = small_org.clone("beta")
    git(clone, "tag", "beta/v0.4.1", "origin/main~1")

    refused = release(small_org)

    assert (refused.code, refused.err.partition(":")[0]) == (1, "TAG_CONFLICT")
    assert "expected the tag beta/v0.4.1 to be free, found it on" in refused.err
    assert git(small_org.remote("alpha"), "tag").split() == ["v1.0.0"]
    skipped = release(small_org, "--version", "beta=0.4.2", "--dry-run", "--preflight", "--strict")
    assert skipped.code == 0, skipped.err
    git(clone, "push", "--quiet", "origin", "refs/tags/beta/v0.4.1")
    assert release(small_org).code == 0
    assert "beta/v0.4.2" in tags_of(small_org, "beta")


def test_a_tag_that_a_workflow_made_on_the_merge_meanwhile_is_that_of_the_release(
    small_org: Org,
) -> None:
    """As a workflow that tags merges does it, between the look at the tags and the push."""
    remote = small_org.remote("alpha")
    meanwhile = """case $1 in refs/tags/v1.1.0) [ -e made ] && exit 0; touch made
env -u GIT_QUARANTINE_PATH -u GIT_OBJECT_DIRECTORY git tag --annotate --message=bot v1.1.0 main
;; esac"""
    hook(remote, "update", meanwhile)

    ran = release(small_org, "alpha")

    assert ran.code == 0, ran.err
    assert git(remote, "for-each-ref", "--format=%(contents:subject)", "refs/tags/v1.1.0") == "bot"
    assert tags_of(small_org, "alpha") == ["alpha/v1.1.0", "v1.0.0", "v1.1.0"]


def test_a_release_that_was_reverted_before_its_tag_gets_none(small_org: Org) -> None:
    remote, clone = small_org.remote("alpha"), small_org.clone("alpha")
    refuses = hook(remote, "pre-receive", REFUSES_TAGS)
    assert release(small_org, "alpha").code == 1
    refuses.unlink()
    git(clone, "pull", "--quiet", "--ff-only", "origin", "main")
    git(clone, "revert", "--no-edit", "HEAD")
    push_main(clone)

    ran = resume(small_org)

    assert (ran.code, ran.err.partition(":")[0]) == (1, "PLAN_STALE")
    assert "main has reverted" in ran.err
    assert git(remote, "tag").split() == ["v1.0.0"]
    git(clone, "revert", "--no-edit", "HEAD")  # it is wanted after all
    push_main(clone)
    assert "main has reverted" not in resume(small_org).err


def test_a_declared_version_is_released_where_the_index_does_not_have_it(small_org: Org) -> None:
    declare(small_org, "alpha", "1.0.0", "1.4.0")

    offline = run_cli(small_org, "--dry-run", "--offline")
    dry = run_cli(small_org, "--dry-run")
    ran = release(small_org)

    says = "alpha: pyproject.toml says 1.4.0, ahead of the tag v1.0.0; "
    assert f"{says}it is released as declared" in dry.out
    assert "  alpha  1     1.4.0    1.4.0  minor        3  release" in dry.out
    assert f"{says}the next version is counted from it, because the index was not" in offline.out
    assert "  alpha  1     1.4.0    1.5.0  minor        3  release" in offline.out
    assert (ran.code, ran.err) == (0, "")
    assert "alpha/v1.4.0" in tags_of(small_org, "alpha")
    assert dry.result is not None
    assert ran.result is not None
    assert ran.result["plan_hash"] == dry.result["plan_hash"]


def test_a_declared_version_that_the_index_has_is_counted_from(small_org: Org) -> None:
    declare(small_org, "alpha", "1.0.0", "1.4.0")
    add_files(small_org.index, "alpha-1.4.0.tar.gz")

    dry = run_cli(small_org, "--dry-run")

    assert "the index has it (alpha-1.4.0.tar.gz): the next version is counted from it" in dry.out
    assert "  alpha  1     1.4.0    1.5.0  minor        3  release" in dry.out


def test_an_index_that_does_not_answer_leaves_the_version_raised_and_is_named(
    small_org: Org,
) -> None:
    declare(small_org, "alpha", "1.0.0", "1.4.0")
    configure(small_org, index="pypi", index_url="http://127.0.0.1:9")

    dry = run_cli(small_org, "--dry-run")

    assert "because the index did not tell whether it has it (" in dry.out
    assert "  alpha  1     1.4.0    1.5.0  minor        3  release" in dry.out


def test_a_development_version_is_released_as_what_it_leads_to(small_org: Org) -> None:
    declare(small_org, "alpha", "1.0.0", "1.1.0.dev")

    offline = run_cli(small_org, "--dry-run", "--offline")
    ran = release(small_org)

    says = (
        "alpha: pyproject.toml says that 1.1.0 is to come, ahead of the tag v1.0.0; it is released"
    )
    assert says in offline.out
    assert "  alpha  1     1.0.0    1.1.0  minor        3  release" in offline.out
    assert (ran.code, ran.err) == (0, "")
    assert 'version = "1.1.0"' in tree_of(small_org.remote("alpha"), "main")["pyproject.toml"]
    assert "alpha/v1.1.0" in tags_of(small_org, "alpha")


def test_a_merge_that_still_develops_is_no_release(small_org: Org) -> None:
    declare(small_org, "alpha", "1.0.0", "1.1.0.dev")
    refuses = hook(small_org.remote("alpha"), "pre-receive", REFUSES_TAGS)
    assert release(small_org).code == 1
    refuses.unlink()

    assert resume(small_org).code == 0
    assert state_of(small_org)["repos"]["alpha"]["new_version"] == "1.1.0"
    assert RUN in git(small_org.remote("alpha"), "log", "-1", "--format=%B", "alpha/v1.1.0")


def test_what_a_run_left_without_a_tag_is_not_released_again(small_org: Org) -> None:
    refuses = hook(small_org.remote("alpha"), "pre-receive", REFUSES_TAGS)
    assert release(small_org).code == 1
    refuses.unlink()

    fresh = run_cli(small_org, "--run-id", "b", "--gate-attestation", "1740312612.000100:b")

    assert (fresh.code, fresh.err) == (0, "")
    assert "UNFINISHED_RELEASE alpha: " in fresh.out
    assert " began to release it and no tag followed" in fresh.out
    assert "  alpha  1     1.1.0    1.2.0  minor        3  release" in fresh.out
    assert "alpha/v1.2.0" in tags_of(small_org, "alpha")


def test_a_conflict_says_what_is_true_of_the_tag(small_org: Org) -> None:
    made = "git tag -a -m 'alpha v1.1.0' -m 'Release-Run: release-1' alpha/v1.1.0 'v1.0.0^{}'"
    hook_at_merge(small_org.remote("alpha"), made)

    failure = fails(small_org, ErrorCode.TAG_CONFLICT, at=("alpha", Phase.TAG), also={"alpha tags"})

    failure.says(
        "the index has no alpha 1.1.0; the run release-1 made the tag; its commit is on main",
        "omni-release status release-1 says how far that run has come",
        "which takes the next version",
    )
    for word in ("delete", "move", "raise the version"):
        assert word not in failure.error


@pytest.mark.parametrize(
    ("index", "words", "hint"),
    [
        ("has no alpha 1.1.0", "is not on main but on side", "says what was tagged there"),
        ("has no alpha 1.1.0", "is neither on main nor on another branch", "when that is"),
        ("(alpha-1.1.0.tar.gz)", "is neither on", "this one is published and can be had no"),
    ],
)
def test_a_tag_that_a_person_moved_is_not_said_to_be_of_the_run(
    small_org: Org, monkeypatch: pytest.MonkeyPatch, index: str, words: str, hint: str
) -> None:
    remote = small_org.remote("alpha")

    def act() -> None:
        other = git(remote, "commit-tree", "main^{tree}", "-p", "main~2", "-m", "fix: other")
        git(remote, "tag", "--force", "alpha/v1.1.0", other)
        if "side" in words:
            git(remote, "branch", "side", other)
            git(small_org.clone("alpha"), "fetch", "--quiet")
        if "tar" in index:
            (small_org.index / "alpha-1.1.0.tar.gz").touch()

    before_phase(monkeypatch, Phase.PUBLISH, act, repo="alpha")

    ran = release(small_org, "alpha")

    assert ran.err.startswith("TAG_CONFLICT: alpha: expected the tag alpha/v1.1.0 on the remote")
    assert f"{index}; its message names no run of this tool; its commit {words}" in ran.err
    assert hint in ran.err


@pytest.mark.parametrize(
    ("then", "code", "words", "resumed"),
    [
        ("update-ref refs/tags/v1.1.0 main~1", ErrorCode.TAG_CONFLICT, "found it on", 1),
        ("update-ref -d refs/tags/v1.1.0", ErrorCode.PUBLISH_FAILED, "found none", 0),
    ],
)
def test_what_a_tag_does_not_name_any_more_is_not_published(
    small_org: Org, then: str, code: ErrorCode, words: str, resumed: int
) -> None:
    arrives = f'while read old new ref; do [ "$ref" != refs/tags/v1.1.0 ] || git {then}; done'
    meddles = hook(small_org.remote("alpha"), "post-receive", arrives)

    failure = fails(small_org, code, at=("alpha", Phase.PUBLISH))
    meddles.unlink()

    assert words in failure.ran.err
    assert not list(small_org.index.glob("alpha-1.1.0*"))
    again = run_cli(small_org, "--resume", failure.state["run_id"], stdin=Terminal("approve\n"))
    assert again.code == resumed, again.err


def test_a_format_that_no_tag_has_is_refused_with_both_ways_on(small_org: Org) -> None:
    formats = ["rel_{version:_}", "{repo}@{version}"]
    configure(small_org, tag_formats=formats)

    failure = fails(small_org, ErrorCode.SCAN_FAILED, state="none")

    failure.says('add "v{version}" to tag_formats')
    word = 'tag_formats_of: {alpha: ["rel_{version:_}", "{repo}@{version}"]}'
    failure.says(f"where such tags are no releases of it, write {word} there")
    configure(small_org, tag_formats=[*formats, "v{version}"], tag_formats_of={"alpha": formats})
    ran = run_cli(small_org, "--dry-run")
    assert "it has no release tag" in ran.out
    assert "tag v1.0.0: tag_formats_of.alpha of the release configuration has no v{version}" in (
        ran.out
    )
