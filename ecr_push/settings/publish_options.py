"""The options that say who else learns of an outcome: a bus of events, metrics, audit records.

`report/` makes what is sent, and `cli/publish.py` sends it.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from ecr_push.base.bucket import check_bucket
from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import COPYING, DEPLOYING, HOW_TO_RUN, PLANNING, Parsed, option
from ecr_push.base.suggest import did_you_mean

_BUS = r"(arn:[a-z0-9-]+:events:[a-z0-9-]+:\d{12}:event-bus/)?[A-Za-z0-9._-]{1,256}"
_GROUP = r"(?!aws/)[A-Za-z0-9._/#-]{1,512}"
_NAMESPACE = r"(?!AWS/)[A-Za-z0-9._/#-][A-Za-z0-9._/#: -]{0,254}"
# Characters that need no care in a key.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_PREFIX = r"[A-Za-z0-9!_.*'()/-]{0,500}"
STANDARD_ERROR = "-"
_KINDS = ("emf", "cloudwatch")


@dataclass(frozen=True)
class AuditTarget:
    """kind: a file, a group of CloudWatch Logs, or S3. name: the path, the group, or s3://BUCKET/PREFIX."""

    kind: Literal["file", "logs", "s3"]
    name: str

    def __str__(self) -> str:
        return f"logs:{self.name}" if self.kind == "logs" else self.name


@dataclass(frozen=True)
class MetricsTarget:
    """kind: a file of EMF lines, EMF to a group of CloudWatch Logs, or PutMetricData.

    name: the path, or `-` for standard error; the group; the namespace.
    """

    kind: Literal["emf", "emf-logs", "cloudwatch"]
    name: str

    def __str__(self) -> str:
        return {"emf": "emf=", "emf-logs": "emf=logs:", "cloudwatch": "cloudwatch="}[self.kind] + self.name


def parse_bus(text: str) -> str:
    """A bus's name or ARN. Raises ValueError for one that PutEvents does not take.

    A bus of a partner has a `/` in its name, and takes the partner's events alone.
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html
    """
    if not re.fullmatch(_BUS, text):
        raise ValueError(
            f"{text!r} is not an event bus: expected its name, such as default, of up to 256 letters, digits "
            "and . _ -, or its ARN, arn:PARTITION:events:REGION:ACCOUNT:event-bus/NAME"
        )
    return text


def parse_audit(text: str) -> AuditTarget:
    """`logs:GROUP`, `s3://BUCKET[/PREFIX]` or a file. Raises ValueError."""
    kind, colon, rest = text.partition(":")
    if kind == "logs" and colon:
        return AuditTarget("logs", _group(rest))
    if text.startswith("s3://"):
        bucket, _, prefix = text.removeprefix("s3://").partition("/")
        check_bucket(bucket)
        if not re.fullmatch(_PREFIX, prefix):
            raise ValueError(
                f"{prefix!r} is not a prefix for keys: expected up to 500 letters, digits and "
                "! _ . * ' ( ) / -"
            )
        return AuditTarget("s3", text.rstrip("/"))
    if colon and re.fullmatch(r"[a-z0-9]{2,}", kind):
        guess = {"cloudwatch": "logs", "s3": "s3://", "file": ""}.get(kind, kind)
        hint = (
            "; a file is given without a word before it"
            if kind == "file"
            else did_you_mean(guess, ("logs", "s3://"))
        )
        raise ValueError(
            f"{text!r} is not a place for records: expected logs:GROUP, s3://BUCKET/PREFIX or a file{hint}"
        )
    if not text:
        raise ValueError("expected logs:GROUP, s3://BUCKET/PREFIX or a file")
    return AuditTarget("file", text)


def parse_metrics(text: str) -> MetricsTarget:
    """`emf=FILE`, `emf=-`, `emf=logs:GROUP` or `cloudwatch=NAMESPACE`. Raises ValueError.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Namespace
    """
    kind, equals, name = text.partition("=")
    if kind == "emf" and name.startswith("logs:"):
        return MetricsTarget("emf-logs", _group(name.removeprefix("logs:")))
    if kind == "emf" and name:
        return MetricsTarget("emf", name)
    if kind == "cloudwatch" and equals:
        if not re.fullmatch(_NAMESPACE, name):
            raise ValueError(
                f"{name!r} is not a namespace of CloudWatch: expected up to 255 letters, digits, spaces "
                "and . _ / # : -, not beginning with AWS/ or :"
            )
        return MetricsTarget("cloudwatch", name)
    expected = "expected emf=FILE, emf=- for standard error, emf=logs:GROUP, or cloudwatch=NAMESPACE"
    hint = "" if kind in _KINDS else did_you_mean(kind, _KINDS)
    raise ValueError(f"{text!r} is not a place for metrics: {expected}{hint}")


def _group(name: str) -> str:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"""
    if not re.fullmatch(_GROUP, name):
        raise ValueError(
            f"{name!r} is not a log group: expected its name, of up to 512 letters, digits and "
            ". _ / # -, such as /ecr-push/audit, and not beginning with aws/"
        )
    return name


# Of what others are notified. A plan has the same options, as of every setting of a run.
PUBLISHED = DEPLOYING | COPYING | {"run", "scan", "promote", "rollback"}
_CHANGING = PLANNING | (PUBLISHED - {"scan"})

EventBus = Annotated[str, Parsed(parse_bus)]
Metrics = Annotated[MetricsTarget, Parsed(parse_metrics, "^(emf|cloudwatch)=.+$")]
Audit = Annotated[AuditTarget, Parsed(parse_audit)]


@dataclass(frozen=True, eq=False, repr=False)
class PublishOptions:
    """Who else learns of an outcome."""

    event_bus: EventBus = option(
        "",
        HOW_TO_RUN,
        PLANNING | PUBLISHED,
        "Send an event of the outcome to this bus of Amazon EventBridge: its name, such as default, in the "
        "repository's region (for deploy, copy and mirror that of --region), or its ARN. An event that "
        "cannot be sent is a warning.",
        metavar="BUS",
    )
    metrics: tuple[Metrics, ...] = option(
        (),
        HOW_TO_RUN,
        PLANNING | PUBLISHED,
        "Write metrics of the run: emf=FILE (emf=- for standard error, emf=logs:GROUP for a log group) in "
        "CloudWatch's embedded format, or cloudwatch=NAMESPACE by PutMetricData; may be repeated.",
        metavar="TARGET",
        separator="\n",
    )
    audit: tuple[Audit, ...] = option(
        (),
        HOW_TO_RUN,
        _CHANGING,
        "Keep records of each release, rollback, deployment and copy, one before the first change and one "
        "after: logs:GROUP, s3://BUCKET/PREFIX, or a file to which lines are added; may be repeated.",
        metavar="TARGET",
        separator="\n",
        by_caller=True,
    )
    audit_failure: Literal["stop", "warn"] = option(
        "stop",
        HOW_TO_RUN,
        _CHANGING,
        "What to do where the record cannot be written before the first change: stop changes nothing, warn "
        "goes on.",
        by_caller=True,
    )
