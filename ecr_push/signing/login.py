"""A login to the registry of an image, for a program that reads Docker's configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from ecr_push.builder.interface import Builders
from ecr_push.registry.image import PushedImage
from ecr_push.registry.interface import Reader
from ecr_push.signing.world import World


@contextmanager
def logged_in(
    pushed: PushedImage, client: Reader, builders: Builders, world: World
) -> Iterator[dict[str, str]]:
    """The variables that lead a program to the login."""
    with builders.logged_in(
        pushed.repository.registry.host, partial(world.login, client), world.narrator
    ) as docker:
        environ = docker.docker_environ()
        yield {name: environ[name] for name in ("PATH", "DOCKER_CONFIG") if name in environ}
