"""The control plane as a client without a network sees it. Every answer is held to the service model."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from werkzeug import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from ecr_push.sandbox.advisories import AdvisoryDatabase
from ecr_push.sandbox.control import Control
from ecr_push.sandbox.faults import Faults
from ecr_push.sandbox.guard import Guard
from ecr_push.sandbox.identity import ACCESS_KEY_ID, Identities
from ecr_push.sandbox.manifest import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST
from ecr_push.sandbox.model import Kind
from ecr_push.sandbox.permissions.setup import Setup
from ecr_push.sandbox.scan_service import ScanService
from ecr_push.sandbox.state import State
from ecr_push.sandbox.tokens import Tokens
from tests.support.sandbox.conformance import assert_conforms, assert_error_conforms

ACCOUNT = "123456789012"
REGION = "eu-west-1"
NOW = 1_700_000_000.0
TARGETS = {
    "ecr": "AmazonEC2ContainerRegistry_V20150921",
    "ecr-public": "SpencerFrontendService",
    "inspector2": "",
    "kms": "TrentService",
    "service-quotas": "ServiceQuotasV20190624",
}
PATHS = {
    "BatchGetAccountStatus": "/status/batch/get",
    "ListCoverage": "/coverage/list",
    "ListFindings": "/findings/list",
    "ListMembers": "/members/list",
}


class Api:
    """One sandbox in tmp_path, its clock in the test's hand."""

    def __init__(self, root: Path) -> None:
        self.now = NOW
        self.state = State(root, account=ACCOUNT, region=REGION, alias="alias", clock=self.clock)
        self.state.hosts = {"private": "127.0.0.1:5000", "public": "127.0.0.1:5001"}
        self.faults = Faults()
        self.tokens = Tokens(self.clock)
        self.setup: Setup | None = None
        self.guard = Guard(self.state, lambda: self.setup)
        self.identities = Identities(ACCOUNT, REGION, self.clock, lambda: self.setup)
        self.scans = ScanService(self.state, AdvisoryDatabase(), scenario=lambda: self.faults.scenario.scan)
        self.control = Control(self.state, self.scans, self.tokens, self.faults, self.identities, self.guard)

    def close(self) -> None:
        self.scans.close()
        self.state.close()

    def clock(self) -> float:
        return self.now

    def send(
        self,
        service: str,
        operation: str,
        parameters: dict[str, Any],
        *,
        key: str = ACCESS_KEY_ID,
        region: str = "",
        headers: dict[str, str] | None = None,
    ) -> Response:
        scope = region or ("us-east-1" if service == "ecr-public" else REGION)
        credential = f"Credential={key}/20260101/{scope}/{service}/aws4_request"
        builder = EnvironBuilder(
            method="POST",
            path="/" if TARGETS[service] else PATHS[operation],
            data=json.dumps(parameters),
            headers=Headers(
                {
                    **({"X-Amz-Target": f"{TARGETS[service]}.{operation}"} if TARGETS[service] else {}),
                    "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
                    **(headers or {}),
                }
            ),
        )
        return self.control.dispatch(Request(builder.get_environ()))

    def call(self, operation: str, service: str = "ecr", **parameters: Any) -> dict[str, Any]:
        """The answer, which must be a success and have the shape of the service model."""
        response = self.send(service, operation, parameters)
        assert response.status_code == 200, response.get_data(as_text=True)
        return assert_conforms(service, operation, response.get_data())

    def public(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return self.call(operation, "ecr-public", **parameters)

    def refused(self, operation: str, service: str = "ecr", **parameters: Any) -> tuple[str, str]:
        """Code and message of an error, which must be one that the model declares for the operation."""
        response = self.send(service, operation, parameters)
        assert response.status_code == 400, response.get_data(as_text=True)
        code = assert_error_conforms(service, operation, response.get_data())
        return code, json.loads(response.get_data())["message"]

    def pages(self, operation: str, member: str, **parameters: Any) -> list[list[Any]]:
        """Every page's items."""
        found: list[list[Any]] = []
        token: dict[str, str] = {}
        while True:
            answer = self.call(operation, **parameters, **token)
            found.append(answer[member])
            if "nextToken" not in answer:
                return found
            token = {"nextToken": answer["nextToken"]}

    def push_layer(self, name: str, content: bytes, kind: Kind = "private") -> dict[str, Any]:
        """A blob of a repository; its descriptor without media type."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        upload = self.state.layers.begin(kind, name)
        upload.append([content])
        self.state.layers.complete(kind, name, upload.id, digest)
        return {"digest": digest, "size": len(content)}

    def manifest(
        self,
        name: str,
        content: str,
        *,
        media_type: str = DOCKER_MANIFEST,
        kind: Kind = "private",
        **more: Any,
    ) -> str:
        """A manifest of an image whose layers are in the repository; content makes it another image."""
        config = self.push_layer(name, f"config of {content}".encode(), kind)
        layer = self.push_layer(name, f"layer of {content}".encode(), kind)
        flavour = "oci.image" if media_type == OCI_MANIFEST else "docker"
        config_type = "config" if media_type == OCI_MANIFEST else "container.image"
        layer_type = "layer.v1.tar+gzip" if media_type == OCI_MANIFEST else "image.rootfs.diff.tar.gzip"
        document = {
            "schemaVersion": 2,
            "mediaType": media_type,
            "config": {"mediaType": f"application/vnd.{flavour}.{config_type}.v1+json", **config},
            "layers": [{"mediaType": f"application/vnd.{flavour}.{layer_type}", **layer}],
            **more,
        }
        return json.dumps(document, indent=3)

    def push(self, name: str, *tags: str, content: str = "", kind: Kind = "private", **more: Any) -> str:
        """An image of this content (or of its first tag's name) under these tags; its digest."""
        text = self.manifest(name, content or tags[0], kind=kind, **more)
        for tag in tags or ("",):
            digest = self.state.images.put(kind, name, text.encode(), tag=tag).digest
        return digest

    def push_index(self, name: str, tag: str, *digests: str) -> str:
        entries = []
        for digest in digests:
            image = self.state.images.find("private", name, digest=digest)
            entry = {"mediaType": image.media_type, "digest": digest, "size": image.manifest_size}
            entries.append(entry | {"platform": {"os": "linux", "architecture": "amd64"}})
        document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        return self.state.images.put("private", name, json.dumps(document).encode(), tag=tag).digest


def password(authorization_token: str) -> str:
    return base64.b64decode(authorization_token).decode().removeprefix("AWS:")
