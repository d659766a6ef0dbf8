"""What a response about a scan may look like. Everything else is not an answer, which is never a pass. Pure.

Shapes: DescribeImageScanFindingsResponse and ImageScanFindings of ECR's service model. A finding may lack
members or have new ones; a list of findings under a name that is not known here may not be overlooked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError, items, mapping, member, optional_text
from ecr_push.registry.aws.odd import OddAnswerError

FINDINGS = "imageScanFindings"
LISTS = ("findings", "enhancedFindings")
_ANSWER = frozenset(
    {"registryId", "repositoryName", "imageId", "imageScanStatus", FINDINGS}
    | {"nextToken", "NextToken", "ResponseMetadata"}
)
_BODY = frozenset({"imageScanCompletedAt", "vulnerabilitySourceUpdatedAt", "findingSeverityCounts", *LISTS})
# Amazon ECR has had scans since October 2019:
# https://aws.amazon.com/blogs/containers/amazon-ecr-native-container-image-scanning/
_FIRST_SCANS = datetime(2019, 1, 1, tzinfo=timezone.utc)
# How far a clock of ours may be behind that of AWS. The SDK corrects its own for signatures.
_CLOCKS_DIFFER = timedelta(days=1)


class NotThisScanError(OddValueError):
    """A response of a valid form that says nothing about this scan: of another image, or of another time."""


class UnknownMemberError(NotThisScanError):
    """A list or an object under a name that is not known: it may hold findings."""

    def __init__(self, path: str) -> None:
        super().__init__(path, "is not known to this version of ecr-push, and may hold findings: update it")


def check_page(page: Mapping[str, Any], digest: Digest | None = None) -> None:
    """Checks the members around the findings of one page, and that it is about this image.

    Raises OddValueError.
    """
    check_known(page, _ANSWER)
    body = mapping(page, FINDINGS)
    try:
        check_known(body, _BODY)
    except UnknownMemberError as unknown:
        unknown.under(FINDINGS)
        raise
    for name in LISTS:
        items(page, FINDINGS, name)
    about = optional_text(page, "imageId", "imageDigest")
    if digest and about and about != digest.value:
        raise NotThisScanError(
            "imageId.imageDigest", f"is {about[:90]}, which is another image than {digest}"
        )


def check_known(value: Mapping[str, Any], known: frozenset[str]) -> None:
    """Raises UnknownMemberError for a list or an object under another name, unless it is empty."""
    for name, one in value.items():
        if name not in known and isinstance(one, (list, dict)) and one:
            raise UnknownMemberError(str(name)[:80])


def has_list(page: Mapping[str, Any]) -> bool:
    """Whether the page has a list of findings, be it empty. Without one nothing says what was found."""
    return any(member(page, FINDINGS, name) is not None for name in LISTS)


def check_completed(at: datetime | None, now: datetime, path: str = "imageScanCompletedAt") -> None:
    """Raises OddValueError for a time at which no scan can have been completed; None is not known."""
    if at is None:
        return
    if at > now + _CLOCKS_DIFFER:
        raise NotThisScanError(path, f"is {at.isoformat()}, in the future: check the clock of this machine")
    if at < _FIRST_SCANS:
        raise NotThisScanError(path, f"is {at.isoformat()}, before Amazon ECR had scans")


@contextmanager
def answer_of(name: str) -> Iterator[None]:
    """Turns what is odd in a response about the scan of an image into a ScanError. name: of the image."""
    try:
        yield
    except OddValueError as odd:
        raise no_answer(name, odd, "ecr:DescribeImageScanFindings") from odd
    except OddAnswerError as odd:
        raise ScanError(f"the scan of {name} has no result", why=f"{odd.what}: {odd.why}") from odd


def no_answer(name: str, odd: OddValueError, operation: str = "") -> ScanError:
    update = isinstance(odd, UnknownMemberError)
    return ScanError(
        f"the scan of {name} has no result",
        why=f"{operation}: {odd}" if operation else str(odd),
        remedy="update ecr-push: it evaluates only findings that it knows" if update else "",
    )
