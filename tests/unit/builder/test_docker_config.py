from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecr_push.base.process import echo
from ecr_push.builder.buildx import command, push_output
from ecr_push.builder.docker_config import with_helper
from ecr_push.builder.plan import BuildPlan

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
HUB = "https://index.docker.io/v1/"


@pytest.mark.parametrize(
    ("user", "helpers", "auths"),
    [
        ({}, {HOST: "ecr-push"}, {}),
        # The user's other registries stay as they are; a stale token for ours goes.
        (
            {"auths": {HOST: {"auth": "c3RhbGU="}, "ghcr.io": {"auth": "eA=="}}},
            {HOST: "ecr-push"},
            {"ghcr.io": {"auth": "eA=="}},
        ),
        # ecr-login as a helper for our host gives way for this run.
        (
            {"credHelpers": {HOST: "ecr-login", "gcr.io": "gcloud"}},
            {HOST: "ecr-push", "gcr.io": "gcloud"},
            {},
        ),
        # A store would be asked for our host as well: it becomes a helper for the hosts that it holds.
        (
            {"credsStore": "desktop", "auths": {"ghcr.io": {}}},
            {HOST: "ecr-push", "ghcr.io": "desktop", HUB: "desktop"},
            {"ghcr.io": {}},
        ),
    ],
)
def test_the_users_configuration_with_our_registry_beside_it(
    user: dict[str, Any], helpers: dict[str, str], auths: dict[str, Any]
) -> None:
    found = with_helper(user, HOST)
    assert found["credHelpers"] == helpers
    assert found["auths"] == auths
    assert "credsStore" not in found


def test_the_rest_of_the_users_configuration_is_kept() -> None:
    assert (
        with_helper({"currentContext": "remote", "proxies": {"default": {}}}, HOST)["currentContext"]
        == "remote"
    )


def build(**more: Any) -> tuple[str, ...]:
    plan = BuildPlan(Path("app"), Path("app/Dockerfile"), **more)
    return command(plan, f"{HOST}/app:candidate-x", Path("/tmp/m.json"), push_output("v0.29.1"))


def test_no_value_of_a_build_argument_is_in_argv() -> None:
    argv = build(args=(("NPM_TOKEN", "hunter2"), ("PLAIN", "x=y")))
    assert "--build-arg=NPM_TOKEN" in argv
    assert not any("hunter2" in word or "x=y" in word for word in argv)


def test_reserved_names_are_not_passed_in_the_environment() -> None:
    argv = build(args=(("PATH", "/opt"), ("BUILDKIT_INLINE_CACHE", "1"), ("DOCKER_HOST", "x")))
    assert {
        "--build-arg=PATH=/opt",
        "--build-arg=BUILDKIT_INLINE_CACHE=1",
        "--build-arg=DOCKER_HOST=x",
    } <= set(argv)


def test_options_of_the_build() -> None:
    argv = build(target="app", platforms=("linux/amd64", "linux/arm64"), builder="big", labels={"a": "b"})
    assert {"--target=app", "--platform=linux/amd64,linux/arm64", "--builder=big", "--label=a=b"} <= set(argv)
    assert {"--push", "--provenance=false", "--sbom=false"} <= set(argv)
    assert argv[-1] == "app"


@pytest.mark.parametrize(
    ("version", "stored"),
    [
        *(("v0.29.1", False), ("0.29.1+ds1", False), ("v0.22.0-rc1", False), ("v1.0.0", False)),
        *(("0.13.1+ds1", True), ("v0.21.3", True), ("", True), ("a1b2c3d", True)),
    ],
)
def test_an_image_is_kept_out_of_the_engine_by_a_buildx_that_pushes_once(version: str, stored: bool) -> None:
    assert ("store=false" not in push_output(version)) == stored


@pytest.mark.parametrize(
    ("argv", "harmless", "shown"),
    [
        (("docker", "login", "--password", "hunter2"), (), "docker … --password …"),
        (("docker", "login", "--username=AWS"), ("login", "AWS"), "docker login --username=AWS"),
        (("docker", "build", "--build-arg=T=hunter2"), ("build",), "docker build --build-arg=…"),
        (("docker", "a b"), ("a b",), "docker 'a b'"),
    ],
)
def test_a_command_is_echoed_by_allow_list(
    argv: tuple[str, ...], harmless: tuple[str, ...], shown: str
) -> None:
    assert echo(argv, harmless=harmless) == shown
