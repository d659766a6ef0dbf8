"""The candidate's tag: the name under which an image waits for its verdict, and when it goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ecr_push.base.errors import EcrPushError, RegistryError
from ecr_push.base.log import Narrator
from ecr_push.base.reference import Digest, Tag
from ecr_push.registry.interface import Reader, RepositoryClient
from ecr_push.registry.oci import Manifest
from ecr_push.release.removal import Taken, deleted, tags_or_none, take, verify
from ecr_push.tags.kinds import ReleaseTag, TagKind
from ecr_push.tags.temporary import CANDIDATE_PREFIX, done_with, is_temporary
from ecr_push.versions.schemes.choice import SEMVER

# The tags that a run never moves away from their image. Not MERGE: a branch takes its commit's tag from the
# image of a pull request.
_STAYING = frozenset({TagKind.COMMIT, TagKind.REBUILD, TagKind.VERSION, TagKind.SNAPSHOT})


def stays(tag: ReleaseTag) -> bool:
    """Whether the tag stays on the image that has it, whatever other runs do."""
    return tag.kind in _STAYING


class Retirement:
    """Removes the candidate tags of an image that has a tag which stays, and its claims, in three steps.

    All of them, an earlier run's too: a lifecycle rule that expires candidates would expire the
    released image along with one. Floating tags do not count: another run may move the last of them away
    before the candidate's tag is removed, and ECR deletes an image with its last tag.

    tags: what the image was to get. Each step raises RegistryError if the image is gone.
    """

    def __init__(
        self, manifest: Manifest, tags: Sequence[ReleaseTag], client: RepositoryClient, narrator: Narrator
    ) -> None:
        self._manifest = manifest
        self._tags = tags
        self._client = client
        self._narrator = narrator
        self._found: frozenset[Tag] | None = None  # None: not known
        self._others: list[Tag] = []
        self._taken: Taken | None = None
        self._stays = True

    def look(self) -> Retirement:
        """Finds the image's tags. Returns itself, of which the next step is due."""
        try:
            self._found = tags_or_none(self._manifest.digest, self._client)
        except RegistryError as error:
            self._narrator.warn(f"the candidate's tag stays on the released image: {error.what}: {error.why}")
            return self
        if self._found is None:
            raise deleted(self._manifest.digest)
        return self

    def remove(self, planned: Collection[Tag] = ()) -> None:
        """Removes the temporary ones. planned: tags that the image would have got in a dry run."""
        if self._found is None:
            return
        found = self._found | frozenset(planned)
        temporary = done_with(found)
        self._others = sorted((tag for tag in found if not is_temporary(tag.name)), key=str)
        if not temporary:
            self._stays = False
        elif _one_stays(self._others, self._tags, self._client):
            self._taken = take(temporary, self._client)
        else:
            self._narrator.warn(_kept_text(temporary, self._others, self._manifest.digest, self._client))

    def verify(self) -> bool:
        """Makes sure that the image is still there. False, with a warning, if a candidate's tag stays: the
        image is released all the same."""
        if self._taken is None:
            return not self._stays
        removal = verify(self._taken, self._found or (), self._manifest, self._client)
        left = sorted(str(tag) for tag in removal.left if tag in self._taken.tags or removal.restored)
        if removal.restored:
            self._narrator.warn(
                f"ECR deleted {self._manifest.digest.short} with its candidate's tag, because others had "
                f"removed or moved {', '.join(map(str, self._others))} in the same moment: it is back as "
                f"{', '.join(left)}"
            )
        elif removal.refused:
            self._narrator.warn(f"the candidate's tag stays on the released image: {removal.refused}")
        return not left


def _one_stays(found: Sequence[Tag], tags: Sequence[ReleaseTag], client: Reader) -> bool:
    """Whether one of an image's tags stays: by its kind, by its name, or because the repository freezes it.

    No run moves a name that is a whole version: lines have two numbers at most.
    """
    staying = {tag.tag for tag in tags if stays(tag)}
    floating = {tag.tag for tag in tags if tag.floating}
    if any(tag in staying or (tag not in floating and SEMVER.rank(tag.name)) for tag in found):
        return True
    try:
        state = client.describe()
    except EcrPushError:
        return False
    return state is not None and any(state.freezes(tag) for tag in found)


def _kept_text(temporary: Sequence[Tag], others: Sequence[Tag], digest: Digest, client: Reader) -> str:
    names = ", ".join(map(str, temporary))
    floating = f"{', '.join(map(str, others))} can move away from it" if others else "it has no other tag"
    try:
        image = client.locate().pinned(digest)
    except EcrPushError:
        image = f"REPOSITORY@{digest}"
    return (
        f"the released image keeps {names}: {floating}, and ECR deletes an image with its last tag. A "
        f"lifecycle rule on {CANDIDATE_PREFIX} would expire the image. Give it a tag that never moves, such "
        f"as a version's, and the candidate's tag goes: ecr-push promote {image} TAG"
    )


def is_lost(candidate: Tag, digest: Digest, client: Reader) -> bool:
    """Whether someone removed the candidate's tag or moved it to another image while the run waited.

    False if the registry cannot be asked: the tag is then assumed to be where the run left it.
    """
    try:
        return client.digests([candidate]).get(candidate) != digest
    except EcrPushError:
        return False
