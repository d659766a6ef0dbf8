"""A dry run changes nothing: each writing method is written out, and none reaches AWS."""

from __future__ import annotations

import importlib
import inspect
import io
import pkgutil
from contextlib import nullcontext
from typing import Any

import pytest

import ecr_push.registry
from ecr_push.base.reference import Tag
from ecr_push.registry.artifact import artifact_about
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.interface import RepositoryClient, RepositoryState, WantedRepository, Writer
from ecr_push.registry.layer_api import Blob, LayerWriter
from ecr_push.registry.layers import DryLayers
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.public import PublicRepository
from ecr_push.registry.scan_api import ScanWriter
from ecr_push.registry.scans import DryScans
from tests.support.aws import StubAws
from tests.support.fakes import REPOSITORY, FakeClock, FakeNarrator, FakeRepository, digest, manifest

# Every interface that changes something, and the class that stands for it in a dry run.
DRY = {Writer: DryRun, ScanWriter: DryScans, LayerWriter: DryLayers}
# How the operations begin that change nothing.
# A preview changes nothing but the preview.
READING = (
    "Get",
    "Describe",
    "List",
    "BatchGet",
    "BatchCheck",
    "ReceiveMessage",
    "StartLifecyclePolicyPreview",
)


def writing_interfaces() -> set[type]:
    found = set()
    for module in pkgutil.walk_packages(ecr_push.registry.__path__, "ecr_push.registry."):
        for name, one in vars(importlib.import_module(module.name)).items():
            if name.endswith("Writer") and inspect.isclass(one):
                found.add(one)
    return found


def test_every_interface_that_changes_something_has_a_dry_run() -> None:
    assert writing_interfaces() == set(DRY)


@pytest.mark.parametrize(
    ("interface", "name"),
    [(one, name) for one in DRY for name in vars(one) if not name.startswith("_")],
)
def test_each_method_that_changes_something_is_written_out(interface: type, name: str) -> None:
    assert name in vars(DRY[interface]), f"{DRY[interface].__name__} passes {name} on, or lacks it"


@pytest.mark.parametrize("dry", DRY.values())
def test_nothing_is_passed_on_by_its_name_at_run_time(dry: type) -> None:
    assert "__getattr__" not in vars(dry)
    assert "__getattribute__" not in vars(dry)
    assert dry.__mro__ == (dry, object)


def values(method: Any) -> list[Any]:
    known = {
        "tag": Tag("1.0"),
        "tags": [Tag("1.0")],
        "digest": digest("one"),
        "manifest": manifest("one"),
        "artifact": artifact_about(manifest("one"), "text/plain", b"x", {}, "note"),
        "artifact_type": "application/x",
        "annotations": {"a": "b"},
        "wanted": WantedRepository("MUTABLE", ()),
        "queue": "https://sqs.eu-west-1.amazonaws.com/123456789012/scans",
        "token": "",
        "policy": " " * 100,
        "digests": [digest("one")],
        "blob": Blob(digest("one"), 3),
        "open_blob": lambda: nullcontext(io.BytesIO(b"one")),
        "mount_from": REPOSITORY,
    }
    taken = inspect.signature(method).parameters.values()
    return [known[one.name] for one in taken if one.kind is not one.KEYWORD_ONLY]


@pytest.mark.parametrize("kind", ["private", "public"])
def test_a_dry_run_asks_aws_and_changes_nothing_there(kind: str) -> None:
    """Every method of the client and of its capabilities, on the real client, with AWS recording."""
    described = {"repositoryArn": "arn", "repositoryUri": str(REPOSITORY)}
    aws = StubAws({"DescribeRepositories": {"repositories": [described]}})
    client = (
        PrivateRepository(aws, "team/app", "", FakeClock())
        if kind == "private"
        else PublicRepository(aws, "alias/app", FakeClock())
    )
    dry = DryRun(client, FakeNarrator())
    called = []

    def call_all(one: Any, path: str) -> None:
        for name in sorted(dir(type(one))):
            if name.startswith("_"):
                continue
            try:
                found = getattr(one, name)
                if callable(found):
                    called.append(f"{path}{name}")
                    found(*values(found))
                else:
                    call_all(found, f"{name}.")
            except Exception as error:  # what AWS refuses here
                assert getattr(error, "exit_code", 1) in (4, 5), error

    call_all(dry, "")
    assert {"create", "put_tag", "remove_tags", "digests"} <= set(called)
    assert ("scans.start" in called) == (kind == "private")
    assert aws.operations
    assert [name for name in aws.operations if not name.startswith(READING)] == []


def test_a_dry_run_says_what_it_would_change() -> None:
    narrator, repository = FakeNarrator(), FakeRepository(state=None)
    dry: RepositoryClient = DryRun(repository, narrator)
    state = dry.create(WantedRepository("IMMUTABLE", ("latest",), "alias/key"))
    assert state == RepositoryState(REPOSITORY, "IMMUTABLE", ("latest",), True, "KMS alias/key")
    assert dry.put_tag(manifest(), Tag("1.0")) is False
    dry.remove_tags([Tag("candidate-1"), Tag("candidate-2")])
    assert dry.scans.start(digest("one")) is False
    assert narrator.said == [
        f"would create {REPOSITORY}",
        "would remove candidate-1, candidate-2",
        f"would start a scan of {digest('one')}",
    ]
    assert (repository.state, repository.log, repository.scans_started) == (None, [], [])


def test_reads_reach_the_repository() -> None:
    repository = FakeRepository(tags={"1.0": digest("one")})
    dry = DryRun(repository, FakeNarrator())
    assert dry.digests([Tag("1.0")]) == {Tag("1.0"): digest("one")}
    assert dry.describe() == repository.state
    assert dry.tag_names() == set(dry.tagged()) == {"1.0"}
