"""An image into a repository: the blobs that it lacks, then the manifests, each after those that it names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from threading import Event

from ecr_push.base import background
from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest, Repository
from ecr_push.base.sizes import megabytes
from ecr_push.registry.copy.pace import MOST_AT_ONCE, Pace
from ecr_push.registry.copy.tree import Tree
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.layer_api import Blob, LayerReader, Layers, Sent
from ecr_push.registry.oci import Manifest

# ECR allows 10 PutImage a second in an account and region, which other pipelines share.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
_PUTS_AT_ONCE = 4


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
) -> Received:
    """Brings the blobs that are missing there. No temporary file is written, and no blob kept in memory.

    pace: of the registry that they go to. stop: once it is set, no further blob is begun.
    mount_from: a repository of that registry that has all of them.

    Raises RegistryError.
    """
    lacking = to.missing([blob.digest for blob in blobs])
    wanted = [blob for blob in blobs if blob.digest in lacking]

    def bring(blob: Blob) -> Sent:
        if stop.is_set():
            raise StoppedError
        return pace.persist(lambda: to.put(blob, partial(source.open, blob), mount_from))

    done = background.all_of([partial(bring, blob) for blob in wanted], "copy blob", MOST_AT_ONCE)
    sent = [blob for blob, how in zip(wanted, done, strict=True) if how == "sent"]
    return Received(
        len(blobs) - len(wanted), done.count("mounted"), len(sent), sum(blob.size for blob in sent)
    )


def put_manifests(tree: Tree, client: RepositoryClient, there: Collection[Digest], stop: Event) -> int:
    """Puts the manifests that are missing, without tags, and returns how many. Their blobs are there.

    there: those that are there already. They are not put again: an immutable repository may refuse that.
    Raises RegistryError.
    """
    waiting = [one for one in tree.manifests if one.digest not in there]
    number = len(waiting)
    while waiting:
        if stop.is_set():
            raise StoppedError
        ours = {one.digest for one in waiting}
        due = [one for one in waiting if not ours & _before(one)]
        background.all_of([partial(client.put_untagged, one) for one in due], "put manifest", _PUTS_AT_ONCE)
        waiting = [one for one in waiting if one not in due]
    return number


def _before(manifest: Manifest) -> set[Digest]:
    """What has to be there before it."""
    children = {child.digest for child in manifest.children()}
    return {*children, *filter(None, [manifest.subject])}
