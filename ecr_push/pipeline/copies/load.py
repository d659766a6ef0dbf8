"""What a destination is to get, and whether it lacks any of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest, Tag
from ecr_push.pipeline.copy_result import CopiedTag
from ecr_push.registry.copy.tree import Tree
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import Manifest


@dataclass(frozen=True)
class Load:
    """What a target is to get.

    tree:  the images with all that belongs to them. tags: what each is to point to.
    beside: tags of signatures and attestations, set where there is none.
    """

    tree: Tree
    roots: tuple[Digest, ...]
    tags: Mapping[Tag, Digest]
    beside: Mapping[Tag, Digest]


def lacks(
    load: Load, held: Mapping[Digest, Manifest], tags: Iterable[CopiedTag], client: Reader, *, exists: bool
) -> bool:
    """Whether it has to be given anything. held: of what it is to get. exists: the repository does.

    Raises RegistryError.
    """
    if not exists or any(one.result in ("set", "moved") for one in tags):
        return True
    if any(one not in held for one in load.tree.digests):
        return True
    return bool(load.beside) and bool(load.beside.keys() - client.digests(list(load.beside)).keys())
