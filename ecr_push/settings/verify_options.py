"""The options that say what `ecr-push verify` requires of an image."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import VERIFYING, WHAT_IS_ACCEPTED, Duration, Parsed, matching, option

Requirement = Literal["signature", "verdict", "provenance"]


def _source(text: str) -> str:
    from ecr_push.source.git.address import public_url

    found = public_url(text if "://" in text or ":" in text else f"https://{text}")
    if not re.fullmatch(r"https?://[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?/.+", found):
        raise ValueError(f"{text!r} is not a repository's address: expected https://github.com/acme/app")
    return found


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}", text):
        raise ValueError(f"{text!r} is not a commit: expected all its 40 or 64 digits")
    return text.lower()


PolicyDigest = Annotated[
    str,
    matching("sha256:[0-9a-f]{64}", "hash of a policy", "sha256:…, as `ecr-push policy show` prints it"),
]
Source = Annotated[str, Parsed(_source)]
Commit = Annotated[str, Parsed(_commit)]
Builder = Annotated[str, matching(r"[!-~]+", "builder", "the builder's id, in which * stands for any text")]


@dataclass(frozen=True, eq=False, repr=False)
class VerifyOptions:
    """What is required of an image. Who deploys it says so: no file of a checkout can."""

    require: tuple[Requirement, ...] = option(
        ("signature", "verdict"),
        WHAT_IS_ACCEPTED,
        VERIFYING,
        "What the image must have: a signature, a verdict, provenance of its build.",
        metavar="signature,verdict,provenance",
        default_text="signature,verdict",
        separator=",",
        by_caller=True,
    )
    allow_unsigned: bool = option(
        False,
        WHAT_IS_ACCEPTED,
        VERIFYING,
        "Accept a verdict whose statement is not signed: everyone who may push can make one.",
        by_caller=True,
    )
    max_age: Duration = option(
        0.0,
        WHAT_IS_ACCEPTED,
        VERIFYING,
        "How long ago the judged scan may have ended, such as 30d.",
        metavar="DURATION",
        default_text="any",
        by_caller=True,
    )
    expect_policy: tuple[PolicyDigest, ...] = option(
        (),
        WHAT_IS_ACCEPTED,
        VERIFYING,
        "Hash of the policy that must have accepted the image; of several, any one.",
        metavar="sha256:HASH",
        separator=",",
        by_caller=True,
    )
    expect_source: Source = option(
        "",
        WHAT_IS_ACCEPTED,
        VERIFYING,
        "Repository from which the provenance must say that the image was built.",
        metavar="URL",
        by_caller=True,
    )
    expect_commit: Commit = option(
        "",
        WHAT_IS_ACCEPTED,
        VERIFYING,
        "Commit of which the verdict, and the provenance where it is required, must be.",
        metavar="SHA",
        by_caller=True,
    )
    expect_builder: Builder = option(
        "",
        WHAT_IS_ACCEPTED,
        VERIFYING,
        "Builder that the provenance must name; * stands for any text: https://github.com/acme/app/*.",
        metavar="ID",
        by_caller=True,
    )
