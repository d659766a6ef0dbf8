"""`ecr-push verify`: checks what an image has, before it is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.record import Record

_GITHUB = "https://token.actions.githubusercontent.com"
_WORKFLOW = "https://github.com/acme/shop/.github/workflows/release.yml@*"
EXAMPLES = (
    ("Was it judged, accepted and signed?", "ecr-push verify team/shop:1.4.2 --sign-key cosign.pub"),
    ("Within 30 days?", "ecr-push verify team/shop:1.4.2 --sign-key cosign.pub --max-age 30d"),
    (
        "By a workflow, without a key?",
        f"ecr-push verify team/shop:1.4.2 --sign-issuer {_GITHUB} --sign-identity '{_WORKFLOW}'",
    ),
)


@command("verify", EXAMPLES)
@click.argument("image")
def verify(call: Call, image: str) -> int:
    """Check that exactly this IMAGE was signed, judged and accepted, by whom and when, before it is deployed.

    IMAGE is [REGISTRY/]REPOSITORY:TAG or [REGISTRY/]REPOSITORY@sha256:…; with -r a tag or a digest alone.
    What is checked, and printed, is the digest: deploy that. Changes nothing. An image that lacks something
    ends with exit code 12.
    """
    from ecr_push.cli.deliver import image_story
    from ecr_push.cli.judge_story import whole_image_name, wrong_arguments
    from ecr_push.cli.read_settings import read_settings

    settings, facts = read_settings(call, "verify", lambda read: wrong_arguments(image, (), read, call))

    def story(tools: Tools, record: Record) -> None:
        from ecr_push.pipeline.verify_image import verify_image

        verify_image(whole_image_name(image, settings), settings, tools, record)

    return image_story(story, settings, facts, call)
