"""Repositories as JSON files, so that `--state DIR` outlives the process.

Only data that the manifests do not have is written: of an image its digest and its times. The rest is read
from the manifest's bytes.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecr_push.base.errors import SettingsError
from ecr_push.base.fences import Fences, RefusedPathError, reached
from ecr_push.sandbox.manifest import parse_manifest
from ecr_push.sandbox.model import EcrError, Image, Mutability, RegistrySettings, StoredRepository
from ecr_push.sandbox.store import BlobStore, write_atomically

FORMAT = 1


@dataclasses.dataclass
class Shelf:
    """One repository's content; the only mutable type, and only `State` touches it, under its lock.

    images:  digest -> Image without its tags.
    tags:    tag -> digest.
    layers:  digest -> size in bytes, of every blob that belongs to this repository.
    """

    repository: StoredRepository
    images: dict[str, Image] = dataclasses.field(default_factory=dict)
    tags: dict[str, str] = dataclasses.field(default_factory=dict)
    layers: dict[str, int] = dataclasses.field(default_factory=dict)


class Records:
    """The files. Raises SettingsError if the directory cannot be used as a sandbox's state."""

    def __init__(self, root: Path) -> None:
        self._root = root
        _refuse_links(root)
        try:
            (root / "repositories").mkdir(parents=True, exist_ok=True)
            self._lock = (root / "lock").open("w")
        except OSError as error:
            raise SettingsError([f"{root}: {error.strerror}, expected a directory to write to"]) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise SettingsError([f"{root}: another sandbox uses this state directory"]) from error

    def close(self) -> None:
        self._lock.close()

    def load_settings(self) -> RegistrySettings:
        document = self._read(self._root / "registry.json")
        known = {it.name for it in dataclasses.fields(RegistrySettings)}
        settings = document.get("settings", {})
        return RegistrySettings(**{name: settings[name] for name in known & settings.keys()})

    def save_settings(self, settings: RegistrySettings) -> None:
        self._write(self._root / "registry.json", {"settings": dataclasses.asdict(settings)})

    def load(self, store: BlobStore) -> Iterator[Shelf]:
        for file in sorted((self._root / "repositories").glob("*.json")):
            yield _shelf(self._read(file), store, file)

    def save(self, shelf: Shelf) -> None:
        images = [_without_defaults(image) for image in shelf.images.values()]
        self._write(
            self._file(shelf.repository),
            {
                "repository": dataclasses.asdict(shelf.repository),
                "images": images,
                "tags": shelf.tags,
                "layers": shelf.layers,
            },
        )

    def remove(self, repository: StoredRepository) -> None:
        self._file(repository).unlink(missing_ok=True)

    def _file(self, repository: StoredRepository) -> Path:
        # A name may have slashes, and be longer than a file's name may be: a readable part, then its hash.
        key = f"{repository.kind}/{repository.path}"
        readable = key.replace("/", "_")[:100]
        return (
            self._root / "repositories" / f"{readable}.{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"
        )

    def _read(self, file: Path) -> dict[str, Any]:
        try:
            document: dict[str, Any] = json.loads(file.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise SettingsError([f"{file}: not a valid record of a sandbox ({error})"]) from error
        if document.get("format") != FORMAT:
            raise SettingsError([f"{file}: written by another version (format {document.get('format')})"])
        return document

    def _write(self, file: Path, document: dict[str, Any]) -> None:
        write_atomically(file, json.dumps({"format": FORMAT, **document}).encode())


def _refuse_links(root: Path) -> None:
    """The folder may have come with a checkout, and what is in it is overwritten and removed."""
    try:
        with reached(root, Fences.of(".")):
            pass
    except RefusedPathError as error:
        raise SettingsError([f"{root}: {error.strerror}: {error.remedy}"]) from error
    except OSError:  # it is not there yet, or reported when it is used
        return
    for folder, folders, files in os.walk(root):
        for path in (Path(folder, name) for name in (*folders, *files)):
            if path.is_symlink():
                raise SettingsError(
                    [f"{path} is a symlink, which a sandbox never makes: remove it, or use another directory"]
                )


def _without_defaults(image: Image) -> dict[str, Any]:
    return {
        "digest": image.digest,
        "media_type": image.media_type,
        "pushed_at": image.pushed_at,
        "last_pulled_at": image.last_pulled_at,
        **({"unsigned": dict(image.unsigned)} if image.unsigned else {}),
        **({"archived_at": image.archived_at, "restored_at": image.restored_at} if image.archived_at else {}),
    }


def _shelf(document: dict[str, Any], store: BlobStore, file: Path) -> Shelf:
    fields = dict(document["repository"])
    mutability = fields.pop("mutability")
    repository = StoredRepository(
        **fields, mutability=Mutability(mutability["setting"], tuple(mutability["exclusions"]))
    )
    shelf = Shelf(repository, tags=document["tags"], layers=document["layers"])
    for entry in document["images"]:
        try:
            image = parse_manifest(store.read(entry["digest"]), entry["media_type"], entry["pushed_at"])
        except (OSError, EcrError) as error:
            raise SettingsError(
                [f"{file}: could not read the manifest {entry['digest']} ({error})"]
            ) from error
        times = {name: entry.get(name, 0.0) for name in ("last_pulled_at", "archived_at", "restored_at")}
        shelf.images[image.digest] = dataclasses.replace(image, unsigned=entry.get("unsigned", {}), **times)
    return shelf
