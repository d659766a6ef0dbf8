"""A run without a registry: the version, the tags, the policy and the build, and nothing that leaves here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ecr_push.base import background
from ecr_push.builder.choose import choose_builder, find_engine
from ecr_push.ci.facts import CiFacts
from ecr_push.pipeline.outcome import Outcome
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.run import Journal, Tools, prepare
from ecr_push.settings.declare import Settings


def plan_only(settings: Settings, facts: CiFacts, tools: Tools, journal: Journal) -> Plan:
    """What a run would do, as far as no registry is asked. Raises what `run` would raise so far."""
    # What stands in S3 cannot be read: it counts as a policy that says nothing, for nothing is judged.
    return prepare(settings, facts, replace(tools, read_object=lambda url, limit: b"{}"), journal)


def build_only(settings: Settings, facts: CiFacts, tools: Tools, journal: Journal, *, why: str) -> Outcome:
    """Everything of a run that needs no credentials; why tells people so. Raises what `run` would raise."""
    tools = replace(tools, environ=_without_credentials(tools.environ))
    engine = background.start(lambda: find_engine(tools.environ), "find engine")
    plan = plan_only(settings, facts, tools, journal)
    with journal.phase("build"):
        choose_builder(plan.build, engine.result(), tools.environ, tools.narrator).check(plan.build)
    journal.note(checked=why)
    return journal.outcome


def _without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """environ for programs that handle an outsider's code, which need ask AWS or the CI for nothing."""
    ours = ("AWS_", "ACTIONS_ID_TOKEN_", "ACTIONS_RUNTIME_")
    return {name: value for name, value in environ.items() if not name.startswith(ours)}
