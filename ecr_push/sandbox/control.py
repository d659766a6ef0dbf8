"""The control plane: a request to the AWS API -> its response.

The rules for every operation are here; what each operation does is in `operations/`.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping

from werkzeug import Request, Response

from ecr_push.base.partition import partition_of
from ecr_push.sandbox import encryption, protocol
from ecr_push.sandbox.api_needs import needs
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.identity import ANONYMOUS, CallerIdentity, Claims, Identities
from ecr_push.sandbox.managed_signing import note_who_signs
from ecr_push.sandbox.model import EcrError, Kind
from ecr_push.sandbox.operations import OPERATIONS
from ecr_push.sandbox.operations.context import Context, Operation
from ecr_push.sandbox.protocol import NOT_IMPLEMENTED, ApiCall, ApiResponse
from ecr_push.sandbox.scan_service import ScanService
from ecr_push.sandbox.state import State
from ecr_push.sandbox.tokens import Tokens

_LOG = logging.getLogger(__name__)
_KINDS: Mapping[str, Kind] = {
    "ecr": "private",
    "ecr-public": "public",
    "inspector2": "private",
    "sts": "private",
    "iam": "private",
    "service-quotas": "private",
    "kms": "private",
}
# Allowed for every caller, regardless of policies.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_NEEDS_NO_RIGHTS = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
# Not signed: the token in the request identifies the caller.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
_NEEDS_NO_CREDENTIALS = {("sts", "AssumeRoleWithWebIdentity")}


class Control:
    """The AWS API over one state: ECR, ECR Public, Inspector, STS, IAM, Service Quotas and KMS."""

    def __init__(
        self,
        state: State,
        scans: ScanService,
        tokens: Tokens,
        faults: Faults,
        identities: Identities,
        guard: Guard | None = None,
    ) -> None:
        self._state = state
        self._scans = scans
        self._tokens = tokens
        self._faults = faults
        self._identities = identities
        self._guard = guard or Guard(state)

    def operation(self, request: Request) -> str:
        """Returns the API operation that a request is for, as faults name it; "" for none."""
        return protocol.operation_of(request.headers, request.get_data(), request.path)

    def dispatch(self, request: Request) -> Response:
        """Execute a request. Every error is a response; an internal error is a ServerException."""
        service = protocol.service_of(request.headers, request.path)
        try:
            return _response(self._execute(request))
        except EcrError as error:
            return _response(protocol.write_error(service, error))
        except Exception as defect:
            _LOG.exception("the sandbox failed at %s", self.operation(request))
            return self.refuse(request, 500, "ServerException", f"internal error of the sandbox: {defect!r}")

    def refuse(self, request: Request, status: int, code: str, message: str) -> Response:
        """Returns the error that a fault asks for, in the request's own protocol."""
        error = EcrError(code, message, status)
        return _response(protocol.write_error(protocol.service_of(request.headers, request.path), error))

    def _execute(self, request: Request) -> ApiResponse:
        call = protocol.read_call(request.headers, request.get_data(), request.path)
        identity = ANONYMOUS
        if (call.service, call.operation) not in _NEEDS_NO_CREDENTIALS:
            identity = self._identities.authenticate(call.service, request.headers)
        operation = _implementation(call)
        protocol.check_parameters(call)
        if identity is not ANONYMOUS:
            self._authorize(call, identity, request)
        elif self._guard.is_on:
            self._authorize_token(call, request)
        self._check_registry(call, identity)
        context = Context(
            self._state,
            self._scans,
            self._tokens,
            self._identities,
            self._faults,
            identity,
            _KINDS[call.service],
            self._guard,
        )
        if call.service == "ecr" and call.operation in encryption.OPERATIONS:
            encryption.check_key(self._state, call.parameters["repositoryName"])
        result = operation(context, call.parameters)
        if call.service == "ecr" and call.operation == "PutImage":
            name, digest = call.parameters["repositoryName"], result["image"]["imageId"]["imageDigest"]
            note_who_signs(self._state, self._guard, identity, request, name, digest)
        return protocol.write_answer(call, result)

    def _authorize(self, call: ApiCall, identity: CallerIdentity, request: Request) -> None:
        if (call.service, call.operation) not in _NEEDS_NO_RIGHTS:
            registry = call.parameters.get("registryId") or identity.account
            self._guard.check(call.service, identity, needs(call, self._state, registry), request)

    def _authorize_token(self, call: ApiCall, request: Request) -> None:
        """Whether the role trusts the provider of an OIDC token, and what the token says."""
        claims = Claims.of(call.parameters.get("WebIdentityToken", ""))
        [need] = needs(call, self._state, "")
        provider = claims.provider(self._state.account, partition_of(self._state.region))
        need = dataclasses.replace(need, context=claims.keys())
        self._guard.check(call.service, ANONYMOUS, [need], request, federated=provider)

    def _check_registry(self, call: ApiCall, identity: CallerIdentity) -> None:
        """The sandbox has one account: every other registry is empty."""
        if call.operation == "GetAuthorizationToken":
            return  # of whatever account, the token is for every registry that its caller may use
        registry = call.parameters.get("registryId", identity.account or self._state.account)
        if registry == self._state.account or (
            call.service == "ecr-public" and registry == self._state.alias
        ):
            return
        if name := call.parameters.get("repositoryName"):
            raise EcrError(
                "RepositoryNotFoundException",
                f"The repository with name '{name}' does not exist in the registry with id '{registry}'",
            )
        raise EcrError(
            "AccessDeniedException",
            f"User: {identity.arn} is not authorized to perform: {call.service}:{call.operation} "
            f"in the registry with id '{registry}'",
        )


def _implementation(call: ApiCall) -> Operation:
    operations = OPERATIONS[call.service]
    if call.operation not in operations:
        raise EcrError(
            NOT_IMPLEMENTED,
            f"the sandbox does not implement {call.service}:{call.operation}, "
            f"only {', '.join(sorted(operations))}",
            501,
        )
    return operations[call.operation]


def _response(answer: ApiResponse) -> Response:
    return Response(answer.body, answer.status, answer.headers)
