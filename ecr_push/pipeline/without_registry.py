"""A run without a registry: version, tags, policy and build; nothing leaves this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ecr_push.base.errors import BuildError
from ecr_push.builder.destination import Kept
from ecr_push.builder.interface import Builders, BuiltImage
from ecr_push.builder.layout import verified_layout
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.build_summary import foresee_builder, summary
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.image_test import pending_tests
from ecr_push.pipeline.local_image import LocalImage, kept_of, tags_alone
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.registry.layout_files import is_layout
from ecr_push.settings.build_inputs import for_build_checks
from ecr_push.settings.declare import Settings, changed, flag, options, value_of
from ecr_push.settings.trust import without_secrets


def plan_only(settings: Settings, facts: CiFacts, tools: Tools, record: Record, *, outside: str = "") -> Plan:
    """Plans a run without asking a registry. Raises what `run` would raise so far.

    outside: whose code it is, in words, where the author may not push.
    """
    if outside:
        settings = _for_outsiders(settings, tools)
    elif settings.cache.cache == "ecr":
        tools.narrator.say("the build goes on without --cache ecr: the registry is not asked")
        settings = changed(settings, cache="none")
    # Nothing is judged, so a policy in S3 is not read: it counts as one without rules.
    tools = replace(tools, read_object=lambda url, limit: b"{}")
    here = changed(settings, extra_tags=tags_alone(settings))
    return prepare(here, facts, tools, record, without_secrets=bool(outside))


def _for_outsiders(settings: Settings, tools: Tools) -> Settings:
    given, settings = settings, without_secrets(settings)
    if left_out := [
        flag(one) for one in options("run") if value_of(given, one.name) != value_of(settings, one.name)
    ]:
        tools.narrator.say(f"code from outside builds without {', '.join(left_out)}")
    if pending_tests(settings.image_tests):
        tools.narrator.say("code from outside is not pushed: there is no image for the tests to run on")
    return settings


def plan_here(settings: Settings, facts: CiFacts, tools: Tools, record: Record, *, outside: str = "") -> Plan:
    """`plan_only`, and what would build it. Raises what `run` would raise so far."""
    environ = _without_credentials(tools.environ) if outside else tools.environ
    builders = tools.find_builders(environ)
    plan = plan_only(settings, facts, tools, record, outside=outside)
    foresee_builder(plan.build, builders, record)
    return plan


def build_here(
    settings: Settings, facts: CiFacts, tools: Tools, record: Record, *, outside: str = ""
) -> Outcome:
    """Does everything of a run that needs no credentials, and keeps on this machine what the settings say.

    outside: see `plan_only`. Raises what `run` would raise.
    """
    if outside:
        tools = replace(tools, environ=_without_credentials(tools.environ))
    builders = tools.find_builders(tools.environ)
    plan = plan_only(settings, facts, tools, record, outside=outside)
    kept = kept_of(settings, plan)
    with record.phase("plan"):
        builders.check(plan.build)
    if not plan.build.platforms:
        builders.default_platform(plan.build)  # asked beside the build
    with record.phase("build"):
        built = _built(plan, kept, builders)
    record.note(build_checks=built.checks, steps=built.steps)
    own = () if plan.build.platforms else (builders.default_platform(plan.build).result(),)
    platforms = tuple(filter(None, plan.build.platforms or own))
    if not facts.unattended:
        tools.narrator.say(summary(record.outcome.seconds["build"], built.steps, platforms))
    if not kept.outputs:
        what = outside or "with --no-push the image"
        record.note(checked=f"{what} is built and checked; it is not pushed, scanned or judged")
        return record.outcome
    names = kept.names if kept.in_engine else ()
    record.note(local=LocalImage(names, kept.paths, built.digest, platforms))
    return record.outcome


def _built(plan: Plan, kept: Kept, builders: Builders) -> BuiltImage:
    """An OCI layout is verified, and an image of the engine looked for: neither is built."""
    if not is_layout(plan.build.image):
        return builders.choose(plan.build).keep(plan.build, kept)
    with verified_layout(plan.build.image) as layout:
        return BuiltImage("", "OCI layout", layout.image.digest.value)


def check_dockerfile(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> Outcome:
    """Runs docker's build checks alone. Raises BuildError for what they find, and what `run` would raise."""
    tools = replace(tools, environ=_without_credentials(tools.environ))
    builders = tools.find_builders(tools.environ)
    plan = prepare(
        *(for_build_checks(settings), facts, replace(tools, read_object=lambda url, limit: b"{}"), record),
        without_secrets=True,
    )
    with record.phase("check"):
        found = builders.choose(plan.build).call_check(plan.build)
        record.note(build_checks=found)
        if found:
            raise BuildError(
                f"the build checks of docker find {len(found)} in {plan.build.dockerfile}",
                why="\n".join(map(str, found)),
                remedy="correct it, or leave a rule out with a line `# check=skip=RULE` at its top",
            )
    record.note(
        checked=f"the build checks of docker find nothing in {plan.build.dockerfile}; nothing was built"
    )
    return record.outcome


def _without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """environ without AWS and CI credentials, and the action's secrets, for programs that handle code from a
    fork."""
    ours = ("AWS_", "ECRPUSH_INPUT_", "ECRPUSH_SECRET_", "ACTIONS_ID_TOKEN_", "ACTIONS_RUNTIME_")
    return {name: value for name, value in environ.items() if not name.startswith(ours)}
