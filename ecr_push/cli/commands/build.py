"""`ecr-push build`: an image for this machine alone, or one platform's part of an index, which is pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecr_push.cli.call import Call
from ecr_push.cli.options import command

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.early_source import ReadSource
    from ecr_push.pipeline.outcome import Outcome
    from ecr_push.pipeline.record import Record

EXAMPLES = (
    (
        "On a runner for arm64: push this platform's image, and keep its name for the run that joins",
        "ecr-push build -r team/shop --platform linux/arm64 >part-arm64.txt",
    ),
    (
        "Build into the engine, for the tests of this job, and push nothing",
        "ecr-push build --load -t shop:test",
    ),
    ("Write an OCI layout, and push nothing", "ecr-push build --export type=oci,dest=shop.tar"),
    (
        "A part with the result document, and the repository made if it is missing",
        "ecr-push build -r team/shop --create-repository --result part.json",
    ),
)


@command("build", EXAMPLES)
def build(call: Call) -> int:
    """Build the image in DIR for this machine's platform, and push it as a candidate for `run --part`.

    With --load, --export or --no-push it stays on this machine, and neither AWS nor a repository is needed.
    Nothing is scanned or judged, and no release tag moves. Standard output carries REPOSITORY_URI@DIGEST,
    which `ecr-push run --part` takes, once for each platform; or the names and files on this machine.
    """
    from ecr_push.cli.deliver import build_story
    from ecr_push.cli.read_settings import pushes, read_settings

    settings, facts = read_settings(call, "build")

    def story(tools: Tools, record: Record, read: ReadSource | None) -> Outcome:
        needed = settings
        if call.needs_images:
            from ecr_push.cli.images.needed import with_needed_images

            needed = with_needed_images(settings, facts, call, tools, record)
        if not pushes(settings, facts):
            from ecr_push.cli.without_push import without_push

            return without_push(needed, facts, call, tools, record)
        from ecr_push.pipeline.build_part import build_part

        return build_part(needed, facts, tools, record, read)

    return build_story(story, settings, facts, call, pushes=pushes(settings, facts))
