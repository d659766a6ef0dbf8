"""Images of private and public repositories: put, get, list, describe and delete."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.encryption import check_key
from ecr_push.sandbox.manifest import states_its_type
from ecr_push.sandbox.model import EcrError, Image
from ecr_push.sandbox.operations import pull_times
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page, refuse_together
from ecr_push.sandbox.quirks import check_manifest, invalid_syntax

# Shape LayerDigest. The service model has no pattern for an ImageIdentifier; ECR's message names this one.
_DIGEST = lazy_regex(r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+")
# Codes of EcrError that ECR reports for one image in `failures`, not for the whole request.
_FAILURES = {
    "ImageNotFoundException": ("ImageNotFound", "Requested image not found"),
    "KmsException": ("KmsError", ""),
}


def put_image(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    manifest = parameters["imageManifest"]
    if not parameters.get("imageManifestMediaType") and not states_its_type(manifest):
        # https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImage.html
        raise invalid_syntax()
    check_manifest(manifest, context.faults.scenario.quirks)
    image = context.state.images.put(
        context.kind,
        repository.name,
        manifest.encode(),
        tag=parameters.get("imageTag", ""),
        media_type=parameters.get("imageManifestMediaType", ""),
        digest=parameters.get("imageDigest", ""),
    )
    image_id = {"imageDigest": image.digest, "imageTag": parameters.get("imageTag")}
    return {
        "image": {
            **context.named(repository),
            "imageId": image_id,
            "imageManifest": manifest,
            "imageManifestMediaType": image.media_type,
        }
    }


def batch_get_image(context: Context, parameters: Parameters) -> Result:
    """`acceptedMediaTypes` has no effect: ECR may translate a manifest that is requested by tag, the sandbox
    always returns the bytes that were pushed.

    An archived image is `ImageNotFound`, as its pull is a 404. ECR's code may be `ImageInaccessible` instead:
    it came with the archive, and no document says what it means."""
    repository = context.repository(parameters)
    images, failures = [], []
    for image_id in parameters["imageIds"]:
        try:
            image = _find(context, parameters, image_id)
            if context.kind == "private":
                check_key(context.state, repository.name)
        except EcrError as error:
            failures.append(_failure(image_id, error))
            continue
        if not pull_times.excluded(context):
            context.state.images.record_pull(context.kind, repository.name, image.digest)
        images.append(
            {
                **context.named(repository),
                "imageId": {"imageDigest": image.digest, "imageTag": image_id.get("imageTag")},
                "imageManifest": context.state.images.manifest(image).decode(),
                "imageManifestMediaType": image.media_type,
            }
        )
    return {"images": images, "failures": failures}


def batch_delete_image(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    deleted, failures = [], []
    for image_id in parameters["imageIds"]:
        try:
            _check_image_id(image_id)
            gone = context.state.images.delete(
                context.kind,
                repository.name,
                digest=image_id.get("imageDigest", ""),
                tag=image_id.get("imageTag", ""),
            )
        except EcrError as error:
            failures.append(_failure(image_id, error))
        else:
            deleted += [{"imageDigest": digest, "imageTag": tag or None} for digest, tag in gone]
    return {"imageIds": deleted, "failures": failures}


def list_images(context: Context, parameters: Parameters) -> Result:
    """One entry for each tag, and one for each untagged image."""
    image_ids = [
        {"imageDigest": image.digest, "imageTag": tag}
        for image in _filtered(context, parameters)
        for tag in image.tags or (None,)
    ]
    shown, token = page(image_ids, parameters)
    return {"imageIds": shown, "nextToken": token}


def describe_images(context: Context, parameters: Parameters) -> Result:
    """Without a scan summary: neither native basic nor enhanced scanning sets it
    (aws/containers-roadmap#1662)."""
    refuse_together(parameters, "imageIds")
    context.repository(parameters)
    if image_ids := parameters.get("imageIds"):
        # An archived image is described by its name without a filter too, says the user guide.
        wanted = parameters.get("filter", {}).get("imageStatus", "ANY")
        named = (context.image(parameters, entry) for entry in image_ids)
        found = {image.digest: image for image in named if _has_status(context, image, wanted)}
        return {"imageDetails": [_detail(context, parameters, image) for image in found.values()]}
    shown, token = page(_filtered(context, parameters), parameters)
    return {"imageDetails": [_detail(context, parameters, image) for image in shown], "nextToken": token}


def update_image_storage_class(context: Context, parameters: Parameters) -> Result:
    """Archives an image, or begins to restore it."""
    repository = context.repository(parameters)
    image = context.image(parameters, parameters["imageId"])
    moved = context.state.images.move(repository.name, image.digest, parameters["targetStorageClass"])
    return {
        **context.named(repository),
        "imageId": {"imageDigest": image.digest, "imageTag": parameters["imageId"].get("imageTag")},
        "imageStatus": context.state.images.status(moved),
    }


def list_image_referrers(context: Context, parameters: Parameters) -> Result:
    """The artifacts (signatures, SBOMs, attestations) whose subject is an image."""
    repository = context.repository(parameters)
    digest = parameters["subjectId"]["imageDigest"]
    wanted = parameters.get("filter", {}).get("artifactTypes") or None
    referrers = [
        {
            "digest": image.digest,
            "mediaType": image.media_type,
            "artifactType": image.artifact_type or None,
            "size": image.manifest_size,
            "annotations": dict(image.annotations) or None,
            "artifactStatus": context.state.images.status(image),
        }
        for image in context.state.images.referrers(context.kind, repository.name, digest)
        if wanted is None or image.artifact_type in wanted
        if _has_status(context, image, parameters.get("filter", {}).get("artifactStatus", "ACTIVE"))
    ]
    shown, token = page(referrers, parameters, default=50)
    return {"referrers": shown, "nextToken": token}


def size_in_bytes(context: Context, name: str, image: Image) -> int:
    """ECR's size of an image: its configuration and its compressed layers; of an index, the size of
    the largest image in it. Shape ImageDetail of the service model."""
    if not image.is_index:
        return sum(blob.size for blob in image.blobs)
    children = {child.digest for child in image.children}
    stored = context.state.images.all(context.kind, name)
    return max((size_in_bytes(context, name, it) for it in stored if it.digest in children), default=0)


def _detail(context: Context, parameters: Parameters, image: Image) -> Result:
    """Shape ImageDetail; ECR Public has fewer members."""
    repository = context.repository(parameters)
    detail = {
        **context.named(repository),
        "imageDigest": image.digest,
        "imageTags": list(image.tags) or None,
        "imageSizeInBytes": size_in_bytes(context, repository.name, image),
        "imagePushedAt": float(int(image.pushed_at)),
        "imageManifestMediaType": image.media_type,
        "artifactMediaType": image.artifact_type or None,
    }
    if context.kind == "private":
        detail["lastRecordedPullTime"] = image.last_pulled_at or None
        detail["subjectManifestDigest"] = image.subject or None
        detail["imageStatus"] = context.state.images.status(image)
        detail["lastArchivedAt"] = image.archived_at or None
        detail["lastActivatedAt"] = image.restored_at or None
    return detail


def _filtered(context: Context, parameters: Parameters) -> list[Image]:
    chosen = parameters.get("filter", {})
    status = chosen.get("tagStatus", "ANY")
    images = context.state.images.all(context.kind, parameters["repositoryName"])
    return [
        image
        for image in images
        if status == "ANY" or bool(image.tags) == (status == "TAGGED")
        if _has_status(context, image, chosen.get("imageStatus", "ACTIVE"))
    ]


def _has_status(context: Context, image: Image, wanted: str) -> bool:
    return wanted in ("ANY", context.state.images.status(image))


def _find(context: Context, parameters: Parameters, image_id: Mapping[str, str]) -> Image:
    _check_image_id(image_id)
    digest, tag = image_id.get("imageDigest"), image_id.get("imageTag")
    if digest and tag and context.image(parameters, {"imageTag": tag}).digest != digest:
        raise EcrError(
            "ImageTagDoesNotMatchDigest", "The image tag does not reference the given image digest"
        )
    return context.state.images.pullable(
        context.kind, parameters["repositoryName"], digest=digest or "", tag=tag or ""
    )


def _check_image_id(image_id: Mapping[str, str]) -> None:
    digest = image_id.get("imageDigest")
    if not digest and not image_id.get("imageTag"):
        raise EcrError(
            "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"
        )
    if digest and not _DIGEST.fullmatch(digest):
        raise EcrError(
            "InvalidImageDigest",
            f"Invalid request parameters: image digest should satisfy the regex '{_DIGEST.pattern}'",
        )


def _failure(image_id: Mapping[str, str], error: EcrError) -> Result:
    code, reason = _FAILURES.get(error.code, (error.code, ""))
    return {"imageId": dict(image_id), "failureCode": code, "failureReason": reason or error.message}
