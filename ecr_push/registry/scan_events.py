"""Waiting for the events of scans in an SQS queue, instead of asking ECR again and again.

All runs share one queue. Each receives with a visibility timeout of 0 and deletes nothing, so that every
run sees every event, and the queue's retention (60 s, see examples/scan-events.yaml) removes them. With one
consumer a message, as SQS is normally used, runs would take each other's events: a run that dies would
take them with it, and with n readers an event would be passed on n times on average.

An event only shows that it is time to ask: the answer is always read from ECR. So an event that is lost,
late, forged or repeated does no harm.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from ecr_push.base.clock import Clock
from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.base.regex import lazy_regex
from ecr_push.base.shape import each, text
from ecr_push.registry.aws.call import call, call_for_any_answer
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.aws.session import Aws
from ecr_push.registry.scan_api import Heard

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html and
# https://docs.aws.amazon.com/inspector/latest/user/eventbridge-integration.html
_SCANS = frozenset({("aws.ecr", "ECR Image Scan"), ("aws.inspector2", "Inspector2 Scan")})
# The limits of ReceiveMessage.
LONGEST_WAIT_SECONDS = 20
MESSAGES = 10
# An older event shows that the queue keeps its messages: it was created for something else.
STALE = timedelta(minutes=10)

# https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
ATTEMPTS = 2
_QUEUE_URL = lazy_regex(r"https://sqs(?:-fips)?\.(?P<region>[a-z0-9-]+)\.")


@dataclass(frozen=True)
class ScanEvent:
    """The end of a scan. repository is the name alone. status is the event's value."""

    account: str
    repository: str
    digest: Digest
    status: str


def read_scan_event(text: str) -> ScanEvent | None:
    """Read an event of EventBridge, plain or wrapped by SNS. None for any other message."""
    try:
        event = json.loads(text)
        if event.get("Type") == "Notification":
            event = json.loads(event["Message"])
        if (event["source"], event["detail-type"]) not in _SCANS:
            return None
        detail: Mapping[str, Any] = event["detail"]
        return ScanEvent(
            str(event["account"]),
            # Inspector gives the repository's ARN, ECR its name.
            str(detail["repository-name"]).rpartition(":repository/")[2],
            Digest(detail["image-digest"]),
            str(detail.get("scan-status", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class QueueEvents:
    """See `ScanEvents`. queue is a URL, or the name of one of the caller's queues in the registry's region.

    account, repository: events of other repositories are ignored; an empty account stands for any.
    """

    def __init__(self, access: Aws, queue: str, account: str, repository: str, clock: Clock) -> None:
        self._aws = access
        self._queue = queue
        self._account = account
        self._repository = repository
        self._clock = clock
        self._url = queue if "://" in queue else ""
        self._seen: set[str] = set()

    def listen(self, digests: Collection[Digest], seconds: float) -> Heard:
        answer = call_for_any_answer(
            self._client(),
            "receive_message",
            QueueUrl=self._locate(),
            MaxNumberOfMessages=MESSAGES,
            WaitTimeSeconds=max(0, min(int(seconds), LONGEST_WAIT_SECONDS)),
            VisibilityTimeout=0,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        with answer_to("sqs:ReceiveMessage"):
            messages = each(dict, answer, "Messages")
        ours = frozenset(digest for one in messages if (digest := self._ended(one)) and digest in digests)
        return Heard(ours, bool(messages) and not ours, any(self._is_stale(one) for one in messages))

    def _ended(self, message: Mapping[str, Any]) -> Digest | None:
        """Return the image whose scan ended, unless the message was seen before: it stays in the queue."""
        event, id_ = read_scan_event(str(message.get("Body", ""))), str(message.get("MessageId", ""))
        if event is None or id_ in self._seen or event.repository != self._repository:
            return None
        if self._account not in ("", event.account):
            return None
        self._seen.add(id_)
        return event.digest

    def _is_stale(self, message: Mapping[str, Any]) -> bool:
        milliseconds = str((message.get("Attributes") or {}).get("SentTimestamp"))
        sent = int(milliseconds) / 1000 if re.fullmatch("[0-9]{1,15}", milliseconds) else 0
        return sent > 0 and self._clock.now().timestamp() - sent > STALE.total_seconds()

    def _client(self) -> Any:
        at = _QUEUE_URL.match(self._queue)
        # Without the queue the wait asks ECR: a queue that does not answer must not hold it up for minutes.
        return self._aws.client("sqs", region=at["region"] if at else "", attempts=ATTEMPTS)

    def _locate(self) -> str:
        if not self._url:
            answer = call(self._client(), "get_queue_url", QueueName=self._queue)
            with answer_to("sqs:GetQueueUrl"):
                self._url = text(answer, "QueueUrl")
        return self._url
