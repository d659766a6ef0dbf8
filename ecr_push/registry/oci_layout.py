"""An OCI layout -> the manifests and the blobs of one image in it, all of them checked.

Layouts come from other jobs and other tools (buildx, buildah, skopeo, ko, Bazel, Nix), so nothing in one is
believed: names are made of digests alone, each manifest is what its digest says, and every blob is there with
its size. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.parse import read_json
from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError, each, mapping, member, optional_text, parsed, quoted
from ecr_push.registry.layer_api import Blob
from ecr_push.registry.oci import INDEX_TYPES, MANIFEST_TYPES, Manifest, read_manifest

# What registries need to take of a manifest, and more than any index.json has: see `distribution`.
MANIFEST_BYTES = 4 * 1024 * 1024
MOST_MANIFESTS = 1_000
DEEPEST = 4  # an index within an index
_NAME = "org.opencontainers.image.ref.name"
_PIECE = 1 << 20


class Files(Protocol):
    """The files of a layout, by their names in it."""

    def read(self, name: str, limit: int) -> bytes:
        """A whole file. Raises OSError for one that is missing, too large, or must not be read."""
        ...

    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A file to read from. Raises OSError."""
        ...

    def size(self, name: str) -> int:
        """Its bytes. Raises OSError."""
        ...


class LayoutError(ValueError):
    """Why a layout cannot be used; each problem is a sentence for the user."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Layout:
    """One image of a layout.

    manifests: in the order in which they are pushed: behind those that they name, the image's own last.
    blobs:     configurations and layers.
    """

    files: Files
    manifests: tuple[Manifest, ...]
    blobs: tuple[Blob, ...]

    @property
    def image(self) -> Manifest:
        return self.manifests[-1]

    def missing(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        """See `LayerReader`: all of them were there."""
        return frozenset()

    def open(self, blob: Blob) -> AbstractContextManager[BinaryIO]:
        """See `LayerReader`. Raises OSError."""
        return self.files.open(_path(blob.digest))

    def verify(self) -> None:
        """Reads every blob. Raises LayoutError with all that are not what their digests say."""
        if wrong := [
            f"{blob.digest.short} has another content than its digest says"
            for blob in self.blobs
            if self._digest_of(blob) != blob.digest.value
        ]:
            raise LayoutError(*wrong)

    def _digest_of(self, blob: Blob) -> str:
        found = hashlib.sha256()
        with self.open(blob) as content:
            while piece := content.read(_PIECE):
                found.update(piece)
        return f"sha256:{found.hexdigest()}"


def read_layout(files: Files, wanted: str = "") -> Layout:
    """The image that a layout holds, with its blobs' sizes compared; their content is for `verify`.

    wanted: which one of several, by its digest or by its name in index.json.

    Raises LayoutError with every problem.
    """
    try:
        version = optional_text(read_json(files.read("oci-layout", MANIFEST_BYTES)), "imageLayoutVersion")
        index = read_json(files.read("index.json", MANIFEST_BYTES))
        entries = list(each(_entry, index, "manifests", required=True))
    except (OSError, OddValueError) as error:
        raise LayoutError(_why(error)) from error
    except ValueError as error:
        raise LayoutError(f"its index.json or oci-layout is not valid JSON: {error}") from error
    if not version.startswith("1."):
        raise LayoutError(f"its imageLayoutVersion is {quoted(version)}, expected 1.0.0")
    return _Walk(files).from_root(_chosen(entries, wanted))


@dataclass(frozen=True)
class _Entry:
    """A descriptor. name: of those in index.json, "" for none."""

    digest: Digest
    media_type: str
    size: int
    name: str = ""


def _entry(one: Any) -> _Entry:
    size = member(one, "size")
    if type(size) is not int or size < 0:
        raise OddValueError("size", f"is {quoted(size)}, expected a number of bytes")
    name = optional_text(mapping(one, "annotations"), _NAME)
    return _Entry(parsed(Digest, one, "digest"), optional_text(one, "mediaType"), size, name)


def _chosen(entries: list[_Entry], wanted: str) -> _Entry:
    images = [one for one in entries if one.media_type in MANIFEST_TYPES]
    found = {one.digest: one for one in images if wanted in ("", one.digest.value, one.name)}
    if len(found) == 1:
        return next(iter(found.values()))
    listed = ", ".join(f"{one.digest}{f' ({one.name})' if one.name else ''}" for one in images[:20])
    if not images:
        raise LayoutError("its index.json names no image")
    if not found:
        raise LayoutError(f"its index.json names no image {wanted}; it has {listed}")
    raise LayoutError(f"it holds {len(found)} images: give one of them behind an @: {listed}")


class _Walk:
    """Collects what an image needs, with the problems in it."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._manifests: dict[Digest, Manifest] = {}
        self._blobs: dict[Digest, int] = {}
        self._problems: list[str] = []

    def from_root(self, root: _Entry) -> Layout:
        self._add(root, 0)
        for blob, size in self._blobs.items():
            self._check_size(blob, size)
        if self._problems:
            raise LayoutError(*self._problems)
        blobs = tuple(Blob(digest, size) for digest, size in self._blobs.items())
        return Layout(self._files, tuple(self._manifests.values()), blobs)

    def _add(self, entry: _Entry, depth: int) -> None:
        """Adds a manifest, behind those that it names."""
        if entry.digest in self._manifests:
            return
        if depth > DEEPEST or len(self._manifests) >= MOST_MANIFESTS:
            raise LayoutError(f"it has more than {MOST_MANIFESTS} manifests, or indexes in {DEEPEST} levels")
        manifest = self._read(entry)
        if manifest is None:
            return
        try:
            document = read_json(manifest.body.encode())
            if manifest.media_type in INDEX_TYPES:
                for child in each(_entry, document, "manifests", required=True):
                    self._add(child, depth + 1)
            else:
                for blob in (_entry(mapping(document, "config")), *each(_entry, document, "layers")):
                    self._add_blob(blob)
        except OddValueError as error:
            self._problems.append(f"{entry.digest.short}: {error}")
            return
        self._manifests[entry.digest] = manifest

    def _add_blob(self, blob: _Entry) -> None:
        before = self._blobs.setdefault(blob.digest, blob.size)
        if before != blob.size:
            self._problems.append(f"{blob.digest.short} is of {before} bytes here, and of {blob.size} there")

    def _read(self, entry: _Entry) -> Manifest | None:
        try:
            content = self._files.read(_path(entry.digest), MANIFEST_BYTES)
            if len(content) != entry.size:
                raise OddValueError("", f"has {len(content)} bytes, and its descriptor says {entry.size}")
            return read_manifest(entry.digest, entry.media_type or MANIFEST_TYPES[0], content.decode())
        except (OSError, ValueError) as error:  # OddValueError and UnicodeDecodeError are ValueErrors
            why = _why(error).removeprefix("imageManifest").lstrip(". ")
            self._problems.append(f"the manifest {entry.digest.short}: {why}")
            return None

    def _check_size(self, blob: Digest, size: int) -> None:
        try:
            found = self._files.size(_path(blob))
        except OSError as error:
            self._problems.append(f"the blob {blob.short}: {_why(error)}")
            return
        if found != size:
            self._problems.append(f"the blob {blob.short} has {found} bytes, and its manifest says {size}")


def _path(digest: Digest) -> str:
    """Made of a digest alone, so that no name in a layout leads out of it."""
    return f"blobs/sha256/{digest.value.partition(':')[2]}"


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is missing"
    return (getattr(error, "strerror", "") or str(error)).strip()
