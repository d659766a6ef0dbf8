"""`ecr-push scan`: waits for the scan of an image in ECR, and judges it."""

from __future__ import annotations

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

EXAMPLES = (
    ("Judge an image by its tag", "ecr-push scan team/shop:1.4.2"),
    ("Refuse every finding of severity medium or worse", "ecr-push scan team/shop:1.4.2 --fail-on medium"),
    ("Write what can be fixed to a web page", "ecr-push scan team/shop:latest --report report.html"),
)


@command("scan", EXAMPLES)
@click.argument("image")
def scan(call: Call, image: str) -> int:
    """Wait for the scan of IMAGE, which is in ECR already, and judge it. Moves no tag.

    IMAGE is [REGISTRY/]REPOSITORY:TAG or [REGISTRY/]REPOSITORY@sha256:…; with -r a tag or a digest alone.
    """
    from ecr_push.cli.judge_story import judge_named

    return judge_named(image, (), call, "scan")
