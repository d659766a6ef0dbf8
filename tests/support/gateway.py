"""Services that the sandbox lacks, as moto has them, behind a gateway that enforces a policy as IAM does."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.error import HTTPError

import boto3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.kms.utils import ECDSAPrivateKey

from ecr_push.base.iam.context import Context
from ecr_push.base.iam.decide import Policies, Request, decide
from ecr_push.base.iam.kinds import IDENTITY
from ecr_push.base.iam.principal import Caller
from ecr_push.base.iam.read import read_policy
from tests.support.aws_request import AwsCall, Permission, permissions_for, read_call
from tests.support.local_server import LocalServer, SilentHandler
from tests.support.moto_server import moto_server

_SERVICES = ("BATCH", "CLOUDTRAIL", "CLOUDWATCH", "CLOUDWATCH_LOGS", "DYNAMODB", "ECS", "EVENTBRIDGE", "KMS")
_SERVICES += ("LAMBDA", "S3", "SAGEMAKER", "SQS")


class Gateway(LocalServer):
    """url: for AWS_ENDPOINT_URL_KMS and the like. direct: moto's own, for a test's set-up.

    elsewhere: where services are that moto does not have, by the names of their actions.
    """

    def __init__(self, direct: str, elsewhere: Mapping[str, str]) -> None:
        self.direct = direct
        self._elsewhere = elsewhere
        self.before_receiving: Callable[[], None] = lambda: None
        self._policy: Mapping[str, Any] | None = None
        self._who = ""
        self._used: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        gateway = self

        class Handler(SilentHandler, BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def do_PUT(self) -> None:
                self._answer()

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, content = gateway.answer(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in ("connection", "content-length", "date", "server"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        super().__init__(Handler)

    def client(self, service: str) -> Any:
        names = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "y"}
        return boto3.client(service, endpoint_url=self.direct, **names)

    def environ(self) -> dict[str, str]:
        return {f"AWS_ENDPOINT_URL_{one}": self.url for one in _SERVICES}

    @contextmanager
    def enforcing(self, who: str, policy: Mapping[str, Any]) -> Iterator[None]:
        """who: the ARN of a user. What was decided meanwhile is in `used`."""
        self._who, self._policy, self._used = who, policy, []
        try:
            yield
        finally:
            self._policy = None

    def used(self) -> list[dict[str, Any]]:
        """As `Guard.used` has it."""
        return self._used

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        names = {name.lower(): value for name, value in headers.items()}
        call = read_call(method, f"{self.url}{path}", names, body)
        if self._policy is not None:
            decided = [self._decide(one) for one in permissions_for(call, Caller.of(self._who).account)]
            if refused := next((one for one in decided if one), None):
                return _refusal(call, refused)
        # No event will come: SQS would wait for one for twenty seconds.
        if call.operation == "ReceiveMessage":
            self.before_receiving()
        url = self._elsewhere.get(call.service, self.direct)
        asked = urllib.request.Request(f"{url}{path}", body or None, names, method=method)
        try:
            with urllib.request.urlopen(asked) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def _decide(self, asked: Permission) -> str:
        """Why it is refused; "" if it is allowed."""
        policy = read_policy(self._policy, IDENTITY, f"policy of {self._who}")
        caller = Caller.of(self._who)
        question = Request(caller, asked.action, asked.resource, caller.account, Context.of(asked.keys))
        decision = decide(question, Policies((policy,)))
        statements = [f"{one.policy.name}: {one.statement.title}" for one in decision.reasons]
        names = ("principal", "action", "resource", "effect", "statements")
        values = (self._who, asked.action, asked.resource, decision.effect, statements)
        with self._lock:
            self._used.append(dict(zip(names, values, strict=True)))
        if decision.allowed:
            return ""
        what = f"{asked.action} on resource: {asked.resource}"
        return f"User: {self._who} is not authorized to perform: {what}"


def _refusal(call: AwsCall, why: str) -> tuple[int, Mapping[str, str], bytes]:
    if call.service == "s3":
        text = f"<Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
        return 403, {"Content-Type": "application/xml"}, text.encode()
    refusal = {"__type": "AccessDeniedException", "message": why}
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": "AccessDeniedException"}
    return 403, headers, json.dumps(refusal).encode()


def prehashed(key: ECDSAPrivateKey, message: bytes, signing_algorithm: str) -> bytes:
    """moto hashes a digest once more, where KMS signs it as it is: MessageType DIGEST of its API."""
    assert signing_algorithm == "ECDSA_SHA_256"
    return bytes(key.private_key.sign(message, ec.ECDSA(Prehashed(hashes.SHA256()))))


@contextmanager
def gateway(**elsewhere: str) -> Iterator[Gateway]:
    """Before a moto of its own, which has nothing in it. elsewhere: see `Gateway`."""
    with moto_server() as url, Gateway(url, elsewhere) as made:
        yield made
