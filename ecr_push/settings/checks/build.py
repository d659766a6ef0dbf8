"""What is built, and what builds nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields

from ecr_push.builder.buildkit_inputs import BuildKitInputs
from ecr_push.builder.options import TOOLS
from ecr_push.settings.checks.check import Check, Contradiction, NoEffect


def _check_of_a_dockerfile(call: str, image: str, parts: Sequence[str]) -> Iterable[Contradiction]:
    if call == "check" and (image or parts):
        yield "call", f"check reads a Dockerfile, and {'--image' if image else '--part'} has none"


def _no_builder_but_those_with_images(builder: str, image: str) -> Iterable[Contradiction]:
    if image and builder and builder not in TOOLS:
        yield "builder", f"has no effect with --image, which builds nothing: {' or '.join(TOOLS)} may have it"


def _bake_has_no_cgroup(
    cgroup_parent: str, build_args: Sequence[str], builder: str
) -> Iterable[Contradiction]:
    if cgroup_parent and build_args and builder not in TOOLS:
        yield (
            "cgroup_parent",
            "cannot be given together with --build-arg: `docker buildx bake` has no such thing",
        )


CHECKS: tuple[Check, ...] = (
    *(
        NoEffect(name, "image", "--image, which builds nothing")
        for name in (
            *("dockerfile", "build_args", "target", "platforms"),
            *("labels", "annotations", "compression"),
            *(one.name for one in fields(BuildKitInputs) if one.name != "network"),
        )
    ),
    *(
        NoEffect(name, "parts", "--part, which builds nothing")
        for name in ("image", "builder", "compression")
    ),
    _check_of_a_dockerfile,
    _no_builder_but_those_with_images,
    _bake_has_no_cgroup,
)
