"""Layers: which blob belongs to which repository, and the uploads that create them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ecr_push.sandbox.model import EcrError, Kind, StoredRepository
from ecr_push.sandbox.shelves import Shelves
from ecr_push.sandbox.store import BlobStore, Upload

# Uploads that are never ended, each a file; the oldest make room.
MAX_UPLOADS = 1_000


class Layers:
    """A blob belongs only to the repositories that it was pushed to or mounted in."""

    def __init__(self, shelves: Shelves, store: BlobStore, mounting: Callable[[], bool]) -> None:
        self._shelves = shelves
        self._store = store
        self._mounting = mounting
        self._uploads: dict[str, Upload] = {}

    def size(self, kind: Kind, name: str, digest: str) -> int | None:
        """In bytes; None if the blob is not in this repository, even if it is in another."""
        with self._shelves.lock:
            return self._shelves.get(kind, name).layers.get(digest)

    def path(self, digest: str) -> Path:
        """The file of a blob. Call size first to check that the repository has it."""
        return self._store.path(digest)

    def mount(self, kind: Kind, name: str, digest: str, source: str) -> bool:
        """Mount a blob from another repository of the same registry and the same encryption.

        False if that is not possible: the client uploads the blob then.
        """
        with self._shelves.lock:
            target = self._shelves.get(kind, name)
            origin = self._shelves.find(kind, source)
            if not self._mounting() or not origin or digest not in origin.layers:
                return False
            if _encryption(origin.repository) != _encryption(target.repository):
                return False
            target.layers[digest] = origin.layers[digest]
            self._shelves.save(target)
            return True

    def receive(self, name: str, digest: str, file: Path, size: int) -> None:
        """A blob of another registry arrives in a private repository. file: its content there."""
        target = self._store.path(digest)
        with self._shelves.lock:
            shelf = self._shelves.get("private", name)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.hardlink_to(file)
            shelf.layers[digest] = size
            self._shelves.save(shelf)

    def begin(self, kind: Kind, name: str) -> Upload:
        with self._shelves.lock:
            self._shelves.get(kind, name)
            while len(self._uploads) >= MAX_UPLOADS:
                self._uploads.pop(next(iter(self._uploads))).discard()
            upload = self._store.begin(f"{kind}/{name}")
            self._uploads[upload.id] = upload
            return upload

    def upload(self, kind: Kind, name: str, upload_id: str) -> Upload:
        """Raises EcrError UploadNotFoundException."""
        with self._shelves.lock:
            self._shelves.get(kind, name)
            upload = self._uploads.get(upload_id)
            if upload is None or upload.owner != f"{kind}/{name}":
                raise EcrError(
                    "UploadNotFoundException",
                    f"The upload with id '{upload_id}' does not exist in the {self._shelves.place(name)}",
                )
            return upload

    def complete(self, kind: Kind, name: str, upload_id: str, digest: str) -> int:
        """The blob's size in bytes. Raises EcrError InvalidLayerException if the digest differs."""
        upload, destination = self.upload(kind, name, upload_id), self._store.path(digest)
        with self._shelves.lock:
            # The upload ends here, with success or without: its bytes cannot change any more.
            self._uploads.pop(upload_id, None)
        upload.commit(digest, destination)
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            shelf.layers[digest] = upload.size
            self._shelves.save(shelf)
        return upload.size

    def cancel(self, kind: Kind, name: str, upload_id: str) -> None:
        upload = self.upload(kind, name, upload_id)
        with self._shelves.lock:
            self._uploads.pop(upload_id, None)
        upload.discard()


def _encryption(repository: StoredRepository) -> tuple[str, str]:
    return repository.encryption_type, repository.kms_key
