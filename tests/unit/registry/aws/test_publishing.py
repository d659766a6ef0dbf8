"""Events, metrics and log lines. The clients are botocore's own; only the wire is stubbed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.registry.aws.cloudwatch import put_log_line, put_metrics
from ecr_push.registry.aws.eventbridge import Event, put_event
from tests.support.aws import StubAws, refused
from tests.support.fakes import START

EVENT = Event("ecr-push", "ecr-push outcome", {"status": "accepted"}, START, ["arn:aws:ecr:x"])
SENT = {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


def test_an_event_is_one_entry() -> None:
    aws = StubAws({"PutEvents": SENT})
    put_event(aws, "releases", EVENT)
    [(_, parameters)] = aws.log
    [entry] = parameters["Entries"]
    assert (entry["Source"], entry["EventBusName"], entry["Time"]) == ("ecr-push", "releases", START)
    assert json.loads(entry["Detail"]) == {"status": "accepted"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}, "InternalFailure"),
        ({"Entries": [{"ErrorCode": "A", "ErrorMessage": "b"}]}, "A: b"),
        (refused("ResourceNotFoundException"), "there is no event bus releases"),
        (refused("AccessDeniedException"), "allow events:PutEvents"),
    ],
)
def test_an_event_that_is_refused_is_an_error_though_the_answer_is_a_success(answer: Any, said: str) -> None:
    with pytest.raises(RegistryError) as error:
        put_event(StubAws({"PutEvents": answer}), "releases", EVENT)
    assert said in str(error.value)


def test_metrics_have_the_same_dimensions() -> None:
    aws = StubAws({"PutMetricData": {}})
    put_metrics(
        aws, "Acme", [("Duration", 1.5, "Seconds"), ("Refused", 0.0, "Count")], {"Repository": "a"}, START
    )
    [(_, parameters)] = aws.log
    assert [one["MetricName"] for one in parameters["MetricData"]] == ["Duration", "Refused"]
    assert {json.dumps(one["Dimensions"]) for one in parameters["MetricData"]} == {
        '[{"Name": "Repository", "Value": "a"}]'
    }


def test_what_a_policy_has_to_allow_is_named_as_policies_name_it() -> None:
    """Requests to CloudWatch are signed for `monitoring`."""
    with pytest.raises(AuthenticationError) as refusal:
        put_metrics(
            StubAws({"PutMetricData": refused("AccessDenied")}), "Acme", [("A", 1.0, "Count")], {}, START
        )
    assert "allow cloudwatch:PutMetricData" in refusal.value.remedy


def log(answers: dict[str, Any]) -> list[str]:
    aws = StubAws({"CreateLogStream": {}, "PutLogEvents": {}, **answers})
    put_log_line(aws, "/audit", "ecr-push/a/1", "line", START)
    return aws.operations


def test_a_line_makes_its_stream_unless_it_is_there() -> None:
    assert log({}) == ["CreateLogStream", "PutLogEvents"]
    assert log({"CreateLogStream": refused("ResourceAlreadyExistsException")})[-1] == "PutLogEvents"


@pytest.mark.parametrize("operation", ["CreateLogStream", "PutLogEvents"])
def test_a_line_that_is_not_kept_is_an_error(operation: str) -> None:
    with pytest.raises(RegistryError, match="there is no log group /audit in eu-west-1") as error:
        log({operation: refused("ResourceNotFoundException")})
    assert "aws logs create-log-group --log-group-name /audit --region eu-west-1" in error.value.remedy
    with pytest.raises(AuthenticationError):
        log({operation: refused("AccessDeniedException")})
    with pytest.raises(RegistryError, match="did not take the line"):
        log({"PutLogEvents": {"rejectedLogEventsInfo": {"tooNewLogEventStartIndex": 0}}})
