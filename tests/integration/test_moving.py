"""Workflows that `ecr-push init` writes or changes, as linters read them and as a runner plays them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import boto3
import pytest
import yaml

from ecr_push.sandbox.server import Sandbox, SandboxOptions
from tests.support import images
from tests.support.act import OURS, Act
from tests.support.git_repository import GitRepository, git_environment
from tests.support.moved_workflows import FOLDER, PLAYED, Player, given, moved, names
from tests.support.oidc import OidcEndpoint
from tests.support.registry import remove_images
from tests.support.running_services import running_services

BIN = Path(sys.executable).parent
WORKFLOWS = [name for name in names() if name != "composite"]
# What is as old in the workflows as in the moved ones: actions that run on an old node.
_OLD = 'runtime "node20" is deprecated'


def before(name: str) -> str:
    return (FOLDER / "workflows" / f"{name}.yml").read_text(encoding="utf-8")


def put(folder: Path, texts: Mapping[str, str]) -> Path:
    repository = GitRepository.init(folder)
    repository.write({f".github/workflows/{name}.yml": text for name, text in texts.items()})
    return folder


def actionlint(folder: Path, *flags: str) -> str:
    done = subprocess.run(
        [BIN / "actionlint", "-no-color", "-oneline", *flags],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.stdout + done.stderr


def zizmor(folder: Path) -> Counter[tuple[str, str]]:
    """How often each finding is in each file."""
    done = subprocess.run(
        [BIN / "zizmor", "--offline", "--no-progress", "--format", "json", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return Counter(
        (finding["ident"], Path(place["symbolic"]["key"]["Local"]["verbatim_path"]).name)
        for finding in json.loads(done.stdout)
        for place in finding["locations"][:1]
    )


def test_moved_workflows_have_no_new_mistake(tmp_path: Path) -> None:
    old = put(tmp_path / "old", {name: before(name) for name in WORKFLOWS})
    new = put(tmp_path / "new", {name: moved(name) for name in WORKFLOWS})
    assert actionlint(new, "-ignore", _OLD) == ""
    assert zizmor(new) - zizmor(old) == Counter()


@pytest.mark.parametrize("dockerfiles", [("Dockerfile",), ("api/Dockerfile", "web/Dockerfile")])
def test_a_fresh_workflow_has_no_mistake(tmp_path: Path, dockerfiles: tuple[str, ...]) -> None:
    repository = GitRepository.init(tmp_path)
    repository.commit("feat: one", dict.fromkeys(dockerfiles, "FROM scratch\n"))
    repository.tag("v1.2.3")
    command = [BIN / "ecr-push", "init", "-r", "team/shop", "--region", "eu-west-1"]
    done = subprocess.run(
        command, cwd=tmp_path, env=git_environment(), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert actionlint(tmp_path) == "" and zizmor(tmp_path) == Counter()
    if len(dockerfiles) == 1:
        tags = subprocess.run(
            [BIN / "ecr-push", "tags"], cwd=tmp_path, env=git_environment(), capture_output=True, text=True
        )
        assert "1.2.3" in tags.stdout.split(), tags.stderr


def test_a_workflow_is_written_where_github_reads_it(tmp_path: Path) -> None:
    repository = GitRepository.init(tmp_path)
    repository.commit(
        "feat: one", {"api/Dockerfile": "FROM scratch\n", ".github/workflows/test.yml": "on: push\n"}
    )
    repository.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    command = [BIN / "ecr-push", "init", "-r", "team/shop"]
    below, top = (
        subprocess.run(
            command, cwd=folder, env=git_environment(), capture_output=True, text=True, timeout=300
        )
        for folder in (tmp_path / "api", tmp_path)
    )
    assert below.returncode == 2 and "top folder alone: run it in ..\n" in below.stderr
    assert top.returncode == 0, top.stderr
    assert "`ecr-push iam trust github acme/shop --branch main --tag 'v*'`" in top.stderr
    trust = ["iam", "trust", "github", "acme/shop", "--branch", "main", "--tag", "v*"]
    assert subprocess.run([BIN / "ecr-push", *trust], capture_output=True, timeout=300).returncode == 0


def test_no_value_of_a_script_sets_another_output(tmp_path: Path) -> None:
    """The step that asks a shell for a tag is run, where a file of the checkout says more than a version."""
    step = next(
        one for one in yaml.safe_load(moved("package-version"))["jobs"]["image"]["steps"] if "run" in one
    )
    (tmp_path / "jq").write_text("#!/bin/sh\nprintf '1.4.2\\nimage=evil\\n'\n")
    (tmp_path / "jq").chmod(0o755)
    output = tmp_path / "output"
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_OUTPUT": str(output)}
    subprocess.run(["bash", "-e", "-c", step["run"]], env=environ, check=True, timeout=300)
    (name, delimiter), *lines = [line.split("<<") for line in output.read_text().splitlines()]
    assert name == "version" and len(delimiter) >= 20
    assert lines == [["1.4.2"], ["image=evil"], [delimiter]]


@pytest.mark.parametrize("run", ["other branch"])
def test_what_was_written_down_is_what_a_runner_plays(tmp_path: Path, run: str) -> None:
    name = "latest-on-main"
    player = Player(tmp_path, tmp_path, {})
    known = json.loads(PLAYED.read_text())[name]["runs"][run]
    assert sorted(line.removeprefix("push ") for line in player.play(before(name), run)) == known["theirs"]
    assert [given(line) for line in player.play(moved(name), run)] == known["ours"]


@pytest.mark.usefixtures("engine")
def test_a_moved_workflow_releases_under_its_tags_observes_and_deploys(tmp_path: Path) -> None:
    """In place of docker's commands and AWS's actions, ours: with GitHub's own identity."""
    options = SandboxOptions(region="eu-west-1", account="123456789012", scan_delay=0.0)
    with Sandbox(options) as sandbox, OidcEndpoint() as oidc, running_services() as services:
        ecr = boto3.client("ecr", region_name="eu-west-1", endpoint_url=sandbox.url, **keys(sandbox))
        ecr.create_repository(repositoryName="shop", imageScanningConfiguration={"scanOnPush": True})
        ecs = boto3.client("ecs", region_name="eu-west-1", endpoint_url=services.url, **keys(sandbox))
        ecs.create_cluster(clusterName="main")
        sidecar = {"name": "proxy", "image": "public.ecr.aws/nginx/nginx:1", "memory": 64}
        web = {"name": "shop", "image": "", "memory": 64}
        definition = json.dumps({"family": "shop", "containerDefinitions": [sidecar, web]})
        ecs.register_task_definition(family="shop", containerDefinitions=[sidecar])
        ecs.create_service(cluster="main", serviceName="shop", taskDefinition="shop", desiredCount=1)
        project = GitRepository.init(tmp_path / "app")
        text = moved("ecs-by-output").replace("ecr-push/ecr-push@v1 # zizmor", f"{OURS} # zizmor")
        files = {**images.VULNERABLE, "task.json": definition, ".github/workflows/image.yml": text}
        commit = project.commit("First", files)
        without_keys = {name: one for name, one in sandbox.environment.items() if name not in _KEYS}
        environ = {**without_keys, **oidc.environment, **services.environ}
        act = Act(tmp_path / "act", tmp_path / "shared", environ)
        ended = act.push(project, "refs/heads/main", "image.yml")
        tags = {one.get("imageTag") for one in ecr.list_images(repositoryName="shop")["imageIds"]}
        [service] = ecs.describe_services(cluster="main", services=["shop"])["services"]
        runs = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        remove_images(sandbox.host)
    assert ended.code == 0, ended.text
    assert tags == {commit}
    assert {"verdict=observed", "verdict=deployed"} <= set(re.findall(r"verdict=\w+", ended.job.everything))
    proxy, shop = (one["image"] for one in runs["containerDefinitions"])
    assert proxy == sidecar["image"] and shop.startswith(f"{sandbox.host}/shop@sha256:")


_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def keys(sandbox: Sandbox) -> dict[str, str]:
    given = sandbox.environment
    return {"aws_access_key_id": given[_KEYS[0]], "aws_secret_access_key": given[_KEYS[1]]}
