"""What `ecr-push scan` and `ecr-push promote` share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ecr_push.base.reference import (
    Digest,
    ImageName,
    Tag,
    is_same_repository,
    not_a_tag_alone,
    whole_name,
)
from ecr_push.cli.call import Call
from ecr_push.cli.deliver import image_story
from ecr_push.cli.read_settings import read_settings

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.record import Record
    from ecr_push.settings.declare import Settings


def judge_named(text: str, tags: Sequence[str], call: Call, command: str) -> int:
    """Judges the image that text names and, where it is accepted, points the tags to it."""
    settings, facts = read_settings(call, command, lambda read: wrong_arguments(text, tags, read, call))
    name = whole_image_name(text, settings)
    call.arguments, image = (name, *tags), ImageName.parse(name)

    def story(tools: Tools, record: Record) -> None:
        from ecr_push.pipeline.judge_image import judge_image

        judge_image(image, tags, settings, tools, record)

    return image_story(story, settings, facts, call)


def whole_image_name(text: str, settings: Settings) -> str:
    """IMAGE, with the repository of --repository where it is a tag or a digest alone."""
    repository, bare = settings.registry.repository, text.lstrip(":@")
    if not repository or "/" in bare:
        return text
    is_digest = _is_valid(Digest, bare)
    if is_digest or ((text.startswith(":") or ":" not in text) and _is_valid(Tag, bare)):
        return f"{repository}{'@' if is_digest else ':'}{bare}"
    return text


def wrong_arguments(text: str, tags: Sequence[str], settings: Settings, call: Call) -> Iterable[str]:
    """What is wrong with the name of an image, and with tags."""
    whole = whole_image_name(text, settings)
    try:
        ImageName.parse(whole)
    except ValueError as error:
        hint = "" if settings.registry.repository else "; -r names the repository of a tag or a digest alone"
        yield f"IMAGE: {error}{hint}"
    else:
        named, _ = whole_name(whole)
        given = call.flags.get("repository", "")
        if given and not is_same_repository(named, given):
            yield f"IMAGE: its repository is {named}, which contradicts --repository {given}: leave one out"
    for tag in tags:
        if whole := not_a_tag_alone(tag):
            yield f"TAG: {whole}, which IMAGE names"
    if several := next((tag for tag in tags if "," in tag), ""):
        words = " ".join(several.replace(",", " ").split())
        yield f"TAG: {several!r} is not a tag; separate tags with spaces: ecr-push promote IMAGE {words}"


def _is_valid(of: Callable[[str], object], text: str) -> bool:
    try:
        return bool(of(text))
    except ValueError:
        return False
