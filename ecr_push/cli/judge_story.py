"""What `ecr-push scan` and `ecr-push promote` share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ecr_push.base.reference import ImageName, not_a_tag_alone
from ecr_push.cli.call import Call
from ecr_push.cli.deliver import image_story
from ecr_push.cli.read_settings import read_settings

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.record import Record


def judge_named(text: str, tags: Sequence[str], call: Call, command: str) -> int:
    """Judges the image that text names and, where it is accepted, points the tags to it."""
    settings, facts = read_settings(call, command, [*wrong_arguments(text, tags)])
    image = ImageName.parse(text)

    def story(tools: Tools, record: Record) -> None:
        from ecr_push.pipeline.judge_image import judge_image

        judge_image(image, tags, settings, tools, record)

    return image_story(story, settings, facts, call)


def wrong_arguments(text: str, tags: Sequence[str]) -> Iterable[str]:
    """What is wrong with the name of an image, and with tags."""
    try:
        ImageName.parse(text)
    except ValueError as error:
        yield f"IMAGE: {error}"
    for tag in tags:
        if whole := not_a_tag_alone(tag):
            yield f"TAG: {whole}, which IMAGE names"
    if several := next((tag for tag in tags if "," in tag), ""):
        words = " ".join(several.replace(",", " ").split())
        yield f"TAG: {several!r} is not a tag; separate tags with spaces: ecr-push promote IMAGE {words}"
