"""One commit, one result: the plain command line and every CI, every way to say the settings, field by field.

The CIs' environments are as they set them, apart from addresses and numbers. Each run has a registry of its
own, and the engine in common.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, remove_images

pytestmark = pytest.mark.usefixtures("engine")

CIS = ("plain", "github", "jenkins", "jenkins-scripted", "codebuild", "gitlab", "bitbucket")
ORIGIN = "https://git.example/acme/app"
FORK_BRANCH = "feature/x"


@dataclass(frozen=True)
class Checkout:
    """A checkout as CIs make it, detached, and what the run is for."""

    root: Path
    commit: str
    branch: str = ""
    tag: str = ""
    number: str = ""
    merge: str = ""

    def environ(self, ci: str, folder: Path) -> dict[str, str]:
        """What a CI says of it."""
        says = {
            "plain": self._plain,
            "github": lambda: self._github(folder / "event.json"),
            "jenkins": self._jenkins,
            "jenkins-scripted": self._jenkins_scripted,
            "codebuild": self._codebuild,
            "gitlab": self._gitlab,
            "bitbucket": self._bitbucket,
        }
        return {**({} if ci == "plain" else {"CI": "true"}), **says[ci]()}

    def _plain(self) -> dict[str, str]:
        said = {"BRANCH": self.branch, "TAG_REF": self.tag, "PULL_REQUEST": self.number}
        return {f"ECR_PUSH_{name}": text for name, text in said.items()}

    def _github(self, event: Path) -> dict[str, str]:
        content: dict[str, Any] = {"repository": {"default_branch": "main"}}
        if self.number:
            head = {"sha": self.commit, "repo": {"full_name": "acme/app"}}
            content |= {"number": int(self.number), "pull_request": {"head": head}}
        event.write_text(json.dumps(content))
        ref = f"refs/pull/{self.number}/merge" if self.number else self._ref
        kind = "tag" if self.tag else "branch"
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_REF": ref,
            "GITHUB_REF_TYPE": kind,
            "GITHUB_REF_NAME": ref.split("/", 2)[2],
            "GITHUB_SHA": self.merge or self.commit,
            "GITHUB_EVENT_NAME": "pull_request" if self.number else "push",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_RUN_ID": "987",
            "GITHUB_RUN_ATTEMPT": "2",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "acme/app",
            "GITHUB_ACTOR": "ada",
            **({"GITHUB_HEAD_REF": self.branch, "GITHUB_BASE_REF": "main"} if self.number else {}),
        }

    def _jenkins(self) -> dict[str, str]:
        change = {"CHANGE_ID": self.number, "CHANGE_BRANCH": self.branch, "CHANGE_TARGET": "main"}
        return {
            "JENKINS_URL": "https://ci.example/",
            "BUILD_URL": "https://ci.example/job/app/42/",
            "BUILD_TAG": "jenkins-acme-app-42",
            "BRANCH_NAME": f"PR-{self.number}" if self.number else self.tag or self.branch,
            "GIT_COMMIT": self.merge or self.commit,
            **({"TAG_NAME": self.tag} if self.tag else {}),
            **(change if self.number else {}),
        }

    def _jenkins_scripted(self) -> dict[str, str]:
        """`checkout scm` returns GIT_COMMIT in a scripted pipeline, and sets no variable."""
        environ = {**self._jenkins(), "BUILD_TAG": "jenkins-acme-app-43"}
        del environ["GIT_COMMIT"]
        return environ

    def _codebuild(self) -> dict[str, str]:
        kind = "pr" if self.number else "tag" if self.tag else "branch"
        return {
            "CODEBUILD_BUILD_ID": "app:0a1b2c3d-0000-1111-2222-333344445555",
            "CODEBUILD_BUILD_URL": "https://eu-west-1.console.aws.amazon.com/codebuild/home",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": self.merge or self.commit,
            "CODEBUILD_SOURCE_VERSION": "refs/heads/whatever",
            "CODEBUILD_INITIATOR": "GitHub-Hookshot/1",
            "CODEBUILD_WEBHOOK_TRIGGER": f"{kind}/{self.number or self.tag or self.branch}",
            "CODEBUILD_WEBHOOK_HEAD_REF": self._ref,
            **({"CODEBUILD_WEBHOOK_BASE_REF": "refs/heads/main"} if self.number else {}),
        }

    def _gitlab(self) -> dict[str, str]:
        request = {
            "CI_MERGE_REQUEST_IID": self.number,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": self.branch,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": self.commit,
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_MERGE_REQUEST_PROJECT_ID": "7",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7",
        }
        return {
            "GITLAB_CI": "true",
            "GITLAB_USER_LOGIN": "ada",
            "CI_COMMIT_SHA": self.merge or self.commit,
            "CI_DEFAULT_BRANCH": "main",
            "CI_JOB_ID": "4711",
            "CI_PIPELINE_URL": f"{ORIGIN}/-/pipelines/7",
            "CI_PROJECT_URL": ORIGIN,
            "CI_PROJECT_TITLE": "app",
            "CI_PIPELINE_SOURCE": "merge_request_event" if self.number else "push",
            **({"CI_COMMIT_TAG": self.tag} if self.tag else {}),
            **(request if self.number else {} if self.tag else {"CI_COMMIT_BRANCH": self.branch}),
        }

    def _bitbucket(self) -> dict[str, str]:
        request = {"BITBUCKET_PR_ID": self.number, "BITBUCKET_PR_DESTINATION_BRANCH": "main"}
        return {
            "BITBUCKET_BUILD_NUMBER": "77",
            "BITBUCKET_STEP_RUN_NUMBER": "1",
            "BITBUCKET_COMMIT": self.commit,
            "BITBUCKET_REPO_FULL_NAME": "acme/app",
            "BITBUCKET_STEP_TRIGGERER_UUID": "{5a50dd52-5ab7-4225-831c-4db9451375a2}",
            **({"BITBUCKET_TAG": self.tag} if self.tag else {"BITBUCKET_BRANCH": self.branch}),
            **(request if self.number else {}),
        }

    @property
    def _ref(self) -> str:
        return f"refs/tags/{self.tag}" if self.tag else f"refs/heads/{self.branch}"


def commit_and_merge(project: GitRepository) -> Checkout:
    """A pull request as GitHub checks it out: merged with its target."""
    base = project.commit()
    project.branch(FORK_BRANCH, start="HEAD~1")
    head = project.commit("Add PyYAML", images.PYYAML)  # so that it is refused, too
    project.git("checkout", "--quiet", "--detach", base)
    project.git("merge", "--quiet", "--no-ff", f"--message=Merge {head} into {base}", head)
    return Checkout(project.root, head, FORK_BRANCH, number="12", merge=project.head)


def jenkins_merge(project: GitRepository) -> Checkout:
    """A pull request as Jenkins' branch sources merge it: its target into its head."""
    base = project.commit()
    project.branch(FORK_BRANCH, start="HEAD~1")
    head = project.commit("Add PyYAML", images.PYYAML)
    project.git("checkout", "--quiet", "--detach", head)
    project.git("merge", "--quiet", "--no-ff", f"--message=Merge commit '{base}' into HEAD", base)
    return Checkout(project.root, head, FORK_BRANCH, number="12", merge=project.head)


def on_branch(project: GitRepository) -> Checkout:
    commit = project.commit()
    project.git("checkout", "--quiet", "--detach")
    return Checkout(project.root, commit, "main")


def on_tag(project: GitRepository) -> Checkout:
    project.git("checkout", "--quiet", "--detach")
    return Checkout(project.root, project.head, tag="v1.4.2")


def result(
    checkout: Checkout, folder: Path, environ: Mapping[str, str], *options: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The result document against a fresh registry, and apart from it what is the CI's own.

    What is taken out is taken out here, and nothing else may differ.
    """
    with Sandbox(SandboxOptions(scan_delay=0.0)) as sandbox:
        sandbox.state.repositories.create("private", REPOSITORY, scan_on_push=True)
        cli = CommandLine.at(folder, {**sandbox.environment, **environ})
        run = cli.run(checkout.root, *options)
        host = sandbox.host
        remove_images(host)
    assert run.document, run.stderr
    found = json.loads(json.dumps(run.document).replace(host, "REGISTRY"))
    own: dict[str, Any] = {"run": found.pop("run"), "candidate": found.pop("candidate")}
    assert found["seconds"].keys() >= {"source", "build", "scan"}
    assert {"login", "tags", "build"} <= {one["what"] for one in found["timeline"] if not one["waited"]}
    del found["seconds"], found["timeline"]
    for platform in found["scan"]["platforms"]:
        own["completedAt"] = platform.pop("completedAt")
    return found, own


REQUESTS = (commit_and_merge, jenkins_merge)


@pytest.mark.parametrize(
    "made", [on_branch, on_tag, *REQUESTS], ids=["branch", "tag", "pull request", "merged by Jenkins"]
)
def test_one_commit_has_one_result_everywhere(made: Any, project: GitRepository, tmp_path: Path) -> None:
    project.git("remote", "add", "origin", ORIGIN)
    checkout = made(project)
    found = {}
    own = {}
    for ci in CIS:
        folder = tmp_path / ci
        folder.mkdir()
        found[ci], own[ci] = result(checkout, folder, checkout.environ(ci, folder), "-r", REPOSITORY)
    for ci in CIS[1:]:
        for key in found["plain"]:
            assert found[ci][key] == found["plain"][key], f"{key} on {ci}"
        assert found[ci].keys() == found["plain"].keys()
        assert own[ci]["run"]["url"].startswith("https://") and own[ci]["run"]["startedAt"]
    assert own["plain"]["run"]["url"] is None
    # It was worth comparing: the image is the very same one, and the ref was understood.
    plain = found["plain"]
    assert plain["source"]["commit"] == checkout.commit
    last = [one["tag"] for one in plain["tags"]][-1]
    assert last == {on_branch: "main", on_tag: "latest"}.get(made, "pr-12")
    assert plain["exitCode"] == (10 if made in REQUESTS else 0)
    if made in REQUESTS:
        candidates = {ci: one["candidate"] for ci, one in own.items()}
        assert len(set(candidates.values())) == len(CIS)
        assert {name[: len("candidate-") + 12] for name in candidates.values()} == {
            f"candidate-{checkout.commit[:12]}"
        }


def test_one_setting_however_it_is_said_has_one_result(project: GitRepository, tmp_path: Path) -> None:
    checkout = on_branch(project)
    project.write({"Dockerfile": "FROM scratch\nARG LEVEL\nCOPY rootfs /\n"})
    project.git("checkout", "--quiet", "main")
    project.commit("Take an argument", {})
    checkout = Checkout(project.root, project.head, "main")
    said = {
        "repository": REPOSITORY,
        "tag": ["nightly", "canary"],
        "build-arg": ["LEVEL=a b,c", "OTHER=x=y"],
        "label": ["team=one two"],
        "floating-tags": "latest",
        "max-findings": "high=2,critical=0",
        "scan-timeout": "5m",
    }
    # The file does not say for whom it is built: that is said beside it.
    asked = {"branch": "release/1.4", "run-url": "https://ci.example/7", "actor": "kim"}
    everything = {name: [text] if isinstance(text, str) else text for name, text in {**said, **asked}.items()}
    flags = [word for name, texts in everything.items() for one in texts for word in (f"--{name}", one)]
    environ = {
        "ECR_PUSH_" + name.replace("-", "_").upper(): ("," if name == "tag" else "\n").join(texts)
        for name, texts in everything.items()
    }
    by_flag = result(checkout, tmp_path / "flag", {}, *flags)
    by_variable = result(checkout, tmp_path / "variable", environ)
    # Beside the Dockerfile, and untracked: it is not in the commit.
    (project.root / "ecr-push.yml").write_text(json.dumps(said))
    caller = {name: environ[name] for name in ("ECR_PUSH_BRANCH", "ECR_PUSH_RUN_URL", "ECR_PUSH_ACTOR")}
    by_file = result(checkout, tmp_path / "file", caller)
    assert by_flag[0]["status"] == "accepted"
    assert by_flag[0] == by_variable[0] == by_file[0]
    assert by_flag[0]["source"]["branch"] == "release/1.4"
    assert {"nightly", "canary"} < {one["tag"] for one in by_flag[0]["tags"]}
    runs = [dict(own["run"], startedAt=None) for _, own in (by_flag, by_variable, by_file)]
    assert runs == [{"startedAt": None, "url": "https://ci.example/7", "actor": "kim"}] * 3


def test_without_git_every_ci_that_names_the_commit_has_one_result(
    project: GitRepository, tmp_path: Path
) -> None:
    """CodePipeline's sources have none; the commit's time is then the run's, so it is said."""
    checkout = on_branch(project)
    shutil.rmtree(project.root / ".git")
    found = {}
    for ci in ("plain", "codebuild", "bitbucket"):
        folder = tmp_path / ci
        folder.mkdir()
        environ = {**checkout.environ(ci, folder), "SOURCE_DATE_EPOCH": "1700000000"}
        said = {"ECR_PUSH_COMMIT": checkout.commit} if ci == "plain" else {}
        found[ci], _ = result(checkout, folder, {**environ, **said}, "-r", REPOSITORY)
    del found["bitbucket"]["image"]  # it knows the source's address, which is a label
    assert found["codebuild"] == found["plain"]
    del found["plain"]["image"]
    for document in (found["plain"], found["bitbucket"]):
        for platform in document["scan"]["platforms"]:
            del platform["digest"]
    assert found["bitbucket"] == found["plain"]
