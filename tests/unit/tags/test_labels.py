"""The labels of an image."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from ecr_push.ci.facts import RepositoryFacts
from ecr_push.tags.labels import (
    BASES_LABEL,
    BRANCH_LABEL,
    BUILDER_PLATFORM_LABEL,
    BUILT_FROM_LABEL,
    COMMIT_LABEL,
    bases_in,
    bases_text,
    image_labels,
    other_bases,
    own_labels,
)
from ecr_push.versions.derive import derive_version
from tests.support.fakes import digest
from tests.support.sources import changed, source

SOURCE = source(
    tags=("v1.4.2+linux",),
    release_tags=("v1.4.2+linux",),
    remote_url="https://github.com/acme/app-service",
)
VERSION = derive_version(SOURCE.history)


def test_the_labels_of_a_release() -> None:
    assert image_labels(SOURCE, VERSION, RepositoryFacts()) == {
        "org.opencontainers.image.created": "2024-05-06T07:08:09Z",
        "org.opencontainers.image.revision": "0123456789abcdef0123456789abcdef01234567",
        "org.opencontainers.image.source": "https://github.com/acme/app-service",
        "org.opencontainers.image.title": "app-service",
        "org.opencontainers.image.url": "https://github.com/acme/app-service",
        "org.opencontainers.image.version": "1.4.2+linux",
    }


def test_what_is_unknown_is_left_out() -> None:
    labels = image_labels(changed(SOURCE, remote_url=""), VERSION, RepositoryFacts())
    assert "org.opencontainers.image.source" not in labels
    assert "org.opencontainers.image.url" not in labels
    assert labels["org.opencontainers.image.title"] == "app"


def test_the_ci_knows_the_address_where_git_does_not() -> None:
    facts = RepositoryFacts(url="https://github.com/acme/app")
    labels = image_labels(changed(SOURCE, remote_url=""), VERSION, facts)
    assert labels["org.opencontainers.image.source"] == "https://github.com/acme/app"


@pytest.mark.parametrize(
    "created",
    [datetime(2025, 1, 1, tzinfo=timezone.utc), datetime(2025, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))],
)
def test_what_the_caller_says_counts(created: datetime) -> None:
    labels = image_labels(SOURCE, VERSION, RepositoryFacts(), title="Billing", created=created)
    assert labels["org.opencontainers.image.created"] == "2025-01-01T00:00:00Z"
    assert labels["org.opencontainers.image.title"] == "Billing"


def test_the_ci_knows_what_the_repository_is_about() -> None:
    labels = image_labels(
        SOURCE, VERSION, RepositoryFacts(title="App", description="Sells things", licenses="MIT")
    )
    shown = {key.rpartition(".")[2]: value for key, value in labels.items()}
    assert (shown["title"], shown["description"], shown["licenses"]) == ("App", "Sells things", "MIT")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {BRANCH_LABEL: "main", BUILT_FROM_LABEL: ""}),
        # Not left out: of a base image that is one of ours, its branch would be inherited.
        ({"branch": ""}, {BRANCH_LABEL: "", BUILT_FROM_LABEL: ""}),
        ({"branch": "", "pull_request": "12"}, {BRANCH_LABEL: "refs/pull/12", BUILT_FROM_LABEL: ""}),
        (
            {"branch": "", "pull_request": "12", "built_from": "f" * 40},
            {BRANCH_LABEL: "refs/pull/12", BUILT_FROM_LABEL: "f" * 40},
        ),
    ],
)
def test_what_we_look_for_ourselves(given: dict[str, str], expected: dict[str, str]) -> None:
    built = changed(SOURCE, **given)
    assert own_labels(built) == {
        COMMIT_LABEL: SOURCE.commit,
        BUILDER_PLATFORM_LABEL: "",
        BASES_LABEL: "",
        **expected,
    }


def test_the_base_images_are_the_same_in_any_order() -> None:
    bases = {"node:22": digest("node"), "go": digest("go")}
    text = bases_text(bases)
    assert text == f"go@{digest('go')} node:22@{digest('node')}"
    assert bases_in({BASES_LABEL: text}) == bases and bases_text(bases_in({BASES_LABEL: text})) == text
    assert bases_in({}) == bases_in({BASES_LABEL: ""}) == bases_in({BASES_LABEL: "node:22 x@sha256:1"}) == {}


def test_a_base_of_which_one_side_says_nothing_is_not_another_one() -> None:
    ours = {"node:22": digest("node"), "go": digest("go")}
    assert other_bases(ours, {"node:22": digest("old"), "os": digest("os")}) == ("node:22",)
    assert other_bases(ours, {}) == other_bases({}, ours) == ()
