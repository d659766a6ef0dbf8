"""A run without a registry: version, tags, policy and build; nothing leaves this machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ecr_push.base.errors import BuildError
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.image_test import pending_tests
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.settings.build_inputs import for_build_checks
from ecr_push.settings.declare import Settings, flag, options, value_of
from ecr_push.settings.trust import without_secrets


def plan_only(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> Plan:
    """Plans a run without asking a registry. Raises what `run` would raise so far."""
    given, settings = settings, without_secrets(settings)
    if left_out := [
        flag(one) for one in options("run") if value_of(given, one.name) != value_of(settings, one.name)
    ]:
        tools.narrator.say(f"code from outside builds without {', '.join(left_out)}")
    if pending_tests(settings.image_tests):
        tools.narrator.say("code from outside is not pushed: there is no image for the tests to run on")
    # Nothing is judged, so a policy in S3 is not read: it counts as one without rules.
    return prepare(settings, facts, replace(tools, read_object=lambda url, limit: b"{}"), record)


def build_only(settings: Settings, facts: CiFacts, tools: Tools, record: Record, *, why: str) -> Outcome:
    """Does everything of a run that needs no credentials. Raises what `run` would raise.

    why: the reason, for the reports.
    """
    tools = replace(tools, environ=_without_credentials(tools.environ))
    builders = tools.find_builders(tools.environ)
    plan = plan_only(settings, facts, tools, record)
    with record.phase("build"):
        record.note(build_checks=builders.choose(plan.build).check(plan.build))
    record.note(checked=why)
    return record.outcome


def check_dockerfile(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> Outcome:
    """Runs docker's build checks alone. Raises BuildError for what they find, and what `run` would raise."""
    tools = replace(tools, environ=_without_credentials(tools.environ))
    builders = tools.find_builders(tools.environ)
    plan = prepare(
        for_build_checks(settings), facts, replace(tools, read_object=lambda url, limit: b"{}"), record
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
