"""The layers and configurations of a repository, and how one gets there: nouns and interfaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository


@dataclass(frozen=True)
class Blob:
    """A layer or a configuration. size: in bytes, as the manifest states it."""

    digest: Digest
    size: int


class Stream(Protocol):
    """The bytes of a blob, one after the other."""

    def read(self, amount: int = -1, /) -> bytes: ...


# How a blob got into a repository: over the wire, or from another repository of the same registry; `no` in a
# dry run.
Sent = Literal["sent", "mounted", "no"]
OpenBlob = Callable[[], AbstractContextManager[Stream]]


class SlowsDown(Protocol):
    """What is asked less often after a refusal."""

    def slow_down(self, seconds: float) -> None: ...


class UnreachableError(RegistryError):
    """A registry gave no answer at all, to a request that is not about one of its repositories."""


class TransferError(RegistryError):
    """A registry refused a blob, or the connection ended.

    status:      the HTTP status of the answer; 0 where there was none.
    retry_after: the seconds that the registry asks to wait, at most `LONGEST_WAIT_SECONDS`; 0 for no word.
    slows:       what is to be asked less often, where it is not what the request was for: a blob's source.
    """

    LONGEST_WAIT_SECONDS = 60.0

    def __init__(self, what: str, *, why: str = "", status: int = 0, retry_after: float = 0.0) -> None:
        refused = status in (401, 403)
        remedy = "allow what a push needs in this repository, see docs/registries.md" if refused else ""
        super().__init__(what, why=why, remedy=remedy)
        self.status = status
        self.slows: SlowsDown | None = None
        self.retry_after = min(retry_after, self.LONGEST_WAIT_SECONDS)

    @property
    def is_throttled(self) -> bool:
        return self.status == 429

    @property
    def may_pass(self) -> bool:
        """Whether the same request may succeed later. 401 and 403: with a new token."""
        return self.status in (0, 401, 403, 408, 429) or self.status >= 500


class LayerReader(Protocol):
    """Asks about the blobs of one repository. Every method may raise RegistryError."""

    def missing(self, digests: Sequence[Digest]) -> frozenset[Digest]:
        """Those that the repository does not have."""
        ...

    def open(self, blob: Blob) -> AbstractContextManager[Stream]:
        """A blob's bytes, as they come: none is kept. Raises TransferError.

        To read them raises it as well, at the end for bytes that are not what the digest is of.
        """
        ...


class LayerWriter(Protocol):
    """Brings blobs into one repository."""

    def put(self, blob: Blob, open_blob: OpenBlob, mount_from: Repository | None = None) -> Sent:
        """Mounts the blob from another repository of the registry where that is possible, or else sends it.

        One attempt, from the first byte on. Raises TransferError, also that of open_blob's stream.
        """
        ...


class Layers(LayerReader, LayerWriter, Protocol):
    """Blobs, to ask for and to bring."""
