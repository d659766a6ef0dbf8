"""A run without a registry: the version, the tags, the policy and the build, and nothing that leaves here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.prepare import prepare
from ecr_push.pipeline.record import Record
from ecr_push.settings.declare import Settings


def plan_only(settings: Settings, facts: CiFacts, tools: Tools, record: Record) -> Plan:
    """What a run would do, as far as no registry is asked. Raises what `run` would raise so far."""
    # What stands in S3 cannot be read: it counts as a policy that says nothing, for nothing is judged.
    return prepare(settings, facts, replace(tools, read_object=lambda url, limit: b"{}"), record)


def build_only(settings: Settings, facts: CiFacts, tools: Tools, record: Record, *, why: str) -> Outcome:
    """Everything of a run that needs no credentials; why tells people so. Raises what `run` would raise."""
    tools = replace(tools, environ=_without_credentials(tools.environ))
    builders = tools.find_builders(tools.environ)
    plan = plan_only(settings, facts, tools, record)
    with record.phase("build"):
        builders.choose(plan.build).check(plan.build)
    record.note(checked=why)
    return record.outcome


def _without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """environ for programs that handle an outsider's code, which need ask AWS or the CI for nothing."""
    ours = ("AWS_", "ACTIONS_ID_TOKEN_", "ACTIONS_RUNTIME_")
    return {name: value for name, value in environ.items() if not name.startswith(ours)}
