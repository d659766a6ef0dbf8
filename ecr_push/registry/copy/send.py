"""An image into a repository: the blobs that it lacks, then the manifests, each after those that it names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from threading import Event, Lock

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository
from ecr_push.base.sizes import megabytes
from ecr_push.registry.copy.pace import Pace
from ecr_push.registry.copy.tree import Tree
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.layer_api import Blob, LayerReader, Layers, Sent, Stream, TransferError
from ecr_push.registry.oci import Manifest

# ECR allows 10 PutImage a second in an account and region, which other pipelines share.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
_PUTS_AT_ONCE = 4


# Takes the bytes that are there, and those of everything that was missing.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Received:
    """An image's blobs in a repository: how many were there, were mounted, were sent in so many bytes."""

    there: int = 0
    mounted: int = 0
    sent: int = 0
    sent_bytes: int = 0

    def __str__(self) -> str:
        parts = {
            f"{self.sent} sent ({megabytes(self.sent_bytes)})": self.sent,
            f"{self.mounted} mounted": self.mounted,
            f"{self.there} there already": self.there,
        }
        return ", ".join(text for text, number in parts.items() if number) or "none"


class StoppedError(RegistryError):
    """The run has ended meanwhile."""

    def __init__(self) -> None:
        super().__init__("the copy was ended, because the run ends")


def send_blobs(
    blobs: Sequence[Blob],
    source: LayerReader,
    to: Layers,
    pace: Pace,
    stop: Event,
    mount_from: Repository | None = None,
    source_pace: Pace | None = None,
    progress: Progress = lambda done, whole: None,
) -> Received:
    """Brings the blobs that are missing there. No temporary file is written, and no blob kept in memory.

    pace: of the registry that they go to; source_pace: of the one that they come from.
    stop: once it is set, no further blob is begun.
    mount_from: a repository of that registry that has all of them.
    progress: called at the beginning, and after each blob.

    Raises RegistryError.
    """
    lacking = to.missing([blob.digest for blob in blobs])
    wanted = [blob for blob in blobs if blob.digest in lacking]

    lock, whole = Lock(), sum(blob.size for blob in wanted)
    brought = 0
    progress(0, whole)

    def bring(blob: Blob) -> Sent:
        nonlocal brought
        if stop.is_set():
            raise StoppedError
        how = pace.persist(lambda: to.put(blob, partial(_opened, blob, source, source_pace), mount_from))
        with lock:
            brought += blob.size
            progress(brought, whole)
        return how

    done = background.all_of([partial(bring, blob) for blob in wanted], "copy blob", pace.most)
    sent = [blob for blob, how in zip(wanted, done, strict=True) if how == "sent"]
    return Received(
        len(blobs) - len(wanted), done.count("mounted"), len(sent), sum(blob.size for blob in sent)
    )


@contextmanager
def _opened(blob: Blob, source: LayerReader, pace: Pace | None) -> Iterator[Stream]:
    """The blob's bytes. A source that is asked too often slows its own pace down, not that of the copy."""
    with pace.turn() if pace else nullcontext(), ExitStack() as opened:
        with _slowing(pace):
            stream = opened.enter_context(source.open(blob))
        yield _OfSource(stream, pace)


class _OfSource:
    """A stream whose errors say what they slow down."""

    def __init__(self, stream: Stream, pace: Pace | None) -> None:
        self._stream = stream
        self._pace = pace

    def read(self, amount: int = -1, /) -> bytes:
        with _slowing(self._pace):
            return self._stream.read(amount)


@contextmanager
def _slowing(pace: Pace | None) -> Iterator[None]:
    try:
        yield
    except TransferError as error:
        error.slows = pace
        raise


def put_manifests(
    tree: Tree,
    client: RepositoryClient,
    there: Collection[Digest],
    stop: Event,
    pace: Pace | None = None,
    later: Collection[Digest] = (),
) -> int:
    """Puts the manifests that are missing, without tags, and returns how many. Their blobs are there.

    there: those that are there already. They are not put again: an immutable repository may refuse that.
    later: those that are put with a tag afterwards; nothing that is put here names them.
    Raises RegistryError.
    """
    waiting = [one for one in tree.manifests if one.digest not in there and one.digest not in later]
    number = len(waiting)
    while waiting:
        if stop.is_set():
            raise StoppedError
        ours = {one.digest for one in waiting}
        due = [one for one in waiting if not ours & _before(one)]
        put = [partial(_put, one, client, pace) for one in due]
        background.all_of(put, "put manifest", pace.most if pace else _PUTS_AT_ONCE)
        waiting = [one for one in waiting if one not in due]
    return number


def _put(manifest: Manifest, client: RepositoryClient, pace: Pace | None) -> bool:
    if pace is None:
        return client.put_untagged(manifest)
    return pace.persist(lambda: client.put_untagged(manifest, patient=False))


def _before(manifest: Manifest) -> set[Digest]:
    """What has to be there before it."""
    children = {child.digest for child in manifest.children()}
    return {*children, *filter(None, [manifest.subject])}
