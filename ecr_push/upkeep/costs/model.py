"""What is kept, what it is billed by, and what comes of it: the nouns. A month has 30 days."""

from __future__ import annotations

from collections.abc import Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.registry.stored_image import StoredImage

GB = 2**30  # bytes, as AWS bills storage
DAYS = 30

# What is billed, in the order in which it is shown.
KINDS: Mapping[str, str] = {
    "storage": "layers that are kept",
    "archive": "archived images",
    "copies": "what replication keeps in other registries",
    "transfer": "what replication sends to other regions",
    "scans": "Amazon Inspector's scans",
}


@dataclass(frozen=True)
class Prices:
    """A price list. source and date: where it is from, and of when, as text.

    storage:       a GB for a month.
    archive:       the same in the archive; archive_beyond from archive_threshold GB on, of the whole account.
    transfer:      a GB to another region.
    scan:          the first scan of an image by Inspector. scan_again: each later one.
    """

    source: str
    date: str
    region: str
    currency: str
    storage: float
    archive: float
    archive_beyond: float
    archive_threshold: float
    transfer: float
    scan: float
    scan_again: float


@dataclass(frozen=True)
class Replica:
    """A copy of a repository that replication keeps. name: of the registry. elsewhere: in another region."""

    name: str
    elsewhere: bool


@dataclass(frozen=True)
class Stock:
    """A repository, and what is done to its images.

    layers_read:  whether each image has its layers, so that what several share counts once.
    enhanced:     whether Inspector scans it; None where that may not be read. continuous: later, too.
    policy:       its lifecycle policy as JSON; "" for none.
    """

    name: str
    images: tuple[StoredImage, ...]
    layers_read: bool
    enhanced: bool | None = False
    continuous: bool = False
    policy: str = ""
    replicas: tuple[Replica, ...] = ()


@dataclass(frozen=True)
class Saving:
    """What a lifecycle policy changes within a month.

    deleted, archived: images. bytes: of those that are deleted. amount: what is no longer paid in a month.
    """

    deleted: int
    archived: int
    bytes: int
    amount: float


@dataclass(frozen=True)
class RepositoryCosts:
    """bytes, archived_bytes: what is billed; at most, where the layers were not read.

    scanned: images that were pushed within a month and are scanned. refused: those of them without the tag of
    a release, for which the scan is paid, too.
    """

    name: str
    images: int
    bytes: int
    archived_bytes: int
    layers_read: bool
    scanned: int
    refused: int
    amounts: Mapping[str, float]
    saving: Saving | None = None

    @property
    def total(self) -> float:
        return sum(self.amounts.values())


@dataclass(frozen=True)
class Costs:
    """repositories: the most expensive one first. notes: what the amounts leave out, or assume."""

    prices: Prices
    repositories: tuple[RepositoryCosts, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        return sum(one.total for one in self.repositories)

    def amount(self, kind: str) -> float:
        return sum(one.amounts[kind] for one in self.repositories)

    @property
    def saving(self) -> float:
        return sum(one.saving.amount for one in self.repositories if one.saving)
