"""`ecr-push rollback`: moves a floating tag back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.record import Record

EXAMPLES = (
    ("Move latest back to the next lower version", "ecr-push rollback latest -r team/shop"),
    ("Name the image yourself", "ecr-push rollback latest -r team/shop --to 1.4.1"),
    ("Show what would happen", "ecr-push rollback 1.4 -r team/shop --dry-run"),
)


@command("rollback", EXAMPLES)
@click.argument("tag")
@click.option(
    "--to",
    default="",
    metavar="TAG_OR_DIGEST",
    help="The image to move it to.  [default: where it was before]",
)
def rollback(call: Call, tag: str, to: str) -> int:
    """Move TAG, such as latest, back to the accepted image that it pointed to before.

    TAG is of the repository that -r names; or it is the whole name, such as team/shop:latest.

    latest and 1.4 move to the next lower version, a branch's tag to the branch's previous image. If more
    than one image is possible, they are listed, and --to names one. Each run without --to goes back one
    step more. An image that is not known to be accepted is judged first.
    """
    from ecr_push.base.reference import not_a_tag_alone, whole_name
    from ecr_push.cli.deliver import image_story
    from ecr_push.cli.read_settings import read_settings

    tag, to = (_tag_alone(text, call) for text in (tag, to))
    wrong = []
    if whole := not_a_tag_alone(tag):
        repository, name = whole_name(tag)
        wrong.append(f"TAG: {whole}: ecr-push rollback {name or 'TAG'} -r {repository}")
    if whole := not_a_tag_alone(to):
        wrong.append(f"--to: {whole}")
    settings, facts = read_settings(call, "rollback", lambda _: wrong)

    def story(tools: Tools, record: Record) -> None:
        from ecr_push.pipeline.roll_back import roll_back

        roll_back(tag, to, settings, tools, record)

    return image_story(story, settings, facts, call)


def _tag_alone(text: str, call: Call) -> str:
    """The tag of an image's whole name, the repository of which then is that of --repository.

    What contradicts --repository stays as it is, and so does a name without a tag.
    """
    from ecr_push.base.reference import is_same_repository, whole_name

    repository, tag = whole_name(text)
    if not tag or not is_same_repository(repository, call.flags.setdefault("repository", repository)):
        return text
    return tag
