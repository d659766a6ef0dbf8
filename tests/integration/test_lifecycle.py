"""What a lifecycle policy would take, asked of a sandbox whose images are as old as a test wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import urllib3

from ecr_push.base.reference import Digest
from ecr_push.sandbox.server import Sandbox
from tests.support.command_line import CommandLine
from tests.support.fakes import OCI_INDEX, OCI_MANIFEST
from tests.support.pusher import Pusher, rootfs
from tests.support.registry import REPOSITORY, Client, Registry

DAY = 86_400.0
Put = Callable[..., Digest]


@pytest.fixture
def put(sandbox: Sandbox) -> Put:
    """Pushes an image so many days ago."""
    sandbox.state.repositories.create("private", REPOSITORY)
    token = sandbox.tokens.issue(sandbox.options.account, "private").authorization
    pusher = Pusher(sandbox.url, token, urllib3.PoolManager())

    def push(days: float, *tags: str) -> Digest:
        sandbox.clock.advance(-days * DAY)
        digest = pusher.push(REPOSITORY, tags[0], rootfs(tags[0]), {})
        image = sandbox.state.images.find("private", REPOSITORY, digest=digest.value)
        content = sandbox.state.images.manifest(image)
        for tag in tags[1:]:
            sandbox.state.images.put("private", REPOSITORY, content, tag=tag, media_type=image.media_type)
        sandbox.clock.advance(days * DAY)
        return digest

    return push


def test_a_policy_is_tried_before_ecr_carries_it_out(
    cli: CommandLine, put: Put, sandbox: Sandbox, tmp_path: Path
) -> None:
    old, release = put(60, "1.3.0", "sha-aaaaaaaaaaaa"), put(45, "1.4.0", "1.4", "latest", "sha-bbbbbbbbbbbb")
    refused, young = put(9, "candidate-1"), put(1, "main", "sha-cccccccccccc")
    policy = tmp_path / "lifecycle.txt"
    policy.write_text("expire sha-* after 30 days\nexpire candidate-* after 3 days\n")
    asked = ("lifecycle", "test", "-r", REPOSITORY, "--lifecycle", policy, "--preview", "--layers")
    found = cli.command(*asked, "--output", "json")
    assert found.code == 10, found.stderr
    document = json.loads(found.stdout)
    assert {one["digest"]: one["rule"] for one in document["taken"]} == {
        old.value: 1,
        release.value: 1,
        refused.value: 2,
        young.value: 1,  # in 29 days
    }
    assert [one["level"] for one in document["traps"]] == ["error"]
    assert document["traps"][0]["what"].startswith("deletes what 1.4 points to ")
    assert document["freedBytes"] > 0
    # The sandbox evaluates by code of its own.
    assert document["previewDifferences"] == []
    assert sandbox.faults.requests()["api"].get("PutLifecyclePolicy") is None

    # The same as ECR's JSON, with a rule before the others that keeps the releases.
    policy.write_text("keep last 20 of *.*.*\n" + policy.read_text())
    found = cli.command(*asked)
    assert found.code == 0, found.stdout
    assert "1  keep last 20 of *.*.*" in found.stdout
    assert "Within 30 days the policy deletes 2 of 4 images" in found.stdout
    assert "deleted  candidate-1  (rule 3)" in found.stdout
    assert "ECR's preview says the same." in found.stdout

    tasks = tmp_path / "tasks.json"
    tasks.write_text(json.dumps({"image": f"{sandbox.host}/{REPOSITORY}@{refused}"}))
    found = cli.command(*asked, "--in-use", tasks)
    assert found.code == 10
    assert f"deletes {REPOSITORY}@{refused}, which {tasks} names" in found.stdout


def test_the_repositorys_own_policy_and_the_images_of_an_index(
    cli: CommandLine, put: Put, sandbox: Sandbox, registry: Registry
) -> None:
    found = cli.command("lifecycle", "test", "-r", REPOSITORY)
    assert (found.code, "has no lifecycle policy" in found.stderr) == (4, True)
    child = put(9, "child")
    body = sandbox.state.images.manifest(sandbox.state.images.find("private", REPOSITORY, tag="child"))
    sandbox.state.images.delete("private", REPOSITORY, tag="child")
    sandbox.clock.advance(-9 * DAY)
    sandbox.state.images.put("private", REPOSITORY, body, media_type=OCI_MANIFEST)
    sandbox.clock.advance(9 * DAY)
    index = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [{"mediaType": OCI_MANIFEST, "digest": child.value, "size": len(body)}],
    }
    content = json.dumps(index).encode()
    sandbox.state.images.put("private", REPOSITORY, content, tag="1.4.0", media_type=OCI_INDEX)
    policy = {
        "rulePriority": 3,
        "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countNumber": 1},
        "action": {"type": "expire"},
    }
    policy["selection"]["countUnit"] = "days"  # type: ignore[index]
    text = json.dumps({"rules": [policy]})
    registry.api().put_lifecycle_policy(repositoryName=REPOSITORY, lifecyclePolicyText=text)
    found = cli.command("lifecycle", "test", "-r", REPOSITORY, "--preview")
    assert found.code == 0, found.stderr
    assert "3  expire untagged after 1 day        0      0  -" in found.stdout
    assert "Within 30 days the policy takes none of 2 images." in found.stdout
    assert "ECR's preview says the same." in found.stdout


def test_what_was_said_is_what_goes(
    cli: CommandLine, put: Put, sandbox: Sandbox, client: Client, tmp_path: Path
) -> None:
    """The sandbox carries the policy out while its clock is set forward, read back with the AWS CLI."""
    put(70, "1.3.0"), put(29, "sha-aaaaaaaaaaaa"), put(10, "sha-bbbbbbbbbbbb"), put(1, "candidate-1")
    policy = tmp_path / "policy.txt"
    policy.write_text("expire sha-* after 30 days\narchive any not pulled for 90 days\n")
    found = cli.command("lifecycle", "test", "-r", REPOSITORY, "--lifecycle", policy, "--output", "json")
    taken = {one["digest"]: one["rule"] for one in json.loads(found.stdout)["taken"]}
    text = json.loads(found.stdout)["policy"]
    named = ("--repository-name", REPOSITORY, "--output", "json")
    client.ask("aws", "ecr", "put-lifecycle-policy", *named, "--lifecycle-policy-text", text)
    put_at = json.loads(client.ask("aws", "ecr", "get-lifecycle-policy", *named))["lastEvaluatedAt"]

    def steer(method: str, what: str, body: str = "") -> Any:
        secret = {"Authorization": f"Bearer {sandbox.token}"}
        answer = urllib3.request(method, f"{sandbox.url}/_sandbox/{what}", body=body, headers=secret)
        assert answer.status == 200, answer.data
        return answer.json()

    assert steer("POST", "lifecycle") == {REPOSITORY: []}
    steer("PUT", "clock", json.dumps({"advance": 31 * DAY}))
    every = ("--filter", "imageStatus=ANY")
    left = json.loads(client.ask("aws", "ecr", "describe-images", *named, *every))["imageDetails"]
    assert {(*one["imageTags"], one["imageStatus"]) for one in left} == {
        ("1.3.0", "ARCHIVED"),
        ("candidate-1", "ACTIVE"),
    }
    assert len(taken) == 3
    evaluated = json.loads(client.ask("aws", "ecr", "get-lifecycle-policy", *named))["lastEvaluatedAt"]
    assert evaluated > put_at
    assert steer("POST", "lifecycle") == {REPOSITORY: []}


def test_what_nothing_needs_is_deleted_and_the_rest_stays(
    cli: CommandLine, put: Put, sandbox: Sandbox, registry: Registry
) -> None:
    put(9, "1.4.0", "candidate-1")
    put(9, "candidate-2")
    child = put(9, "child")
    body = sandbox.state.images.manifest(sandbox.state.images.find("private", REPOSITORY, tag="child"))
    sandbox.state.images.delete("private", REPOSITORY, tag="child")
    entry = {"mediaType": OCI_MANIFEST, "digest": child.value, "size": len(body)}
    index = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [entry]}).encode()
    sandbox.clock.advance(-9 * DAY)
    sandbox.state.images.put("private", REPOSITORY, body, media_type=OCI_MANIFEST)
    sandbox.state.images.put("private", REPOSITORY, index, tag="candidate-3", media_type=OCI_INDEX)
    sandbox.clock.advance(9 * DAY)
    dry = cli.command("prune", "-r", REPOSITORY)
    assert dry.code == 0, dry.stderr
    assert "Nothing needs 3 of 4 images" in dry.stdout
    assert set(registry.tags()) == {"1.4.0", "candidate-1", "candidate-2", "candidate-3"}
    done = cli.command("prune", "-r", REPOSITORY, "--yes")
    assert (done.code, "Deleted 3: 3 of 4 images" in done.stdout) == (0, True), done.stdout
    # What was released keeps its candidate's tag: it is not an image to delete.
    assert set(registry.tags()) == {"1.4.0", "candidate-1"}
    assert [one.tags for one in sandbox.state.images.all("private", REPOSITORY)] == [("1.4.0", "candidate-1")]
    again = cli.command("prune", "-r", REPOSITORY, "--yes")
    assert (again.code, again.stdout) == (0, "Each of 1 images is needed, or too young.\n")


def test_many_images_go_in_few_calls(
    cli: CommandLine, put: Put, sandbox: Sandbox, registry: Registry
) -> None:
    put(9, "1.0.0")
    images = sandbox.state.images
    body = json.loads(images.manifest(images.find("private", REPOSITORY, tag="1.0.0")))
    sandbox.clock.advance(-9 * DAY)
    for number in range(230):
        other = json.dumps({**body, "annotations": {"number": str(number)}}).encode()
        images.put("private", REPOSITORY, other, media_type=OCI_MANIFEST)
    sandbox.clock.advance(9 * DAY)
    done = cli.command("prune", "-r", REPOSITORY, "--yes")
    assert (done.code, "Deleted 230: 230 of 231 images" in done.stdout) == (0, True), done.stderr
    assert [one.tags for one in images.all("private", REPOSITORY)] == [("1.0.0",)]
    assert registry.asked("BatchDeleteImage") == 3
    assert registry.asked("DescribeImages") == 1 + 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--lifecycle", "missing.txt"), "--lifecycle: cannot read missing.txt: No such file or directory"),
        ((), "repository: is required"),
        (("-r", REPOSITORY, "--days", "-1"), "-1 is not in the range 0<=x<=3650"),
    ],
)
def test_a_mistake(cli: CommandLine, arguments: tuple[str, ...], words: str) -> None:
    where = () if "-r" in arguments or not arguments else ("-r", REPOSITORY)
    found = cli.command("lifecycle", "test", *where, *arguments)
    assert (found.code, words in found.stderr) == (2, True), found.stderr


def test_every_mistake_in_a_policy_at_once(cli: CommandLine, tmp_path: Path) -> None:
    policy = tmp_path / "lifecycle.txt"
    policy.write_text("keep last 0 of v*\nexpire a*b*c*d*e*f* after 3 days\ndelete everything\n")
    found = cli.command(
        "lifecycle", "test", "-r", REPOSITORY, "--lifecycle", policy, "--in-use", "missing.json"
    )
    assert found.code == 2
    assert "the settings are wrong in 3 places" in found.stderr
    for place in ("line 1: ", "line 3: ", "--in-use: cannot read missing.json"):
        assert place in found.stderr
