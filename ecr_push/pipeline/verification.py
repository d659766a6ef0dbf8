"""What was required of an image, and what it has: the nouns of `ecr-push verify`."""

from __future__ import annotations

from datetime import datetime

from ecr_push.base.dataclass import dataclass
from ecr_push.settings.verify_options import Requirement


@dataclass(frozen=True)
class Judgement:
    """What a statement says of the verdict on an image.

    policy:     its hash.
    scanned_at: when the scan ended that has ended first; None where the statement does not say it.
    signed_by:  the key's reference, or the identity; "" for a statement that is not signed.
    reference:  REPOSITORY@DIGEST of a statement that is not signed; else "".
    """

    verdict: str
    policy: str
    commit: str
    version: str
    scanned_at: datetime | None
    tool_version: str
    signed_by: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Provenance:
    """What was attested of the build of one platform; "" for what it does not say.

    source:    address of the repository.
    signed_by: as of a judgement. Provenance in a signed index is covered by that signature.
    """

    platform: str
    builder: str
    source: str
    commit: str
    signed_by: str = ""


@dataclass(frozen=True)
class Check:
    """One requirement. found: what there is, in words. why: what is missing or wrong; "" where it is met."""

    what: Requirement
    found: str = ""
    why: str = ""

    @property
    def passed(self) -> bool:
        return not self.why


@dataclass(frozen=True)
class Verification:
    """named: the image as it was asked for. checks: of every requirement."""

    named: str
    checks: tuple[Check, ...]
    judgement: Judgement | None = None
    provenance: tuple[Provenance, ...] = ()

    @property
    def passed(self) -> bool:
        return bool(self.checks) and all(one.passed for one in self.checks)
