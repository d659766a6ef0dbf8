"""One request to the data plane, with its path parsed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from werkzeug import Request, Response

from ecr_push.sandbox.model import Kind


@dataclass(frozen=True)
class DataPlaneCall:
    """operation is as faults name it; path is the repository's in the URL, name is its name in the state.

    Of digest, reference and upload only the one of the route is set. quirks are those of the scenario.
    """

    operation: str
    kind: Kind
    path: str = ""
    name: str = ""
    digest: str = ""
    reference: str = ""
    upload: str = ""
    quirks: Collection[str] = ()

    def blob_path(self, digest: str) -> str:
        return f"v2/{self.path}/blobs/{digest}"


def created(request: Request, path: str, digest: str) -> Response:
    """Returns 201 with the location of the new content."""
    headers = {"Location": f"{request.host_url}{path}", "Docker-Content-Digest": digest}
    return Response(status=201, headers=headers)
