"""ecr-push.yml, for one image or for several. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_push.base.yaml_text import write_yaml
from ecr_push.delivery.moving.fresh.wanted import Wanted, WantedImage

REGION = "eu-west-1"  # where the user has named none: a note says so


def settings_text(wanted: Wanted) -> str:
    """The file, with a comment for each line that a user may change first."""
    return "\n".join(_lines(wanted)) + "\n"


def _lines(wanted: Wanted) -> Iterator[str]:
    yield "# What ecr-push builds, and where it goes: `ecr-push plan` shows what a run would do."
    several = len(wanted.images) > 1
    if not several:
        yield f"{_entry('repository', wanted.images[0].repository)} # in Amazon ECR"
    yield f"{_entry('region', wanted.region or REGION)}{'' if wanted.region else ' # check it'}"
    if not several and wanted.images[0].dockerfile:
        yield _entry("dockerfile", wanted.images[0].dockerfile)
    yield ""
    example = wanted.releases.example or "v1.2.3"
    yield f"# A git tag such as {example} is a release: its image gets the tags of its version, and latest."
    if not several and wanted.releases.prefix:
        yield _entry("tag-prefix", wanted.releases.prefix)
    if wanted.releases.scheme != "semver":
        yield _entry("version-scheme", wanted.releases.scheme)
    yield ""
    yield "# What an image may not have. Exceptions, each with a reason and an end: `ecr-push policy show`."
    yield "policy:"
    yield "  fail-on: high"
    if several:
        yield ""
        yield "# Those that changed are built: `ecr-push run --changed --dry-run` shows which."
        yield "images:"
        for image in wanted.images:
            yield from (f"  {line}" for line in _image(image))


def _image(image: WantedImage) -> Iterator[str]:
    yield f"{image.name}:"
    yield f"  {_entry('context', image.context)}"
    if image.dockerfile:
        yield f"  {_entry('dockerfile', image.dockerfile)}"
    yield f"  {_entry('repository', image.repository)}"
    if image.tag_prefix:
        yield f"  {_entry('tag-prefix', image.tag_prefix)}"


def _entry(key: str, value: str) -> str:
    return write_yaml({key: value}).rstrip("\n")
