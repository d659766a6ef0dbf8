"""Reading manifests and blobs over the OCI distribution API, where ECR's own API has no operation for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ecr_push.base.clock import Clock
from ecr_push.base.errors import AuthenticationError, RegistryError
from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError, each, mapping, member, optional_text, parsed, quoted
from ecr_push.registry.aws.odd import OddAnswerError, answer_to
from ecr_push.registry.layer_api import TransferError
from ecr_push.registry.oci import INDEX_TYPES, MANIFEST_TYPES, Child, Manifest, read_manifest
from ecr_push.registry.wire import Answer, Wire

# The most bytes that are read of a manifest, for which registries need not take more than 4 MiB
# (OCI distribution specification 1.1, "Pushing manifests").
MOST_BYTES = 8 * 1024 * 1024
# The same of a configuration, or of a statement, which may hold an SBOM.
MOST_BLOB_BYTES = 32 * 1024 * 1024
# How long an answer may take as a whole.
MOST_SECONDS = 120.0
_INDEX = "application/vnd.oci.image.index.v1+json"
_CHUNK = 64 * 1024
_Read = TypeVar("_Read")


class NotThereError(RegistryError):
    """The repository does not have what was to be read."""


class Distribution:
    """What the OCI distribution API says of one repository."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock

    def manifest(self, digest: Digest) -> Manifest:
        """Return a manifest in the bytes that were pushed, which its digest is of. Raises RegistryError."""
        path = f"manifests/{digest}"
        media_type, content, _ = self._get(path, accept=", ".join(MANIFEST_TYPES))
        with answer_to(f"GET {path}"):
            return read_manifest(digest, media_type, _text(content))

    def find_manifest(self, digest: Digest) -> Manifest | None:
        """Do as `manifest` does; None where there is none."""
        try:
            return self.manifest(digest)
        except NotThereError:
            return None

    def labels(self, manifest: Manifest) -> Mapping[str, str]:
        """Return the labels in the image's configuration; for an index, those of its first image."""
        if manifest.media_type in INDEX_TYPES:
            images = _images(manifest)
            return self.labels(self.manifest(images[0].digest)) if images else {}
        return self._configured(manifest, _labels, {})

    def platforms(self, manifest: Manifest) -> tuple[str, ...]:
        """Return the platforms of an index's images, or the one in an image's configuration."""
        if manifest.media_type in INDEX_TYPES:
            return tuple(sorted({one.platform for one in _images(manifest) if one.platform}))
        return self._configured(manifest, _platforms, ())

    def steps(self, manifest: Manifest) -> tuple[str, ...]:
        """Return, for each layer of an image, what made it; nothing where its history does not say that."""
        none: tuple[str, ...] = ()
        steps = self._configured(manifest, _steps, none)
        return steps if len(steps) == len(manifest.layers) else none

    def blob(self, digest: Digest) -> bytes:
        """Return a document of at most MOST_BLOB_BYTES, which is what its digest says.

        Raises RegistryError.
        """
        path = f"blobs/{digest}"
        _, content, _ = self._get(path, accept="*/*", most=MOST_BLOB_BYTES)
        with answer_to(f"GET {path}"):
            if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest.value:
                raise OddValueError("", "has other bytes than its digest says")
        return content

    def referrers(
        self, digest: Digest, artifact_type: str, annotations: Mapping[str, str]
    ) -> frozenset[Digest]:
        """Return the referrers of an image with this type, "" for any, and at least these annotations.

        https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
        Raises RegistryError.
        """

        def read(one: Mapping[str, Any]) -> Digest | None:
            found = mapping(one, "annotations") if "annotations" in one else {}
            is_meant = all(found.get(name) == value for name, value in annotations.items())
            is_of_type = artifact_type in ("", optional_text(one, "artifactType"))
            return parsed(Digest, one, "digest") if is_meant and is_of_type else None

        listed: set[Digest] = set()
        path, seen = f"referrers/{digest}", {""}
        while path not in seen:
            seen.add(path)
            try:
                _, content, path = self._get(path, accept=_INDEX)
            except NotThereError:
                break
            with answer_to(f"GET referrers/{digest}"):
                listed |= {one for one in each(read, _document(content), "manifests") if one}
        return frozenset(listed)

    def _configured(self, manifest: Manifest, read: Callable[[bytes], _Read], default: _Read) -> _Read:
        """What the image's configuration says; default for a manifest that is not of an image."""
        if manifest.config_digest is None or not manifest.is_image:
            return default
        content = self.blob(manifest.config_digest)
        with answer_to(f"GET blobs/{manifest.config_digest}"):
            return read(content)

    def _get(self, path: str, *, accept: str, most: int = MOST_BYTES) -> tuple[str, bytes, str]:
        """Return the media type and the body of an answer, and where the next page is, if there is one."""
        for is_last in (False, True):
            try:
                with self._wire.asked("GET", path, (200,), {"Accept": accept}, patient=True) as answer:
                    media_type = answer.header("Content-Type").split(";")[0].strip()
                    content = self._content(answer, f"GET {path}", most)
                    return media_type, content, _next_page(answer.header("Link"))
            except TransferError as error:
                if error.status not in (401, 403):
                    kind = NotThereError if error.status == 404 else RegistryError
                    raise kind(f"could not read {path}", why=f"{error.what}: {error.why}") from error
                if is_last:  # also with a new token
                    raise AuthenticationError(f"could not read {path}", why=error.what) from error
        raise AssertionError("the last attempt returns or raises")

    def _content(self, answer: Answer, what: str, most: int) -> bytes:
        """Return the body, which is bounded in bytes and in time."""
        content = b""
        ends_at = self._clock.monotonic() + MOST_SECONDS
        while piece := answer.read(_CHUNK):
            content += piece
            if len(content) > most:
                raise OddAnswerError(what, f"it is larger than {most // 1024**2} MiB")
            if self._clock.monotonic() > ends_at:
                raise RegistryError(f"{what} took longer than {MOST_SECONDS:.0f} s")
        return content


def _next_page(link: str) -> str:
    """The address in `</v2/…?last=…>; rel="next"`; "" for none."""
    found = re.fullmatch(r'\s*<([^<>\s]+)>\s*;\s*rel="?next"?\s*', link)
    return found[1] if found else ""


def _document(content: bytes) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(_text(content))
    except (ValueError, RecursionError) as error:
        if isinstance(error, OddValueError):
            raise
        raise OddValueError("", "is not valid JSON") from error
    if not isinstance(found, dict):
        raise OddValueError("", "is not a JSON object")
    return found


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise OddValueError("", f"is not UTF-8: {error.reason} at byte {error.start}") from error


def _images(index: Manifest) -> list[Child]:
    return [one for one in index.children() if not one.is_attestation and not one.is_artifact]


def _configuration(content: bytes) -> Mapping[str, Any]:
    try:
        found: Mapping[str, Any] = json.loads(_text(content))
    except (ValueError, RecursionError) as error:
        if isinstance(error, OddValueError):
            raise
        raise OddValueError("", "is not valid JSON, which an image's configuration has to be") from error
    return found


def _platforms(content: bytes) -> tuple[str, ...]:
    configuration = _configuration(content)
    parts = [optional_text(configuration, name) for name in ("os", "architecture", "variant")]
    return ("/".join(filter(None, parts)),) if all(parts[:2]) else ()


def _steps(content: bytes) -> tuple[str, ...]:
    """The history may be absent: https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties"""
    made = each(_step, _configuration(content), "history")
    return tuple(step for step in made if step is not None)


def _step(entry: Mapping[str, Any]) -> str | None:
    return None if member(entry, "empty_layer") is True else optional_text(entry, "created_by")


def _labels(content: bytes) -> Mapping[str, str]:
    configuration = _configuration(content)
    labels = mapping(configuration, "config", "Labels")
    for name in labels:
        if not isinstance(labels[name], str):
            raise OddValueError(f"config.Labels.{name[:60]}", f"is {quoted(labels[name])}, expected text")
    return dict(labels)
