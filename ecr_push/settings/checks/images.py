"""Which images: options that need or exclude each other."""

from __future__ import annotations

from collections.abc import Iterable

from ecr_push.settings.checks.check import Contradiction


def images_of_a_run(
    all_images: bool, changed: bool, since: str, only: tuple[str, ...], jobs: int
) -> Iterable[Contradiction]:
    if all_images and changed:
        yield "all_images", "--changed is some of the images, --all is every one: give one of them"
    elif all_images and only:
        yield "only", "--all is every image: leave one of them out"
    if since and not changed:
        yield "since", "needs --changed"
    if jobs and not (all_images or changed or len(only) > 1):
        yield "jobs", "has no effect with one image"
