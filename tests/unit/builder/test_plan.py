"""The images that a build is made from by their digests, and how a builder gets them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ecr_push.base.reference import Digest
from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.plan import Base, BuildPlan, fingerprint
from tests.support.fakes import digest
from tests.support.sources import source

NODE, API, OS = digest("node"), digest("api"), digest("os")
PLAN = BuildPlan(
    Path("/src/app"),
    Path("/src/app/Dockerfile"),
    args=(("OS", f"localhost:5000/os@{OS}"), ("A", "1"), ("ODD", f"x {OS}")),
    inputs=BuildKitInputs(build_contexts=(f"api=docker-image://example.com/api@{API}", "docs=./docs")),
    bases=(Base("node:22", "docker.io/library/node:22", NODE),),
)


def test_every_image_by_digest_is_recorded_and_nothing_else_of_an_argument() -> None:
    assert PLAN.recorded_bases == {
        "docker.io/library/node:22": NODE,
        "example.com/api": API,
        "localhost:5000/os": OS,
    }


def test_a_base_that_moves_leaves_the_inputs_as_they_are() -> None:
    def moved(text: str) -> str:
        return text.replace(str(API), str(OS)).replace(str(OS), str(NODE))

    other = replace(
        PLAN,
        args=tuple((name, moved(value)) for name, value in PLAN.args if name != "ODD"),
        inputs=replace(PLAN.inputs, build_contexts=tuple(map(moved, PLAN.inputs.build_contexts))),
        bases=(),
    )
    same = replace(PLAN, args=PLAN.args[:2])
    assert fingerprint(other, source()) == fingerprint(same, source()) != fingerprint(PLAN, source())
    renamed = replace(
        same, inputs=BuildKitInputs(build_contexts=(f"api=docker-image://x@{API}", "docs=./docs"))
    )
    assert fingerprint(renamed, source()) != fingerprint(same, source())


def test_a_builder_gets_them_as_contexts_or_looks_for_the_newest() -> None:
    contexts = PLAN.by_contexts.inputs.build_contexts
    assert contexts == (*PLAN.inputs.build_contexts, f"node:22=docker-image://docker.io/library/node@{NODE}")
    assert PLAN.by_contexts.bases == () and PLAN.by_pull.inputs.pull
    without = replace(PLAN, bases=())
    assert without.by_contexts is without and without.by_pull is without


def test_a_registry_with_a_port() -> None:
    assert Base("os", "localhost:5000/os:1", Digest(str(OS))).pinned == f"localhost:5000/os@{OS}"
