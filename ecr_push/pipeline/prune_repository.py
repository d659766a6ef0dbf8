"""Deletes the images of a repository that nothing needs: candidates that were not released, untagged ones."""

from __future__ import annotations

from collections.abc import Sequence

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import RegistryError, SettingsError
from ecr_push.base.fences import Fences
from ecr_push.base.reference import Digest, Repository, Tag
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.try_lifecycle import read_in_use
from ecr_push.registry.interface import RepositoryClient
from ecr_push.registry.options import target_of
from ecr_push.settings.declare import Settings
from ecr_push.tags.temporary import is_temporary
from ecr_push.upkeep.lifecycle.in_use import images_in_use
from ecr_push.upkeep.lifecycle.size import freed_bytes
from ecr_push.upkeep.prune import Limits, Prunable, batches, find_prunable


@dataclass(frozen=True)
class Pruned:
    """found: what nothing needs. bytes: of it, at most. deleted: None where nothing was to be deleted."""

    repository: Repository
    images: int
    found: tuple[Prunable, ...]
    bytes: int
    deleted: int | None = None


def prune_repository(
    limits: Limits, in_use: Sequence[str], settings: Settings, tools: Tools, *, delete: bool
) -> Pruned:
    """Finds what nothing needs, and deletes it if delete. in_use: files that name images which stay.

    Raises SettingsError for files that cannot be read, RegistryError.
    """
    tools.narrator.phase("prune")
    problems: list[str] = []
    texts = read_in_use(in_use, Fences.of(settings.source.context), problems)
    if problems:
        raise SettingsError(problems)
    target = target_of(settings.registry)
    if target.public:
        raise SettingsError(["--repository: is one of ECR Public, whose images are not pruned"])
    client = tools.open_repository(target)
    state = client.describe()
    if state is None:
        raise RegistryError(
            f"there is no repository {settings.registry.repository}", remedy="check --repository and --region"
        )
    images = client.lifecycle.images()
    named: set[Digest] = set()
    for text in texts.values():
        named.update(images_in_use(text, state.repository.name, images))
    found = find_prunable(images, tools.clock.now(), limits, named, is_temporary)
    size = freed_bytes(images, {one.image.digest for one in found})
    deleted = _delete(found, client, tools) if delete else None
    return Pruned(state.repository, len(images), found, size, deleted)


def _delete(found: Sequence[Prunable], client: RepositoryClient, tools: Tools) -> int:
    """Deletes in the given order, many at once. Returns how many images were deleted.

    A candidate goes by its tags: if it was released meanwhile, it loses these alone. An image without a tag
    has no other name than its digest, so it is looked at once more.
    """
    deleted = 0
    for batch in batches(found):
        if batch[0].image.tags:
            client.remove_tags([Tag(name) for one in batch for name in sorted(one.image.tags)])
            gone = frozenset(one.image.digest for one in batch)
        else:
            gone = client.delete_untagged([one.image.digest for one in batch])
        for one in batch:
            is_gone = one.image.digest in gone
            done = f"deleted {one.image.name}" if is_gone else f"{one.image.name} has a tag by now: it stays"
            tools.narrator.say(done)
        deleted += len(gone)
    return deleted
