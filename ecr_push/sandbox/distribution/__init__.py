"""The data plane: the OCI distribution API 1.1 as ECR serves it, for one of the two registries.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection, Mapping

from werkzeug import Request, Response
from werkzeug.datastructures import MultiDict

from ecr_push.sandbox import encryption
from ecr_push.sandbox.creation import create_on_push
from ecr_push.sandbox.distribution import blobs, logos, manifests, uploads
from ecr_push.sandbox.distribution.authentication import TOKEN_PATH, Authentication
from ecr_push.sandbox.distribution.call import DataPlaneCall
from ecr_push.sandbox.distribution.errors import API_VERSION, V2Error
from ecr_push.sandbox.distribution.needs import needs, needs_of_mount
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.identity import CallerIdentity
from ecr_push.sandbox.links import PATH as DOWNLOAD_PATH
from ecr_push.sandbox.managed_signing import note_who_signs
from ecr_push.sandbox.model import EcrError, Kind
from ecr_push.sandbox.state import LOGO_PATH, State
from ecr_push.sandbox.tokens import Tokens

Handler = Callable[[State, DataPlaneCall, Request], Response]


def _ping(state: State, call: DataPlaneCall, request: Request) -> Response:
    return Response("{}", content_type="application/json")


# Pattern of a path -> method -> operation. The first pattern that matches applies.
_ROUTES: tuple[tuple[str, Mapping[str, str]], ...] = (
    (r"/v2/?", {"GET": "CheckVersion", "HEAD": "CheckVersion"}),
    (r"/v2/_catalog", {"GET": "GetCatalog"}),
    (r"/v2/(?P<path>.+)/tags/list", {"GET": "ListTags"}),
    (r"/v2/(?P<path>.+)/referrers/(?P<digest>[^/]+)", {"GET": "ListReferrers"}),
    (r"/v2/(?P<path>.+)/blobs/uploads/?", {"POST": "StartUpload"}),
    (
        r"/v2/(?P<path>.+)/blobs/uploads/(?P<upload>[^/]+)",
        {"GET": "GetUpload", "PATCH": "PatchUpload", "PUT": "PutUpload", "DELETE": "DeleteUpload"},
    ),
    (r"/v2/(?P<path>.+)/blobs/(?P<digest>[^/]+)", {"GET": "GetBlob", "HEAD": "HeadBlob"}),
    (
        r"/v2/(?P<path>.+)/manifests/(?P<reference>[^/]+)",
        {"GET": "GetManifest", "HEAD": "HeadManifest", "PUT": "PutManifest", "DELETE": "DeleteManifest"},
    ),
    # No POST: containerd tries OAuth 2 with it first, and falls back to GET.
    (rf"{TOKEN_PATH}?", {"GET": "GetToken"}),
    (rf"{DOWNLOAD_PATH}(?P<digest>[^/]+)", {"GET": "DownloadBlob", "HEAD": "DownloadBlob"}),
    (rf"{LOGO_PATH}(?P<digest>[^/]+)", {"GET": "DownloadLogo", "HEAD": "DownloadLogo"}),
)
_HANDLERS: Mapping[str, Handler] = {
    "CheckVersion": _ping,
    "GetCatalog": manifests.catalog,
    "ListTags": manifests.list_tags,
    "ListReferrers": manifests.referrers,
    "StartUpload": uploads.start,
    "GetUpload": uploads.status,
    "PatchUpload": uploads.patch,
    "PutUpload": uploads.finish,
    "DeleteUpload": uploads.cancel,
    "GetBlob": blobs.read,
    "HeadBlob": blobs.read,
    "GetManifest": manifests.read,
    "HeadManifest": manifests.read,
    "PutManifest": manifests.put,
    "DeleteManifest": manifests.delete,
    "DownloadBlob": blobs.download,
    "DownloadLogo": logos.download,
}
# For scenarios: every operation of this plane that a fault may name.
OPERATIONS: tuple[str, ...] = tuple(sorted({*_HANDLERS, "GetToken"}))
_UNKNOWN = "Unknown"
# Links and addresses, to be followed without credentials.
_FOR_ANYONE = ("DownloadBlob", "DownloadLogo")


class DistributionApi:
    """Serves one registry's `/v2/`, its token endpoint and logos (public) and its download links.

    quirks: returns those of the active scenario. guard: decides by policies.
    """

    def __init__(
        self,
        kind: Kind,
        state: State,
        tokens: Tokens,
        quirks: Callable[[], Collection[str]] = frozenset,
        guard: Guard | None = None,
    ) -> None:
        self._guard = guard or Guard(state)
        self._kind = kind
        self._state = state
        self._quirks = quirks
        self._authentication = Authentication(kind, tokens, state.account)

    def serves(self, request: Request) -> bool:
        """Whether a request is for this plane; on the private registry all others are for the API."""
        path = request.path
        return path == "/v2" or path.startswith(("/v2/", TOKEN_PATH, DOWNLOAD_PATH, LOGO_PATH))

    def route(self, request: Request) -> DataPlaneCall:
        """Parses the path. operation is "Unknown" if the path or the method is not known."""
        for form, methods in _ROUTES:
            if match := re.fullmatch(form, request.path):
                operation = methods.get(request.method, _UNKNOWN)
                return DataPlaneCall(operation, self._kind, quirks=self._quirks(), **match.groupdict())
        return DataPlaneCall(_UNKNOWN, self._kind)

    def respond(self, call: DataPlaneCall, request: Request) -> Response:
        """Executes a call. Every error is a response."""
        try:
            response = self._handle(call, request)
        except V2Error as error:
            response = error.response()
        except EcrError as error:
            response = V2Error.of(error).response()
        response.headers.update(API_VERSION)
        return response

    def refuse(self, status: int, code: str, message: str, retry_after: int = 0) -> Response:
        """Returns the error that a fault asks for."""
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        return V2Error(status, code, message, headers).response()

    def _handle(self, call: DataPlaneCall, request: Request) -> Response:
        if call.operation == "GetToken" and self._kind == "public":
            return self._authentication.token(request)
        handler = _HANDLERS.get(call.operation)
        if handler is None:
            raise V2Error(405, "UNSUPPORTED", f"{request.method} {request.path} is not supported")
        if call.operation not in _FOR_ANYONE:
            refusal = self._authentication.check(request, writes=request.method not in ("GET", "HEAD"))
            if refusal:
                return refusal
        if call.path:
            call = dataclasses.replace(
                call, name=self._state.repositories.name_of_path(self._kind, call.path)
            )
        holder = self._authentication.holder(request) if call.operation not in _FOR_ANYONE else None
        if holder:
            request = self._authorized(call, request, holder)
        if call.name:
            if call.operation == "StartUpload" and self._kind == "private":
                create_on_push(self._state.repositories, self._state.settings, call.name)
            self._state.repositories.get(self._kind, call.name)
            if self._kind == "private" and call.operation in encryption.OPERATIONS:
                encryption.check_key(self._state, call.name)
        response = handler(self._state, call, request)
        if holder and call.operation == "PutManifest" and self._kind == "private":
            digest = response.headers["Docker-Content-Digest"]
            note_who_signs(self._state, self._guard, holder, request, call.name, digest)
        return response

    def _authorized(self, call: DataPlaneCall, request: Request, holder: CallerIdentity) -> Request:
        """The request, as far as its token's holder may make it. Raises EcrError.

        A layer that may not be mounted is uploaded, as one that is not there.
        """
        at_once = call.operation == "StartUpload" and "digest" in request.args
        self._guard.check("ecr", holder, needs(call, self._state, call.name, at_once=at_once), request)
        source = request.args.get("from", "") if call.operation == "StartUpload" else ""
        if source and "mount" in request.args:
            try:
                self._guard.check("ecr", holder, needs_of_mount(call, self._state, source), request)
            except EcrError:
                request.args = MultiDict()
        return request
