"""Authentication: Basic on the private registry, Bearer on the public one, as in ECR."""

from __future__ import annotations

import json

from werkzeug import Request, Response
from werkzeug.datastructures import Authorization

from ecr_push.sandbox.distribution.errors import API_VERSION, V2Error
from ecr_push.sandbox.identity import CallerIdentity
from ecr_push.sandbox.model import Kind
from ecr_push.sandbox.tokens import USER, Standing, TokenKind, Tokens

TOKEN_PATH = "/token/"  # noqa: S105  (a path)
_PUBLIC_TOKEN_LIFE = 60 * 60.0
_EXPIRED = "Your authorization token has expired. Reauthenticate and try again."
_INVALID = "Your Authorization Token is invalid."


class Authentication:
    """Checks each request's credentials. Raises V2Error if they are not valid."""

    def __init__(self, kind: Kind, tokens: Tokens, account: str) -> None:
        self._kind = kind
        self._tokens = tokens
        self._account = account

    def check(self, request: Request, *, writes: bool) -> Response | None:
        """Returns None if the request may pass, else the response that asks for credentials."""
        if self._kind == "private":
            return self._check_basic(request)
        self._check_bearer(request, writes=writes)
        return None

    def holder(self, request: Request) -> CallerIdentity | None:
        """Returns the caller whose token a request has; None for one that is not bound to a caller."""
        given = request.authorization
        if given is None:
            return None
        if given.type == "bearer" and (pair := _direct(given.token or "")):
            given = pair
        return self._tokens.holder(given.password or given.token or "")

    def _check_basic(self, request: Request) -> Response | None:
        given = request.authorization
        standing: Standing = "unknown"
        if given and given.type == "basic":
            standing = self._tokens.check(given.username or "", given.password or "", "private")
        if standing == "expired":
            # 403 without a challenge: awslabs/soci-snapshotter#1148; docker prints it as `denied: …`.
            raise V2Error(403, "DENIED", _EXPIRED)
        if standing == "unknown":
            # ECR's own answer is this plain text, not the distribution API's JSON.
            challenge = f'Basic realm="{request.host_url}",service="ecr.amazonaws.com"'
            headers = {**API_VERSION, "WWW-Authenticate": challenge}
            return Response("Not Authorized\n", 401, headers, content_type="text/plain; charset=utf-8")
        return None

    def _check_bearer(self, request: Request, *, writes: bool) -> None:
        given = request.authorization
        if given is None:
            raise self._challenge(request, "Not Authorized")
        password = (given.token or "") if given.type == "bearer" else ""
        if self._tokens.check(USER, password, "anonymous") == "valid":
            if writes:
                raise self._challenge(request, "Not Authorized")
            return
        standing = self._tokens.check(USER, password, "bearer")
        if standing == "unknown":
            standing = self._direct(password)
        if standing != "valid":
            # 400 and no challenge: aws/containers-roadmap#2835. Even if anonymous access would be allowed.
            raise V2Error(400, "DENIED", _EXPIRED if standing == "expired" else _INVALID)

    def _direct(self, password: str) -> Standing:
        """GetAuthorizationToken's own token, user and password in base64, is accepted as Bearer as well."""
        pair = _direct(password)
        if pair is None:
            return "unknown"
        return self._tokens.check(pair.username or "", pair.password or "", "public")

    def _challenge(self, request: Request, message: str) -> V2Error:
        realm = f"{request.host_url.rstrip('/')}{TOKEN_PATH}"
        # One scope for everything, as public.ecr.aws names it.
        challenge = f'Bearer realm="{realm}",service="public.ecr.aws",scope="aws"'
        return V2Error(401, "DENIED", message, {"WWW-Authenticate": challenge})

    def token(self, request: Request) -> Response:
        """The token endpoint of the public registry: returns a Bearer token for Basic credentials, and one
        that may only pull without credentials."""
        given = request.authorization
        kind: TokenKind = "anonymous"
        if given is not None:
            standing = self._tokens.check(given.username or "", given.password or "", "public")
            if standing != "valid":
                # An expired login breaks even pulls that need no login.
                raise V2Error(403, "DENIED", _EXPIRED if standing == "expired" else _INVALID)
            kind = "bearer"
        life = min(self._tokens.life, _PUBLIC_TOKEN_LIFE)
        holder = self._tokens.holder(given.password or "") if given else None
        token = self._tokens.issue(self._account, kind, life, holder)
        body = json.dumps({"token": token.password, "expires_in": int(life)})
        return Response(body, content_type="application/json")


def _direct(token: str) -> Authorization | None:
    """User and password of a token as GetAuthorizationToken returns it; None for another one."""
    return Authorization.from_header(f"Basic {token}")
