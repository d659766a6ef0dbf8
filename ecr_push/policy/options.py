"""The options for what is accepted. They override the keys of a policy file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.option import COMPARING, OBSERVING, POLICY, WHAT_IS_ACCEPTED, Parsed, option
from ecr_push.base.reference import Digest, ImageName, Tag
from ecr_push.base.severity import NAMED_BY_USERS, Severity, Threshold, parse_limits, parse_threshold


def _baseline(text: str) -> str:
    return text if text == "none" else str(Digest(text) if text.startswith("sha256:") else Tag(text))


def _base_image(text: str) -> str:
    if ImageName.parse(text).digest is None:
        raise ValueError(
            f"{text!r} is not a valid base image: expected REPOSITORY@sha256:…, because a tag may have moved"
        )
    return text


ThresholdText = Annotated[Threshold, Parsed(parse_threshold)]
Limits = Annotated[Mapping[Severity, int], Parsed(parse_limits)]
BaselineText = Annotated[str, Parsed(_baseline)]
BaseImageText = Annotated[str, Parsed(_base_image)]


@dataclass(frozen=True, eq=False, repr=False)
class PolicyOptions:
    """What is accepted. None is not given."""

    policy: str = option(
        "",
        WHAT_IS_ACCEPTED,
        POLICY | {"policy exceptions"},
        "File with the policy, or s3://BUCKET/KEY; ecr-push.yml may hold the policy itself, under policy.",
        metavar="FILE",
    )
    fail_on: ThresholdText | None = option(
        None,
        WHAT_IS_ACCEPTED,
        POLICY,
        "Refuse an image with a finding of this severity or worse: "
        f"{', '.join(one.name.lower() for one in NAMED_BY_USERS)}; none turns this rule off.",
        metavar="SEVERITY",
        default_text="high, where no --max-findings is given",
    )
    max_findings: Limits | None = option(
        None,
        WHAT_IS_ACCEPTED,
        POLICY,
        "At most so many findings of each named severity; a severity worse than "
        "the worst one named is allowed none.",
        metavar="critical=0,high=5",
        mapping=True,
    )
    observe: bool | None = option(
        None,
        WHAT_IS_ACCEPTED,
        OBSERVING,
        "Only observe what the policy refuses: report it, release the image all the same, and exit with 0. "
        "A scan without an answer still releases nothing.",
        default_text="no",
        by_caller=True,
    )
    baseline: BaselineText = option(
        "",
        WHAT_IS_ACCEPTED,
        COMPARING,
        "Judge only findings that are new: what the image of this tag has already does not count. "
        "The word none disables the policy's baseline.",
        metavar="TAG|DIGEST",
    )
    base_image: BaseImageText = option(
        "",
        WHAT_IS_ACCEPTED,
        COMPARING,
        "The base image, in ECR, for a policy that treats its layers differently from your own.",
        metavar="REPOSITORY@DIGEST",
    )
    unscannable: Literal["refuse", "warn"] | None = option(
        None,
        WHAT_IS_ACCEPTED,
        POLICY,
        "What to do with an image that ECR cannot scan.",
        default_text="refuse",
        after="scan_events_queue",
    )
