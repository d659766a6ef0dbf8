"""What each service refuses, as planned and as pushed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.builder.fitness import (
    ECS_PLATFORMS,
    EKS_PLATFORMS,
    LAMBDA_IMAGES,
    LAMBDA_QUOTAS,
    doubts_as_pushed,
    refused_as_planned,
    refused_as_pushed,
)
from ecr_push.builder.profile import Profile
from ecr_push.registry.oci import Manifest
from tests.support.fakes import OCI_MANIFEST, digest, index

GIB = 1024**3
BOTH = ("linux/amd64", "linux/arm64")
FIPS = "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com"


def image(*layers: tuple[str, Any]) -> Manifest:
    """An image with layers of these types and sizes."""
    body = json.dumps({"layers": [{"mediaType": kind, "size": size} for kind, size in layers]})
    return Manifest(digest(body), OCI_MANIFEST, body)


GZIP = "application/vnd.oci.image.layer.v1.tar+gzip"
ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd"
SMALL = image((GZIP, 1))
INDEX = index([{"digest": digest(one).value} for one in ("image", "attestation")])


@pytest.mark.parametrize(
    ("profile", "given", "words", "source"),
    [
        ("any", {"platforms": ("plan9/mips", *BOTH), "parts": ("a",), "public": True, "host": FIPS}, "", ""),
        ("lambda", {"platforms": ()}, "", ""),
        ("lambda", {"platforms": ("linux/arm64",)}, "", ""),
        ("lambda", {"platforms": ("linux/x86_64",)}, "", ""),
        ("lambda", {"platforms": BOTH}, "2 platforms make an index", LAMBDA_IMAGES),
        ("lambda", {"platforms": (), "parts": ("a",)}, "--part joins images to an index", LAMBDA_IMAGES),
        ("lambda", {"platforms": ("linux/s390x",)}, "runs linux/amd64 and linux/arm64", LAMBDA_IMAGES),
        ("lambda", {"platforms": ("windows/amd64",)}, "windows/amd64: AWS Lambda runs", LAMBDA_IMAGES),
        ("lambda", {"platforms": (), "public": True}, "from private repositories", LAMBDA_IMAGES),
        ("lambda", {"platforms": (), "host": FIPS}, "FIPS", LAMBDA_IMAGES),
        ("ecs", {"platforms": BOTH, "parts": ("a", "b"), "public": True, "host": FIPS}, "", ""),
        ("ecs", {"platforms": ("linux/arm/v7", "linux/amd64")}, "", ""),
        ("ecs", {"platforms": ("windows/amd64",)}, "", ""),
        ("ecs", {"platforms": ("linux/arm/v7",)}, "linux/arm/v7: Amazon ECS runs", ECS_PLATFORMS),
        ("eks", {"platforms": BOTH}, "", ""),
        ("eks", {"platforms": ("linux/riscv64",)}, "and windows/amd64", EKS_PLATFORMS),
    ],
)  # fmt: skip
def test_as_planned(profile: Profile, given: dict[str, Any], words: str, source: str) -> None:
    found = list(refused_as_planned(profile, **given))
    assert len(found) == bool(words)
    assert not found or (words in found[0] and source in found[0])


def test_all_that_is_planned_wrong_is_named_at_once() -> None:
    assert (
        len(
            list(
                refused_as_planned(
                    "lambda", ("linux/s390x", "linux/mips"), attested=True, public=True, host=FIPS
                )
            )
        )
        == 5
    )


@pytest.mark.parametrize(
    ("profile", "manifest", "platforms", "words", "source"),
    [
        ("lambda", SMALL, ("linux/amd64",), "", ""),
        ("lambda", SMALL, (), "", ""),
        ("lambda", INDEX, BOTH, "it is an index of 2 manifests", LAMBDA_IMAGES),
        ("lambda", image((GZIP, 10 * GIB)), (), "", ""),
        ("lambda", image((GZIP, 6 * GIB), (GZIP, 5 * GIB)), (), "layers are 11.0 GiB packed", LAMBDA_QUOTAS),
        ("lambda", image((GZIP, "11"), (GZIP, None)), (), "", ""),
        ("lambda", SMALL, ("linux/s390x",), "linux/s390x", LAMBDA_IMAGES),
        ("ecs", image((ZSTD, 11 * GIB)), ("linux/amd64",), "", ""),
        ("ecs", INDEX, BOTH, "", ""),
        ("ecs", SMALL, ("linux/s390x",), "linux/s390x", ECS_PLATFORMS),
        ("eks", SMALL, ("linux/s390x",), "linux/s390x", EKS_PLATFORMS),
        ("any", INDEX, ("linux/s390x",), "", ""),
    ],
)  # fmt: skip
def test_as_pushed(
    profile: Profile, manifest: Manifest, platforms: tuple[str, ...], words: str, source: str
) -> None:
    found = list(refused_as_pushed(profile, manifest, platforms))
    assert len(found) == bool(words)
    assert not found or (words in found[0] and source in found[0])


@pytest.mark.parametrize(
    ("profile", "kinds", "doubts"),
    [("lambda", (GZIP, ZSTD), 1), ("lambda", (GZIP, ""), 0), ("ecs", (ZSTD,), 0), ("eks", (ZSTD,), 0)],
)
def test_what_no_page_says_is_a_doubt_alone(profile: Profile, kinds: tuple[str, ...], doubts: int) -> None:
    assert len(list(doubts_as_pushed(profile, image(*((one, 1) for one in kinds))))) == doubts
