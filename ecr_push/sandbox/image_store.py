"""Images and their tags: PutImage, BatchGetImage and BatchDeleteImage for both planes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

from ecr_push.base.reference import Tag
from ecr_push.sandbox.archive import moved, pushed_again
from ecr_push.sandbox.manifest import parse_manifest
from ecr_push.sandbox.model import (
    MAX_TAGS_PER_IMAGE,
    EcrError,
    Image,
    ImageStatus,
    Kind,
    StoredRepository,
)
from ecr_push.sandbox.records import Shelf
from ecr_push.sandbox.shelves import Shelves
from ecr_push.sandbox.store import BlobStore

# Takes the repository, the image, and the tag that it was pushed with; "" for none.
PushListener = Callable[[StoredRepository, Image, str], None]
# Takes the repository, the digest, the tags that were removed, and whether the image is gone.
DeleteListener = Callable[[StoredRepository, str, Sequence[str], bool], None]


class Images:
    """The images of every repository.

    on_push:  called after each successful put, outside the lock, also if an existing image gets another tag.
    on_delete: called after each deletion, outside the lock.
    """

    def __init__(self, shelves: Shelves, store: BlobStore) -> None:
        self._shelves = shelves
        self._store = store
        self.on_push: list[PushListener] = []
        self.on_delete: list[DeleteListener] = []

    @property
    def lock(self) -> AbstractContextManager[bool]:
        """Held while several of these methods are to be one change."""
        return self._shelves.lock

    def all(self, kind: Kind, name: str) -> tuple[Image, ...]:
        """In the order of their first push."""
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            tags: dict[str, list[str]] = {}
            for tag, digest in shelf.tags.items():
                tags.setdefault(digest, []).append(tag)
            return tuple(
                dataclasses.replace(image, tags=tuple(sorted(tags.get(digest, ()))))
                for digest, image in shelf.images.items()
            )

    def tags(self, kind: Kind, name: str) -> Mapping[str, str]:
        """tag -> digest."""
        with self._shelves.lock:
            return dict(self._shelves.get(kind, name).tags)

    def find(self, kind: Kind, name: str, *, digest: str = "", tag: str = "") -> Image:
        """Finds by digest, by tag, or by both if they agree. Raises EcrError ImageNotFoundException."""
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            found = shelf.tags.get(tag) if tag else digest
            if found is None or found not in shelf.images or (digest and found != digest):
                raise self._not_found(name, digest, tag)
            return _with_tags(shelf, shelf.images[found])

    def manifest(self, image: Image) -> bytes:
        """Returns the manifest byte for byte as it was pushed."""
        return self._store.read(image.digest)

    def referrers(self, kind: Kind, name: str, digest: str) -> tuple[Image, ...]:
        """Returns the images whose subject is this digest."""
        return tuple(image for image in self.all(kind, name) if image.subject == digest)

    def pullable(self, kind: Kind, name: str, *, digest: str = "", tag: str = "") -> Image:
        """As `find`; an image that is archived, or being restored, is not found either."""
        image = self.find(kind, name, digest=digest, tag=tag)
        if self.status(image) != "ACTIVE":
            raise self._not_found(name, digest, tag)
        return image

    def status(self, image: Image) -> ImageStatus:
        return image.status(self._shelves.clock())

    def move(self, name: str, digest: str, storage_class: str) -> Image:
        """Moves an image of a private repository; see `archive`. Raises EcrError."""
        with self._shelves.lock:
            shelf = self._shelves.get("private", name)
            shelf.images[digest] = moved(shelf.images[digest], storage_class, self._shelves.clock())
            self._shelves.save(shelf)
            return shelf.images[digest]

    def record_pull(self, kind: Kind, name: str, digest: str) -> None:
        """Sets ECR's lastRecordedPullTime."""
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            if digest in shelf.images:
                pulled = dataclasses.replace(shelf.images[digest], last_pulled_at=self._shelves.clock())
                shelf.images[digest] = pulled

    def note_unsigned(self, name: str, digest: str, refused: Mapping[str, str]) -> None:
        """Keeps the signing profiles of a private image that may not be used, and why."""
        with self._shelves.lock:
            shelf = self._shelves.get("private", name)
            image = shelf.images.get(digest)
            if image and image.unsigned != refused:
                shelf.images[digest] = dataclasses.replace(image, unsigned=refused)
                self._shelves.save(shelf)

    def put(
        self, kind: Kind, name: str, content: bytes, *, tag: str = "", media_type: str = "", digest: str = ""
    ) -> Image:
        """ECR's PutImage. Keeps content byte for byte. Returns the image with all its tags.

        Raises EcrError: InvalidParameterException, ImageDigestDoesNotMatchException,
        LayersNotFoundException, ReferencedImagesNotFoundException, ImageTagAlreadyExistsException,
        ImageAlreadyExistsException, LimitExceededException, RepositoryNotFoundException.
        """
        if tag:
            _check_tag(tag)
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            image = parse_manifest(content, media_type, self._shelves.clock())
            if digest and digest != image.digest:
                raise EcrError(
                    "ImageDigestDoesNotMatchException",
                    f"The supplied image digest '{digest}' does not match the digest '{image.digest}' of the "
                    "supplied image manifest",
                )
            self._check_content(shelf, image)
            self._check_tag(shelf, image, tag)
            self._store.put(content)
            image = pushed_again(shelf.images.get(image.digest, image), self._shelves.clock())
            shelf.images[image.digest] = image
            if tag:
                shelf.tags[tag] = image.digest
            self._shelves.save(shelf)
            repository, image = shelf.repository, _with_tags(shelf, image)
        for listener in self.on_push:
            listener(repository, image, tag)
        return image

    def delete(
        self, kind: Kind, name: str, *, digest: str = "", tag: str = ""
    ) -> tuple[tuple[str, str], ...]:
        """One entry of BatchDeleteImage. Returns the removed (digest, tag) pairs; tag is "" if untagged.

        A tag removes the tag, and with its last tag the image; a digest removes the image with all its tags.
        Raises EcrError whose code is an ImageFailureCode: MissingDigestAndTag, ImageNotFound,
        ImageTagDoesNotMatchDigest, ImageReferencedByManifestList.
        """
        with self._shelves.lock:
            shelf = self._shelves.get(kind, name)
            if not digest and not tag:
                raise EcrError(
                    "MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"
                )
            found = shelf.tags.get(tag) if tag else digest
            if found is None or found not in shelf.images:
                raise EcrError("ImageNotFound", "Requested image not found")
            if digest and found != digest:
                raise EcrError(
                    "ImageTagDoesNotMatchDigest", "The image tag does not reference the given image digest"
                )
            tags = [its_tag for its_tag, its_digest in shelf.tags.items() if its_digest == found]
            removed = [tag] if tag else tags
            if gone := len(removed) == len(tags):
                _check_unreferenced(shelf, found)
                del shelf.images[found]
            for one in removed:
                del shelf.tags[one]
            self._shelves.save(shelf)
            repository = shelf.repository
        for listener in self.on_delete:
            listener(repository, found, removed, gone)
        return tuple((found, one) for one in sorted(removed)) or ((found, ""),)

    def _not_found(self, name: str, digest: str, tag: str) -> EcrError:
        return EcrError(
            "ImageNotFoundException",
            f"The image with imageId {{imageDigest:'{digest or 'null'}', imageTag:'{tag or 'null'}'}}"
            f" does not exist within the {self._shelves.place(name)}",
        )

    def _check_content(self, shelf: Shelf, image: Image) -> None:
        where = self._shelves.place(shelf.repository.name)
        # Foreign layers stay at their URLs and are never pushed.
        layers = [blob.digest for blob in image.blobs if blob.digest not in shelf.layers and not blob.urls]
        if layers:
            raise EcrError(
                "LayersNotFoundException",
                f"Layers with digests '{_listing(layers)}' required for pushing image into {where} do not "
                "exist",
            )
        children = [child.digest for child in image.children if child.digest not in shelf.images]
        if children:
            raise EcrError(
                "ReferencedImagesNotFoundException",
                f"Images with digests '{_listing(children)}' required for pushing image into {where} do not "
                "exist",
            )

    def _check_tag(self, shelf: Shelf, image: Image, tag: str) -> None:
        repository = shelf.repository
        current = shelf.tags.get(tag) if tag else None
        known = shelf.images.get(image.digest)
        if known and self.status(known) != "ACTIVE" and current in (None, known.digest):
            return
        if current and repository.mutability.protects(tag):
            # ECR refuses the identical digest as well.
            reason = "the repository is" if repository.mutability.setting == "IMMUTABLE" else "the tag is"
            raise EcrError(
                "ImageTagAlreadyExistsException",
                f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be "
                f"overwritten because {reason} immutable.",
            )
        if current == image.digest or (not tag and known):
            named = f" and tag '{tag}'" if tag else ""
            raise EcrError(
                "ImageAlreadyExistsException",
                f"Image with digest '{image.digest}'{named} already exists in the repository with name "
                f"'{repository.name}' in registry with id '{self._shelves.account}'",
            )
        if tag and list(shelf.tags.values()).count(image.digest) >= MAX_TAGS_PER_IMAGE:
            raise EcrError(
                "LimitExceededException",
                f"The image with digest '{image.digest}' has {MAX_TAGS_PER_IMAGE} tags, which is the limit",
            )


def _check_tag(tag: str) -> None:
    try:
        Tag(tag)
    except ValueError as error:
        raise EcrError("InvalidParameterException", f"Invalid parameter at 'imageTag': {error}") from None


def _with_tags(shelf: Shelf, image: Image) -> Image:
    tags = sorted(tag for tag, digest in shelf.tags.items() if digest == image.digest)
    return dataclasses.replace(image, tags=tuple(tags))


def _check_unreferenced(shelf: Shelf, digest: str) -> None:
    parents = [
        image.digest
        for image in shelf.images.values()
        if any(child.digest == digest for child in image.children)
    ]
    if parents:
        raise EcrError(
            "ImageReferencedByManifestList",
            f"Requested image referenced by manifest list: {_listing(parents)}",
        )


def _listing(digests: Iterable[str]) -> str:
    return "[" + ", ".join(digests) + "]"
