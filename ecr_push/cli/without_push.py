"""What `run` and `build` do where nothing is pushed: the build checks alone, or a build that stays here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ecr_push.base.paths import CONFIG_FILE_NAME
from ecr_push.ci.facts import CiFacts
from ecr_push.cli.call import Call
from ecr_push.cli.read_settings import not_pushed
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.pipeline.context import Tools
    from ecr_push.pipeline.outcome import Outcome
    from ecr_push.pipeline.record import Record


def without_push(settings: Settings, facts: CiFacts, call: Call, tools: Tools, record: Record) -> Outcome:
    """The outcome of such a run. Raises what `run` would raise."""
    from ecr_push.pipeline.without_registry import build_here, check_dockerfile
    from ecr_push.settings.unused import unused_by_build_checks, unused_without_push

    if settings.builder.call == "check":
        if unused := unused_by_build_checks(call.flags):
            tools.narrator.say(f"without effect on --call check: {', '.join(unused)}")
        return check_dockerfile(settings, facts, tools, record)
    outside = not_pushed(settings, facts)
    if outside and (Path(settings.source.context) / CONFIG_FILE_NAME).exists():
        tools.narrator.say(f"{CONFIG_FILE_NAME} is not read: it is part of the code that is checked")
    if unused := unused_without_push(call.flags):
        tools.narrator.say(f"without effect, as nothing is pushed: {', '.join(unused)}")
    return build_here(settings, facts, tools, record, outside=outside)
