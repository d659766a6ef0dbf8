"""The data plane as a client without a network sees it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client, TestResponse

from ecr_push.sandbox.access import SteeringAccess
from ecr_push.sandbox.app import Application
from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.distribution import DistributionApi
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.lifecycle_runs import LifecycleRuns
from ecr_push.sandbox.model import Kind
from ecr_push.sandbox.permissions.setup import Setup
from ecr_push.sandbox.scenario_model import Scenario
from ecr_push.sandbox.state import State
from ecr_push.sandbox.tokens import Tokens
from tests.support.sandbox.content import digest_of

NOW = 1_700_000_000.0
HOST = "http://127.0.0.1:5000"


class DataPlane:
    """One registry in root, with the repository `app`, its clock in the test's hand."""

    def __init__(self, root: Path, kind: Kind = "private", scenario: Scenario | None = None) -> None:
        self.now = NOW
        self.state = State(root, account="123456789012", clock=lambda: self.now)
        self.state.repositories.create(kind, "app")
        self.state.hosts = {"private": "127.0.0.1:5000", "public": "127.0.0.1:5000"}
        self.tokens = Tokens(lambda: self.now)
        self.faults = Faults(scenario)
        self.path = "app" if kind == "private" else "sandbox/app"
        self.token = self.tokens.issue("123456789012", kind)
        scheme = "Basic" if kind == "private" else "Bearer"
        self.credentials = {"Authorization": f"{scheme} {self.token.authorization}"}
        self.setup: Setup | None = None
        guard = Guard(self.state, lambda: self.setup)
        distribution = DistributionApi(
            kind, self.state, self.tokens, lambda: self.faults.scenario.quirks, guard
        )
        self._client = Client(
            Application(
                distribution,
                self.faults,
                LifecycleRuns(self.state, SandboxClock()),
                SteeringAccess("", "localhost"),
            )
        )

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> TestResponse:
        """A request with credentials. path is relative to the repository, unless it begins with a slash or is
        a whole URL."""
        return self.anonymously(method, path, body, {**self.credentials, **(headers or {})})

    def anonymously(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> TestResponse:
        url = urlsplit(path if path.startswith(("/", "http")) else f"/v2/{self.path}/{path}")
        return self._client.open(
            url.path, HOST, method=method, query_string=url.query, data=body, headers=headers, buffered=True
        )

    def push_blob(self, content: bytes) -> str:
        digest = digest_of(content)
        response = self.send("POST", f"blobs/uploads/?digest={digest}", content)
        assert response.status_code == 201, response.text
        return digest

    def put_manifest(self, reference: str, content: bytes, media_type: str = "") -> TestResponse:
        headers = {"Content-Type": media_type} if media_type else {}
        return self.send("PUT", f"manifests/{reference}", content, headers)


def error(response: TestResponse) -> tuple[int, str, str]:
    """Status, code and message of an error in the distribution API's form."""
    assert response.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    [entry] = json.loads(response.get_data())["errors"]
    return response.status_code, entry["code"], entry["message"]


def refusal(response: TestResponse) -> tuple[int, str]:
    """Status and code of an error."""
    return error(response)[:2]


def document(response: TestResponse) -> Any:
    assert response.status_code == 200, response.text
    return json.loads(response.get_data())
