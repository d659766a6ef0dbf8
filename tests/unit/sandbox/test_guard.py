"""What callers may do in the sandbox, over both planes, in AWS's words."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from ecr_push.sandbox.identity import ACCESS_KEY_ID, CallerIdentity
from ecr_push.sandbox.permissions.setup import Setup, parse_setup
from tests.support.sandbox.api import ACCOUNT, Api
from tests.support.sandbox.data_plane import DataPlane, error

USER = f"arn:aws:iam::{ACCOUNT}:user/ci"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/deploy"
STRANGER = "arn:aws:iam::210987654321:user/ann"
APP = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app"
OTHERS = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/other"
NAME = {"repositoryName": "team/app"}


def statement(*actions: str, effect: str = "Allow", resource: str = APP, **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def setup(*statements: dict[str, Any], arn: str = USER, **more: Any) -> Setup:
    principal = {
        "arn": arn,
        "access-key": "KEY",
        "policies": [policy(*statements)],
        **more.pop("principal", {}),
    }
    principals = [principal, *more.pop("principals", [])]
    found, problems = parse_setup(json.dumps({"principals": principals, **more}), lambda name: b"")
    assert not problems, problems
    return found


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    api = Api(tmp_path)
    api.call("CreateRepository", repositoryName="team/app", tags=[{"Key": "team", "Value": "pay"}])
    yield api
    api.close()


def ask(api: Api, operation: str, key: str = "KEY", service: str = "ecr", **parameters: Any) -> str:
    """`allowed`, or the message of a refusal."""
    response = api.send(service, operation, parameters, key=key)
    document = json.loads(response.get_data())
    if response.status_code == 200:
        return "allowed"
    if document["__type"] != "AccessDeniedException":
        return str(document["__type"])
    return str(document["message"])


def test_what_no_policy_allows_is_denied_in_aws_s_words(api: Api) -> None:
    api.setup = setup(statement("ecr:DescribeImages"))
    assert ask(api, "DescribeImages", **NAME) == "allowed"
    assert ask(api, "ListImages", **NAME) == (
        f"User: {USER} is not authorized to perform: ecr:ListImages on resource: {APP} "
        "because no identity-based policy allows the ecr:ListImages action"
    )
    # Before the repository is looked for: nothing says whether it is there.
    assert "is not authorized" in ask(api, "DescribeImages", repositoryName="other")
    assert ask(api, "GetAuthorizationToken").endswith(
        "on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action"
    )


ON_APP = statement("ecr:*")
DENY = statement("ecr:DescribeImages", effect="Deny")


@pytest.mark.parametrize(
    ("of_principal", "more", "end"),
    [
        (
            {"boundary": policy(statement("ecr:ListImages"))},
            {},
            "because no permissions boundary allows the ecr:D",
        ),
        ({"boundary": policy(ON_APP, DENY)}, {}, "with an explicit deny in a permissions boundary"),
        ({"policies": [policy(ON_APP, DENY)]}, {}, "with an explicit deny in an identity-based policy"),
        (
            {},
            {"organization": [[policy(statement("s3:*"))]]},
            "because no service control policy allows the ecr:",
        ),
    ],
)
def test_the_type_of_policy_that_denies_is_named(
    api: Api, of_principal: dict[str, Any], more: dict[str, Any], end: str
) -> None:
    api.setup = setup(ON_APP, principal=of_principal, **more)
    assert end in ask(api, "DescribeImages", **NAME)


def test_repository_and_registry_policies_are_enforced(api: Api) -> None:
    api.setup = setup(statement("sts:GetCallerIdentity"))
    opened = {"Effect": "Allow", "Action": "ecr:DescribeImages", "Principal": {"AWS": USER}}
    api.call("SetRepositoryPolicy", **NAME, policyText=json.dumps(policy(opened)))
    assert ask(api, "DescribeImages", **NAME) == "allowed"
    closed = {"Effect": "Deny", "Action": "ecr:*", "Principal": {"AWS": USER}, "Resource": "*"}
    api.call("PutRegistryPolicy", policyText=json.dumps(policy(closed)))
    assert ask(api, "DescribeImages", **NAME).endswith("with an explicit deny in a resource-based policy")
    api.call("PutAccountSetting", name="REGISTRY_POLICY_SCOPE", value="V1")
    assert ask(api, "DescribeImages", **NAME) == "allowed"  # version 1 is about replication


def test_another_account_needs_both_sides(api: Api) -> None:
    theirs = {**NAME, "registryId": ACCOUNT}
    api.setup = setup(statement("ecr:*", resource="*"), arn=STRANGER)
    assert "because no resource-based policy allows" in ask(api, "DescribeImages", **theirs)
    opened = {"Effect": "Allow", "Action": "ecr:DescribeImages", "Principal": {"AWS": "210987654321"}}
    api.call("SetRepositoryPolicy", **NAME, policyText=json.dumps(policy(opened)))
    assert ask(api, "DescribeImages", **theirs) == "allowed"
    assert ask(api, "DescribeImages", **NAME) == "RepositoryNotFoundException"  # in their own registry
    api.setup = setup(statement("s3:*"), arn=STRANGER)
    assert "because no identity-based policy allows" in ask(api, "DescribeImages", **theirs)


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ({"StringEquals": {"aws:ResourceTag/team": "pay"}}, True),
        ({"StringEquals": {"ecr:ResourceTag/team": "pay"}}, True),
        ({"StringEquals": {"ecr:ResourceTag/team": "${aws:PrincipalTag/team}"}}, True),
        ({"StringEquals": {"aws:ResourceTag/team": "other"}}, False),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
        ({"StringEquals": {"aws:username": "ci"}}, True),
        ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"}}, False),  # the test's clock
    ],
)
def test_conditions(api: Api, condition: dict[str, Any], allowed: bool) -> None:
    api.setup = setup(
        statement("ecr:DescribeImages", Condition=condition),
        principal={"tags": {"team": "pay"}},
        context={"aws:PrincipalOrgID": "o-abc"},
    )
    assert (ask(api, "DescribeImages", **NAME) == "allowed") is allowed


def test_tags_of_a_request(api: Api) -> None:
    condition = {
        "StringEquals": {"aws:RequestTag/team": "pay"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
    }
    api.setup = setup(statement("ecr:CreateRepository", "ecr:TagResource", resource="*", Condition=condition))

    def create(name: str, **tags: str) -> str:
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        return ask(api, "CreateRepository", repositoryName=name, tags=given)

    assert create("a1", team="pay") == "allowed"
    assert "ecr:CreateRepository" in create("a2", team="other")
    assert "ecr:CreateRepository" in create("a3", team="pay", cost="1")
    api.setup = setup(statement("ecr:CreateRepository", resource="*"))
    assert "is not authorized to perform: ecr:TagResource" in create("a4", team="pay")


def test_a_key_that_is_not_named_keeps_its_rights(api: Api) -> None:
    api.setup = setup(statement("s3:*"))
    assert ask(api, "DescribeImages", key=ACCESS_KEY_ID, **NAME) == "allowed"
    assert "is not authorized" in ask(api, "DescribeImages", key="SANDBOXDENIEDKEY0001", **NAME)
    assert ask(api, "DescribeImages", key="ANOTHER", **NAME) == "UnrecognizedClientException"


def test_what_was_used_is_remembered(api: Api) -> None:
    api.setup = setup(statement("ecr:DescribeImages", Sid="Look"))
    ask(api, "DescribeImages", **NAME)
    ask(api, "DescribeImages", **NAME)
    ask(api, "ListImages", **NAME)
    assert api.guard.used() == [
        {
            "principal": USER,
            "action": "ecr:DescribeImages",
            "resource": APP,
            "effect": "allow",
            "statements": ("a policy of user/ci: Statement[0] (Look)",),
            "count": 2,
        },
        {
            "principal": USER,
            "action": "ecr:ListImages",
            "resource": APP,
            "effect": "implicit deny",
            "statements": (),
            "count": 1,
        },
    ]
    api.guard.forget()
    assert api.guard.used() == []


# The registry API: whose token it is.

PUSH = (
    *("BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"),
    "PutImage",
)
PULL = ("BatchGetImage", "GetDownloadUrlForLayer")
EMPTY = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of `{}`
MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": EMPTY, "size": 2},
    "layers": [],
}


def allow(*actions: str) -> Setup:
    """A setup in which the user has these actions on the repository `app`."""
    return setup(
        statement(*(f"ecr:{one}" for one in actions), resource="arn:aws:ecr:*:*:repository/app"),
    )


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[DataPlane]:
    """A registry whose token belongs to the user."""
    plane = DataPlane(tmp_path)
    token = plane.tokens.issue(ACCOUNT, "private", holder=CallerIdentity(USER, "AIDA"))
    plane.credentials = {"Authorization": f"Basic {token.authorization}"}
    yield plane
    plane.state.close()


def push(plane: DataPlane) -> str:
    """The action that a push of an image lacks; "" if it succeeds."""
    place = ""
    for method, path, body in (
        ("HEAD", f"blobs/{EMPTY}", b""),
        ("POST", "blobs/uploads/", b""),
        ("PATCH", "UPLOAD", b"{}"),
        ("PUT", f"UPLOAD?digest={EMPTY}", b""),
        ("PUT", "manifests/1", json.dumps(MANIFEST).encode()),
    ):
        response = plane.send(method, path.replace("UPLOAD", place), body)
        place = response.headers.get("Location", place)
        if response.status_code == 403:
            return "HEAD" if method == "HEAD" else error(response)[2].split("ecr:")[1].split(" ")[0]
    return ""


@pytest.mark.parametrize("lacking", ["", *PUSH])
def test_a_push_needs_five_actions(plane: DataPlane, lacking: str) -> None:
    plane.setup = allow(*(one for one in PUSH if one != lacking))
    # The answer to HEAD has no body that could say it.
    assert push(plane) == ("HEAD" if lacking == "BatchCheckLayerAvailability" else lacking)


def test_a_pull_needs_other_actions(plane: DataPlane) -> None:
    plane.setup = allow(*PUSH, *PULL)
    assert push(plane) == ""
    assert plane.send("GET", "manifests/1").status_code == 200
    plane.setup = allow(*PUSH)
    status, code, message = error(plane.send("GET", "manifests/1"))
    assert (status, code) == (403, "DENIED")
    assert message.startswith(f"User: {USER} is not authorized to perform: ecr:BatchGetImage on resource: ")
    assert "ecr:ListImages" in error(plane.send("GET", "tags/list"))[2]
    assert "ecr:GetDownloadUrlForLayer" in error(plane.send("GET", f"blobs/{EMPTY}"))[2]


def test_a_layer_that_may_not_be_read_is_not_mounted(plane: DataPlane) -> None:
    plane.state.repositories.create("private", "other")
    upload = plane.state.layers.begin("private", "other")
    upload.append([b"{}"])
    plane.state.layers.complete("private", "other", upload.id, EMPTY)
    mount = f"blobs/uploads/?mount={EMPTY}&from=other"
    plane.setup = allow(*PUSH)
    assert plane.send("POST", mount).status_code == 202
    plane.setup = setup(statement("ecr:*", resource="*"))
    assert plane.send("POST", mount).status_code == 201


def test_a_missing_repository_is_denied_like_any_other(plane: DataPlane) -> None:
    plane.setup = allow(*PUSH)
    assert plane.send("POST", "/v2/other/blobs/uploads/").status_code == 403
    plane.setup = setup(statement("ecr:*", resource="*"))
    assert plane.send("POST", "/v2/other/blobs/uploads/").status_code == 404


def test_ecr_public_is_open_to_read(tmp_path: Path) -> None:
    plane = DataPlane(tmp_path, "public")
    plane.setup = setup(statement("s3:*"))
    token = plane.tokens.issue(ACCOUNT, "public", holder=CallerIdentity(USER, "AIDA"))
    basic = {"Authorization": f"Basic {token.authorization}"}
    bearer = json.loads(plane.anonymously("GET", "/token/", b"", basic).get_data())["token"]
    for given in (bearer, token.authorization):
        headers = {"Authorization": f"Bearer {given}"}
        assert plane.anonymously("GET", "tags/list", b"", headers).status_code == 200
        refused = plane.anonymously("POST", "blobs/uploads/", b"", headers)
        assert "ecr-public:InitiateLayerUpload" in error(refused)[2]
    plane.state.close()


# Roles: who may assume them, and what a session of theirs may.


def sts(api: Api, action: str, key: str = "KEY", service: str = "sts", **form: str) -> str:
    """The body of an answer of STS, or of IAM."""
    scope = f"20260101/us-east-1/{service}/aws4_request"
    credential = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders=host"
    builder = EnvironBuilder(
        method="POST",
        data={"Action": action, "RoleArn": ROLE, "RoleSessionName": "run", **form},
        headers={} if action.endswith("WebIdentity") else {"Authorization": credential},
    )
    return api.control.dispatch(Request(builder.get_environ())).get_data(as_text=True)


def inside(body: str, name: str) -> str:
    return body.partition(f"<{name}>")[2].partition(f"</{name}>")[0]


def with_role(trusted: dict[str, Any], *statements: dict[str, Any], **of_trust: Any) -> Setup:
    """The user, and a role that trusts someone, with statements of its own."""
    action = of_trust.pop("Action", "sts:AssumeRole")
    trust = {"Statement": [{"Effect": "Allow", "Action": action, "Principal": trusted, **of_trust}]}
    assume = policy(statement("sts:AssumeRole", resource="*"))
    principals = [
        {"arn": USER, "access-key": "KEY", "policies": [assume]},
        {"arn": ROLE, "policies": [policy(*statements)] if statements else [], "trust": trust},
    ]
    found, problems = parse_setup(json.dumps({"principals": principals}), lambda name: b"")
    assert not problems, problems
    return found


def test_a_role_is_assumed_by_whom_it_trusts(api: Api) -> None:
    api.setup = with_role({"AWS": USER}, statement("ecr:DescribeImages"))
    body = sts(api, "AssumeRole")
    session = {"X-Amz-Security-Token": inside(body, "SessionToken")}
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/run"
    assert inside(body, "Arn") == arn
    key = inside(body, "AccessKeyId")
    assert api.send("ecr", "DescribeImages", NAME, key=key, headers=session).status_code == 200
    refused = api.send("ecr", "ListImages", NAME, key=key, headers=session)
    assert f"User: {arn} is not authorized to perform: ecr:ListImages" in refused.get_data(as_text=True)


def test_a_role_is_not_assumed_by_others(api: Api) -> None:
    api.setup = with_role({"AWS": "210987654321"})
    assert inside(sts(api, "AssumeRole"), "Message") == (
        f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE} because no role "
        "trust policy allows the sts:AssumeRole action"
    )
    assert "is not authorized" in sts(api, "AssumeRole", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/missing")


def test_a_session_has_no_more_than_its_session_policy(api: Api) -> None:
    api.setup = with_role({"AWS": USER}, statement("ecr:*"))
    body = sts(api, "AssumeRole", Policy=json.dumps(policy(statement("ecr:ListImages"))))
    headers = {"X-Amz-Security-Token": inside(body, "SessionToken")}
    key = inside(body, "AccessKeyId")
    assert api.send("ecr", "ListImages", NAME, key=key, headers=headers).status_code == 200
    refused = api.send("ecr", "DescribeImages", NAME, key=key, headers=headers).get_data(as_text=True)
    assert "because no session policy allows the ecr:DescribeImages action" in refused
    assert inside(sts(api, "AssumeRole", Policy="{}"), "Code") == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    ("subject", "opened"),
    [("repo:acme/app:ref:refs/heads/main", True), ("repo:acme/app:ref:refs/heads/x", False)],
)
def test_a_role_is_opened_by_the_token_that_its_trust_describes(api: Api, subject: str, opened: bool) -> None:
    host = "token.actions.githubusercontent.com"
    api.setup = with_role(
        {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={
            "StringEquals": {f"{host}:aud": "sts.amazonaws.com"},
            "StringLike": {f"{host}:sub": "repo:acme/app:ref:refs/heads/main"},
        },
    )
    claims = {"iss": f"https://{host}", "sub": subject, "aud": "sts.amazonaws.com", "exp": api.now + 60}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    body = sts(api, "AssumeRoleWithWebIdentity", WebIdentityToken=f"e30.{payload}.x")
    assert bool(inside(body, "AccessKeyId")) is opened
    assert ("no role trust policy allows" in body) is not opened


def test_iam_simulates_what_a_principal_may(api: Api) -> None:
    allowed = statement("ecr:ListImages", "iam:SimulatePrincipalPolicy", resource="*")
    api.setup = setup(allowed, statement("ecr:PutImage", effect="Deny"))

    def simulate(*actions: str, principal: str = USER) -> str:
        names = {f"ActionNames.member.{place}": one for place, one in enumerate(actions, 1)}
        asked = {"PolicySourceArn": principal, "ResourceArns.member.1": APP, **names}
        return sts(api, "SimulatePrincipalPolicy", service="iam", **asked)

    body = simulate("ecr:ListImages", "ecr:PutImage", "ecr:DescribeImages")
    decisions = re.findall("<EvalDecision>(.*?)</EvalDecision>", body)
    assert decisions == ["allowed", "explicitDeny", "implicitDeny"]
    assert "<Code>NoSuchEntity</Code>" in simulate("ecr:ListImages", principal=ROLE)
    api.setup = setup(statement("ecr:*"))
    assert "is not authorized to perform: iam:SimulatePrincipalPolicy" in simulate("ecr:ListImages")


def test_an_image_is_signed_as_the_one_who_pushes_it(api: Api) -> None:
    """The push succeeds without the permission to sign, and the signature fails."""
    profile = f"arn:aws:signer:eu-west-1:{ACCOUNT}:/signing-profiles/release"
    api.call("PutSigningConfiguration", signingConfiguration={"rules": [{"signingProfileArn": profile}]})
    manifest = api.manifest("team/app", "one")

    def signed(*actions: str) -> dict[str, str]:
        api.setup = setup(statement("ecr:*"), statement(*actions, resource=profile))
        assert ask(api, "PutImage", **NAME, imageManifest=manifest, imageTag=actions[0][-3:]) == "allowed"
        api.setup = None
        image = {"imageTag": actions[0][-3:]}
        [one] = api.call("DescribeImageSigningStatus", **NAME, imageId=image)["signingStatuses"]
        return {name: value for name, value in one.items() if name != "signingProfileArn"}

    refused = signed("signer:StartSigningJob")
    assert (refused["status"], refused["failureCode"]) == ("FAILED", "AccessDenied")
    why = f"User: {USER} is not authorized to perform: signer:SignPayload on resource: {profile}"
    assert refused["failureReason"].startswith(why)
    assert signed("signer:SignPayload") == {"status": "COMPLETE"}
