"""What became of a run: as far as it came, on every path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ecr_push.base.errors import ACCEPTED, REFUSED, EcrPushError, Interrupted, ScanError
from ecr_push.pipeline.plan import Plan
from ecr_push.pipeline.preflight import Preflight
from ecr_push.policy.verdict import Verdict
from ecr_push.registry.image import PushedImage
from ecr_push.release.git_tag import GitTag
from ecr_push.release.promote import PromotedTag
from ecr_push.release.rollback import Rollback
from ecr_push.scan.findings import ScanReport

Status = Literal["accepted", "refused", "no-answer", "failed", "interrupted", "planned", "checked"]

# The one word for a run, the same in every report and on every CI, and what it means.
STATUSES: Mapping[Status, str] = {
    "accepted": "the policy accepts the image; or `rollback` went back to one that it had accepted",
    "refused": "the policy refuses the image",
    "no-answer": "the scan gave no answer, or ECR cannot scan the image, which never counts as a pass",
    "failed": "something else stopped the run: settings, checkout, build, registry, a defect",
    "interrupted": "a signal ended it",
    "planned": "`plan` or a dry run: it says what a run would do",
    "checked": "code that may be an outsider's was built and checked; nothing was pushed, scanned or judged",
}
# The words for runs that came to their end, and were to judge nothing.
UNJUDGED: frozenset[Status] = frozenset({"planned", "checked"})


_STOPPED: Mapping[str, Status] = {"interrupted": "interrupted", ScanError.kind: "no-answer"}


@dataclass(frozen=True)
class Failure:
    """Why a run stopped: the phase that it was in, and the error in words."""

    phase: str
    kind: str
    what: str
    why: str
    remedy: str
    exit_code: int

    @classmethod
    def of(cls, error: EcrPushError | Interrupted, phase: str) -> Failure:
        if isinstance(error, Interrupted):
            return cls(
                phase,
                "interrupted",
                str(error),
                "",
                "run again",
                error.exit_code,
            )
        return cls(phase, error.kind, error.what, error.why, error.remedy, error.exit_code)


@dataclass(frozen=True)
class Outcome:
    """The nouns of a run that came to be; what it did not reach is None or empty.

    sandbox:      its registry came and went with the run. seconds are wall time a phase.
    started_at, finished_at: in UTC; None in outcomes that are made for tests alone.
    tool_version: of ecr-push.
    run_url:      where the CI shows this run, and actor who started it; empty without a CI.
    dockerfile:   from the checkout's top on, as a report points to it; empty where none was built from.
    container_name: what an ECS task definition calls the container; empty for the repository's last part.
    checked:      why the image was built and checked, and not pushed; empty for any other run.
    base_layers:  digests of the layers that came with the base image; empty where that is unknown.
    """

    plan: Plan | None = None
    preflight: Preflight | None = None
    pushed: PushedImage | None = None
    candidate_kept: bool = False
    created_repository: str = ""
    scan: ScanReport | None = None
    verdict: Verdict | None = None
    promoted: tuple[PromotedTag, ...] = ()
    rollback: Rollback | None = None
    git_tag: GitTag | None = None
    failure: Failure | None = None
    sandbox: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    tool_version: str = ""
    run_url: str = ""
    actor: str = ""
    dockerfile: str = ""
    container_name: str = ""
    base_layers: frozenset[str] = frozenset()
    checked: str = ""

    @property
    def rolled_back(self) -> bool:
        """A tag is back where it was to go, or would be."""
        return self.rollback is not None and not self.exit_code

    @property
    def released(self) -> str:
        """REPOSITORY@DIGEST of an image that was accepted and handed out, and not in a dry run; else ""."""
        planned = any(one.result == "planned" for one in self.promoted)
        if self.pushed is None or self.status != "accepted" or planned:
            return ""
        return self.pushed.reference

    @property
    def may_have_moved(self) -> bool:
        """Whether tags may point elsewhere now: some were moved, or it ended while one was being moved."""
        ended_in = self.failure.phase if self.failure else ""
        return ended_in in ("promote", "rollback") or any(one.result == "moved" for one in self.promoted)

    @property
    def in_sandbox(self) -> bool:
        """Whether the registry was one on this machine, kept up for the run or by somebody else."""
        at = self.pushed.repository if self.pushed else self.preflight.repository if self.preflight else None
        return self.sandbox or (at is not None and at.registry.kind == "local")

    @property
    def status(self) -> Status:
        if self.failure:
            return _STOPPED.get(self.failure.kind, "failed")
        if self.rollback and (self.verdict is None or self.verdict.accepted):
            done = [one.result for one in self.promoted]
            return "accepted" if done and "planned" not in done else "planned"
        if self.verdict is None:
            return "checked" if self.checked else "planned"
        return "accepted" if self.verdict.accepted else "refused"

    @property
    def exit_code(self) -> int:
        if self.failure:
            return self.failure.exit_code
        return REFUSED if self.status == "refused" else ACCEPTED
