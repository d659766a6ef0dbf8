"""Blobs and manifests on disk, each in a file named by its digest.

A file appears under its digest in one rename, complete and verified, so that a killed sandbox leaves
no partial blob behind, at worst an upload that the next start removes.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
import threading
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import BinaryIO

from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.model import EcrError

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
MAX_LAYER_BYTES = 52_000 * 1024**2
_DIGEST = lazy_regex(r"sha256:[0-9a-f]{64}")


def is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None


class Upload:
    """A blob that is being uploaded, hashed as it is written, never held in memory."""

    def __init__(self, upload_id: str, owner: str, file: Path) -> None:
        self.id = upload_id
        self.owner = owner
        self._file = file
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()
        self.size = 0
        self.parts = 0
        file.touch()

    def append(self, chunks: Iterable[bytes], *, at: int | None = None) -> int:
        """Append chunks. Returns the new size in bytes. Raises EcrError LimitExceededException for a layer
        that is too large.

        at is the offset that the client sent, if any. Raises EcrError InvalidLayerPartException if it is not
        the current size: a part is missing or was sent twice.
        Bytes that arrived before the client disconnected are kept, so that it can resume at `size`.
        """
        with self._lock:
            if at is not None and at != self.size:
                raise EcrError(
                    "InvalidLayerPartException",
                    f"The layer part starts at byte {at}, but {self.size} bytes were received before it",
                )
            with self._file.open("ab") as file:
                for chunk in chunks:
                    if self.size + len(chunk) > MAX_LAYER_BYTES:
                        file.truncate(0)
                        self.size = MAX_LAYER_BYTES + 1  # whatever else is sent to it
                        raise EcrError(
                            "LimitExceededException", f"The layer has more than {MAX_LAYER_BYTES:,} bytes"
                        )
                    file.write(chunk)
                    self._hash.update(chunk)
                    self.size += len(chunk)
            self.parts += 1
            return self.size

    def commit(self, digest: str, destination: Path) -> None:
        """Store the bytes as this digest's blob. Raises EcrError InvalidLayerException if they differ."""
        with self._lock:
            actual = f"sha256:{self._hash.hexdigest()}"
            if actual != digest:
                self._file.unlink(missing_ok=True)
                raise EcrError(
                    "InvalidLayerException",
                    f"Layer digest '{digest}' does not match the uploaded content, which is '{actual}'",
                )
            destination.parent.mkdir(parents=True, exist_ok=True)
            self._file.replace(destination)

    def discard(self) -> None:
        self._file.unlink(missing_ok=True)


class BlobStore:
    """All content in one directory: `blobs/sha256/ab/…` and `uploads/…`."""

    def __init__(self, root: Path) -> None:
        self._blobs = root / "blobs" / "sha256"
        self._uploads = root / "uploads"
        # No upload outlives its process, which held its running hash.
        shutil.rmtree(self._uploads, ignore_errors=True)
        self._uploads.mkdir(parents=True)
        self._blobs.mkdir(parents=True, exist_ok=True)

    def path(self, digest: str) -> Path:
        """The file of this digest, which may be missing."""
        if not is_digest(digest):
            raise EcrError("InvalidParameterException", f"'{digest}' is not a sha256 digest")
        name = digest.removeprefix("sha256:")
        return self._blobs / name[:2] / name

    def size(self, digest: str) -> int | None:
        """In bytes; None if there is no such blob."""
        with contextlib.suppress(FileNotFoundError):
            return self.path(digest).stat().st_size
        return None

    def open(self, digest: str) -> BinaryIO:
        return self.path(digest).open("rb")

    def read(self, digest: str) -> bytes:
        return self.path(digest).read_bytes()

    def begin(self, owner: str) -> Upload:
        upload_id = str(uuid.uuid4())
        return Upload(upload_id, owner, self._uploads / upload_id)

    def put(self, content: bytes) -> str:
        """Store content that fits in memory, such as a manifest. Returns its digest."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if self.size(digest) is None:
            write_atomically(self.path(digest), content)
        return digest

    def sweep(self, keep: Collection[str]) -> None:
        """Remove every blob whose digest is not in keep. Only for a store that is not in use yet."""
        for file in self._blobs.glob("*/*"):
            if f"sha256:{file.name}" not in keep:
                file.unlink()


def write_atomically(file: Path, content: bytes) -> None:
    """Write so that a reader, also after a kill, sees the old content or the new, never a part.

    Without fsync: this survives a killed process, not a power failure.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{secrets.token_hex(16)}")
    with fresh.open("xb") as created:  # exclusively: never through a link
        created.write(content)
    fresh.replace(file)
