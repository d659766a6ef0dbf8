from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ecr_push.base.errors import RegistryError, UndecidedError
from ecr_push.base.reference import Digest, ImageName, Tag
from ecr_push.policy.comparison_read import (
    base_target,
    begin_comparing,
    foresee_baseline,
    read_base,
    read_baseline,
)
from ecr_push.policy.model import Policy
from ecr_push.registry.image import describe_pushed
from ecr_push.registry.oci import Manifest
from ecr_push.registry.target import RepositoryTarget
from ecr_push.scan.findings import Package
from tests.support.fakes import HOST, OCI_MANIFEST, REPOSITORY, FakeRepository, index, manifest
from tests.support.fakes import digest as digest_of

RELEASED, NEW = manifest("released"), manifest("new")
PUSHED = describe_pushed(REPOSITORY, NEW, FakeRepository().manifest)


def answer(*names: str, status: str = "COMPLETE") -> dict[str, Any]:
    attributes = [{"key": "package_name", "value": "openssl"}, {"key": "package_version", "value": "3.0.11"}]
    found = [{"name": name, "severity": "HIGH", "attributes": attributes} for name in names]
    return {"imageScanStatus": {"status": status}, "imageScanFindings": {"findings": found}}


def repository(answers: Mapping[Digest, Any], *manifests: Manifest, **tags: Digest) -> FakeRepository:
    return FakeRepository(manifests=manifests, tags=tags, answers=answers.get)


# ------------------------------------------------------------------------- baseline


def test_what_the_released_image_has_is_known() -> None:
    client = repository({RELEASED.digest: answer("CVE-1")}, RELEASED, latest=RELEASED.digest)
    for wanted in ("latest", RELEASED.digest.value):
        found = read_baseline(wanted, PUSHED, client)
        assert found.known == {"": {("CVE-1", "openssl")}}
        assert RELEASED.digest.short in found.name
        assert not found.warnings


def test_a_baseline_that_does_not_exist_is_said() -> None:
    found = read_baseline("latest", PUSHED, repository({}))
    assert (found.known, found.name) == ({}, "latest (no such image yet)")
    assert found.warnings == ("baseline: no image has the tag latest, so every finding counts as new",)
    others = repository({}, **{"1.4.1": RELEASED.digest, "candidate-1.4.2": NEW.digest})
    (warning,) = read_baseline("1.4.l", PUSHED, others).warnings
    assert warning.endswith("so every finding counts as new; did you mean '1.4.1'?")


def test_a_baseline_that_does_not_exist_where_tags_cannot_be_listed() -> None:
    class Unlisted(FakeRepository):
        def tag_names(self) -> frozenset[str]:
            raise RegistryError("AWS refused ecr:ListImages")

    (warning,) = read_baseline("latest", PUSHED, Unlisted()).warnings
    assert warning == "baseline: no image has the tag latest, so every finding counts as new"


def test_what_a_plan_foresees_is_what_a_run_warns_of() -> None:
    client = repository({}, RELEASED, NEW, latest=RELEASED.digest, **{"candidate-1": NEW.digest})
    assert foresee_baseline("", client) == foresee_baseline("latest", client) == ""
    assert foresee_baseline(RELEASED.digest.value, client) == ""
    other = describe_pushed(REPOSITORY, manifest("other"), client.manifest)
    for wanted in ("lastest", NEW.digest.value, digest_of("none").value):
        warned = read_baseline(wanted, other, client).warnings[0]
        short = Digest(wanted).short if wanted.startswith("sha256:") else wanted
        assert foresee_baseline(wanted, client).replace(wanted, short) == warned.replace(wanted, short)
    assert "no image has the tag latest, so every" in foresee_baseline("latest", None)


def test_an_image_is_not_its_own_baseline() -> None:
    found = read_baseline("latest", PUSHED, repository({NEW.digest: answer("CVE-1")}, NEW, latest=NEW.digest))
    assert found.known == {}
    assert "is this image itself, so every finding counts as new" in found.warnings[0]


def test_a_run_that_goes_on_compares_with_what_the_tag_was_before() -> None:
    client = repository(
        {RELEASED.digest: answer("CVE-1"), NEW.digest: answer("CVE-2")}, RELEASED, NEW, latest=NEW.digest
    )
    found = read_baseline("latest", PUSHED, client, lambda tag: RELEASED.digest)
    assert found.known == {"": {("CVE-1", "openssl")}}
    assert RELEASED.digest.short in found.name

    def unknown_history(tag: Tag) -> Digest:
        raise UndecidedError("there is no image to roll latest back to")

    found = read_baseline("latest", PUSHED, client, unknown_history)
    assert found.known == {} and len(found.warnings) == 1
    assert read_baseline(NEW.digest.value, PUSHED, client, unknown_history).known == {}


@pytest.mark.parametrize(
    "said",
    [
        None,
        answer("CVE-1", status="PENDING"),
        answer("CVE-1", status="FAILED"),
        answer("CVE-1", status="SOMETHING_NEW"),
        answer("CVE-1", status="UNSUPPORTED_IMAGE"),
        RegistryError("AWS could not be reached"),
    ],
)
def test_a_baseline_without_an_answer_is_nothing_and_a_warning(said: Any) -> None:
    found = read_baseline(
        "latest", PUSHED, repository({RELEASED.digest: said}, RELEASED, latest=RELEASED.digest)
    )
    assert found.known == {}
    assert "so it is not used: " in found.warnings[0]


@pytest.mark.parametrize("name", ["candidate-2ce2f9ecc43b-1", "claim-1.4.2"])
def test_a_candidate_is_not_a_baseline(name: str) -> None:
    for tags in ({name: RELEASED.digest}, {name: RELEASED.digest, f"{name}2": RELEASED.digest}):
        client = FakeRepository(manifests=[RELEASED], tags=tags, answers=lambda _: answer("CVE-1"))
        for wanted in (name, RELEASED.digest.value):
            found = read_baseline(wanted, PUSHED, client)
            assert (found.known, found.findings) == ({}, ())
            assert "was refused or never evaluated" in found.warnings[0]
    client.tags["1.0.0"] = RELEASED.digest  # released, and its candidate's tag could not be taken off
    assert read_baseline(RELEASED.digest.value, PUSHED, client).known


def test_a_baseline_whose_entries_are_unknown_is_empty_with_a_warning() -> None:
    released = index([{"digest": RELEASED.digest.value}])  # says no platform, so the entry is looked up
    found = read_baseline("latest", PUSHED, repository({}, released, latest=released.digest))
    assert found.known == {} and "could not read " in found.warnings[0]


def test_a_baseline_whose_manifest_is_gone() -> None:
    found = read_baseline("latest", PUSHED, repository({}, latest=RELEASED.digest))
    assert found.known == {} and len(found.warnings) == 1


def test_each_platform_of_a_baseline_is_read_and_attestations_are_not() -> None:
    amd, arm, proof = manifest("amd"), manifest("arm"), manifest("proof")
    released = index(
        [
            {"digest": amd.digest.value, "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": arm.digest.value, "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": proof.digest.value, "platform": {"os": "unknown", "architecture": "unknown"}},
        ]
    )
    answers = {amd.digest: answer("CVE-1"), arm.digest: None}
    found = read_baseline("latest", PUSHED, repository(answers, released, latest=released.digest))
    assert found.known == {"linux/amd64": {("CVE-1", "openssl")}}
    assert "linux/arm64" in found.warnings[0] and len(found.warnings) == 1


# ------------------------------------------------------------------------- base image


LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def layered(*layers: str) -> Manifest:
    body = json.dumps(
        {"mediaType": OCI_MANIFEST, "layers": [{"mediaType": LAYER, "digest": layer} for layer in layers]}
    )
    return Manifest(digest_of(body), OCI_MANIFEST, body)


DEBIAN_AMD, DEBIAN_ARM = layered("a1", "a2"), layered("b1", "b2")
DEBIAN = index(
    [
        {"digest": DEBIAN_AMD.digest.value, "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": DEBIAN_ARM.digest.value, "platform": {"os": "linux", "architecture": "arm64"}},
    ]
)
WANTED = f"base/debian@{DEBIAN.digest}"
BASES = repository({DEBIAN_ARM.digest: answer("CVE-1")}, DEBIAN, DEBIAN_AMD, DEBIAN_ARM)


def test_the_layers_of_the_base_that_the_image_is_built_on() -> None:
    own = layered("b1", "b2", "mine")
    found = read_base(
        WANTED,
        describe_pushed(REPOSITORY, own, FakeRepository().manifest),
        repository({}, own),
        lambda target: BASES,
    )
    assert not found.warnings
    assert found.platforms[""].layers == {"b1", "b2"}
    assert found.contains("CVE-1", Package("openssl", "3.0.11"), "") is True
    assert found.contains("CVE-1", Package("openssl", "3.0.12"), "") is None
    assert found.contains("CVE-9", Package("x", layer="b2"), "") is True
    assert found.contains("CVE-1", Package("openssl", "3.0.11", layer="mine"), "") is False


@pytest.mark.parametrize("layers", [("b1", "mine"), ("mine", "b1", "b2"), ("b1",), ()])
def test_an_image_that_is_not_built_on_the_base_has_nothing_from_it(layers: tuple[str, ...]) -> None:
    own = layered(*layers)
    found = read_base(
        WANTED,
        describe_pushed(REPOSITORY, own, FakeRepository().manifest),
        repository({}, own),
        lambda target: BASES,
    )
    assert found.platforms == {}
    assert "is not built on" in found.warnings[0]


@pytest.mark.parametrize(
    ("allowed", "warning"),
    [
        ((), ""),
        (("base/**",), ""),
        ((f"{HOST}/base/*",), ""),
        (("team/**",), "does not match the policy's base-images"),
        (("*",), "does not match the policy's base-images"),
    ],
)
def test_a_policy_may_say_where_base_images_come_from(allowed: tuple[str, ...], warning: str) -> None:
    own = layered("b1", "b2", "mine")
    found = read_base(
        WANTED,
        describe_pushed(REPOSITORY, own, FakeRepository().manifest),
        repository({}, own),
        lambda target: BASES,
        allowed,
    )
    assert bool(found.platforms) is not bool(warning)
    assert [warning in one for one in found.warnings] == [True] * bool(warning)


def test_an_image_is_not_its_own_base() -> None:
    own = layered("b1", "b2", "mine")
    found = read_base(
        f"team/app@{own.digest}",
        describe_pushed(REPOSITORY, own, FakeRepository().manifest),
        repository({}, own),
        lambda target: BASES,
    )
    assert found.platforms == {} and "is this image itself" in found.warnings[0]


def test_a_base_that_cannot_be_read_brings_nothing() -> None:
    own = layered("b1", "b2")
    found = read_base(
        WANTED,
        describe_pushed(REPOSITORY, own, FakeRepository().manifest),
        repository({}, own),
        lambda _: repository({}),
    )
    assert found.platforms == {}
    assert "could not read " in found.warnings[0]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("base/debian", RepositoryTarget("base/debian", False, "eu-west-1", "123456789012", HOST)),
        (
            "999999999999.dkr.ecr.us-east-1.amazonaws.com/debian",
            RepositoryTarget(
                "debian", False, "us-east-1", "999999999999", "999999999999.dkr.ecr.us-east-1.amazonaws.com"
            ),
        ),
        ("public.ecr.aws/debian/debian", RepositoryTarget("debian/debian", True, "us-east-1", "", "")),
    ],
)
def test_where_a_base_image_is(name: str, target: RepositoryTarget) -> None:
    assert base_target(ImageName.parse(f"{name}@{DEBIAN.digest}"), REPOSITORY) == target


def test_nothing_is_asked_where_the_policy_compares_with_nothing() -> None:
    unused: Any = None
    assert begin_comparing(Policy(base_image=WANTED), PUSHED, unused, unused).results() == (None, None)
    client = repository({})
    rules = Policy(base_image=WANTED, layers="own", baseline="latest")
    baseline, base = begin_comparing(rules, PUSHED, client, lambda target: client).results()
    assert baseline is not None and base is not None
