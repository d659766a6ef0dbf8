"""What a repository's floating tags name, by which verdict, and what was found since. Nouns only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime

from ecr_push.base.dataclass import dataclass
from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.scan.findings import Finding


@dataclass(frozen=True)
class UsedException:
    """An exception that excluded a finding. until: the last day on which it holds; None for no end."""

    text: str
    owner: str = ""
    until: date | None = None


@dataclass(frozen=True)
class StatedVerdict:
    """What the newest statement in the registry says. It is not verified: `verify` does that.

    word:      accepted or observed.
    scanned_at: when the judged scan ended; None where the statement does not say it of each platform.
    policy:    the digest of the policy.
    counts:    of all platforms.
    reference: of the artifact that has the statement.
    unscannable: it was accepted although ECR could not scan it, or a platform of it.
    """

    word: str
    policy: str
    scanned_at: datetime | None
    counts: Mapping[Severity, int] = field(default_factory=dict)
    exceptions: tuple[UsedException, ...] = ()
    commit: str = ""
    version: str = ""
    reference: str = ""
    unscannable: bool = False


@dataclass(frozen=True)
class Reason:
    """Why an image needs a look. kind: `verdict`, `observed`, `old`, `new`, `exception` or `unread`."""

    kind: str
    text: str


@dataclass(frozen=True)
class ImageStatus:
    """An image that floating tags point to.

    tags:    the floating ones, latest first, then lines.
    name:    its highest version, else its commit's tag; "" for neither.
    rebuilt: of another build of a commit, the version of that commit.
    verdict: None where there is no statement of one.
    counts:  of the scan as it is now, of all platforms; None where there is none.
    new:     how many findings of each severity there are more than when it was judged.
    since:   those that Inspector first saw after the judged scan had ended, worst first.
    reasons: why it needs a look; none if it does not.
    """

    digest: Digest
    tags: tuple[str, ...]
    name: str
    pushed_at: datetime
    verdict: StatedVerdict | None = None
    counts: Mapping[Severity, int] | None = None
    new: Mapping[Severity, int] = field(default_factory=dict)
    since: tuple[Finding, ...] = ()
    reasons: tuple[Reason, ...] = ()
    rebuilt: str = ""

    @property
    def title(self) -> str:
        """Its version, as people know it; else its name."""
        return f"{self.rebuilt}, another build" if self.rebuilt else self.name


@dataclass(frozen=True)
class RepositoryStatus:
    """images: in the order of their tags. left_out: how many more there are. unread: why it was not read."""

    name: str
    images: tuple[ImageStatus, ...] = ()
    left_out: int = 0
    unread: str = ""

    @property
    def needs_a_look(self) -> bool:
        return bool(self.unread) or any(one.reasons for one in self.images)


@dataclass(frozen=True)
class Status:
    """account and region: of the registry."""

    account: str
    region: str
    at: datetime
    repositories: tuple[RepositoryStatus, ...]

    @property
    def needs_a_look(self) -> bool:
        return any(one.needs_a_look for one in self.repositories)
