"""What became of the image in one of the registries that ECR replicates it to."""

from __future__ import annotations

from ecr_push.base.dataclass import dataclass


@dataclass(frozen=True)
class Replica:
    """A copy, as ECR makes it.

    reference: REPOSITORY@DIGEST there; "" where that is not known.
    status:    ECR's: IN_PROGRESS, COMPLETE or FAILED. failure: its code, where it FAILED.
    tags:      those of the release that name the image there.
    others:    those that do not: what they name there, "" for nothing.
    unread:    why the registry there could not be asked for its tags; else "".
    """

    region: str
    account: str
    reference: str = ""
    status: str = "IN_PROGRESS"
    failure: str = ""
    tags: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    unread: str = ""

    @property
    def place(self) -> str:
        return f"{self.region}/{self.account}"

    @property
    def name(self) -> str:
        """The image there, as far as it is known; else where it is to be."""
        return self.reference or self.place

    @property
    def words(self) -> str:
        """What became of it, such as `COMPLETE: 1.4.2, latest`."""
        text = self.status + (f" ({self.failure})" if self.failure else "")
        if self.tags:
            text += f": {', '.join(self.tags)}"
        text += "".join(f"; {tag} names {digest or 'nothing'} there" for tag, digest in self.others)
        return f"{text}; its tags could not be read there: {self.unread}" if self.unread else text

    @property
    def is_whole(self) -> bool:
        """Whether the image is there, with every tag of the release as far as that could be asked."""
        return self.status == "COMPLETE" and not self.others
