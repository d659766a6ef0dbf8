"""Blob uploads: monolithic, streamed, in chunks, or mounted from another repository."""

from __future__ import annotations

from collections.abc import Iterator

from werkzeug import Request, Response
from werkzeug.http import parse_content_range_header

from ecr_push.sandbox.distribution.call import DataPlaneCall, created
from ecr_push.sandbox.distribution.errors import V2Error
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.quirks import CHUNKED_UPLOADS, NO_MOUNTS
from ecr_push.sandbox.state import State
from ecr_push.sandbox.store import Upload, is_digest

# Large enough for speed, small enough for 32 uploads at a time.
_CHUNK = 256 * 1024


def start(state: State, call: DataPlaneCall, request: Request) -> Response:
    """POST: mount a blob, receive a whole blob at once (`?digest=`), or start an upload."""
    digest = request.args.get("mount", "")
    if digest and _mount(state, call, digest, request.args.get("from", "")):
        return created(request, call.blob_path(digest), digest)
    digest = request.args.get("digest", "")
    if digest:
        _check_digest(digest)
    upload = state.layers.begin(call.kind, call.name)
    if digest:
        upload.append(_body(request))
        state.layers.complete(call.kind, call.name, upload.id, digest)
        return created(request, call.blob_path(digest), digest)
    return _progress(request, call, upload, 202)


def patch(state: State, call: DataPlaneCall, request: Request) -> Response:
    """PATCH: the next bytes, with or without Content-Range."""
    upload = state.layers.upload(call.kind, call.name, call.upload)
    _append(call, upload, request)
    return _progress(request, call, upload, 201 if CHUNKED_UPLOADS in call.quirks else 202)


def finish(state: State, call: DataPlaneCall, request: Request) -> Response:
    """PUT: the last bytes, if any, and the digest of the whole blob."""
    digest = request.args.get("digest", "")
    _check_digest(digest)
    upload = state.layers.upload(call.kind, call.name, call.upload)
    _append(call, upload, request)
    state.layers.complete(call.kind, call.name, upload.id, digest)
    return created(request, call.blob_path(digest), digest)


def status(state: State, call: DataPlaneCall, request: Request) -> Response:
    """GET: the progress of an upload."""
    return _progress(request, call, state.layers.upload(call.kind, call.name, call.upload), 204)


def cancel(state: State, call: DataPlaneCall, request: Request) -> Response:
    """DELETE: cancel an upload."""
    state.layers.cancel(call.kind, call.name, call.upload)
    return Response(status=204)


def _mount(state: State, call: DataPlaneCall, digest: str, source: str) -> bool:
    if NO_MOUNTS in call.quirks and not state.settings.blob_mounting:
        return False
    try:
        return state.layers.mount(
            call.kind, call.name, digest, state.repositories.name_of_path(call.kind, source)
        )
    except EcrError:
        # A missing source is not an error: the client uploads. `begin` checks the target.
        return False


def _append(call: DataPlaneCall, upload: Upload, request: Request) -> None:
    body = _body(request)
    if CHUNKED_UPLOADS in call.quirks and upload.parts:  # accepted and discarded
        for _ in body:
            pass
        return
    upload.append(body, at=_offset(request))


def _offset(request: Request) -> int | None:
    header = request.headers.get("Content-Range")
    if header is None:
        return None
    # The specification omits the unit and the length that HTTP requires: `0-1023`.
    parsed = parse_content_range_header(header if " " in header else f"bytes {header}/*")
    if parsed is None or parsed.start is None:
        raise V2Error(416, "BLOB_UPLOAD_INVALID", f"Content-Range {header!r} is not a valid range of bytes")
    return parsed.start


def _body(request: Request) -> Iterator[bytes]:
    # werkzeug raises ClientDisconnected if the client disconnects before Content-Length bytes.
    while chunk := request.stream.read(_CHUNK):
        yield chunk


def _check_digest(digest: str) -> None:
    if not is_digest(digest):
        raise V2Error(400, "DIGEST_INVALID", f"{digest!r} is not a sha256 digest")


def _progress(request: Request, call: DataPlaneCall, upload: Upload, status_code: int) -> Response:
    headers = {
        "Location": f"{request.host_url}v2/{call.path}/blobs/uploads/{upload.id}",
        "Range": f"0-{max(upload.size - 1, 0)}",
        "Docker-Upload-UUID": upload.id,
        "Content-Length": "0",
    }
    return Response(status=status_code, headers=headers)
