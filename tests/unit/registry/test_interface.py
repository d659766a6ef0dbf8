"""The interfaces hold the classes that implement them: nothing public is outside of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ecr_push.base.reference import Tag
from ecr_push.registry.dry_run import DryRun
from ecr_push.registry.inspector import Inspector
from ecr_push.registry.interface import Login, RepositoryClient, RepositoryState
from ecr_push.registry.layer_api import Layers
from ecr_push.registry.layers import DryLayers, EcrLayers
from ecr_push.registry.lifecycle import EcrLifecycle
from ecr_push.registry.lifecycle_api import LifecycleReader
from ecr_push.registry.private import PrivateRepository
from ecr_push.registry.public import PublicRepository
from ecr_push.registry.scan_api import InspectorReader, Scans
from ecr_push.registry.scans import DryScans, EcrScans
from tests.support.fakes import (
    HOST,
    REPOSITORY,
    START,
    FakeInspector,
    FakeLayers,
    FakeLifecycle,
    FakeRepository,
    FakeScans,
)


def public_names(one: type) -> set[str]:
    return {name for name in dir(one) if not name.startswith("_")}


@pytest.mark.parametrize(
    ("implementation", "interface"),
    [
        (PrivateRepository, RepositoryClient),
        (PublicRepository, RepositoryClient),
        (DryRun, RepositoryClient),
        (EcrScans, Scans),
        (DryScans, Scans),
        (FakeScans, Scans),
        (EcrLayers, Layers),
        (DryLayers, Layers),
        (FakeLayers, Layers),
        (Inspector, InspectorReader),
        (FakeInspector, InspectorReader),
        (EcrLifecycle, LifecycleReader),
        (FakeLifecycle, LifecycleReader),
    ],
)
def test_a_client_has_the_methods_of_its_interface_alone(implementation: type, interface: Any) -> None:
    assert public_names(implementation) == public_names(interface)


def test_the_type_check_holds_the_stand_in_to_the_interface() -> None:
    client: RepositoryClient = FakeRepository()
    assert public_names(RepositoryClient) <= public_names(type(client))


def test_the_secrets_of_a_login_are_not_shown() -> None:
    login = Login(HOST, "AWS", "hunter2", START + timedelta(hours=12))
    assert login.secrets == ("hunter2", "QVdTOmh1bnRlcjI=")
    assert "hunter2" not in repr(login)


@pytest.mark.parametrize(
    ("mutability", "exclusions", "frozen"),
    [
        ("MUTABLE", (), set()),
        ("IMMUTABLE", (), {"1.2.3", "latest"}),
        ("IMMUTABLE_WITH_EXCLUSION", ("lat*",), {"1.2.3"}),
        ("MUTABLE_WITH_EXCLUSION", ("[0-9]*", "1*"), {"1.2.3"}),
    ],
)
def test_which_tags_a_repository_freezes(
    mutability: str, exclusions: tuple[str, ...], frozen: set[str]
) -> None:
    state = RepositoryState(REPOSITORY, mutability, exclusions)
    assert {name for name in ("1.2.3", "latest") if state.freezes(Tag(name))} == frozen
