"""CloudTrail on this machine, as far as LookupEvents goes: moto has no such operation.

Requests are checked, and answers shaped, by AWS's service model. Events are as the user guide shows them:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/logging-using-cloudtrail.html
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from tests.support.local_server import LocalServer, SilentHandler

ROLE = "arn:aws:sts::123456789012:assumed-role/ci/run-7"
KIM = "arn:aws:iam::123456789012:user/kim"
# AWS's own limit is 50; fewer, so that tests have several pages.
PAGE = 2


@cache
def _model() -> Any:
    return botocore.session.get_session().get_service_model("cloudtrail").operation_model("LookupEvents")


def event(name: str, at: datetime, **more: Any) -> dict[str, Any]:
    """An event as CloudTrail keeps it. more: its members, such as requestParameters."""
    return {
        "eventVersion": "1.08",
        "userIdentity": {"type": "AssumedRole", "arn": ROLE, "accountId": "123456789012"},
        "eventTime": f"{at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "ecr.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.7",
        "userAgent": "ecr-push",
        "requestParameters": None,
        "responseElements": None,
        "eventType": "AwsApiCall",
        "recipientAccountId": "123456789012",
        **more,
    }


def put(repository: str, tag: str, digest: str, at: datetime, **more: Any) -> dict[str, Any]:
    named = {"imageDigest": digest} | ({"imageTag": tag} if tag else {})
    return event(
        "PutImage",
        at,
        requestParameters={"repositoryName": repository, "imageManifest": "{}", "imageTag": tag},
        responseElements={"image": {"repositoryName": repository, "imageId": named}},
        **more,
    )


def removed(repository: str, at: datetime, *images: dict[str, str], **more: Any) -> dict[str, Any]:
    asked = {"repositoryName": repository, "imageIds": list(images)}
    answered = {"imageIds": list(images), "failures": []}
    return event("BatchDeleteImage", at, requestParameters=asked, responseElements=answered, **more)


def expired(repository: str, at: datetime, digest: str, *tags: str) -> dict[str, Any]:
    image = {"digest": digest, "tagStatus": "Tagged", "tagList": list(tags), "pushedAt": 0}
    return event(
        "PolicyExecutionEvent",
        at,
        userIdentity={"accountId": "123456789012", "invokedBy": "AWS Internal"},
        userAgent="AWS Internal",
        sourceIPAddress="AWS Internal",
        eventType="AwsServiceEvent",
        serviceEventDetails={
            "repositoryName": repository,
            "lifecycleEventImageActions": [{"lifecycleEventImage": image, "rulePriority": 1}],
        },
    )


def listed(number: int, one: dict[str, Any]) -> dict[str, Any]:
    """As LookupEvents lists it. EventTime is in seconds since 1970."""
    at = datetime.strptime(one["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    return {
        "EventId": f"00000000-0000-0000-0000-{number:012d}",
        "EventName": one["eventName"],
        "ReadOnly": "false",
        "EventTime": at.timestamp(),
        "EventSource": one["eventSource"],
        "Username": "run-7",
        "Resources": [],
        "CloudTrailEvent": json.dumps(one),
    }


class TrailServer(LocalServer):
    """url is for AWS_ENDPOINT_URL_CLOUDTRAIL. asked: the operation's parameters, call by call."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        trail = self

        class Handler(SilentHandler, BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                is_known = self.headers["X-Amz-Target"].endswith("CloudTrail_20131101.LookupEvents")
                answer = trail.look_up(body) if is_known else None
                content = json.dumps(answer or {"__type": "InvalidAction"}).encode()
                self.send_response(200 if answer else 400)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        super().__init__(Handler)

    def look_up(self, asked: dict[str, Any]) -> dict[str, Any]:
        since = datetime.fromtimestamp(asked["StartTime"], timezone.utc)
        problems = ParamValidator().validate({**asked, "StartTime": since}, _model().input_shape)
        assert not problems.has_errors(), problems.generate_report()
        assert datetime.now(timezone.utc) - since <= timedelta(days=90, minutes=1)
        self.asked.append(asked)
        [attribute] = asked["LookupAttributes"]
        assert attribute["AttributeKey"] == "EventName"
        found = [listed(*one) for one in enumerate(self.events)]
        found = [one for one in found if one["EventName"] == attribute["AttributeValue"]]
        found = sorted(found, key=lambda one: -one["EventTime"])
        found = [one for one in found if one["EventTime"] >= asked["StartTime"]]
        begin = int(asked.get("NextToken", "0"))
        page: dict[str, Any] = {"Events": found[begin : begin + PAGE]}
        return page | ({"NextToken": str(begin + PAGE)} if found[begin + PAGE :] else {})
