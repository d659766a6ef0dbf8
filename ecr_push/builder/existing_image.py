"""An image that is pushed instead of one that is built: whether what builds has it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from ecr_push.builder.docker_engine import connect, find_image
from ecr_push.builder.machine import Machine
from ecr_push.builder.options import TOOLS
from ecr_push.builder.ways import ENGINE, ways_to_build


def check_image(image: str, way: str, machine: Machine, environ: Mapping[str, str]) -> None:
    """Raises BuildError where there is none of this name, before a repository is made for it.

    way: see `way_to_build`. What does not answer is not asked: `choose` says so.
    """
    if way in TOOLS and way in machine.tools:
        from ecr_push.builder.podman import find_image as find_in_store

        find_in_store(way, image, environ)
    elif way == ENGINE and machine.server:
        with contextlib.closing(connect(environ, machine.why, ways_to_build(machine))) as client:
            find_image(client, image)
