"""An image in an OCI layout, which another job or another tool has written: it is verified, and not built."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ecr_push.base.errors import BuildError
from ecr_push.base.fences import Fences
from ecr_push.base.reference import Digest
from ecr_push.registry.layout_files import is_layout, opened_layout
from ecr_push.registry.oci_layout import Layout, LayoutError

_SHOWN = 20  # problems


@contextmanager
def verified_layout(image: str) -> Iterator[Layout]:
    """The image that `--image` names, all of which was read, and can be read meanwhile. Raises BuildError."""
    with _opened(image) as layout:
        try:
            layout.verify()
        except (LayoutError, OSError) as error:
            raise _unusable(image, error) from error
        yield layout


def layout_problems(image: str) -> Iterator[str]:
    """What shows of such an image before its blobs are read; nothing for an image of the engine."""
    if not is_layout(image):
        return
    try:
        with opened_layout(image, Fences.of(".")):
            return
    except LayoutError as error:
        yield from (f"--image {image}: {problem}" for problem in error.problems)


def known_digest(image: str) -> Digest | None:
    """The digest that an image of a layout has wherever it is pushed; None for one of the engine.

    Raises BuildError.
    """
    if not is_layout(image):
        return None
    with _opened(image) as layout:
        return layout.image.digest


@contextmanager
def _opened(image: str) -> Iterator[Layout]:
    try:
        with opened_layout(image, Fences.of(".")) as layout:
            yield layout
    except LayoutError as error:
        raise _unusable(image, error) from error


def _unusable(image: str, error: LayoutError | OSError) -> BuildError:
    problems = error.problems if isinstance(error, LayoutError) else (error.strerror or str(error),)
    return BuildError(
        f"{image} cannot be pushed",
        why="\n".join(problems[:_SHOWN]),
        remedy="let the job that writes it write it again",
    )
