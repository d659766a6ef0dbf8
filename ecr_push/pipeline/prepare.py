"""Settings + CiFacts -> Plan: reads the checkout and the policy, says what it found, and asks no registry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ecr_push.base import background
from ecr_push.base.fences import Fences
from ecr_push.builder.attestation_options import attested
from ecr_push.builder.buildkit_checks import cache_warnings
from ecr_push.builder.interface import (
    args_without_effect,
    dockerfile_text,
    labels_in_dockerfile,
    mounts_without_input,
    unwanted_in_image,
)
from ecr_push.builder.plan import Base, BuildPlan
from ecr_push.builder.platforms import FROM_ENVIRONMENT, build_platforms
from ecr_push.builder.secret_args import secret_args
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.attestations import with_builder
from ecr_push.pipeline.build_cache import with_cache
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.early_source import ReadSource, shows_plan, start_reading
from ecr_push.pipeline.plan import Plan, make_plan
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.refusals import Refusals
from ecr_push.pipeline.source_and_version import title_of
from ecr_push.policy.load import load_policy
from ecr_push.settings.declare import Settings
from ecr_push.source.git_context import address_of, unpinned
from ecr_push.tags.naming import name_image


def prepare(
    settings: Settings,
    facts: CiFacts,
    tools: Tools,
    record: Record,
    also: Callable[[], object] = lambda: None,
    *,
    read: ReadSource | None = None,
    without_secrets: bool = False,
) -> Plan:
    """Reads the source, its version and the policy, and makes the plan.

    What the settings alone show to be missing, `build_problems` has found before. also: waits for another
    answer that shows mistakes in the settings. read: waits for the checkout, if that is read already.
    without_secrets: the build gets none, whatever was given.
    Raises SettingsError, with all of them, and SourceError.
    """
    fences = Fences.of(settings.source.context)
    policy = background.start(lambda: load_policy(settings.policy, tools.read_object, fences), "read policy")
    bases = _ask_bases(settings, tools, record)
    refusals = Refusals()
    with record.phase("source"):
        with refusals.kept():
            source, version = (read or start_reading(settings, facts, tools))()
        if refusals:
            _end(refusals, policy.result, also)
    with record.phase("plan"):
        platforms = _platforms(settings, tools)
        remote = address_of(settings.source.context)
        dockerfile = dockerfile_text(settings.builder, Path(settings.source.context), remote)
        with refusals.kept():
            names = name_image(
                settings.tags,
                source,
                version,
                facts,
                now=tools.clock.now(),
                created=tools.created,
                several_platforms=len(platforms) > 1
                or bool(settings.builder.parts or attested(settings.attestations)),
                dockerfile_labels=labels_in_dockerfile(dockerfile, settings.builder),
                title=title_of(settings, source),
            )
        _end(refusals, policy.result, also)
        for warning in names.warnings:
            tools.narrator.warn(warning)
        plan = make_plan(settings, source, version, names, tools.run_id, policy.result(), platforms, bases())
        plan = with_builder(with_cache(plan, settings, facts), facts)
        if settings.registry.repositories:
            from ecr_push.pipeline.new_repository import as_the_file_says  # few runs name a file

            plan = replace(plan, wanted_repository=as_the_file_says(plan.wanted_repository, settings, tools))
        record.note(plan=plan)
        record.once_planned()
        if remote:
            tools.narrator.say(f"context {remote}; version, tags and labels are of this checkout")
        for doubt in _doubts(plan.build, dockerfile, tools.environ, without_secrets=without_secrets):
            tools.narrator.warn(doubt)
        if not shows_plan(settings):
            _say_plan(plan, tools)
    return plan


def _say_plan(plan: Plan, tools: Tools) -> None:
    if plan.build.attestations:
        tools.narrator.say(f"attestations {plan.build.attestations}")
    if plan.build.cache.is_used:
        tools.narrator.say(f"build cache {plan.build.cache}")
    tools.narrator.say("tags " + ", ".join(str(tag) for tag in plan.tags))


def _doubts(
    build: BuildPlan, dockerfile: str, environ: Mapping[str, str], *, without_secrets: bool
) -> Iterator[str]:
    """What is likely to be a mistake in the build, and does not stop it."""
    if build.remote and (doubt := unpinned(build.remote)):
        yield doubt
    yield from cache_warnings(build.cache.added_to(build.inputs, None), environ)
    for name in secret_args(build):
        yield (
            f"build argument {name} looks like a secret: the image's history shows its value; "
            f"--secret id={name},env={name} hands it to one step of the Dockerfile"
        )
    if doubt := unwanted_in_image(dockerfile, build):
        yield doubt
    yield from args_without_effect(dockerfile, build)
    if not without_secrets:
        yield from mounts_without_input(dockerfile, build)


def _ask_bases(settings: Settings, tools: Tools, record: Record) -> Callable[[], tuple[Base, ...]]:
    if not settings.builder.follow_bases:
        return tuple
    from ecr_push.pipeline.base_images import ask_bases

    return ask_bases(settings, tools, record.timed)


def _end(refusals: Refusals, *others: Callable[[], object]) -> None:
    """Raises what was refused, with what the others find; nothing where there is nothing."""
    for other in others:
        with refusals.kept():
            other()
    refusals.end()


def _platforms(settings: Settings, tools: Tools) -> tuple[str, ...]:
    """The platforms that are named to the builder, and a line about those that no setting names."""
    if settings.builder.image:
        return ()
    if settings.builder.parts:
        return settings.builder.platforms
    found = build_platforms(settings.builder.platforms, tools.environ)
    if found and not settings.builder.platforms:
        tools.narrator.say(f"platform {', '.join(found)}, of {FROM_ENVIRONMENT}")
    return found
