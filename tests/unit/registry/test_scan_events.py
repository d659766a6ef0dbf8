"""Events as EventBridge sends them, and the queue in which every reader sees every event."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import Access, Aws
from ecr_push.registry.scan_api import Heard
from ecr_push.registry.scan_events import QueueEvents, ScanEvent, read_scan_event
from tests.support.fakes import START, FakeClock
from tests.support.scan_events import ACCOUNT, OTHERS, OURS, basic_event, inspector_event


@pytest.mark.parametrize(
    ("sent", "status"), [(basic_event(), "COMPLETE"), (inspector_event(), "INITIAL_SCAN_COMPLETE")]
)
def test_both_kinds_of_scanning_name_an_image(sent: dict[str, Any], status: str) -> None:
    expected = ScanEvent(ACCOUNT, "team/app", OURS, status)
    assert read_scan_event(json.dumps(sent)) == expected
    assert read_scan_event(json.dumps({"Type": "Notification", "Message": json.dumps(sent)})) == expected


@pytest.mark.parametrize(
    "other",
    [
        basic_event() | {"detail-type": "ECR Image Action"},
        inspector_event() | {"detail-type": "Inspector2 Finding"},
        basic_event() | {"source": "acme.ecr"},
        basic_event("sha256:short"),
        basic_event() | {"detail": None},
        basic_event() | {"detail": {}},
        {"Type": "Notification", "Message": "no JSON"},
        {"Type": "SubscriptionConfirmation"},
        [], 1, None, "text", {},
    ],
)  # fmt: skip
def test_anything_else_is_none(other: Any) -> None:
    assert read_scan_event(json.dumps(other)) is None


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert read_scan_event(text) is None


def test_no_depth_makes_it_fail() -> None:
    assert read_scan_event("[" * 100_000) is None


class Client:
    """An SQS client as far as we ask it. The messages stay, as they do at a visibility timeout of 0."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.located: list[str] = []

    def put(self, body: Any, sent_at: float = START.timestamp()) -> None:
        self.messages.append(
            {
                "MessageId": str(len(self.messages)),
                "Body": json.dumps(body),
                "Attributes": {"SentTimestamp": str(int(sent_at * 1000))},
            }
        )

    def receive_message(self, **parameters: Any) -> dict[str, Any]:
        self.asked.append(parameters)
        return {"Messages": list(self.messages)} if self.messages else {"ResponseMetadata": {}}

    def get_queue_url(self, **parameters: Any) -> dict[str, Any]:
        self.located.append(parameters["QueueName"])
        return {"QueueUrl": f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{parameters['QueueName']}"}


class OneClient(Aws):
    """Leads to one client, and remembers which region it was asked for."""

    def __init__(self, client: Client) -> None:
        super().__init__(Access(region="eu-west-1"))
        self.made, self.regions = client, set[str]()

    def client(self, service: str, *, region: str = "", attempts: int = 6) -> Any:
        self.regions.add(region)
        return self.made


def listening(client: Client, queue: str = "scans", account: str = ACCOUNT) -> QueueEvents:
    return QueueEvents(OneClient(client), queue, account, "team/app", FakeClock())


def test_an_event_is_heard_once_and_left_for_others() -> None:
    client = Client()
    events = listening(client)
    assert events.listen([OURS], 30) == Heard()
    client.put(basic_event())
    assert events.listen([OURS], 30) == Heard(frozenset({OURS}))
    assert events.listen([OURS], 30) == Heard(others=True)
    client.put(inspector_event())
    assert events.listen([OURS], 30) == Heard(frozenset({OURS}))
    assert listening(client).listen([OURS], 30).digests == {OURS}
    assert {one["VisibilityTimeout"] for one in client.asked} == {0}
    assert client.located == ["scans"] * 2  # once for each who listens


@pytest.mark.parametrize(
    "other",
    [
        basic_event(OTHERS.value),
        basic_event(repository="team/other"),
        basic_event(account="210987654321"),
        {"any": "thing"},
    ],
)
def test_events_of_others_are_recognised(other: Any) -> None:
    client = Client()
    client.put(other)
    assert listening(client).listen([OURS], 30) == Heard(others=True)


def test_without_a_registry_id_any_account_may_be_ours() -> None:
    client = Client()
    client.put(basic_event(account="210987654321"))
    assert listening(client, account="").listen([OURS], 30).digests == {OURS}


@pytest.mark.parametrize(("seconds", "waited"), [(0.4, 0), (7.9, 7), (20, 20), (300, 20)])
def test_sqs_waits_whole_seconds_and_twenty_at_most(seconds: float, waited: int) -> None:
    client = Client()
    listening(client).listen([OURS], seconds)
    assert client.asked[0]["WaitTimeSeconds"] == waited


def test_a_queue_that_is_not_cleared_is_noticed() -> None:
    client = Client()
    client.put(basic_event(OTHERS.value), START.timestamp() - 3600)
    assert listening(client).listen([OURS], 30).stale


@pytest.mark.parametrize(
    ("queue", "region"),
    [
        ("scans", ""),
        (f"https://sqs.us-east-2.amazonaws.com/{ACCOUNT}/scans", "us-east-2"),
        (f"https://sqs-fips.us-gov-west-1.amazonaws.com/{ACCOUNT}/scans", "us-gov-west-1"),
        (f"http://127.0.0.1:5000/{ACCOUNT}/scans", ""),
    ],
)
def test_a_url_names_the_region(queue: str, region: str) -> None:
    client = Client()
    access = OneClient(client)
    QueueEvents(access, queue, "", "team/app", FakeClock()).listen([OURS], 1)
    assert access.regions == {region}
    assert client.asked[0]["QueueUrl"].endswith(f"/{ACCOUNT}/scans")
    assert client.located == ([] if "://" in queue else ["scans"])


def test_a_refusal_is_an_error() -> None:
    class Refusing(Client):
        def receive_message(self, **parameters: Any) -> dict[str, Any]:
            raise AwsRefusedError("AWS.SimpleQueueService.NonExistentQueue", "gone", "sqs:ReceiveMessage")

    with pytest.raises(AwsRefusedError):
        listening(Refusing()).listen([OURS], 1)
