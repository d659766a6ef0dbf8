"""`ecr-push copy`: copies images as they are into repositories of ECR."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, cast

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.base.reference import Tag
    from ecr_push.base.source_name import SourceName
    from ecr_push.pipeline.copies.model import Moves

EXAMPLES = (
    (
        "Copy an image to another region and account",
        "ecr-push copy team/shop:1.4.2 --to region=eu-central-1,account=222222222222",
    ),
    (
        "Copy a base image of Docker Hub",
        "ecr-push copy docker.io/library/alpine:3.20 --to base/alpine --create-repository",
    ),
    ("Copy all tags of a line", "ecr-push copy team/shop --tags '1.4.*' --to region=us-east-1"),
    ("Show what a copy would do", "ecr-push copy team/shop --all-tags --to region=us-east-1 --dry-run"),
)
MOVES = ("never", "forward", "any")


@command("copy", EXAMPLES)
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option(
    "--tags",
    multiple=True,
    metavar="PATTERN",
    help="Tags to copy of an IMAGE without a tag and a digest; * stands for any text. May be repeated.",
)
@click.option("--all-tags", is_flag=True, help="Copy all of its tags, without candidates.")
@click.option(
    "--as",
    "named",
    multiple=True,
    metavar="TAG",
    help="Tag that the image gets there, in place of its own; may be repeated.",
)
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="OS/ARCH",
    help="Copy what an index has for this platform alone; may be repeated. The digest is another one then.",
)
@click.option(
    "--move",
    type=click.Choice(MOVES),
    default="forward",
    show_default=True,
    help="Which tags there may leave the image that they name; forward: floating ones, to a higher version.",
)
@click.option("--no-referrers", is_flag=True, help="Leave out signatures, attestations and other referrers.")
@click.option(
    "--judge", is_flag=True, help="Set tags only after the image's scan there, judged by the policy."
)
def copy(
    call: Call,
    images: tuple[str, ...],
    tags: tuple[str, ...],
    all_tags: bool,
    named: tuple[str, ...],
    platforms: tuple[str, ...],
    move: str,
    no_referrers: bool,
    judge: bool,
) -> int:
    """Copy every IMAGE to each --to, with its digest: all platforms, signatures and attestations.

    IMAGE is [HOST/]NAME, of any registry, with :TAG or @sha256:… or with --tags. Without HOST it is in the
    registry that --region and --registry-id name. What is there already is not sent again.
    """
    from ecr_push.cli.copying import judging_problems, run_copies
    from ecr_push.cli.read_settings import read_all_settings
    from ecr_push.pipeline.copies.model import CopyJob

    patterns = ("*",) if all_tags else tags
    found, wrong = _sources(images)
    wrong += _contradictions(found, tags, all_tags, named)
    names, more = _tags(named)
    wrong += [*more, *_wrong_patterns(tags), *_wrong_platforms(platforms)]
    settings = read_all_settings(call, "copy", [*wrong, *judging_problems(call, judge)])
    if not settings.registry.to:
        raise click.UsageError("Missing option '--to'.")
    jobs = [
        CopyJob(
            one,
            settings.registry.to,
            () if one.tag or one.digest else patterns,
            names,
            platforms,
            cast("Moves", move),
            not no_referrers,
        )
        for one in found
    ]
    return run_copies(jobs, settings, call, judge=judge, all_checked=True)


def _sources(texts: Sequence[str]) -> tuple[list[SourceName], list[str]]:
    from ecr_push.base.source_name import SourceName

    found, wrong = [], []
    for text in texts:
        try:
            found.append(SourceName.parse(text))
        except ValueError as error:
            wrong.append(f"IMAGE: {error}")
    return found, wrong


def _contradictions(
    images: Sequence[SourceName], tags: Sequence[str], all_tags: bool, named: Sequence[str]
) -> list[str]:
    wrong = []
    if tags and all_tags:
        wrong.append("--all-tags: contradicts --tags")
    if named and (len(images) > 1 or tags or all_tags):
        wrong.append("--as: names one image, and several are copied")
    for one in images:
        if one.tag is None and one.digest is None and not (tags or all_tags):
            wrong.append(f"IMAGE: {one} names no tag: add :TAG, or give --tags or --all-tags")
        elif (one.tag or one.digest) and (tags or all_tags):
            wrong.append(
                f"IMAGE: {one} names one image: {'--all-tags' if all_tags else '--tags'} has no effect"
            )
    return wrong


def _tags(texts: Sequence[str]) -> tuple[tuple[Tag, ...], list[str]]:
    from ecr_push.base.reference import Tag
    from ecr_push.tags.temporary import CANDIDATE_PREFIX, reserved

    found, wrong = [], []
    for text in texts:
        try:
            found.append(Tag(text))
        except ValueError as error:
            wrong.append(f"--as: {error}")
            continue
        if not text.startswith(CANDIDATE_PREFIX) and (why := reserved(text)):
            wrong.append(f"--as: {why}")
    return tuple(found), wrong


def _wrong_patterns(texts: Sequence[str]) -> Iterator[str]:
    from ecr_push.base.reference import Tag

    for text in texts:
        try:
            Tag(text.replace("*", "x"))
        except ValueError:
            yield f"--tags: {text!r} is not a tag or a pattern of tags; repeat --tags for several"


def _wrong_platforms(texts: Sequence[str]) -> Iterator[str]:
    from ecr_push.pipeline.copies.mirror_file import is_platform

    for text in texts:
        if not is_platform(text):
            yield f"--platform: {text!r} is not OS/ARCH or OS/ARCH/VARIANT; repeat --platform for several"
