"""The options that say which of the images in ecr-push.yml a command is for, and how many at once."""

from __future__ import annotations

from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import OF_CHECKOUT, WHAT_TO_BUILD, Parsed, option

SEVERAL = frozenset({"run", "matrix"})
_MOST = 64


def _jobs(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST):
        raise ValueError(f"{text!r} is not a number of images: expected one from 1 to {_MOST}")
    return int(text)


Jobs = Annotated[int, Parsed(_jobs, r"^[0-9]{1,2}$")]


@dataclass(frozen=True, eq=False, repr=False)
class ImagesOptions:
    """Which images of ecr-push.yml."""

    only: tuple[str, ...] = option(
        (),
        WHAT_TO_BUILD,
        OF_CHECKOUT,
        "Image that ecr-push.yml in DIR lists under images; may be repeated with run and matrix. "
        "`run NAME…` is the same.",
        metavar="NAME",
        separator=",",
        by_caller=True,
    )
    all_images: bool = option(
        False,
        WHAT_TO_BUILD,
        SEVERAL,
        "Every image that ecr-push.yml lists under images.",
        key="all",
        by_caller=True,
    )
    changed: bool = option(
        False,
        WHAT_TO_BUILD,
        SEVERAL,
        "Of these images, those that changed since the registry got their last one; in a pull request, since "
        "it left its target branch.",
        by_caller=True,
    )
    since: str = option(
        "",
        WHAT_TO_BUILD,
        SEVERAL,
        "With --changed, compare with this commit, and do not ask the registry.",
        metavar="COMMIT",
        by_caller=True,
    )
    jobs: Jobs = option(
        0,
        WHAT_TO_BUILD,
        frozenset({"run"}),
        "How many images are built at the same time.",
        metavar="NUMBER",
        default_text="as many as there are processors, at most 4",
        by_caller=True,
    )
