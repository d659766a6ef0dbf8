"""Manifests by tag and digest, tags and referrers."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from werkzeug import Request, Response

from ecr_push.base.reference import Tag
from ecr_push.sandbox.distribution.call import DataPlaneCall, created
from ecr_push.sandbox.distribution.errors import V2Error
from ecr_push.sandbox.manifest import MAX_MANIFEST_BYTES, OCI_INDEX
from ecr_push.sandbox.model import EcrError, Image
from ecr_push.sandbox.quirks import NO_DIGEST_HEADER, NO_REFERRERS, check_manifest
from ecr_push.sandbox.state import State
from ecr_push.sandbox.store import is_digest

# The page limit of ECR's ListImages and DescribeRepositories, which serve these requests.
_MAX_PAGE = 1_000
# Content types of clients that do not know it; the manifest itself has its type then.
_VAGUE_TYPES = ("application/json", "application/octet-stream", "")


def put(state: State, call: DataPlaneCall, request: Request) -> Response:
    """PUT. The same image under the same tag again is a success, unless the tag is immutable."""
    content = request.stream.read(MAX_MANIFEST_BYTES + 1)
    media_type = "" if request.mimetype in _VAGUE_TYPES else request.mimetype
    digest, tag = _identity(call)
    if tag:
        _check_tag(tag)
    check_manifest(content, call.quirks)
    try:
        image = state.images.put(call.kind, call.name, content, tag=tag, digest=digest, media_type=media_type)
    except EcrError as error:
        if error.code != "ImageAlreadyExistsException":
            raise
        image = state.images.find(call.kind, call.name, digest=digest, tag=tag)
    response = created(request, f"v2/{call.path}/manifests/{image.digest}", image.digest)
    if image.subject:
        response.headers["OCI-Subject"] = image.subject
    return response


def read(state: State, call: DataPlaneCall, request: Request) -> Response:
    """GET and HEAD."""
    image = _find(state, call)
    if request.method == "GET":
        state.images.record_pull(call.kind, call.name, image.digest)
    headers = {"Docker-Content-Digest": image.digest, "ETag": f'"{image.digest}"'}
    if call.kind == "public" and request.method == "GET" and NO_DIGEST_HEADER in call.quirks:
        del headers["Docker-Content-Digest"]
    content = state.images.manifest(image)
    response = Response(content, headers=headers, content_type=image.media_type)
    return response.make_conditional(request)


def delete(state: State, call: DataPlaneCall, request: Request) -> Response:
    """DELETE: a tag (with its last tag the image), or a digest with all its tags."""
    digest, tag = _identity(call)
    state.images.delete(call.kind, call.name, digest=digest, tag=tag)
    return Response(status=202)


def list_tags(state: State, call: DataPlaneCall, request: Request) -> Response:
    """The tags in lexical order, without archived images'; `n` and `last` page through them."""
    images = state.images.all(call.kind, call.name)
    tags = (tag for image in images if state.images.status(image) == "ACTIVE" for tag in image.tags)
    return _page(call.path, "tags", sorted(tags), request)


def catalog(state: State, call: DataPlaneCall, request: Request) -> Response:
    """For private registries only, as in ECR: google/go-containerregistry#1091."""
    if call.kind == "public":
        raise V2Error(404, "UNSUPPORTED", "ECR Public does not list repositories over this API")
    return _page("", "repositories", [it.path for it in state.repositories.all(call.kind)], request)


def referrers(state: State, call: DataPlaneCall, request: Request) -> Response:
    """The manifests with this digest as their subject, as an index; `artifactType` filters."""
    if NO_REFERRERS in call.quirks:
        raise V2Error(405, "UNSUPPORTED", f"GET {request.path} is not supported")
    if not is_digest(call.digest):
        raise V2Error(400, "DIGEST_INVALID", f"{call.digest!r} is not a sha256 digest")
    every = state.images.referrers(call.kind, call.name, call.digest)
    found = tuple(image for image in every if state.images.status(image) == "ACTIVE")
    headers = {}
    if wanted := request.args.get("artifactType"):
        found = tuple(image for image in found if image.artifact_type == wanted)
        headers["OCI-Filters-Applied"] = "artifactType"
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [_descriptor(it) for it in found]}
    return Response(json.dumps(index), headers=headers, content_type=OCI_INDEX)


def _descriptor(image: Image) -> dict[str, object]:
    descriptor: dict[str, object] = {
        "mediaType": image.media_type,
        "digest": image.digest,
        "size": image.manifest_size,
        "artifactType": image.artifact_type,
    }
    if image.annotations:
        descriptor["annotations"] = dict(image.annotations)
    return descriptor


def _identity(call: DataPlaneCall) -> tuple[str, str]:
    """(digest, "") or ("", tag)."""
    if ":" not in call.reference:
        return "", call.reference
    if not is_digest(call.reference):
        raise V2Error(400, "DIGEST_INVALID", f"{call.reference!r} is not a sha256 digest")
    return call.reference, ""


def _check_tag(tag: str) -> None:
    try:
        Tag(tag)
    except ValueError as error:
        raise V2Error(400, "TAG_INVALID", str(error)) from None


def _find(state: State, call: DataPlaneCall) -> Image:
    digest, tag = _identity(call)
    try:
        return state.images.pullable(call.kind, call.name, digest=digest, tag=tag)
    except EcrError as error:
        if error.code != "ImageNotFoundException":
            raise
        raise V2Error(404, "MANIFEST_UNKNOWN", "Requested image not found") from None


def _page(name: str, key: str, items: list[str], request: Request) -> Response:
    try:
        limit = int(request.args.get("n", _MAX_PAGE))
    except ValueError:
        limit = 0
    if not 0 < limit <= _MAX_PAGE:
        constraint = "less than or equal to 1000" if limit > 0 else "greater than or equal to 1"
        raise V2Error(
            405,
            "UNSUPPORTED",
            "Invalid parameter at 'maxResults' failed to satisfy constraint: "
            f"'Member must have value {constraint}'",
        )
    last = request.args.get("last", "")
    rest = [item for item in items if item > last]
    shown = rest[:limit]
    response = Response(
        json.dumps({"name": name, key: shown} if name else {key: shown}), content_type="application/json"
    )
    if len(rest) > limit:
        following = urlencode({"n": limit, "last": shown[-1]})
        response.headers["Link"] = f'<{request.path}?{following}>; rel="next"'
    return response
