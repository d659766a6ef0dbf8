"""Metrics for Amazon CloudWatch, and lines for a log group of CloudWatch Logs.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.registry.aws.call import call_for_any_answer
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import Aws

ATTEMPTS = 3


def put_metrics(
    access: Aws,
    namespace: str,
    metrics: Sequence[tuple[str, float, str]],
    dimensions: Mapping[str, str],
    at: datetime,
) -> None:
    """metrics: name, value and unit of each, at most 1,000. Needs cloudwatch:PutMetricData.

    Raises RegistryError.
    """
    data = [
        {
            "MetricName": name,
            "Value": value,
            "Unit": unit,
            "Timestamp": at,
            "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions.items()],
        }
        for name, value, unit in metrics
    ]
    client = access.client("cloudwatch", attempts=ATTEMPTS)
    call_for_any_answer(client, "put_metric_data", Namespace=namespace, MetricData=data)


def put_log_line(access: Aws, group: str, stream: str, text: str, at: datetime) -> None:
    """Adds an event to a stream of a log group, which has to exist; the stream is made.

    Needs logs:CreateLogStream and logs:PutLogEvents. Raises RegistryError.
    """
    client = access.client("logs", attempts=ATTEMPTS)
    where: dict[str, Any] = {"logGroupName": group, "logStreamName": stream}
    try:
        try:
            call_for_any_answer(client, "create_log_stream", **where)
        except AwsRefusedError as refused:
            if refused.code != "ResourceAlreadyExistsException":
                raise
        event = {"timestamp": int(at.timestamp() * 1000), "message": text}
        answer = call_for_any_answer(client, "put_log_events", **where, logEvents=[event])
    except AwsRefusedError as refused:
        if refused.code != "ResourceNotFoundException":
            raise
        raise RegistryError(
            f"there is no log group {group} in {client.meta.region_name}",
            why=refused.why,
            remedy="check the name and the region, or create it: aws logs create-log-group "
            f"--log-group-name {group} --region {client.meta.region_name}",
        ) from refused
    if answer.get("rejectedLogEventsInfo"):
        raise RegistryError(
            "CloudWatch Logs did not take the line",
            why="its time is too far from that of AWS",
            remedy="set this machine's clock",
        )
