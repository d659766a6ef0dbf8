"""`ecr-push verify`, with a registry in memory: tests/integration/test_verify.py has a real cosign."""

from __future__ import annotations

import json

from ecr_push.pipeline.verdict_statement import PREDICATE_TYPE
from ecr_push.registry.artifact import artifact_about
from ecr_push.signing.statements import IN_TOTO
from tests.support.fakes import REPOSITORY
from tests.support.judged_images import IMAGES
from tests.unit.cli.commands.conftest import Console

UNSIGNED = ("--require", "verdict", "--allow-unsigned")


def test_a_statement_in_the_registry_is_what_counts(console: Console) -> None:
    console.registry.tags["stable"] = IMAGES["clean"].digest
    missing = console.run("verify", "team/app:stable", *UNSIGNED)
    assert (missing, console.out) == (12, "")
    assert "NOT-VERIFIED" in console.err and "no statement of a verdict in the registry" in console.err
    assert console.run("promote", "team/app:stable", "next", "--attest-verdict") == 0
    assert console.run("verify", "team/app:stable", *UNSIGNED) == 0
    image = f"{REPOSITORY.uri}@{IMAGES['clean'].digest}"
    assert console.out.splitlines()[-1] == image
    assert "everyone who may push to the repository can make one" in console.err


def test_what_a_statement_says_is_held_against_what_is_expected(console: Console) -> None:
    console.registry.tags["stable"] = IMAGES["clean"].digest
    assert console.run("promote", "team/app:stable", "next", "--attest-verdict") == 0
    [attached] = console.registry.attached
    said = json.loads(attached.blobs[-1])
    assert said["predicateType"] == PREDICATE_TYPE
    asked = ("verify", "team/app:stable", *UNSIGNED)
    policy = f"sha256:{said['predicate']['policy']['digest']['sha256']}"
    assert console.run(*asked, "--expect-policy", policy) == 0
    assert console.run(*asked, "--expect-policy", f"sha256:{'0' * 64}") == 12
    assert "which --expect-policy does not name" in console.err
    assert console.run(*asked, "--expect-commit", "0" * 40) == 12
    assert f"it is of commit unknown, not {'0' * 40}" in console.err
    said["predicate"] |= {"verdict": "observed", "scans": []}
    notes = {"in-toto.io/predicate-type": PREDICATE_TYPE}
    other = artifact_about(IMAGES["clean"], IN_TOTO, json.dumps(said).encode(), notes, "verdict")
    console.registry.attached[:] = [other]
    assert console.run(*asked, "--max-age", "1d") == 12
    for part in ("the verdict is observed, not accepted", "it says nothing of the image", "--max-age needs"):
        assert part in console.err


def test_an_image_is_named_whole(console: Console) -> None:
    assert console.run("verify", "team/app", *UNSIGNED) == 2
    assert "IMAGE: 'team/app' is not a valid image name" in console.err


def test_a_tag_of_the_repository(console: Console) -> None:
    console.registry.tags["stable"] = IMAGES["clean"].digest
    assert console.run("verify", "stable", "-r", "team/app", *UNSIGNED) == 12
    assert "no statement of a verdict in the registry" in console.err
