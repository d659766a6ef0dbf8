"""An index -> what it has for some platforms. Pure but for the manifests that it reads.

One platform is the image itself, whose digest stays. Several are an index of the same entries, in their
order, whose own digest is another one; it is the same whenever it is made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError, each, optional_text
from ecr_push.base.suggest import did_you_mean
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.copy.tree import ManifestReader
from ecr_push.registry.oci import Manifest, read_manifest

# BuildKit names in it the image that an attestation in the same index is about.
# https://github.com/moby/buildkit/blob/v0.25.0/docs/attestations/attestation-storage.md
_ABOUT = "vnd.docker.reference.digest"


def only_platforms(root: Manifest, platforms: Sequence[str], client: ManifestReader) -> Manifest:
    """What root has for these platforms, OS/ARCH[/VARIANT]. An image without an index is returned as it is.

    Raises RegistryError for a platform that it lacks.
    """
    if not root.is_index:
        return root
    with answer_to(f"GET manifests/{root.digest}"):
        entries = each(_as_it_is, _document(root), "manifests")
        by_platform = {_platform(one): one for one in entries if _is_image(one)}
    chosen = []
    for platform in platforms:
        found = _matching(platform, by_platform)
        if found is None:
            raise RegistryError(
                f"{root.digest.short} has no image for {platform}",
                why=f"it has {', '.join(by_platform) or 'none that names its platform'}",
                remedy=f"leave the platform out{did_you_mean(platform, by_platform)}",
            )
        chosen.append(found)
    digests = {optional_text(one, "digest") for one in chosen}
    if len(digests) == 1:
        [digest] = digests
        image = client.manifests([Digest(digest)]).get(Digest(digest))
        if image is None:
            raise RegistryError(f"{digest} is not there, though {root.digest.short} names it")
        return image
    kept = [one for one in entries if optional_text(one, "digest") in digests or _about(one) in digests]
    if len(kept) == len(entries):
        return root
    body = json.dumps({**_document(root), "manifests": kept}, separators=(",", ":"), ensure_ascii=False)
    digest = f"sha256:{hashlib.sha256(body.encode()).hexdigest()}"
    return read_manifest(Digest(digest), root.media_type, body)


def _document(manifest: Manifest) -> Mapping[str, Any]:
    document = json.loads(manifest.body)
    if not isinstance(document, dict):
        raise OddValueError("", "is not an object")
    return document


def _as_it_is(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return entry


def _is_image(entry: Mapping[str, Any]) -> bool:
    return bool(optional_text(entry, "platform", "os")) and "unknown" not in _platform(entry)


def _platform(entry: Mapping[str, Any]) -> str:
    parts = (optional_text(entry, "platform", one) for one in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


def _about(entry: Mapping[str, Any]) -> str:
    annotations = entry.get("annotations")
    return optional_text(annotations, _ABOUT) if isinstance(annotations, Mapping) else ""


def _matching(platform: str, found: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """`linux/arm64` also means `linux/arm64/v8`, which is its usual variant."""
    if platform in found:
        return found[platform]
    return next((one for name, one in found.items() if name.startswith(f"{platform}/")), None)
