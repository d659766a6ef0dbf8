"""The statement of a verdict in a registry, as oras finds and reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE
from ecr_push.report.verdict_schema import verdict_schema
from tests.support.command_line import CommandLine
from tests.support.git_repository import GitRepository
from tests.support.registry import REPOSITORY, Registry

pytestmark = pytest.mark.usefixtures("engine")
# What ECR has answered to a manifest with a subject.
REFUSAL = "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"


def discovered(registry: Registry, image: str) -> list[dict[str, Any]]:
    """The referrers of an image."""
    found = registry.client.ask("oras", "discover", "--plain-http", "--format", "json", image)
    return list(json.loads(found).get("referrers") or [])


def statement(registry: Registry, reference: str, folder: Path) -> Any:
    registry.client.ask("oras", "pull", "--plain-http", "--output", str(folder), reference)
    return json.loads((folder / "verdict.json").read_text())


def test_a_verdict_is_a_referrer_of_its_image_once(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.create()
    asked = (project.root, "-r", REPOSITORY, "--attest-verdict")
    run = cli.run(*asked)
    assert run.code == 0, run.stderr
    (referrer,) = discovered(registry, run.image)
    assert referrer["artifactType"] == "application/vnd.in-toto+json"
    assert run.document["statement"] == referrer["reference"]
    said = statement(registry, referrer["reference"], tmp_path)
    Draft202012Validator(verdict_schema()).validate(said)
    assert said["predicateType"] == PREDICATE_TYPE
    assert said["subject"][0]["digest"] == {"sha256": run.digest.partition(":")[2]}
    predicate = said["predicate"]
    assert (predicate["commit"], predicate["version"]) == (project.head, "1.4.2")
    assert predicate["scans"][0]["scanner"] == "Amazon ECR basic scanning"
    uploads = registry.asked("CompleteLayerUpload")
    again = cli.run(*asked)
    assert (again.code, again.digest) == (0, run.digest), again.stderr
    promoted = cli.command("promote", run.image, "stable", "--attest-verdict")
    assert promoted.code == 0, promoted.stderr
    assert len(discovered(registry, run.image)) == 1
    assert registry.asked("CompleteLayerUpload") == uploads
    assert [one["digest"] for one in run.document["scan"]["platforms"]] == [run.digest]
    assert "would attach" in cli.command("promote", run.image, "next", "--attest-verdict", "--dry-run").stderr


def test_a_registry_without_referrers_gets_a_tag(
    cli: CommandLine, project: GitRepository, registry: Registry, tmp_path: Path
) -> None:
    registry.create()
    first = cli.run(project.root, "-r", REPOSITORY)
    assert first.code == 0, first.stderr
    registry.play(
        f'faults: [{{operation: PutImage, times: 1, error: InvalidParameterException, message: "{REFUSAL}"}}]'
    )
    run = cli.run(project.root, "-r", REPOSITORY, "--attest-verdict")
    assert run.code == 0, run.stderr
    assert "the registry takes no artifact with a subject" in run.stderr
    assert not discovered(registry, run.image)
    reference = run.document["statement"]
    assert f":sha256-{run.digest.partition(':')[2]}.verdict-" in reference
    assert statement(registry, reference, tmp_path)["predicate"]["verdict"] == "accepted"
    assert "subject" not in registry.manifest(reference)
