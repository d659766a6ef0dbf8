"""Settings + CiFacts -> Plan: reads the checkout and the policy, says what it found, and asks no registry."""

from __future__ import annotations

from ecr_push.base import background
from ecr_push.builder.interface import check_inputs, secret_args
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.plan import Plan, make_plan
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.source_and_version import read_source_and_version
from ecr_push.policy.load import load_policy
from ecr_push.settings.declare import Settings
from ecr_push.source.model import Source
from ecr_push.source.trust import unreported_origin_note
from ecr_push.tags.naming import name_image
from ecr_push.versions.version import Version


def prepare(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> Plan:
    """Reads the source, its version and the policy, and makes the plan.

    Raises SettingsError, SourceError, and BuildError if there is nothing to build.
    """
    policy = background.start(lambda: load_policy(settings.policy, tools.read_object), "read policy")
    with record.phase("source"):
        now = tools.created or tools.clock.now()
        source, version = read_source_and_version(settings, facts, now, tools.narrator.say)
        _say_source(source, version, facts, tools)
    with record.phase("plan"):
        names = name_image(
            settings.tags,
            source,
            version,
            facts,
            now=tools.clock.now(),
            created=tools.created,
            several_platforms=len(settings.builder.platforms) > 1,
        )
        for warning in names.warnings:
            tools.narrator.warn(warning)
        plan = make_plan(settings, source, version, names, tools.run_id, policy.result())
        record.note(plan=plan)
        record.once_planned()
        check_inputs(plan.build, "" if source.has_git else facts.provider.advice.checkout)
        for name in secret_args(plan.build):
            tools.narrator.warn(
                f"build argument {name} looks like a secret: the image's history shows its value"
            )
        tools.narrator.say("tags " + ", ".join(str(tag) for tag in plan.tags))
    return plan


def _say_source(source: Source, version: Version, facts: CiFacts, tools: Tools) -> None:
    tools.narrator.say(f"commit {source.short}" + (f" on {source.branch}" if source.branch else ""))
    tools.narrator.say(f"version {version.text or '(none)'}: {version.why}")
    for note in source.notes:
        tools.narrator.warn(note)
    if note := unreported_origin_note(facts):
        tools.narrator.say(note)
    if source.dirty:
        tools.narrator.warn("the checkout has uncommitted changes: no release tag is set")
