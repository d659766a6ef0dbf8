"""A status made by hand: of everything that there is to see."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from ecr_push.base.severity import Severity
from ecr_push.pipeline.status.judge import Limits, judged
from ecr_push.pipeline.status.model import (
    ImageStatus,
    RepositoryStatus,
    StatedVerdict,
    Status,
    UsedException,
)
from ecr_push.scan.findings import Finding
from tests.support.fakes import digest

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=timezone.utc)
POLICY = f"sha256:{'5' * 64}"
COUNTS = {Severity.HIGH: 2, Severity.MEDIUM: 5, Severity.LOW: 9}
OPENSSL = Finding("CVE-2026-1234", Severity.CRITICAL, "openssl", fixed_in="3.0.19", first_seen="2026-11-29")
CURL = Finding("CVE-2026-2345", Severity.LOW, "curl", first_seen="2026-11-29")


def verdict(days: float, word: str = "accepted", *exceptions: UsedException) -> StatedVerdict:
    """Of a scan that ended so many days ago."""
    at = NOW - timedelta(days=days)
    return StatedVerdict(word, POLICY, at, COUNTS, exceptions, "a" * 40, "1.4.2", "team/app@sha256:5")


def image(name: str, *tags: str, days: float = 3, **more: object) -> ImageStatus:
    made = ImageStatus(digest(name), tags, name, NOW - timedelta(days=days), verdict(days), COUNTS)
    return judged(replace(made, **more), Limits(), NOW)  # type: ignore[arg-type]


def exception(until: date | None) -> UsedException:
    return UsedException("CVE-2026-9 in zlib", "team web", until)


CALM = image("1.4.2", "latest", "1", "1.4")
GROWN = image(
    "2.0.0",
    *("latest", "2", "2.0", "stable"),
    counts={**COUNTS, Severity.CRITICAL: 1, Severity.LOW: 10},
    new={Severity.CRITICAL: 1, Severity.LOW: 1},
    since=(OPENSSL, CURL),
)
OLD = image("1.9.7", "1", "1.9", days=45)
ENDING = image("3.1.0", "production", verdict=verdict(3, "accepted", exception(date(2026, 12, 5))))
ENDED = image("3.0.0", "preview", verdict=verdict(3, "observed", exception(date(2026, 11, 29))))
UNJUDGED = image("sha-0123456", "nightly", verdict=None)
UNSCANNED = judged(
    ImageStatus(digest("x"), ("edge",), "", NOW, verdict(1)), Limits(), NOW, "there is no scan of linux/amd64"
)
STATUS = Status(
    "123456789012",
    "eu-west-1",
    NOW,
    (
        RepositoryStatus("team/shop", (GROWN, OLD)),
        RepositoryStatus("team/web", (ENDING, ENDED, UNJUDGED, UNSCANNED), left_out=3),
        RepositoryStatus("team/calm", (CALM,)),
        RepositoryStatus("team/empty"),
        RepositoryStatus("team/secret", unread="AWS refused ecr:DescribeImages: AccessDeniedException"),
    ),
)
WELL = replace(STATUS, repositories=STATUS.repositories[2:4])
