"""Releasing: the git tag that follows a promotion, tags from rules, and who may take a tag from whom."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")


def sha(project: GitRepository) -> str:
    return f"sha-{project.head[:12]}"


@pytest.fixture
def origin(tmp_path: Path) -> GitRepository:
    """A bare remote."""
    made = GitRepository.init(tmp_path / "origin.git")
    made.git("config", "core.bare", "true")
    return made


@pytest.fixture
def released(project: GitRepository, origin: GitRepository) -> GitRepository:
    """The project, a feature after v1.4.2, with a remote that has it all."""
    project.git("remote", "add", "origin", f"file://{origin.root}")
    project.commit("feat: sell tickets")
    project.git("push", "--quiet", "--tags", "origin", "main")
    return project


def remote_tags(origin: GitRepository) -> set[str]:
    return set(origin.git("tag", "--list").split())


RELEASE = ("-r", REPOSITORY, "--version-strategy", "conventional", "--git-tag")


def test_the_git_tag_follows_the_promotion(
    cli: CommandLine, released: GitRepository, origin: GitRepository, registry: Registry
) -> None:
    registry.create()
    run = cli.run(released.root, *RELEASE)
    assert run.code == 0, run.stderr
    assert registry.tags() == dict.fromkeys([sha(released), "1.5.0", "1.5", "1", "latest"], run.digest)
    assert origin.git("rev-parse", "v1.5.0^{commit}") == released.head
    message = origin.git("for-each-ref", "refs/tags/v1.5.0", "--format=%(contents)")
    assert message.startswith("Release 1.5.0") and run.image in message
    assert run.document["gitTag"] == {"name": "v1.5.0", "commit": released.head, "result": "pushed"}

    again = cli.run(released.root, *RELEASE)
    assert again.code == 0, again.stderr
    assert again.digest == run.digest
    assert set(again.tags.values()) == {"already"}
    assert remote_tags(origin) == {"v1.4.2", "v1.5.0"}


def test_a_refused_image_leaves_no_git_tag(
    cli: CommandLine, released: GitRepository, origin: GitRepository, registry: Registry
) -> None:
    registry.create()
    released.commit("fix: a new parser", images.VULNERABLE)
    run = cli.run(released.root, *RELEASE)
    assert run.code == 10, run.stderr
    assert remote_tags(origin) == {"v1.4.2"}
    assert run.document["gitTag"] is None
    assert registry.released() == {}


def test_a_name_that_another_commit_has_is_found_before_the_build(
    cli: CommandLine, released: GitRepository, origin: GitRepository, registry: Registry
) -> None:
    registry.create()
    origin.git("update-ref", "refs/tags/v1.5.0", released.git("rev-parse", "HEAD~1"))
    run = cli.run(released.root, *RELEASE)
    assert run.code == 2, run.stderr
    assert "the git tag v1.5.0 is taken" in run.stderr
    assert not registry.pushed_to


def test_a_push_that_fails_is_completed_by_the_next_run(
    cli: CommandLine, released: GitRepository, origin: GitRepository, registry: Registry
) -> None:
    registry.create()
    hook = origin.root / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no tags today >&2\nexit 1\n")
    hook.chmod(0o755)
    run = cli.run(released.root, *RELEASE)
    assert run.code == 4, run.stderr
    assert "no tags today" in run.stderr
    assert run.document["failure"]["phase"] == "release"
    assert registry.released()["1.5.0"]
    hook.unlink()
    again = cli.run(released.root, *RELEASE)
    assert again.code == 0, again.stderr
    assert registry.released()["1.5.0"] == again.digest
    assert again.document["gitTag"]["result"] == "pushed"
    assert again.document["image"]["reused"] is True


def test_nothing_to_release_is_a_snapshot_and_no_git_tag(
    cli: CommandLine, project: GitRepository, origin: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.git("remote", "add", "origin", f"file://{origin.root}")
    project.commit("docs: a word")
    project.git("push", "--quiet", "--tags", "origin", "main")
    run = cli.run(project.root, *RELEASE)
    assert run.code == 0, run.stderr
    assert set(registry.tags()) == {sha(project), "1.4.3-dev.1", "main"}
    assert remote_tags(origin) == {"v1.4.2"}


def test_tags_labels_and_annotations_by_rule(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    project.write(
        {
            "ecr-push.yml": "repository: team/app\n"
            "tags: |\n  type=semver,pattern={{version}}\n  type=semver,pattern={{major}}.{{minor}}\n"
            "  type=sha\n"
            "flavor: suffix=-slim,onlatest=true\n"
            "label:\n  com.example.line: '{{tag}}'\n"
            "annotate: true\n"
            "annotation: {com.example.note: by rule}\n"
        }
    )
    run = cli.run(project.root)
    assert run.code == 0, run.stderr
    short = f"sha-{project.head[:7]}-slim"
    assert registry.tags() == dict.fromkeys([short, "1.4.2-slim", "1.4-slim", "latest-slim"], run.digest)
    assert registry.labels(run.image)["com.example.line"] == "v1.4.2"
    manifest = json.loads(registry.client.ask("crane", "manifest", run.image))
    assert manifest["annotations"]["org.opencontainers.image.revision"] == project.head
    assert manifest["annotations"]["com.example.note"] == "by rule"


def test_a_line_of_affixed_tags_only_moves_forward(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    registry.create()
    rules = ("--tags", "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}")
    slim = (*rules, "--flavor", "suffix=-slim,onlatest=true", "-r", REPOSITORY)
    old = project.head
    project.commit()
    project.tag("v1.4.3")
    newer = cli.run(project.root, *slim)
    assert newer.code == 0, newer.stderr
    project.switch(old)
    project.git("tag", "--delete", "v1.4.3")  # this pipeline began before it was tagged
    late = cli.run(project.root, *slim)
    assert late.code == 0, late.stderr
    assert late.tags == {"1.4.2-slim": "moved", "1.4-slim": "kept", "latest-slim": "kept"}
    assert registry.tags()["latest-slim"] == newer.digest


def test_two_branches_that_come_to_one_tag(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """In clones of one branch each, neither knows of the other."""
    registry.create()
    project.branch("feature-a")
    project.commit()
    project.branch("feature/a", start="main")
    project.commit()
    project.commit()
    clones = [
        project.clone(tmp_path / name.replace("/", "_"), "--single-branch", f"--branch={name}")
        for name in ("feature-a", "feature/a")
    ]
    first, second = (cli.run(clone.root, "-r", REPOSITORY) for clone in clones)
    assert (first.code, second.code) == (0, 0), second.stderr
    assert registry.tags()["feature-a"] == first.digest
    assert second.tags["feature-a"] == "kept"
    assert "which was built from the branch feature-a" in second.stderr


def test_an_old_pipeline_that_is_run_again_takes_no_branch_back(
    cli: CommandLine, project: GitRepository, origin: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """As a CI clones it: the later commit is not there. A branch that was reset goes back all the same."""
    registry.create()
    project.git("remote", "add", "origin", f"file://{origin.root}")
    old = project.commit()
    project.commit()
    project.git("push", "--quiet", "--tags", "origin", "main")
    newer = cli.run(project.root, "-r", REPOSITORY)
    assert newer.code == 0, newer.stderr

    clone = GitRepository.init(tmp_path / "again")
    clone.git("remote", "add", "origin", f"file://{origin.root}")
    clone.git("fetch", "--quiet", "--depth=1", "origin", old)
    clone.git("checkout", "--quiet", "-B", "main", old)
    again = cli.run(clone.root, "-r", REPOSITORY)
    assert again.code == 0, again.stderr
    assert (again.tags["main"], registry.tags()["main"]) == ("kept", newer.digest)
    assert "which was built from the later commit" in again.stderr

    project.git("push", "--quiet", "--force", "origin", f"{old}:main")
    reset = cli.run(clone.root, "-r", REPOSITORY)
    assert reset.code == 0, reset.stderr
    assert (reset.tags["main"], registry.tags()["main"]) == ("moved", again.digest)


def test_a_pull_requests_image_gives_the_commits_tag_back(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    """The push and the pull request of one commit run side by side; whichever is first, both succeed."""
    registry.create()
    project.branch("fix")
    head = project.commit()
    project.switch("main")
    project.commit(files={"other.txt": "1"})
    project.git("checkout", "--quiet", "--detach")
    project.merge("fix")
    event = tmp_path / "event.json"
    ours = {"full_name": "acme/app"}
    of = {"number": 7, "head": {"sha": head, "repo": ours}}
    event.write_text(json.dumps({"number": 7, "pull_request": of, "repository": ours}))
    request = {
        "GITHUB_ACTIONS": "true", "GITHUB_SHA": project.head, "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_HEAD_REF": "fix", "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event),
    }  # fmt: skip
    merged = cli.run(project.root, "-r", REPOSITORY, **request)
    assert merged.code == 0, merged.stderr
    commit = f"sha-{head[:12]}"
    assert set(merged.tags) == {commit, "1.4.3-dev.3", "pr-7"}
    project.switch("fix")
    pushed = cli.run(project.root, "-r", REPOSITORY)
    assert pushed.code == 0, pushed.stderr
    assert pushed.tags[commit] == "moved"
    assert registry.tags()[commit] == pushed.digest != merged.digest
    project.git("checkout", "--quiet", "--detach", request["GITHUB_SHA"])
    again = cli.run(project.root, "-r", REPOSITORY, **request)
    assert again.code == 0, again.stderr
    assert (again.tags[commit], registry.tags()[commit]) == ("kept", pushed.digest)


@pytest.mark.parametrize("first", ["v1.4.2", "v1.5.0"])
def test_two_pipelines_that_race_end_with_the_higher_version(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path, first: str
) -> None:
    """Neither knows of the other's git tag, and each write of the registry takes its time."""
    registry.create()
    older = project.clone(tmp_path / "older")
    project.commit()
    project.tag("v1.5.0")
    newer = project.clone(tmp_path / "newer")
    newer.git("tag", "--delete", "v1.4.2")
    registry.play("latency: {api: {PutImage: 0.3}}\n")
    runs = {}
    for tag in sorted(("v1.4.2", "v1.5.0"), key=lambda tag: tag != first):
        own = CommandLine.at(tmp_path / f"cli-{tag}", cli.environ)
        runs[tag] = own.start_run(older.root if tag == "v1.4.2" else newer.root, "-r", REPOSITORY)
    ended = {tag: run.end() for tag, run in runs.items()}
    assert [one.code for one in ended.values()] == [0, 0], [one.stderr for one in ended.values()]
    tags = registry.tags()
    higher, lower = ended["v1.5.0"].digest, ended["v1.4.2"].digest
    assert (tags["latest"], tags["1"], tags["1.5"], tags["1.4"]) == (higher, higher, higher, lower)


def test_a_branch_that_took_over_anothers_commit_keeps_its_tag_moving(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """After a fast-forward both branches have one image, which says that it was built from the first."""
    registry.create()
    project.branch("feature")
    project.commit()
    feature = cli.run(project.root, "-r", REPOSITORY)
    project.switch("main")
    project.git("merge", "--quiet", "--ff-only", "feature")
    shared = cli.run(project.root, "-r", REPOSITORY)
    assert (shared.code, shared.digest) == (0, feature.digest), shared.stderr
    project.commit()
    after = cli.run(project.root, "-r", REPOSITORY)
    assert after.code == 0, after.stderr
    assert (registry.tags()["main"], registry.tags()["feature"]) == (after.digest, feature.digest)


def test_a_version_follows_its_branch_until_git_has_its_tag(
    cli: CommandLine, project: GitRepository, registry: Registry
) -> None:
    """Off unless asked for. A late pipeline takes nothing back, and once it is tagged the version is one."""
    registry.create()
    project.commit("A version that a build file states", {"rootfs/etc/motd": "first\n"})
    first = project.head
    moving = ("-r", REPOSITORY, "--version", "2.0.0-SNAPSHOT", "--untagged-versions", "move")

    def run(*flags: str) -> str:
        ran = cli.run(project.root, *flags)
        assert ran.code == 0, ran.stderr
        return str(ran.document["image"]["digest"])

    assert registry.released() == {} and run(*moving) == registry.released()["2.0.0-SNAPSHOT"]
    project.commit("Next", {"rootfs/etc/motd": "next\n"})
    head = project.head
    kept = cli.run(project.root, *moving[:4])
    assert kept.code == 2 and "taken by another image: 2.0.0-SNAPSHOT" in kept.stderr
    later = run(*moving)
    assert registry.released()["2.0.0-SNAPSHOT"] == later and "latest" not in registry.released()
    project.git("checkout", "--quiet", first)
    assert run(*moving) != later and registry.released()["2.0.0-SNAPSHOT"] == later
    project.git("checkout", "--quiet", head)
    project.tag("v2.0.0-SNAPSHOT")
    assert run(*moving) == later
    project.commit("After the tag", {"rootfs/etc/motd": "after\n"})
    taken = cli.run(project.root, *moving)
    assert taken.code == 2 and "taken by another image: 2.0.0-SNAPSHOT" in taken.stderr, taken.stderr
