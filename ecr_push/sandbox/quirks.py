"""What ECR does, or has done for a time, beside its documentation: switches of a scenario, by name.

no-referrers: the registry API has no referrers: 405 (sigstore/sigstore-js#1183 met an ECR without them).
no-subjects: a manifest with a subject is refused: 405 (aws/containers-roadmap#2783, moby/buildkit#5747).
strict-manifests: a manifest is refused for what ECR's own reader does not know: `platform.features`
    (aws/containers-roadmap#2439), and media types with parameters (aws/containers-roadmap#2306).
no-digest-header: ECR Public gives a manifest without Docker-Content-Digest (aws/containers-roadmap#1931).
no-mounts: BLOB_MOUNTING is off until PutAccountSetting turns it on, as in a new registry.
chunked-uploads: a chunk is answered with 201, and what follows the first is lost
    (aws/containers-roadmap#2831).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from ecr_push.sandbox.model import EcrError

NO_REFERRERS = "no-referrers"
NO_SUBJECTS = "no-subjects"
STRICT_MANIFESTS = "strict-manifests"
NO_DIGEST_HEADER = "no-digest-header"
NO_MOUNTS = "no-mounts"
CHUNKED_UPLOADS = "chunked-uploads"
QUIRKS = (NO_REFERRERS, NO_SUBJECTS, STRICT_MANIFESTS, NO_DIGEST_HEADER, NO_MOUNTS, CHUNKED_UPLOADS)


def check_manifest(content: str | bytes, quirks: Collection[str]) -> None:
    """Raises EcrError InvalidParameterException, in ECR's words, for a manifest that the quirks refuse."""
    if not {NO_SUBJECTS, STRICT_MANIFESTS} & set(quirks):
        return
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return  # what is wrong with it is found when it is put
    has_subject = isinstance(document, dict) and bool(document.get("subject"))
    if (NO_SUBJECTS in quirks and has_subject) or (STRICT_MANIFESTS in quirks and _is_unknown(document)):
        raise invalid_syntax()


def invalid_syntax() -> EcrError:
    """ECR's words for each manifest that it does not read, its JSON well-formed or not: aws/aws-cli#8620."""
    return EcrError(
        "InvalidParameterException",
        "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
    )


def _is_unknown(document: Any) -> bool:
    return any(
        "features" in entry.get("platform", {})
        or any(";" in str(entry.get(name, "")) for name in ("mediaType", "artifactType"))
        for entry in _mappings(document)
    )


def _mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a manifest that may have a platform or a type, at any depth but in annotations."""
    if isinstance(value, dict):
        if isinstance(value.get("platform", {}), dict):
            yield value
        for name, inner in value.items():
            if name != "annotations":
                yield from _mappings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _mappings(inner)
