"""Lifecycle policies: checked, kept, and previewed. `lifecycle_runs` carries them out."""

from __future__ import annotations

import json
from typing import Any

from ecr_push.sandbox import lifecycle
from ecr_push.sandbox.model import EcrError, StoredRepository
from ecr_push.sandbox.operations.context import Context, Parameters, Result, page
from ecr_push.sandbox.protocol import invalid_parameter

_PREVIEW = "lifecyclePreview"  # a name of StoredRepository.extra


def put_lifecycle_policy(context: Context, parameters: Parameters) -> Result:
    text = parameters["lifecyclePolicyText"]
    _read(text)
    repository = context.repository(parameters)
    extra = {**repository.extra, lifecycle.EVALUATED_AT: context.state.clock()}
    repository = context.state.repositories.change(
        context.kind, repository.name, lifecycle_text=text, extra=extra
    )
    return {**context.named(repository), "lifecyclePolicyText": text}


def get_lifecycle_policy(context: Context, parameters: Parameters) -> Result:
    """lastEvaluatedAt is when the policy was put, until it is carried out."""
    repository = context.repository(parameters)
    if not repository.lifecycle_text:
        raise _no_policy(repository)
    return {
        **context.named(repository),
        "lifecyclePolicyText": repository.lifecycle_text,
        "lastEvaluatedAt": repository.extra.get(lifecycle.EVALUATED_AT),
    }


def delete_lifecycle_policy(context: Context, parameters: Parameters) -> Result:
    deleted = get_lifecycle_policy(context, parameters)
    context.state.repositories.change(context.kind, parameters["repositoryName"], lifecycle_text="")
    return deleted


def start_lifecycle_policy_preview(context: Context, parameters: Parameters) -> Result:
    """Without a text, of the repository's own policy. The result is of this moment, and there at once."""
    repository = context.repository(parameters)
    text = parameters.get("lifecyclePolicyText") or repository.lifecycle_text
    if not text:
        raise _no_policy(repository)
    policy = _read(text)
    images = context.state.images.all(context.kind, repository.name)
    acted = lifecycle.evaluate(policy, images, context.state.clock())
    results = [
        lifecycle.preview_result(image, acted[image.digest]) for image in images if image.digest in acted
    ]
    extra = {**repository.extra, _PREVIEW: {"text": text, "results": results}}
    context.state.repositories.change(context.kind, repository.name, extra=extra)
    return {**context.named(repository), "lifecyclePolicyText": text, "status": "IN_PROGRESS"}


def get_lifecycle_policy_preview(context: Context, parameters: Parameters) -> Result:
    repository = context.repository(parameters)
    preview = repository.extra.get(_PREVIEW)
    if preview is None:
        raise EcrError(
            "LifecyclePolicyPreviewNotFoundException",
            "Lifecycle policy preview does not exist for the repository with name "
            f"'{repository.name}' in the registry with id '{repository.registry_id}'",
        )
    results = [one for one in preview["results"] if _is_asked_for(one, parameters)]
    shown, token = page(results, parameters)
    archived = sum(one["action"]["type"] == "TRANSITION" for one in preview["results"])
    return {
        **context.named(repository),
        "lifecyclePolicyText": preview["text"],
        "status": "COMPLETE",
        "previewResults": list(shown),
        "nextToken": token,
        "summary": {
            "expiringImageTotalCount": len(preview["results"]) - archived,
            "transitioningImageTotalCounts": [{"targetStorageClass": "ARCHIVE", "imageTotalCount": archived}],
        },
    }


def _read(text: str) -> lifecycle.LifecyclePolicy:
    try:
        if not isinstance(json.loads(text), dict):
            raise ValueError("string is not a JSON object")
        return lifecycle.read_policy(text)
    except RecursionError:
        problem = "string is nested too deeply"
    except ValueError as error:
        problem = "string is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
    raise invalid_parameter("LifecyclePolicyText", f"Lifecycle policy validation failure: {problem}")


def _no_policy(repository: StoredRepository) -> EcrError:
    return EcrError(
        "LifecyclePolicyNotFoundException",
        f"Lifecycle policy does not exist for the repository with name '{repository.name}' in the "
        f"registry with id '{repository.registry_id}'",
    )


def _is_asked_for(result: dict[str, Any], parameters: Parameters) -> bool:
    status = parameters.get("filter", {}).get("tagStatus", "ANY")
    has_status = status == "ANY" or (status == "TAGGED") == bool(result["imageTags"])
    ids = parameters.get("imageIds")
    return has_status and (ids is None or any(_names(one, result) for one in ids))


def _names(image_id: dict[str, str], result: dict[str, Any]) -> bool:
    by_digest = image_id.get("imageDigest") in (None, result["imageDigest"])
    by_tag = "imageTag" not in image_id or image_id["imageTag"] in (result["imageTags"] or ())
    return by_digest and by_tag
