"""The result of a run, on every path: as far as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ecr_push.base.dataclass import dataclass
from ecr_push.base.errors import ACCEPTED, NOT_VERIFIED, REFUSED, TESTS_FAILED, ScanError
from ecr_push.base.reference import Repository, Tag
from ecr_push.builder.build_checks import BuildCheck
from ecr_push.pipeline.destination_result import DestinationResult
from ecr_push.pipeline.failure import Failure
from ecr_push.pipeline.image_test import ImageTestResult, failed_tests
from ecr_push.pipeline.timeline import Span
from ecr_push.policy.verdict import Verdict
from ecr_push.registry.image import PushedImage
from ecr_push.release.git_tag import GitTag
from ecr_push.release.lost import LostError
from ecr_push.release.promoted_tag import PromotedTag
from ecr_push.scan.findings import ScanReport

if TYPE_CHECKING:
    from ecr_push.pipeline.local_image import LocalImage
    from ecr_push.pipeline.plan import Plan
    from ecr_push.pipeline.preflight import Preflight
    from ecr_push.pipeline.verification import Verification
    from ecr_push.policy.model import Policy
    from ecr_push.release.rollback import Named, Rollback
    from ecr_push.signing.model import Signature

if TYPE_CHECKING:  # a run that waits for no replication, and deploys nothing, loads nothing of it
    from ecr_push.pipeline.deployment import Deployment
    from ecr_push.pipeline.replica import Replica

Status = Literal[
    "accepted",
    "observed",
    "refused",
    "test-failed",
    "no-answer",
    "failed",
    "interrupted",
    "planned",
    "checked",
    "built",
    "verified",
    "not-verified",
    "deployed",
]

# The status of a run, the same word in every report and on every CI, and what it means.
STATUSES: Mapping[Status, str] = {
    "accepted": "the policy accepts the image; or `rollback` went back to one that it had accepted",
    "observed": "the policy would refuse the image, and is only observed: it was released as if accepted",
    "refused": "the policy refuses the image",
    "test-failed": "the policy accepts the image, or is only observed, and a test of it failed",
    "no-answer": "the scan gave no answer, or a file of `--verdict-from` does not, or ECR cannot scan the "
    "image, which never counts as a pass",
    "failed": "something else stopped the run: settings, checkout, build, registry, an internal error",
    "interrupted": "a signal ended it",
    "planned": "`plan` or a dry run: it shows what a run would do",
    "checked": "code that may come from a fork, or any with `--no-push`, was built and checked, or with "
    "`--call check` the Dockerfile was; nothing was pushed, scanned or judged",
    "built": "`build` pushed an image that a run will join to others; or, with `--load` or `--export`, the "
    "image is on this machine alone. Nothing was scanned or judged",
    "verified": "`verify`: the image has what is required of it",
    "not-verified": "`verify`, `deploy` and `render` with `--verify`: the image lacks something that is "
    "required of it",
    "deployed": "`deploy`: what was named runs the image, or does so from its next start on",
}
# The statuses of runs whose image may be used.
RELEASABLE: frozenset[Status] = frozenset({"accepted", "observed", "verified", "deployed"})
# The statuses of runs that came to their end without a judgement.
UNJUDGED: frozenset[Status] = frozenset({"planned", "checked", "built", "not-verified"})


_STOPPED: Mapping[str, Status] = {"interrupted": "interrupted", ScanError.kind: "no-answer"}


@dataclass(frozen=True)
class RunFacts:
    """Facts of this invocation that only reports need.

    command:        that was called, such as `run`; empty in outcomes that are made for tests.
    arguments:      its own, by which it judges the same image again; empty where that is done otherwise.
    options:        the options that a command which judges the image again needs, as the caller gave them.
    settings:       which ecr-push.yml was read, in words.
    reports:        format and path of each report that the caller gets.
    started_at, finished_at: in UTC; None in outcomes that are made for tests.
    url:            where the CI shows this run, and actor who started it; empty without a CI.
    tool_version:   of ecr-push.
    dockerfile:     its path in the checkout, as a report points to it; empty if no image was built from one.
    container_name: the container's name in an ECS task definition; empty for the repository's last part.
    repository:     its name, as the user gave it.
    sandbox:        the registry started and ended with the run.
    deploys_to:     what `deploy` was to change, by the keys of its options: `service` and `shop`.
    """

    command: str = ""
    arguments: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    settings: str = ""
    reports: tuple[tuple[str, str], ...] = ()
    started_at: datetime | None = None
    finished_at: datetime | None = None
    url: str = ""
    actor: str = ""
    tool_version: str = ""
    dockerfile: str = ""
    container_name: str = ""
    repository: str = ""
    sandbox: bool = False
    deploys_to: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Superseded:
    """An image that the run pushed, and does not release: another pipeline's of the same commit was first.

    candidate: the tag under which it is kept; None where someone removed it meanwhile.
    """

    image: PushedImage
    candidate: Tag | None

    @property
    def kept_as(self) -> str:
        """REPOSITORY:TAG, or REPOSITORY@DIGEST where it has no tag."""
        return self.image.repository.tagged(self.candidate) if self.candidate else self.image.reference


@dataclass(frozen=True)
class Outcome:
    """The nouns of a run that came to be; what it did not reach is None or empty.

    size:      bytes of the image's layers, as the registry stores them; 0: not known, as of an index.
    platform:  of an image that is not part of an index; empty where that is not known.
    tags_now:  where the floating tags of a run without a release point at its end; None: the tag does not
               exist.
    layer_steps: of a refused image: the digest of a layer, and the step of the Dockerfile that made it.
    candidate: the tag under which an image is kept for inspection, because it was not released.
    superseded: the run's own image, where it went on with another pipeline's.
    build_checks: what docker found in the Dockerfile; of an image that was built before, nothing.
    policy:    by which the image was judged, or would have been.
    steps:     of the Dockerfile, and how many of them came from a cache, where the builder says it.
    builder:   what would build the image, in words; only of a plan.
    checked:   why the image was built and checked, and not pushed; empty for any other run.
    local:     the image that was kept on this machine, and not pushed; None for any other run.
    is_part:   the image was pushed to be joined to others, and is not judged by itself.
    seconds:   wall time by phase.
    tests:     of the image; where it was not pushed, those that would run.
    statement: REPOSITORY@DIGEST, or REPOSITORY:TAG, of the statement of the verdict; empty for none.
    statement_signed: by what signs the image, too.
    sboms:     REPOSITORY@DIGEST, or REPOSITORY:TAG, of each SBOM that was attached.
    signature: of the image; where it is not signed yet, the one that it would get.
    managed_signatures: the profiles with which ECR has signed the image by itself, where that is required.
    verification: of `verify`: what was required of the image, and what it has.
    deployment: of `deploy`: what runs the image, and what was changed for that.
    destinations: what became of the image in the other repositories.
    replicas:  the copies that ECR makes in other registries, where they are waited for.
    timeline:  the phases, and what ran beside them, in the order in which they ended.
    """

    plan: Plan | None = None
    preflight: Preflight | None = None
    pushed: PushedImage | None = None
    size: int = 0
    platform: str = ""
    tags_now: tuple[tuple[Tag, Named | None], ...] = ()
    layer_steps: Mapping[str, str] = field(default_factory=dict)
    candidate: Tag | None = None
    superseded: Superseded | None = None
    created_repository: str = ""
    scan: ScanReport | None = None
    verdict: Verdict | None = None
    policy: Policy | None = None
    promoted: tuple[PromotedTag, ...] = ()
    rollback: Rollback | None = None
    git_tag: GitTag | None = None
    build_checks: tuple[BuildCheck, ...] = ()
    steps: tuple[int, int] = (0, 0)
    builder: str = ""
    checked: str = ""
    local: LocalImage | None = None
    is_part: bool = False
    failure: Failure | None = None
    tests: tuple[ImageTestResult, ...] = ()
    statement: str = ""
    statement_signed: bool = False
    sboms: tuple[str, ...] = ()
    signature: Signature | None = None
    managed_signatures: tuple[str, ...] = ()
    verification: Verification | None = None
    deployment: Deployment | None = None
    destinations: tuple[DestinationResult, ...] = ()
    replicas: tuple[Replica, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    timeline: tuple[Span, ...] = ()
    run: RunFacts = RunFacts()

    @property
    def status(self) -> Status:
        if self.failure:
            return _STOPPED.get(self.failure.kind, "failed")
        if self.verification and not self.verification.passed:
            return "not-verified"
        if self.deployment:
            return "planned" if self.deployment.result == "planned" else "deployed"
        if self.verification:
            return "verified"
        if self.verdict and not self.verdict.releases:
            return "refused"
        if self.failed_tests:
            return "test-failed"
        if self.rollback and not (self.promoted and not self._would_move):
            return "planned"
        if self.verdict and self.verdict.observed:
            return "observed"
        if self.rollback:
            return "accepted"
        if self.checked:
            return "checked"
        if self.is_part or self.local:
            return "built"
        return "accepted" if self.verdict else "planned"

    @property
    def exit_code(self) -> int:
        if self.failure:
            return self.failure.exit_code
        codes = {"refused": REFUSED, "test-failed": TESTS_FAILED, "not-verified": NOT_VERIFIED}
        return codes.get(self.status, ACCEPTED)

    @property
    def failed_tests(self) -> tuple[ImageTestResult, ...]:
        return failed_tests(self.tests)

    @property
    def repository(self) -> Repository | None:
        """The repository, as far as AWS was asked for it."""
        known = self.pushed or self.preflight
        return known.repository if known else None

    @property
    def rolled_back(self) -> bool:
        """Whether a tag went back to its earlier image, or would in a dry run."""
        return self.rollback is not None and not self.exit_code

    @property
    def released(self) -> str:
        """REPOSITORY@DIGEST of an image that may be used, and not in a dry run; else ""."""
        if self.pushed is None or self.status not in RELEASABLE or self._would_move:
            return ""
        return self.pushed.reference

    @property
    def signed(self) -> str:
        """By what the image is signed, in words, or would be after a dry run; "" where it is not."""
        signature = self.signature
        if signature is None or (signature.result == "planned" and not self._would_move):
            return ""
        return str(signature)

    @property
    def may_have_moved(self) -> bool:
        """Whether tags may point elsewhere now: some were moved, or it ended while one was being moved."""
        failure = self.failure
        unsure = failure is not None and failure.phase in ("promote", "rollback")
        gave_back = failure is not None and failure.kind == LostError.kind
        elsewhere = any(one.may_have_moved for one in self.destinations)
        moved = any(one.result == "moved" for one in self.promoted)
        return (unsure and not gave_back) or moved or elsewhere

    @property
    def moves_tags(self) -> bool:
        """Whether the command moves release tags. Reports of the others do not say that none was moved."""
        return self.run.command in ("", "run", "promote", "rollback")

    @property
    def in_sandbox(self) -> bool:
        """Whether the registry was one on this machine, started by this run or by someone else."""
        return self.run.sandbox or (self.repository is not None and self.repository.registry.kind == "local")

    @property
    def _would_move(self) -> bool:
        """Whether it was a dry run that reached its end."""
        return any(one.result == "planned" for one in self.promoted)
