"""The tags under which clients find what is attached to an image, besides the list that a registry has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from ecr_push.base import background
from ecr_push.base.errors import RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.copy.tree import Tree
from ecr_push.registry.fallback_tag import fallback_tag, with_referrers_listed
from ecr_push.registry.interface import Reader
from ecr_push.registry.oci import Manifest


def tags_of_attached(
    tree: Tree, beside: Mapping[Tag, Digest], client: Reader, narrator: Narrator, *, listing: bool
) -> Mapping[Tag, Manifest]:
    """The tags that a destination lacks, and what each is to name. One that names others stays.

    beside: the tags of cosign's at the source, such as `sha256-….sig`.
    listing: whether the registry may not list referrers, which then get the tag that the specification has.

    Raises RegistryError.
    """
    manifests = {one.digest: one for one in tree.manifests}
    unlisted = _unlisted(tree, client) if listing else {}
    tags = [*beside, *unlisted]
    points_to = client.digests(tags) if tags else {}
    for tag, digest in beside.items():
        if points_to.get(tag, digest) != digest:
            narrator.warn(f"{tag} names other signatures there, and stays")
    due = {tag: manifests[digest] for tag, digest in beside.items() if tag not in points_to}
    known = client.manifests([points_to[tag] for tag in unlisted if tag in points_to])
    for tag, attached in unlisted.items():
        index = with_referrers_listed(known.get(points_to[tag]) if tag in points_to else None, attached)
        if index:
            due[tag] = index
    return due


def _unlisted(tree: Tree, client: Reader) -> Mapping[Tag, Sequence[Manifest]]:
    """What the registry itself does not list, by the tag of a list.

    ECR Public lists referrers since 2024, and some have seen it answer 405 since then.
    """
    attached: dict[Digest, list[Manifest]] = {}
    for one in tree.manifests:
        if one.subject:
            attached.setdefault(one.subject, []).append(one)
    asked = background.all_of([partial(_listed, one, client) for one in attached], "list referrers")
    return {
        fallback_tag(subject): manifests
        for (subject, manifests), known in zip(attached.items(), asked, strict=True)
        if not known >= {one.digest for one in manifests}
    }


def _listed(subject: Digest, client: Reader) -> frozenset[Digest]:
    try:
        return client.referrers(subject, "", {})
    except RegistryError:
        return frozenset()
