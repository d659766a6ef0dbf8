"""What Jenkins checks out, and what it tells of it, with the real CLI.

A multibranch job's pull request and a fork's; a single job's branch in either kind of pipeline.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.git_repository import GitRepository
from tests.support.jenkins.builds import Built, Scenario, agent_of_this_machine, play
from tests.support.paths import ROOT
from tests.support.registry import Registry, client_of, remove_images

pytestmark = pytest.mark.usefixtures("engine")

DECLARATIVE = """
pipeline {
    agent any
    stages {
        stage('Image') {
            steps {
                ecrPush(repository: 'team/app')
            }
        }
    }
}
"""
GUIDE = (ROOT / "docs" / "jenkins.md").read_text(encoding="utf-8")
# The guide's own: of a single job, which has to say its branch.
# A repository of its own: of two pipelines that build one commit at the same time, one may have to run again.
(GUIDES,) = re.findall(r"^```groovy\n(.*found = checkout scm.*?)^```$", GUIDE, re.M | re.S)
SCRIPTED = GUIDES.replace("team/app", "team/scripted")
# What a job lacks that is not a multibranch job.
SINGLE = {"BRANCH_NAME": "", "BRANCH_IS_PRIMARY": ""}
CHANGE = {
    "BRANCH_NAME": "PR-12",
    "BRANCH_IS_PRIMARY": "",
    "CHANGE_ID": "12",
    "CHANGE_BRANCH": "feature",
    "CHANGE_TARGET": "main",
    "CHANGE_AUTHOR": "ada",
    "CHANGE_URL": "https://git.example.com/team/app/pull/12",
}


@pytest.fixture(scope="module")
def head(repository: GitRepository) -> str:
    return repository.git("rev-parse", "refs/pull/12/head")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> GitRepository:
    """main and a pull request, which went apart."""
    made = GitRepository.init(tmp_path_factory.mktemp("git") / "app")
    made.commit("feat: the first", images.CLEAN)
    made.tag("v1.4.2")
    made.branch("feature")
    made.commit("feat: a change", {"change.txt": "1\n"})
    made.git("update-ref", "refs/pull/12/head", "HEAD")
    made.switch("main")
    made.commit("fix: main goes on")
    return made


@pytest.fixture(scope="module")
def builds(
    engine: None, client_path: str, repository: GitRepository, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Built]]:
    folder = tmp_path_factory.mktemp("branches")

    def scenario(name: str, pipeline: str, environment: Mapping[str, str], **more: Any) -> Scenario:
        file = folder / f"{name}.Jenkinsfile"
        file.write_text(pipeline)
        workspace = folder / "workspaces" / name
        return Scenario(file, workspace, f"file://{repository.root}", agent, environment, **more)

    with Sandbox(SandboxOptions(region="eu-west-1", scan_delay=0.0)) as sandbox:  # as the guide has it
        registry = Registry(sandbox, client_of(sandbox, folder / "clients", client_path))
        registry.create("team/app")
        registry.create("team/scripted")
        agent = agent_of_this_machine(folder, sandbox.environment)
        change = {"ref": "refs/pull/12/head", "target": "main"}
        yield play(
            {
                "pull request": scenario("pull request", DECLARATIVE, CHANGE, change=change),
                "fork": scenario("fork", DECLARATIVE, {**CHANGE, "CHANGE_FORK": "bob/app"}, change=change),
                "declarative": scenario("declarative", DECLARATIVE, SINGLE),
                "scripted": scenario("scripted", SCRIPTED, SINGLE),
            },
            folder,
        )
        remove_images(sandbox.host, sandbox.public_host)


def parents(built: Built) -> list[str]:
    return GitRepository(built.workspace).git("rev-list", "--parents", "--max-count=1", "HEAD").split()[1:]


def test_a_pull_request_is_named_after_its_commit_not_after_the_merge(
    builds: Mapping[str, Built], repository: GitRepository, head: str
) -> None:
    built = builds["pull request"]
    assert built.result == "SUCCESS", built.log
    assert parents(built) == [head, repository.git("rev-parse", "main")]
    assert built.image["verdict"] == "accepted"
    assert built.image["tags"] == [f"sha-{head[:12]}", "1.4.3-dev.3", "pr-12"], built.log


def test_a_forks_pull_request_is_built_and_checked_and_not_pushed(builds: Mapping[str, Built]) -> None:
    built = builds["fork"]
    assert built.result == "SUCCESS", built.log
    image = built.image
    assert (image["image"], image["digest"], image["tags"], image["exitCode"]) == (None, None, [], 0)
    assert image["verdict"] == "checked"
    assert "a pull request from a fork" in image["message"]
    assert "recordIssues" not in built.steps
    assert "a pull request from a fork" in built.log


@pytest.mark.parametrize("name", ["declarative", "scripted"])
def test_a_single_jobs_branch_is_known_in_either_kind_of_pipeline(
    builds: Mapping[str, Built], name: str
) -> None:
    built = builds[name]
    assert built.result == "SUCCESS", built.log
    assert "main" in built.image["tags"], built.log
