"""The options for the wait for a scan."""

from __future__ import annotations

import re
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import JUDGING, PLANNING, WHAT_IS_ACCEPTED, Duration, Parsed, option


def _queue(text: str) -> str:
    """A queue's name, or its URL. Raises ValueError.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    """
    url = re.fullmatch(r"https?://[^/\s]+/\d{12}/([^/]+)/?", text)
    name = url[1] if url else text
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo", name):
        raise ValueError(
            f"{text!r} is not a valid SQS queue: expected its name, of up to 80 letters, digits and - _, or "
            "https://HOST/ACCOUNT/NAME"
        )
    if name.endswith(".fifo"):
        raise ValueError(
            f"{text!r} is a FIFO queue, which shows each reader the same events: expected a standard one"
        )
    return text.rstrip("/")


Queue = Annotated[str, Parsed(_queue)]


@dataclass(frozen=True, eq=False, repr=False)
class ScanOptions:
    """How to wait for a scan. Times are in seconds."""

    scan_timeout: Duration = option(
        900.0,
        WHAT_IS_ACCEPTED,
        JUDGING,
        "How long to wait for the scan's answer.",
        metavar="DURATION",
        default_text="15m",
    )
    scan_max_age: Duration = option(
        86_400.0,
        WHAT_IS_ACCEPTED,
        JUDGING,
        "How old the scan of an image may be. For an older one, a new scan is started where ECR lets us; "
        "continuous scanning is never too old.",
        metavar="DURATION",
        default_text="24h",
    )
    scan_events_queue: Queue = option(
        "",
        WHAT_IS_ACCEPTED,
        JUDGING,
        "SQS queue with the events of scans, fed by an EventBridge rule: listen to it instead of asking ECR.",
        metavar="URL|NAME",
        default_text="ask ECR",
    )
    verdict_from: tuple[str, ...] = option(
        (),
        WHAT_IS_ACCEPTED,
        PLANNING | {"scan", "promote", "gate"},
        "Judge the findings in this file of another scanner too: Trivy's or Grype's JSON, or SARIF. It is "
        "read after the tests of the image; one that is missing or about another image gives no answer; "
        "may be repeated.",
        metavar="FILE",
        separator="\n",
        by_caller=True,
    )
