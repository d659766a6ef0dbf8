"""`ecr-push promote`: judges an image in ECR, and points tags to it."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

EXAMPLES = (
    ("Judge an image, then point two tags to it", "ecr-push promote team/shop:1.4.2 stable production"),
    (
        "The same in another region, too: no tag moves before both have the image",
        "ecr-push promote team/shop:1.4.2 stable --to region=eu-central-1",
    ),
    ("Show which tags would move", "ecr-push promote team/shop:1.4.2 stable --dry-run"),
)


@command("promote", EXAMPLES)
@click.argument("image")
@click.argument("tag", nargs=-1, required=True)
def promote(call: Call, image: str, tag: tuple[str, ...]) -> int:
    """Wait for the scan of IMAGE, judge it, and if it is accepted point every TAG to its digest.

    IMAGE is [REGISTRY/]REPOSITORY:TAG or [REGISTRY/]REPOSITORY@sha256:…; with -r a tag or a digest alone.
    """
    from ecr_push.cli.judge_story import judge_named

    return judge_named(image, tag, call, "promote")
