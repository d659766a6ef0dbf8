"""Which images floating tags name, and what was found since they were judged. In memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import ImageName
from ecr_push.base.severity import Severity
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.judge_image import judge_image
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.status.read import StatusQuestion, floating_images, read_status
from ecr_push.registry.interface import RegistryImage
from ecr_push.versions.schemes.choice import SEMVER
from tests.support.fakes import REPOSITORY, START, FakeRepository, digest
from tests.support.judged_images import IMAGES, answer, tools
from tests.support.settings import settings


def registry_image(name: str, *tags: str, age: int = 0) -> RegistryImage:
    return RegistryImage(digest(name), frozenset(tags), START - timedelta(days=age))


IN_REGISTRY = [
    registry_image("a", "1.4.2", "1.4", "1", "latest", "sha-0123456", age=3),
    registry_image("b", "1.3.9", "1.3", age=9),
    registry_image("c", "main", "candidate-0123456789ab-1", age=1),
    registry_image("d", "2.0.0-rc.1", "sha-1234567"),
    registry_image("e", "stable", "1.2.0", age=2),
]


@pytest.mark.parametrize(
    ("patterns", "tags"),
    [
        ((), [("latest", "1", "1.4"), ("1.3",), ("main",), ("stable",)]),
        (("la*", "stable"), [("latest",), ("stable",)]),
        (("1*",), [("1", "1.4"), ("1.3",)]),
    ],
)
def test_latest_then_lines_then_others_by_age(patterns: tuple[str, ...], tags: list[Any]) -> None:
    assert [names for _, names in floating_images(IN_REGISTRY, patterns, SEMVER)] == tags


class FakeRepositories:
    region = "eu-west-1"

    def all(self) -> dict[str, Any]:
        return {"team/app": {"repositoryUri": REPOSITORY.uri}}

    def account(self) -> str:
        return "123456789012"


@pytest.fixture
def world() -> Tools:
    made = tools()
    client = made.open_repository(None)  # type: ignore[arg-type]
    assert isinstance(client, FakeRepository)
    client.tags = {"latest": IMAGES["low"].digest, "1.4.2": IMAGES["low"].digest}
    made = replace(made, open_repositories=lambda options: FakeRepositories())  # type: ignore[arg-type, return-value]
    image = ImageName.parse("team/app:1.4.2")
    judge_image(image, ["latest"], settings(attest_verdict=True), made, Record(made, sandbox=False))
    return made


def test_what_is_as_it_was_judged_is_calm(world: Tools) -> None:
    status = read_status(StatusQuestion(), settings(), world)
    [repository] = status.repositories
    [image] = repository.images
    assert (image.tags, image.name, image.reasons, image.new) == (("latest",), "1.4.2", (), {})
    assert image.verdict and image.verdict.word == "accepted"
    assert image.verdict.counts == {Severity.LOW: 1} and image.counts == {Severity.LOW: 1}


@pytest.mark.parametrize(
    ("tags", "title"),
    [
        (("sha-0123456789ab-9c3d5e7f",), "1.4.2, another build"),
        (("sha-0123456789ab-9c3d5e7f", "1.4.2"), "1.4.2"),
        (("sha-0123456789ab",), "sha-0123456789ab"),
        ((), ""),
    ],
)
def test_another_build_of_a_commit_is_known_by_the_version_in_its_label(
    world: Tools, tags: tuple[str, ...], title: str
) -> None:
    client = world.open_repository(None)  # type: ignore[arg-type]
    assert isinstance(client, FakeRepository)
    image = IMAGES["low"].digest
    client.tags = dict.fromkeys(("latest", *tags), image)
    client._labels = {image: {"org.opencontainers.image.version": "1.4.2+4f1e2d3"}}
    [repository] = read_status(StatusQuestion(), settings(), world).repositories
    assert repository.images[0].title == title
    assert repository.images[0].name == (sorted(tags)[0] if tags else "")


def test_what_was_found_since_is_named(world: Tools, monkeypatch: pytest.MonkeyPatch) -> None:
    client = world.open_repository(None)  # type: ignore[arg-type]
    monkeypatch.setattr(client, "_answers", lambda digest: answer("LOW", "CRITICAL"))
    [repository] = read_status(StatusQuestion(), settings(), world).repositories
    assert repository.images[0].new == {Severity.CRITICAL: 1}
    assert [one.kind for one in repository.images[0].reasons] == ["new"]
    monkeypatch.setattr(client, "_answers", lambda digest: None)
    [repository] = read_status(StatusQuestion(), settings(), world).repositories
    assert [one.kind for one in repository.images[0].reasons] == ["unread"]


def test_a_repository_that_cannot_be_read_hides_no_other_one(
    world: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.open_repository(None)  # type: ignore[arg-type]

    def refuse() -> None:
        raise RegistryError("AWS refused ecr:DescribeImages")

    monkeypatch.setattr(client, "images", refuse)
    with pytest.raises(RegistryError, match="no repository could be read"):
        read_status(StatusQuestion(), settings(), world)


def test_what_inspector_saw_after_the_judged_scan_has_a_name(
    world: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though as many findings were withdrawn since."""

    def seen(id_: str, severity: str, at: timedelta) -> dict[str, Any]:
        package = {"name": "openssl", "version": "3.0.9", "fixedInVersion": "3.0.19"}
        details = {"vulnerabilityId": id_, "vulnerablePackages": [package]}
        when = (START + at).isoformat()
        return {
            "findingArn": f"arn:{id_}", "severity": severity, "status": "ACTIVE", "firstObservedAt": when,
            "packageVulnerabilityDetails": details,
        }  # fmt: skip

    client = world.open_repository(None)  # type: ignore[arg-type]
    found = [
        seen("CVE-0", "LOW", timedelta(milliseconds=633)),  # the statement has whole seconds
        seen("CVE-1", "LOW", -timedelta(days=1)),
        seen("CVE-2", "HIGH", timedelta(days=1)),
    ]
    body = {"enhancedFindings": found, "imageScanCompletedAt": START.isoformat()}
    answered = {"imageScanStatus": {"status": "ACTIVE"}, "imageScanFindings": body}
    monkeypatch.setattr(client, "_answers", lambda digest: answered)
    [repository] = read_status(StatusQuestion(), settings(), world).repositories
    [image] = repository.images
    assert [(one.id, one.fixed_in) for one in image.since] == [("CVE-2", "3.0.19")]
    assert image.new == {Severity.HIGH: 1, Severity.LOW: 1}
    assert image.reasons[0].text == "new since the verdict: 1 HIGH: CVE-2 in openssl"
