"""An image arrives in another registry: its repository, its blobs, its manifest, its tags."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.sandbox.model import EcrError, Mutability, RegistrySettings
from ecr_push.sandbox.replication.model import Registry

TEMPLATES = "repositoryCreationTemplates"  # in RegistrySettings.extra, by prefix


def arrive(source: Registry, there: Registry, repository: str, digest: str, tags: Sequence[str]) -> None:
    """Copies an image with what it lists. One that the source no longer has does not arrive.

    A tag that is immutable there, and taken, stays where it is: the image arrives without it.
    """
    try:
        image = source.images.find("private", repository, digest=digest)
    except EcrError:
        return
    _make_repository(there, repository)
    for child in image.children:
        arrive(source, there, repository, child.digest, ())
    for blob in image.blobs:
        if (size := source.layers.size("private", repository, blob.digest)) is not None:
            there.layers.receive(repository, blob.digest, source.layers.path(blob.digest), size)
    content = source.images.manifest(image)
    for tag in ("", *tags):
        with contextlib.suppress(EcrError):  # it is there already, or the tag is immutable
            there.images.put("private", repository, content, tag=tag, media_type=image.media_type)


def depart(there: Registry, repository: str, digest: str, tags: Sequence[str], *, gone: bool) -> None:
    """A deletion arrives: of tags, or of an image with all of its tags."""
    with contextlib.suppress(EcrError):  # it is not there
        if gone:
            there.images.delete("private", repository, digest=digest)
            return
        for tag in tags:
            there.images.delete("private", repository, digest=digest, tag=tag)


def _make_repository(there: Registry, repository: str) -> None:
    with contextlib.suppress(EcrError):
        there.repositories.create("private", repository, **_settings_of(there.settings, repository))


def _settings_of(settings: RegistrySettings, repository: str) -> dict[str, Any]:
    """What a template for replication gives it: that of the longest prefix."""
    templates: Mapping[str, Mapping[str, Any]] = settings.extra.get(TEMPLATES, {})
    fitting = [
        (0 if prefix == "ROOT" else len(prefix), one)
        for prefix, one in templates.items()
        if "REPLICATION" in one["appliedFor"]
        and (prefix == "ROOT" or repository.startswith(f"{prefix.rstrip('/')}/"))
    ]
    if not fitting:
        return {}
    template = max(fitting, key=lambda one: one[0])[1]
    filters = template.get("imageTagMutabilityExclusionFilters", [])
    encryption = template.get("encryptionConfiguration", {})
    return {
        "mutability": Mutability(
            template.get("imageTagMutability", "MUTABLE"), tuple(one["filter"] for one in filters)
        ),
        "encryption_type": encryption.get("encryptionType", "AES256"),
        "kms_key": encryption.get("kmsKey", ""),
        "resource_tags": {one["Key"]: one["Value"] for one in template.get("resourceTags", [])},
        "policy_text": template.get("repositoryPolicy", ""),
        "lifecycle_text": template.get("lifecyclePolicy", ""),
    }
