"""Pushes an artifact about an image through ECR's API, once: what is there already is found.

ECR takes artifacts with a subject since 2024, and has refused some all the same, with the error code of a
manifest that is not valid: https://github.com/aws/containers-roadmap/issues/2783. The artifact gets a tag of
its own then.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ecr_push.base import background
from ecr_push.base.shape import text
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.artifact import Artifact, Attached, blob_digest
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.oci import Manifest

# Of an upload that has gone on further than its answers say: one was lost, and the SDK asked again.
# Shapes UploadLayerPartResponse and CompleteLayerUploadResponse list these errors.
_GONE_ON = ("InvalidLayerPartException", "UploadNotFoundException")
_UPLOADS = 3
_THERE = ("ImageAlreadyExistsException", "ImageTagAlreadyExistsException")  # the tag is of these bytes


def attach(api: RepositoryApi, artifact: Artifact) -> Attached:
    """Pushes the artifact. Raises RegistryError."""
    try:
        _put(api, artifact.manifest, artifact.blobs)
    except AwsRefusedError as refused:
        if refused.code != "InvalidParameterException":
            raise
        _put(api, artifact.tagged, artifact.blobs, artifact.tag.name)
        return "tag"
    return "referrer"


def _put(api: RepositoryApi, manifest: Manifest, blobs: Sequence[bytes], tag: str = "") -> None:
    """PutImage first: only the first time are its blobs missing."""
    given: dict[str, Any] = {
        "imageManifest": manifest.body,
        "imageManifestMediaType": manifest.media_type,
        "imageDigest": manifest.digest.value,
        **({"imageTag": tag} if tag else {}),
    }
    for is_last in (False, True):
        try:
            api.call("put_image", **given)
        except AwsRefusedError as refused:
            if refused.code in _THERE:
                return
            if refused.code != "LayersNotFoundException" or is_last:
                raise
        else:
            return
        uploads = [background.start(partial(upload, api, blob), "upload blob") for blob in blobs]
        for one in uploads:
            one.result()


def upload(api: RepositoryApi, blob: bytes) -> None:
    """Uploads a blob in one part, unless it is there. Raises RegistryError."""
    for left in reversed(range(_UPLOADS)):
        try:
            return _upload(api, blob)
        except AwsRefusedError as refused:
            if refused.code not in _GONE_ON or not left:
                raise
    return None


def _upload(api: RepositoryApi, blob: bytes) -> None:
    identity = api.read("initiate_layer_upload", lambda answer: text(answer, "uploadId"))
    api.call(
        "upload_layer_part",
        uploadId=identity,
        partFirstByte=0,
        partLastByte=len(blob) - 1,
        layerPartBlob=blob,
    )
    try:
        api.call("complete_layer_upload", uploadId=identity, layerDigests=[blob_digest(blob)])
    except AwsRefusedError as refused:
        if refused.code != "LayerAlreadyExistsException":
            raise
