"""The logos of ECR Public's catalogue, at the addresses that the API names: for anyone, as in the gallery."""

from __future__ import annotations

import base64

from werkzeug import Request, Response

from ecr_push.sandbox.distribution.call import DataPlaneCall
from ecr_push.sandbox.state import State


def download(state: State, call: DataPlaneCall, request: Request) -> Response:
    """GET of a logoUrl."""
    for repository in state.repositories.all("public"):
        logo = base64.b64decode(repository.catalog.get("logoImageBlob", ""))
        if logo and state.logo_url(logo).endswith(request.path):
            return Response(logo, content_type="image/png")
    return Response("No repository has this logo\n", 404)
