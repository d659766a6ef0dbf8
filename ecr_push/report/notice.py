"""What a bus of events and CloudWatch get of an outcome or of a copy, and what all of that shares. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Repository
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.outcome import RunFacts
from ecr_push.report import brief
from ecr_push.report.metrics import DIMENSION, NAMESPACE, Metric

VERSION = "1"
SOURCE = "ecr-push"


@dataclass(frozen=True)
class Notice:
    """detail_type, detail: of the event; its detail has at least what `envelope` makes.

    repositories: those that it is about.
    repository:   the name by which the metrics are kept; "" where no one knows it.
    about:        what a line of EMF has besides: Logs Insights can ask for it, and it costs nothing.
    """

    detail_type: str
    detail: Mapping[str, Any]
    repositories: tuple[Repository, ...]
    repository: str
    metrics: tuple[Metric, ...]
    about: Mapping[str, Any]


def envelope(
    run: RunFacts,
    image: Mapping[str, Any],
    failure: Failure | None,
    *,
    same: list[Any],
    status: str,
    exit_code: int,
    changed: bool,
    sandbox: bool,
    seconds: float,
) -> dict[str, Any]:
    """What each event has, whatever it is about. What a command did not reach is null, never absent.

    image: see `brief.image`. same: what else makes it the same event in a repetition that comes to the same.
    """
    facts = [run.command, status, *(image[name] for name in ("repository", "digest", "version", "commit"))]
    failed = [failure.phase, failure.kind] if failure else None
    return {
        "schemaVersion": VERSION,
        "id": hashlib.sha256(json.dumps([*facts, *same, failed]).encode()).hexdigest()[:32],
        "command": run.command,
        "status": status,
        "exitCode": exit_code,
        "changed": changed,
        "sandbox": sandbox,
        **image,
        "failure": brief.failure(failure),
        "seconds": round(seconds, 3),
        "run": {"url": run.url or None, "actor": run.actor or None},
        "tool": {"name": "ecr-push", "version": run.tool_version or None},
    }


def emf(notice: Notice, at: datetime) -> dict[str, Any]:
    """The object that a line of JSON is made of: the metrics, and what the notice is about.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    metrics = notice.metrics
    return {
        "_aws": {
            "Timestamp": int(at.timestamp() * 1000),
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [[DIMENSION]],
                    "Metrics": [{"Name": one.name, "Unit": one.unit} for one in metrics],
                }
            ],
        },
        DIMENSION: notice.repository,
        **{one.name: one.value for one in metrics},
        **notice.about,
    }
