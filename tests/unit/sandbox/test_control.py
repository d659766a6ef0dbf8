"""What holds for every operation: who may ask, for what, in which registry, and how refusals look."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest
from werkzeug import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from ecr_push.sandbox.identity import ACCESS_KEY_ID, DENIED_ACCESS_KEY_ID
from ecr_push.sandbox.operations import OPERATIONS
from ecr_push.sandbox.protocol import service_model
from tests.support.sandbox.api import ACCOUNT, REGION, Api


def refusal(response: Any) -> tuple[int, str, str]:
    error = json.loads(response.get_data())
    return response.status_code, error["__type"], error["message"]


def sts(api: Api, form: dict[str, str], **headers: str) -> tuple[int, str]:
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY_ID}/20260101/us-east-1/sts/aws4_request, SignedHeaders=host"
    )
    builder = EnvironBuilder(
        method="POST", data=form, headers=Headers({"Authorization": authorization} | headers)
    )
    response = api.control.dispatch(Request(builder.get_environ()))
    return response.status_code, response.get_data(as_text=True)


@pytest.mark.parametrize("service", OPERATIONS)
def test_every_entry_of_the_table_is_an_operation_of_its_service(service: str) -> None:
    names = botocore.session.get_session().get_service_model(service).operation_names
    assert OPERATIONS[service].keys() <= set(names)


def test_a_missing_operation_names_the_implemented_ones(api: Api) -> None:
    status, code, message = refusal(api.send("inspector2", "ListMembers", {}))
    assert (status, code) == (501, "NotImplementedBySandbox")
    assert "does not implement inspector2:ListMembers, only BatchGetAccountStatus, List" in message


def test_an_operation_of_no_service_is_unknown(api: Api) -> None:
    status, code, _ = refusal(api.send("ecr", "DescribeRepositries", {}))
    assert (status, code) == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    ("key", "region", "headers", "code", "words"),
    [
        (
            "AKIAUNKNOWN000000000",
            "",
            {},
            "UnrecognizedClientException",
            "security token included in the request is inv",
        ),
        (ACCESS_KEY_ID, "us-west-2", {}, "InvalidSignatureException", "valid region, not 'us-west-2'"),
        (ACCESS_KEY_ID, "", {"Authorization": ""}, "MissingAuthenticationTokenException", "Missing"),
        (
            ACCESS_KEY_ID,
            "",
            {"Authorization": "Basic QVdTOng="},
            "IncompleteSignatureException",
            "Credential",
        ),
        (
            DENIED_ACCESS_KEY_ID,
            "",
            {},
            "AccessDeniedException",
            (
                f"User: arn:aws:iam::{ACCOUNT}:user/denied is not authorized to perform: ecr:DescribeImages "
                f"on resource: arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/app because no identity-based "
                "policy allows the ecr:DescribeImages action"
            ),
        ),
    ],
)
def test_who_may_not_ask(
    app: Api, key: str, region: str, headers: dict[str, str], code: str, words: str
) -> None:
    parameters = {"repositoryName": "team/app"}
    response = app.send("ecr", "DescribeImages", parameters, key=key, region=region, headers=headers)
    status, actual, message = refusal(response)
    assert (status, actual) == (400, code)
    assert words in message


def test_public_registries_are_in_us_east_1_alone(api: Api) -> None:
    assert api.public("DescribeRegistries")["registries"]
    _, code, message = refusal(api.send("ecr-public", "DescribeRegistries", {}, region=REGION))
    assert code == "InvalidSignatureException"
    assert "serves ecr-public in us-east-1" in message


def test_every_other_registry_is_empty(app: Api) -> None:
    code, message = app.refused("DescribeImages", repositoryName="team/app", registryId="999999999999")
    assert code == "RepositoryNotFoundException"
    assert message == (
        "The repository with name 'team/app' does not exist in the registry with id '999999999999'"
    )
    assert app.call("DescribeImages", repositoryName="team/app", registryId=ACCOUNT)["imageDetails"] == []
    _, code, _ = refusal(app.send("ecr", "DescribeRepositories", {"registryId": "999999999999"}))
    assert code == "AccessDeniedException"


def test_every_answer_has_a_request_id(api: Api) -> None:
    for operation in ("DescribeRepositories", "NoSuchThing"):
        assert len(api.send("ecr", operation, {}).headers["x-amzn-RequestId"]) == 36


def test_our_own_defect_is_a_server_error_and_not_an_empty_answer(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(OPERATIONS["ecr"], "DescribeRegistry", lambda *_: {"colour": "red"})
    status, code, message = refusal(api.send("ecr", "DescribeRegistry", {}))
    assert (status, code) == (500, "ServerException")
    assert "colour" in message
    assert "the sandbox failed at DescribeRegistry" in caplog.text


def test_a_fault_is_refused_in_the_requests_own_protocol(api: Api) -> None:
    ecr = EnvironBuilder(
        method="POST", headers={"X-Amz-Target": "AmazonEC2ContainerRegistry_V20150921.PutImage"}
    )
    request = Request(ecr.get_environ())
    assert api.control.operation(request) == "PutImage"
    assert refusal(api.control.refuse(request, 400, "ThrottlingException", "Rate exceeded")) == (
        400,
        "ThrottlingException",
        "Rate exceeded",
    )
    request = Request(EnvironBuilder(method="POST", data={"Action": "GetCallerIdentity"}).get_environ())
    assert api.control.operation(request) == "GetCallerIdentity"
    body = api.control.refuse(request, 503, "ServiceUnavailable", "Down").get_data(as_text=True)
    assert "<Type>Receiver</Type><Code>ServiceUnavailable</Code>" in body


@pytest.mark.parametrize("service", ["ecr", "ecr-public"])
def test_every_operation_of_ecr_is_there(service: str) -> None:
    """docs/sandbox.md says so: a newer botocore may bring another one."""
    assert set(service_model(service).operation_names) == set(OPERATIONS[service])


def test_a_service_that_the_sandbox_lacks_is_refused_in_json(api: Api) -> None:
    """As REST services answer: prowler asks Lambda on its way to Inspector."""
    builder = EnvironBuilder(method="GET", path="/2015-03-31/functions/")
    status, code, message = refusal(api.control.dispatch(Request(builder.get_environ())))
    assert (status, code) == (400, "UnknownOperationException")
    assert message.endswith("none of them has an operation '/2015-03-31/functions/'")


def test_who_am_i(api: Api) -> None:
    status, body = sts(api, {"Action": "GetCallerIdentity", "Version": "2011-06-15"})
    assert status == 200
    assert f"<Account>{ACCOUNT}</Account>" in body
    assert f"<Arn>arn:aws:iam::{ACCOUNT}:user/sandbox</Arn>" in body


def test_even_who_may_do_nothing_may_ask_who_they_are(api: Api) -> None:
    denied = f"AWS4-HMAC-SHA256 Credential={DENIED_ACCESS_KEY_ID}/20260101/us-east-1/sts/aws4_request"
    assert sts(api, {"Action": "GetCallerIdentity"}, Authorization=denied)[0] == 200
    role = {"Action": "AssumeRole", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", "RoleSessionName": "me"}
    status, body = sts(api, role, Authorization=denied)
    assert (status, "<Code>AccessDenied</Code>" in body) == (403, True)


def test_a_session_token_is_the_same_user_for_a_while(api: Api) -> None:
    status, body = sts(api, {"Action": "GetSessionToken", "DurationSeconds": "900"})
    assert status == 200
    key, token = (body.split(f"<{name}>")[1].split("<")[0] for name in ("AccessKeyId", "SessionToken"))
    assert "AssumedRoleUser" not in body
    session = f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/sts/aws4_request"
    given = {"Authorization": session, "X-Amz-Security-Token": token}
    assert (
        f"<Arn>arn:aws:iam::{ACCOUNT}:user/sandbox</Arn>"
        in sts(api, {"Action": "GetCallerIdentity"}, **given)[1]
    )
    status, body = sts(api, {"Action": "GetSessionToken"}, **given)
    assert (status, "Cannot call GetSessionToken with session credentials" in body) == (403, True)
    api.now += 901
    assert "<Code>ExpiredToken</Code>" in sts(api, {"Action": "GetCallerIdentity"}, **given)[1]


@pytest.mark.parametrize("seconds", ["899", "129601", "soon"])
def test_a_session_token_lives_a_quarter_of_an_hour_to_a_day_and_a_half(api: Api, seconds: str) -> None:
    status, body = sts(api, {"Action": "GetSessionToken", "DurationSeconds": seconds})
    assert (status, "<Code>ValidationError</Code>" in body) == (400, True)


def test_sts_has_its_own_names_for_wrong_credentials(api: Api) -> None:
    unknown = "AWS4-HMAC-SHA256 Credential=AKIAUNKNOWN000000000/20260101/us-east-1/sts/aws4_request"
    status, body = sts(api, {"Action": "GetCallerIdentity"}, Authorization=unknown)
    assert (status, "<Code>InvalidClientTokenId</Code>" in body) == (403, True)


@pytest.mark.parametrize(
    "arn", ["arn:aws:iam::999999999999:role/release", f"arn:aws:iam::{ACCOUNT}:user/release"]
)
def test_only_a_role_of_this_account_can_be_assumed(api: Api, arn: str) -> None:
    status, body = sts(api, {"Action": "AssumeRole", "RoleArn": arn, "RoleSessionName": "build-7"})
    assert status == 403
    assert f"is not authorized to perform: sts:AssumeRole on resource: {arn}" in body


def test_a_session_is_good_until_it_expires(api: Api) -> None:
    status, body = sts(
        api,
        {
            "Action": "AssumeRole",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/ci/release",
            "RoleSessionName": "build-7",
            "DurationSeconds": "900",
        },
    )
    assert status == 200
    assert f"arn:aws:sts::{ACCOUNT}:assumed-role/release/build-7" in body
    key, token = (body.split(f"<{name}>")[1].split("<")[0] for name in ("AccessKeyId", "SessionToken"))
    with_token = {"X-Amz-Security-Token": token}
    assert api.send("ecr", "DescribeRepositories", {}, key=key, headers=with_token).status_code == 200
    _, code, _ = refusal(api.send("ecr", "DescribeRepositories", {}, key=key))
    assert code == "UnrecognizedClientException"
    api.now += 901
    _, code, _ = refusal(api.send("ecr", "DescribeRepositories", {}, key=key, headers=with_token))
    assert code == "ExpiredTokenException"
