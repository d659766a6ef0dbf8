"""Hands the images that an image needs to its run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.record import Record


def with_needed_images(
    settings: Settings, facts: CiFacts, call: Call, tools: Tools, record: Record
) -> Settings:
    """settings of the image that the call is for, with those it needs. Raises as `pipeline.images.needed`."""
    from ecr_push.cli.images.select import OF_ONE, Selection
    from ecr_push.pipeline.images.needed import with_needed
    from ecr_push.source.head import read_head

    assert call.loaded and call.loaded.sources.root  # noqa: S101 - see `Call.needs_images`
    sources = call.loaded.sources
    needs = sources.images[sources.image].needs
    with record.phase("source"):
        root = call.loaded.sources.root.without(OF_ONE)
        selection = Selection(root.settings(), facts, root, tuple(needs))
        context = Path(selection.settings.source.context)
        head = read_head(context, facts, may_fetch=settings.source.deepen, say=tools.narrator.say)
        wanted = [selection.wanted(name) for name in needs]
        return with_needed(settings, sources.image, wanted, needs, head, selection.file, tools)
