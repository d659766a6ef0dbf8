"""The options that say what a release does besides moving tags, and what it waits for."""

from __future__ import annotations

import re
from typing import Annotated

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import PLANNING, WHERE_IT_GOES, WHICH_VERSION, Duration, Parsed, option

_TABLE = r"[A-Za-z0-9_.-]{3,255}"
_ARN = rf"arn:[a-z0-9-]+:dynamodb:[a-z0-9-]+:\d{{12}}:table/{_TABLE}"


def _lock(text: str) -> str:
    kind, _, table = text.partition(":")
    if kind != "dynamodb":
        raise ValueError(f"{text!r} is not a lock: expected dynamodb:TABLE")
    if not re.fullmatch(f"{_TABLE}|{_ARN}", table):
        raise ValueError(
            f"{table!r} is not a DynamoDB table: expected its name, of 3 to 255 letters, digits, '_', '.' or "
            "'-', or its ARN, arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME"
        )
    return text


Lock = Annotated[str, Parsed(_lock, "^dynamodb:.+$")]


@dataclass(frozen=True, eq=False, repr=False)
class ReleaseOptions:
    """What a release does."""

    git_tag: bool = option(
        False,
        WHICH_VERSION,
        PLANNING | {"tags"},
        "Release the version: once the image is promoted, create its git tag and push it.",
    )
    lock: Lock = option(
        "",
        WHERE_IT_GOES,
        PLANNING | {"promote", "rollback"},
        "DynamoDB table with a lock for each repository, so that its promotions and rollbacks take turns: a "
        "name in the repository's region, or an ARN.",
        metavar="dynamodb:TABLE",
        after="kms_key",
    )
    attest_verdict: bool = option(
        False,
        WHERE_IT_GOES,
        PLANNING | {"promote"},
        "Attach an in-toto statement of the verdict to an accepted image, before its tags move.",
    )
    attest_sbom: tuple[str, ...] = option(
        (),
        WHERE_IT_GOES,
        PLANNING | {"promote"},
        "Attach this SBOM to an accepted image: JSON of SPDX or CycloneDX that another tool has written. It "
        "is read after the tests of the image; may be repeated.",
        metavar="FILE",
        separator="\n",
        by_caller=True,
    )
    wait_replication: bool = option(
        False,
        WHERE_IT_GOES,
        PLANNING | {"promote"},
        "After a release, wait until the registry's replication has copied the image and its tags to every "
        "destination.",
    )
    replication_timeout: Duration = option(
        1800.0,
        WHERE_IT_GOES,
        PLANNING | {"promote"},
        "How long to wait for that.",
        metavar="DURATION",
        default_text="30m",
    )
