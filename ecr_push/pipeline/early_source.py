"""The checkout, read in the background: git works while the rest of what a run needs is loaded."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.base import background
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.source_and_version import read_source_and_version
from ecr_push.settings.declare import Settings
from ecr_push.source.model import Source
from ecr_push.source.trust import unreported_origin_note
from ecr_push.versions.version import Version

ReadSource = Callable[[], tuple[Source, Version]]


def start_reading(settings: Settings, facts: CiFacts, tools: Tools) -> ReadSource:
    """Begins the phase `source`: reads the checkout, and says what it found.

    Returns what waits for that. It raises SourceError as `read_source_and_version` does.
    """
    tools.narrator.phase("source")
    now = tools.created or tools.clock.now()

    def read() -> tuple[Source, Version]:
        source, version = read_source_and_version(settings, facts, now, tools.narrator.say, tools.seen)
        _say_source(source, version, facts, tools, planned=shows_plan(settings))
        return source, version

    return background.start(read, "read checkout").result


def shows_plan(settings: Settings) -> bool:
    """Whether the result is the plan in words, so that the log need not say the same."""
    return settings.run.dry_run and settings.report.output == "text"


def _say_source(source: Source, version: Version, facts: CiFacts, tools: Tools, *, planned: bool) -> None:
    if not planned:
        tools.narrator.say(f"commit {source.short}" + (f" on {source.branch}" if source.branch else ""))
        tools.narrator.say(f"version {version.text or '(none)'}: {version.why}")
    for note in source.notes:
        tools.narrator.warn(note)
    if note := unreported_origin_note(facts):
        tools.narrator.say(note)
    if source.dirty:
        tools.narrator.warn("the checkout has uncommitted changes: no release tag is set")
