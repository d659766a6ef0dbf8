"""The option that says which AWS service will run the image."""

from __future__ import annotations

from typing import Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import BUILDING, WHAT_TO_BUILD, option

Profile = Literal["any", "lambda", "ecs", "eks"]


@dataclass(frozen=True, eq=False, repr=False)
class ProfileOptions:
    """What will run the image."""

    deploy_for: Profile = option(
        "any",
        WHAT_TO_BUILD,
        BUILDING | {"promote"},
        "Service that will run the image. What it would refuse, such as an index for Lambda, is refused "
        "before the build, or before a tag moves.",
        key="for",
        after="parts",
    )
