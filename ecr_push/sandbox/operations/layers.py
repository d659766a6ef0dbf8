"""Layers over the API, as clients without the OCI distribution protocol upload and fetch them."""

from __future__ import annotations

from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.model import EcrError
from ecr_push.sandbox.operations.context import Context, Parameters, Result
from ecr_push.sandbox.store import is_digest

PART_SIZE = 10 * 1024 * 1024  # bytes; the partSize of InitiateLayerUpload
_DIGEST = lazy_regex(r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+")  # shape LayerDigest
_LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def batch_check_layer_availability(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    layers, failures = [], []
    for digest in parameters["layerDigests"]:
        if not _DIGEST.fullmatch(digest):
            failures.append(
                {
                    "layerDigest": digest,
                    "failureCode": "InvalidLayerDigest" if digest else "MissingLayerDigest",
                    "failureReason": "Invalid request parameters: layer digest should satisfy the regex "
                    f"'{_DIGEST.pattern}'",
                }
            )
            continue
        size = context.state.layers.size(context.kind, repository.name, digest)
        if size is None:
            layers.append({"layerDigest": digest, "layerAvailability": "UNAVAILABLE"})
        else:
            layers.append(
                {
                    "layerDigest": digest,
                    "layerAvailability": "AVAILABLE",
                    "layerSize": size,
                    "mediaType": _media_type(context, repository.name, digest),
                }
            )
    return {"layers": layers, "failures": failures}


def get_download_url_for_layer(context: Context, parameters: Parameters) -> Result:
    repository, digest = context.repository(parameters), parameters["layerDigest"]
    if context.state.layers.size(context.kind, repository.name, digest) is None:
        raise EcrError(
            "LayersNotFoundException",
            f"Layers with digests '[{digest}]' not found in the repository with name '{repository.name}' "
            f"in the registry with id '{repository.registry_id}'",
        )
    return {"downloadUrl": context.state.download_url(repository, digest), "layerDigest": digest}


def initiate_layer_upload(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    upload = context.state.layers.begin(context.kind, repository.name)
    return {"uploadId": upload.id, "partSize": PART_SIZE}


def upload_layer_part(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    upload = context.state.layers.upload(context.kind, repository.name, parameters["uploadId"])
    first, last, blob = (parameters[name] for name in ("partFirstByte", "partLastByte", "layerPartBlob"))
    if last - first + 1 != len(blob):
        raise EcrError(
            "InvalidLayerPartException",
            f"The layer part has {len(blob)} bytes, but the request declares bytes {first} to {last}",
        )
    size = upload.append([blob], at=first)
    return {**context.named(repository), "uploadId": upload.id, "lastByteReceived": size - 1}


def complete_layer_upload(context: Context, parameters: Parameters) -> Result:
    repository, digest = context.repository(parameters), parameters["layerDigests"][0]
    upload = context.state.layers.upload(context.kind, repository.name, parameters["uploadId"])
    where = f"the repository with name '{repository.name}' in the registry with id '{repository.registry_id}'"
    if not upload.size:
        raise EcrError("EmptyUploadException", f"The upload with id '{upload.id}' in {where} has no parts")
    if not is_digest(digest):
        raise EcrError("InvalidLayerException", f"The layer digest '{digest}' is not a sha256 digest")
    if context.state.layers.size(context.kind, repository.name, digest) is not None:
        raise EcrError(
            "LayerAlreadyExistsException", f"Layer with digest '{digest}' already exists in {where}"
        )
    context.state.layers.complete(context.kind, repository.name, upload.id, digest)
    return {**context.named(repository), "uploadId": upload.id, "layerDigest": digest}


def _media_type(context: Context, name: str, digest: str) -> str:
    """The media type of this layer in the repository's manifests; an upload alone has none."""
    for image in context.state.images.all(context.kind, name):
        for blob in image.blobs:
            if blob.digest == digest:
                return blob.media_type
    return _LAYER_TYPE
