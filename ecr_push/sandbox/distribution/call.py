"""One request to the data plane, its path taken apart."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug import Request, Response

from ecr_push.sandbox.model import Kind


@dataclass(frozen=True)
class DataPlaneCall:
    """operation as faults name it; path the repository's in the URL, name the one that the state knows.

    Of digest, reference and upload only the one that the route has is set.
    """

    operation: str
    kind: Kind
    path: str = ""
    name: str = ""
    digest: str = ""
    reference: str = ""
    upload: str = ""

    def blob_path(self, digest: str) -> str:
        return f"v2/{self.path}/blobs/{digest}"


def created(request: Request, path: str, digest: str) -> Response:
    """201, and where the new thing is."""
    headers = {"Location": f"{request.host_url}{path}", "Docker-Content-Digest": digest}
    return Response(status=201, headers=headers)
