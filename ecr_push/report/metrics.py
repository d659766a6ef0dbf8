"""Outcome -> metrics: durations, findings, how it ended. Pure. Those of a copy are in `copy_notice`.

Each name with each repository is one metric that CloudWatch bills, so there are few names, and one dimension.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ecr_push.base.option import DEPLOYING
from ecr_push.pipeline.outcome import Outcome
from ecr_push.report import brief

NAMESPACE = "ecr-push"  # of EMF, which names it in each line
DIMENSION = "Repository"
# The phases whose durations people act on; `Duration` has all of them.
PHASES: Mapping[str, str] = {
    "build": "BuildDuration",
    "push": "PushDuration",
    "scan": "ScanDuration",
    "promote": "PromoteDuration",
}
SEVERITIES: Mapping[str, str] = {
    "CRITICAL": "CriticalFindings",
    "HIGH": "HighFindings",
    "MEDIUM": "MediumFindings",
    "LOW": "LowFindings",
}
# Each is 1 or 0 in every run, so that its sum counts and its average is a rate.
ENDINGS: Mapping[str, frozenset[str]] = {
    "Accepted": frozenset({"accepted", "observed"}),
    "Refused": frozenset({"refused", "test-failed"}),
    "NoAnswer": frozenset({"no-answer"}),
    "Failed": frozenset({"failed", "interrupted"}),
}
DEPLOYMENT_ENDINGS: Mapping[str, frozenset[str]] = {
    "Deployed": frozenset({"deployed"}),
    "DeployRefused": frozenset({"not-verified"}),
    "DeployFailed": frozenset({"no-answer", "failed", "interrupted"}),
}


class Metric(NamedTuple):
    """unit: as CloudWatch names it."""

    name: str
    value: float
    unit: str


def metrics_of(outcome: Outcome) -> tuple[Metric, ...]:
    """Those of the phases that the run had, of the image, and of the findings where it was scanned; of a
    deployment how it ended, and how long it took. Its names are others: a rate of runs counts runs alone.
    """
    return tuple(_of_deployment(outcome) if outcome.run.command in DEPLOYING else _of_run(outcome))


def _of_deployment(outcome: Outcome) -> Iterator[Metric]:
    for name, statuses in DEPLOYMENT_ENDINGS.items():
        yield Metric(name, float(outcome.status in statuses), "Count")
    yield Metric("DeployDuration", round(sum(outcome.seconds.values()), 3), "Seconds")


def _of_run(outcome: Outcome) -> Iterator[Metric]:
    for name, statuses in ENDINGS.items():
        yield Metric(name, float(outcome.status in statuses), "Count")
    yield Metric("Duration", round(sum(outcome.seconds.values()), 3), "Seconds")
    for phase, name in PHASES.items():
        if phase in outcome.seconds:
            yield Metric(name, outcome.seconds[phase], "Seconds")
    if outcome.size:
        yield Metric("ImageBytes", float(outcome.size), "Bytes")
    if found := brief.findings(outcome):
        for severity, name in SEVERITIES.items():
            yield Metric(name, float(found[severity]), "Count")
