"""The operations of STS that a pipeline needs: the caller's identity, and the roles it assumes."""

from __future__ import annotations

from ecr_push.base.iam.document import Policy
from ecr_push.base.iam.kinds import IDENTITY
from ecr_push.base.iam.read import PolicyError, read_policy_text
from ecr_push.sandbox.identity import Claims, Session
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result

HOUR = 3_600  # seconds; AssumeRole's default duration
HALF_A_DAY = 12 * HOUR  # GetSessionToken's


def get_caller_identity(context: Context, _: Parameters) -> Result:
    identity = context.identity
    return {"UserId": identity.user_id, "Account": identity.account, "Arn": identity.arn}


def assume_role(context: Context, parameters: Parameters) -> Result:
    session = context.identities.assume(
        context.identity,
        parameters["RoleArn"],
        parameters["RoleSessionName"],
        parameters.get("DurationSeconds", HOUR),
        _session_policies(parameters.get("Policy")),
    )
    return _assumed(session)


def assume_role_with_web_identity(context: Context, parameters: Parameters) -> Result:
    claims = Claims.of(parameters["WebIdentityToken"])
    session = context.identities.assume_with_token(
        claims,
        parameters["RoleArn"],
        parameters["RoleSessionName"],
        parameters.get("DurationSeconds", HOUR),
    )
    return {
        **_assumed(session),
        "SubjectFromWebIdentityToken": claims.subject,
        "Audience": claims.audience,
        "Provider": claims.issuer,
    }


def get_session_token(context: Context, parameters: Parameters) -> Result:
    session = context.identities.session_of_user(
        context.identity, parameters.get("DurationSeconds", HALF_A_DAY)
    )
    return {"Credentials": _credentials(session)}


def _session_policies(text: str | None) -> tuple[Policy, ...] | None:
    if text is None:
        return None
    try:
        return (read_policy_text(text, IDENTITY, "the session's policy"),)
    except PolicyError as error:
        raise EcrError("MalformedPolicyDocument", str(error)) from None


def _assumed(session: Session) -> Result:
    return {
        "Credentials": _credentials(session),
        "AssumedRoleUser": {"AssumedRoleId": session.identity.user_id, "Arn": session.identity.arn},
    }


def _credentials(session: Session) -> Result:
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.token,
        "Expiration": session.expires_at,
    }
