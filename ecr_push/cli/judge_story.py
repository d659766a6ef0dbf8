"""What `ecr-push scan` and `ecr-push promote` share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ecr_push.base.reference import ImageName
from ecr_push.cli.call import Call
from ecr_push.cli.deliver import image_story
from ecr_push.cli.read_settings import read_settings
from ecr_push.pipeline.judge_image import judge_image


def judge_named(text: str, tags: Sequence[str], call: Call, command: str) -> int:
    """Judges the image that text names and, where it is accepted, points the tags to it."""
    settings, facts = read_settings(call, command, [*_wrong_arguments(text, tags)])
    image = ImageName.parse(text)
    return image_story(
        lambda tools, record: judge_image(image, tags, settings, tools, record), settings, facts, call
    )


def _wrong_arguments(text: str, tags: Sequence[str]) -> Iterable[str]:
    try:
        ImageName.parse(text)
    except ValueError as error:
        yield f"IMAGE: {error}"
    if several := next((tag for tag in tags if "," in tag), ""):
        words = " ".join(several.replace(",", " ").split())
        yield f"TAG: {several!r} is not a tag; separate tags with spaces: ecr-push promote IMAGE {words}"
