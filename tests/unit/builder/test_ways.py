from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ecr_push.builder.attestations import Attestations
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.compression import compression_of
from ecr_push.builder.machine import Machine
from ecr_push.builder.plan import BuildPlan
from ecr_push.builder.ways import only_of_buildx, way_in_words, way_to_build, ways_to_build

PLAN = BuildPlan(Path(), Path("Dockerfile"))
USUAL = Machine("28.5.2", "0.29.1")
OLD = Machine("20.10", "")
DOWN = Machine("", "0.29.1", "no answer")
DOWN_WITH_PODMAN = replace(DOWN, tools=("podman",))
ALONE = Machine("", "0.29.1", "no docker", program=("docker-buildx",), has_docker=False)
SOCKET = replace(ALONE, server="28.5.2")
RED_HAT = Machine("", "", "no docker", has_docker=False, tools=("podman", "buildah"))
BOTH = replace(ALONE, tools=("buildah",))
EMPTY = Machine("", "", "no docker", has_docker=False)


@pytest.mark.parametrize(
    ("machine", "builder", "elsewhere", "way"),
    [
        (USUAL, "", False, "buildx"),
        (USUAL, "podman", False, "podman"),
        (OLD, "", False, "engine"),
        (OLD, "big", False, "engine"),  # which says that it has no --builder
        (DOWN, "", False, "engine"),  # which says that it does not answer
        (DOWN, "", True, "buildx"),
        (DOWN, "tcp://b:1", False, "buildx"),
        (DOWN_WITH_PODMAN, "", False, "engine"),  # another builder is not taken for one that is down
        (DOWN_WITH_PODMAN, "podman", False, "podman"),
        (ALONE, "", False, "engine"),
        (ALONE, "", True, "buildx"),
        (ALONE, "tcp://b:1", False, "buildx"),
        (SOCKET, "", False, "buildx"),
        (RED_HAT, "", False, "podman"),
        (RED_HAT, "buildah", False, "buildah"),
        (RED_HAT, "tcp://b:1", False, "engine"),
        (BOTH, "", False, "buildah"),
        (BOTH, "", True, "buildx"),
        (BOTH, "tcp://b:1", False, "buildx"),
        (EMPTY, "", False, "engine"),
    ],
)
def test_who_builds(machine: Machine, builder: str, way: str, *, elsewhere: bool) -> None:
    assert way_to_build(replace(PLAN, builder=builder), machine, elsewhere=elsewhere) == way


@pytest.mark.parametrize(
    ("machine", "way"), [(USUAL, "engine"), (SOCKET, "engine"), (RED_HAT, "podman"), (BOTH, "buildah")]
)
def test_who_has_the_image_of_image(machine: Machine, way: str) -> None:
    assert way_to_build(replace(PLAN, image="app:1"), machine, elsewhere=True) == way


@pytest.mark.parametrize(
    ("machine", "named", "unnamed"),
    [
        (DOWN, ("start the engine", "--builder tcp://"), ("podman", "install")),
        (DOWN_WITH_PODMAN, ("start the engine", "--builder tcp://", "--builder podman"), ("install",)),
        (OLD, ("start the engine",), ("--builder", "install")),
        (ALONE, ("--builder tcp://", "install docker, podman or buildah"), ("install buildx",)),
        (EMPTY, ("install docker, podman or buildah", "install buildx"), ("start the engine",)),
    ],
)
def test_what_is_possible_where_nothing_builds(
    machine: Machine, named: tuple[str, ...], unnamed: tuple[str, ...]
) -> None:
    found = ways_to_build(machine)
    assert all(one in found for one in named) and not any(one in found for one in unnamed), found


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        (PLAN, ()),
        (replace(PLAN, target="a", args=(("A", "b"),), labels={"a": "b"}, platforms=("linux/amd64",)), ()),
        (
            replace(
                PLAN,
                inputs=BuildKitInputs(no_cache=True, pull=True, network="none", add_hosts=("a:10.0.0.1",)),
            ),
            (),
        ),
        (replace(PLAN, builder="big"), ("--builder",)),
        (replace(PLAN, compression=compression_of("zstd")), ("--compression",)),
        (replace(PLAN, attestations=Attestations({"mode": "max"}, {})), ("--provenance", "--sbom")),
        (replace(PLAN, remote="https://h/r.git"), ("context in a git repository",)),
        (replace(PLAN, annotations=("a=b",)), ("annotation",)),
        (replace(PLAN, platforms=("linux/amd64", "linux/arm64")), ("build for several platforms",)),
        (replace(PLAN, inputs=BuildKitInputs(build_contexts=("a=.",))), ("--build-context",)),
        (replace(PLAN, inputs=BuildKitInputs(secrets=("id=a,env=A",))), ("--secret",)),
        (replace(PLAN, inputs=BuildKitInputs(ssh=("default",))), ("--ssh",)),
        (replace(PLAN, inputs=BuildKitInputs(cache_from=("a",))), ("--cache-from",)),
        (replace(PLAN, inputs=BuildKitInputs(cache_to=("type=inline",))), ("--cache-to",)),
        (replace(PLAN, inputs=BuildKitInputs(no_cache_filter=("a",))), ("--no-cache-filter",)),
        (replace(PLAN, inputs=BuildKitInputs(ulimits=("nofile=1",))), ("--ulimit",)),
        (replace(PLAN, inputs=BuildKitInputs(shm_size="1g")), ("--shm-size",)),
        (replace(PLAN, inputs=BuildKitInputs(cgroup_parent="g")), ("--cgroup-parent",)),
        (replace(PLAN, inputs=BuildKitInputs(allow=("network.host",))), ("--allow",)),
    ],
)
def test_what_an_engine_without_buildx_does_not_have(plan: BuildPlan, wanted: tuple[str, ...]) -> None:
    assert only_of_buildx(plan) == wanted


@pytest.mark.parametrize(
    ("way", "builder", "machine", "driver", "words"),
    [
        ("buildx", "", USUAL, "docker", "buildx 0.29.1 on Docker Engine 28.5.2"),
        ("buildx", "", USUAL, "docker-container", "buildx 0.29.1 on Docker Engine 28.5.2 (docker-container)"),
        ("buildx", "tcp://b:1", DOWN, "remote", "buildx 0.29.1 on tcp://b:1 (remote)"),
        ("buildx", "", DOWN, "kubernetes", "buildx 0.29.1 (kubernetes)"),
        ("engine", "", OLD, "", "Docker Engine 20.10, without buildx"),
        ("podman", "", RED_HAT, "", "podman"),
        ("podman", "podman", USUAL, "", "none: there is no podman in the PATH"),
        ("engine", "", DOWN, "", "none: no answer"),
    ],
)
def test_what_builds_in_words(way: str, builder: str, machine: Machine, driver: str, words: str) -> None:
    assert way_in_words(way, replace(PLAN, builder=builder), machine, driver) == words
