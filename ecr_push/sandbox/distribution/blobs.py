"""Blobs: HEAD and GET with ranges, also through a download link."""

from __future__ import annotations

from werkzeug import Request, Response
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from ecr_push.sandbox.distribution.call import DataPlaneCall
from ecr_push.sandbox.distribution.errors import V2Error
from ecr_push.sandbox.links import PATH
from ecr_push.sandbox.state import State

_CHUNK = 256 * 1024


def read(state: State, call: DataPlaneCall, request: Request) -> Response:
    """GET and HEAD. A blob of another repository is unknown, like one that was never pushed."""
    size = state.layers.size(call.kind, call.name, call.digest)
    if size is None:
        raise V2Error(404, "BLOB_UNKNOWN", f"The blob '{call.digest}' is not in this repository")
    return _content(state, call.digest, size, request)


def download(state: State, call: DataPlaneCall, request: Request) -> Response:
    """GET of a link from GetDownloadUrlForLayer."""
    digest = request.path.removeprefix(PATH)
    if not state.links.allows(digest, request.args):
        return Response("The link is expired, or not signed by this sandbox\n", 403)
    file = state.layers.path(digest)
    return _content(state, digest, file.stat().st_size, request)


def _content(state: State, digest: str, size: int, request: Request) -> Response:
    headers = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"'}
    response = Response(headers=headers, content_type="application/octet-stream")
    if request.method == "HEAD":
        response.content_length = size
        response.headers["Accept-Ranges"] = "bytes"
        return response
    file = state.layers.path(digest).open("rb")
    response.response = wrap_file(request.environ, file, _CHUNK)
    response.direct_passthrough = True
    response.content_length = size
    try:
        return response.make_conditional(request, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        response.close()
        raise V2Error(
            416, "RANGE_INVALID", f"The blob has {size} bytes", {"Content-Range": f"bytes */{size}"}
        ) from None
