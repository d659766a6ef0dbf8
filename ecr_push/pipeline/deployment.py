"""What runs an image, and what was changed for that: the nouns of `ecr-push deploy`."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass

Result = Literal["deployed", "already", "started", "planned", "failed"]
RESULTS: dict[Result, str] = {
    "deployed": "it was changed, and AWS says that the change is complete",
    "already": "it has had this image before: nothing was changed",
    "started": "it was changed, and the end was not waited for (`--deploy-timeout 0`)",
    "planned": "a dry run: nothing was changed",
    "failed": "it stopped, and the steps are those that were done until then",
}


@dataclass(frozen=True)
class Step:
    """One change. what: in words. made: the name or the ARN of what there is now; "" in a dry run."""

    what: str
    made: str = ""


@dataclass(frozen=True)
class Deployment:
    """subject: what gets the image, in words: `service shop in cluster prod`.

    image:  as it is written there: REPOSITORY@DIGEST, which may be that of one platform of an index.
    before: the images that were in its place, each once; the same one where it ran already.
    steps:  what was done, or in a dry run would be.
    """

    subject: str
    image: str
    result: Result
    before: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def may_have_changed(self) -> bool:
        """Whether what runs the image was changed, or may have been where it stopped."""
        return self.result in ("deployed", "started", "failed")
