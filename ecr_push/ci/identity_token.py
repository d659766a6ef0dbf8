"""An OIDC token that says who a job is, for a certificate to sign with."""

from __future__ import annotations

from collections.abc import Callable

from ecr_push.base.errors import AuthenticationError
from ecr_push.ci.facts import CiFacts, Environ, HttpGet

# GitLab's `id_tokens` and others put it there; cosign reads it, too.
VARIABLE = "SIGSTORE_ID_TOKEN"
AUDIENCE = "sigstore"


def no_identity() -> str:
    """Raises AuthenticationError."""
    raise AuthenticationError(
        "there is no OIDC token to sign with",
        why=f"{VARIABLE} is not set, and this is not a job on GitHub Actions",
        remedy=f"set {VARIABLE} to a token of the job whose audience is {AUDIENCE}: on GitLab by `id_tokens`",
    )


def identity_token(facts: CiFacts, environ: Environ, get: HttpGet, sleep: Callable[[float], None]) -> str:
    """A token for Sigstore. GitHub's is a new one each time, for it is valid for minutes.

    Raises AuthenticationError where there is none.
    """
    if given := environ.get(VARIABLE, ""):
        return given
    request = facts.provider.oidc_token
    return request(environ, get, sleep, AUDIENCE) if request else no_identity()
