"""What the OIDC token of a CI's job is for: AWS credentials, by --role-to-assume, and --sign keyless."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError
from ecr_push.base.log import Redactor
from ecr_push.ci.facts import CiFacts
from ecr_push.registry.aws.web_identity import WebIdentity
from ecr_push.settings.declare import Settings


def web_identity(
    settings: Settings, facts: CiFacts, environ: Mapping[str, str], clock: Clock, redactor: Redactor
) -> WebIdentity | None:
    """The role to assume and its token, which is requested when it is needed; None without --role-to-assume.

    Asking for the token raises AuthenticationError on any CI but GitHub Actions.
    """
    if not settings.registry.role_to_assume:
        return None
    from ecr_push.ci.github_oidc import audience_of, claims
    from ecr_push.registry.aws.web_identity import get

    def token() -> str:
        request_token = facts.provider.oidc_token
        if request_token is None:
            raise AuthenticationError(
                f"there is no OIDC token to assume {settings.registry.role_to_assume} with",
                why="--role-to-assume uses the token of a job on GitHub Actions, and this is not one",
                remedy="use --profile or --role here",
            )
        found = request_token(environ, get, clock.sleep, audience_of(settings.registry.role_to_assume))
        redactor.add(found)
        return found

    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html: 64 characters
    session = f"ecr-push-{facts.run.id}"[:64] if facts.run.id else "ecr-push"
    return WebIdentity(settings.registry.role_to_assume, session, token, claims, redactor.add)


def job_identity(
    facts: CiFacts, environ: Mapping[str, str], clock: Clock, redactor: Redactor
) -> Callable[[], str]:
    """Asks for a token that says who the job is. It raises AuthenticationError where there is none."""

    def token() -> str:
        from ecr_push.ci.identity_token import identity_token
        from ecr_push.registry.aws.web_identity import get

        found = identity_token(facts, environ, get, clock.sleep)
        redactor.add(found)
        return found

    return token
