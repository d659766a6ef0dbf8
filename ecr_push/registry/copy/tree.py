"""An image with all that belongs to it: the images of its platforms, and what was attached to each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError
from ecr_push.base.reference import Digest
from ecr_push.registry.aws.odd import answer_to
from ecr_push.registry.layer_api import Blob
from ecr_push.registry.oci import Manifest

# The most manifests that one image is followed to; an index of ECR's has at most 4 MiB.
MOST_MANIFESTS = 10_000


@dataclass(frozen=True)
class Tree:
    """The manifests of an image, each after those that it names: the order in which a registry takes them."""

    manifests: tuple[Manifest, ...]

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """Every blob that has to be there first, once, the largest first."""
        found = {blob.digest: blob for one in self.manifests for blob in one.needed_blobs}
        return tuple(sorted(found.values(), key=lambda blob: (-blob.size, blob.digest.value)))

    @property
    def digests(self) -> tuple[Digest, ...]:
        return tuple(one.digest for one in self.manifests)


class ManifestReader(Protocol):
    """See `Reader`."""

    def manifests(self, digests: Sequence[Digest]) -> Mapping[Digest, Manifest]: ...

    def all_referrers(self, digests: Sequence[Digest]) -> frozenset[Digest]: ...


def read_tree(root: Manifest, client: ManifestReader) -> Tree:
    """The image and what it names. Raises RegistryError for an entry that is not there."""
    return read_trees([root], client)


def read_trees(roots: Sequence[Manifest], client: ManifestReader) -> Tree:
    """The same of several images, as one: what two of them name is in it once."""
    return Tree(tuple(_with_children(roots, client, seen=set())))


def with_referrers(tree: Tree, client: ManifestReader) -> Tree:
    """The image and what it names, and after that what has one of these as its subject: signatures,
    attestations, and what in turn is attached to them.

    Raises RegistryError.
    """
    found = list(tree.manifests)
    seen = set(tree.digests)
    unasked = list(tree.digests)
    while unasked:
        digests = client.all_referrers(unasked)
        roots = client.manifests(sorted(digests - seen, key=str))
        _check_all_there(digests - seen, roots)
        new = list(_with_children(_after_their_subjects(roots), client, seen))
        found += new
        unasked = [
            one.digest for one in new if one.digest not in digests
        ]  # what a list that is attached names
    return Tree(tuple(found))


def _after_their_subjects(roots: Mapping[Digest, Manifest]) -> list[Manifest]:
    """A signature may be about a signature. No manifest can be about itself, by whatever way."""
    found: list[Manifest] = []
    waiting = list(roots.values())
    while waiting:
        left = {one.digest for one in waiting}
        found += [one for one in waiting if one.subject not in left]
        waiting = [one for one in waiting if one.subject in left]
    return found


def _with_children(
    roots: Iterable[Manifest], client: ManifestReader, seen: set[Digest]
) -> Iterable[Manifest]:
    """The roots and what they name that was not seen, each after those that it names."""
    named: dict[Manifest, list[Digest]] = {}
    level = [one for one in roots if one.digest not in seen]
    top = list(level)
    while level:
        seen |= {one.digest for one in level}
        if len(seen) > MOST_MANIFESTS:
            raise RegistryError(f"an image names more than {MOST_MANIFESTS:,} others")
        named |= {one: _named(one) for one in level}
        wanted = {digest for one in level for digest in named[one]} - seen
        found = client.manifests(sorted(wanted, key=str)) if wanted else {}
        _check_all_there(wanted, found)
        level = [found[one] for one in sorted(wanted, key=str)]
    return _ordered(top, named)


def _named(manifest: Manifest) -> list[Digest]:
    """What a manifest names. Raises OddAnswerError where something in it that is needed later is odd."""
    with answer_to(f"GET manifests/{manifest.digest}"):
        manifest.needed_blobs, manifest.subject  # noqa: B018 - read to be checked
        return [child.digest for child in manifest.children()]


def _ordered(top: Iterable[Manifest], named: Mapping[Manifest, Sequence[Digest]]) -> Iterable[Manifest]:
    """No manifest can name itself, by whatever way: its digest is of its bytes."""
    by_digest = {one.digest: one for one in named}
    waiting = [(one, False) for one in reversed(list(top))]
    done: set[Digest] = set()
    while waiting:
        one, is_due = waiting.pop()
        if one.digest in done:
            continue
        if is_due:
            done.add(one.digest)
            yield one
            continue
        waiting.append((one, True))
        waiting += [(by_digest[child], False) for child in named[one] if child in by_digest]


def _check_all_there(wanted: Iterable[Digest], found: Iterable[Digest]) -> None:
    if lacking := sorted(set(wanted) - set(found), key=str):
        names = ", ".join(one.short for one in lacking[:5])
        raise RegistryError(
            f"not all of the image can be read: {names}",
            why="an index names it, or a list of referrers, and it is not there, or archived",
            remedy="push the image again, or restore what is archived",
        )
