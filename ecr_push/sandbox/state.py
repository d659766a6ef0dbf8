"""The state that control plane, data plane and scanner share. Thread-safe.

Every operation names its repository by kind and name, and raises EcrError with the API's own error code.
Changes are on disk before the operation returns.
"""

from __future__ import annotations

import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ecr_push.base.place import Place
from ecr_push.sandbox.image_store import Images
from ecr_push.sandbox.layers import Layers
from ecr_push.sandbox.links import DownloadLinks
from ecr_push.sandbox.model import Kind, RegistrySettings, StoredRepository
from ecr_push.sandbox.records import Records
from ecr_push.sandbox.replication.replicas import Replicas
from ecr_push.sandbox.repository_store import Repositories
from ecr_push.sandbox.shelves import Shelves
from ecr_push.sandbox.store import BlobStore

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"
DEFAULT_ALIAS = "sandbox"
LOGO_PATH = "/logo/"


class State:
    """The content of the private and the public registry of one account in one region.

    root:     a directory for this state alone; raises SettingsError if another sandbox uses it.
    account:  12 digits, the id of both registries.
    alias:    the public registry's alias.
    clock:    seconds since the epoch.
    hosts:    `host:port` of each registry, set once the server listens.
    """

    def __init__(
        self,
        root: Path,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        alias: str = DEFAULT_ALIAS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.account = account
        self.region = region
        self.alias = alias
        self.clock = clock
        self.hosts: dict[Kind, str] = {"private": "127.0.0.1", "public": "127.0.0.1"}
        self.links = DownloadLinks(clock)
        self._settings_lock = threading.Lock()
        with ExitStack() as undo:
            self._records = Records(root)
            undo.callback(self._records.close)
            store = BlobStore(root)
            self._settings = self._records.load_settings()
            self._shelves = Shelves(self._records, store, account=account, region=region, clock=clock)
            undo.pop_all()
        # Left by a killed sandbox: blobs that do not belong to a repository yet.
        store.sweep({digest for it in self._shelves.all() for digest in (*it.layers, *it.images)})
        self.repositories = Repositories(self._shelves, alias)
        self.images = Images(self._shelves, store)
        self.replicas = Replicas(self, root, self._replica)
        self.images.on_push.append(self.replicas.pushed)
        self.images.on_delete.append(self.replicas.deleted)
        self.layers = Layers(self._shelves, store, lambda: self._settings.blob_mounting is not False)

    def _replica(self, folder: Path, place: Place) -> State:
        """A registry that this one is replicated to."""
        folder.mkdir(parents=True, exist_ok=True)
        return State(folder, account=place.account, region=place.region, alias=self.alias, clock=self.clock)

    def close(self) -> None:
        """Release the directory. Saves the times of pulls, which are not saved at once."""
        self.replicas.close()
        with self._shelves.lock:
            for shelf in self._shelves.all():
                self._shelves.save(shelf)
            self._records.close()

    @property
    def settings(self) -> RegistrySettings:
        return self._settings

    def change_settings(self, **changes: Any) -> RegistrySettings:
        """Replace fields of RegistrySettings."""
        with self._settings_lock:
            settings = dataclasses.replace(self._settings, **changes)
            self._records.save_settings(settings)
            self._settings = settings
            return settings

    def uri(self, repository: StoredRepository) -> str:
        """Returns the repository's name for docker: `HOST:PORT/PATH`."""
        return f"{self.hosts[repository.kind]}/{repository.path}"

    def logo_url(self, logo: bytes) -> str:
        """The address of a public repository's logo, which its bytes alone decide."""
        return f"http://{self.hosts['public']}{LOGO_PATH}{hashlib.sha256(logo).hexdigest()}"

    def download_url(self, repository: StoredRepository, digest: str) -> str:
        """A link to a blob of this repository that needs no credentials, valid for an hour."""
        return self.links.url(self.hosts[repository.kind], digest)
