"""The verdict on images where they were copied to, before their tags are set: `copy --judge`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ecr_push.base import background
from ecr_push.base.fences import Fences
from ecr_push.base.reference import Digest
from ecr_push.pipeline.context import Tools
from ecr_push.pipeline.copy_result import CopyVerdict
from ecr_push.pipeline.plan import plan_scan_for
from ecr_push.pipeline.record import Record
from ecr_push.pipeline.scan_and_judge import scan_and_judge
from ecr_push.policy.digest import policy_digest
from ecr_push.policy.load import load_policy
from ecr_push.registry.image import describe_pushed
from ecr_push.settings.declare import Settings

if TYPE_CHECKING:
    from ecr_push.pipeline.copies.load import Load
    from ecr_push.pipeline.copies.target import Target


class CopyJudge:
    """Judges by the policy of the settings, one image after the other."""

    def __init__(self, settings: Settings, tools: Tools) -> None:
        """Raises SettingsError for a policy that is not valid."""
        self._fences = Fences.of(settings.source.context)
        self._policy = load_policy(settings.policy, tools.read_object, self._fences)
        self._plan = plan_scan_for(self._policy, settings.scan)
        self._tools = tools
        self._one_by_one = threading.Lock()  # the log's phases are those of one image

    def refused(self, target: Target, load: Load) -> frozenset[Digest]:
        """The images that the policy refuses. Raises ScanError where a scan gives no answer."""
        with self._one_by_one:
            return frozenset(digest for digest in load.roots if not self._is_accepted(digest, target, load))

    def _is_accepted(self, digest: Digest, target: Target, load: Load) -> bool:
        manifest = next(one for one in load.tree.manifests if one.digest == digest)
        client = target.client
        pushed = describe_pushed(target.repository, manifest, client.manifest, reused=True)
        if not pushed.images:
            return True  # an artifact, which no scan looks into
        target.narrator.say(f"judging {digest.short}")
        scanning = background.start(client.scanning, "read scanning configuration")
        record = Record(self._tools, sandbox=False)
        verdict = scan_and_judge(
            pushed, client, scanning, self._plan, self._policy, self._tools, record, self._fences
        )
        judged = CopyVerdict(digest, verdict, policy_digest(self._policy))
        target.note(verdicts=(*target.result.verdicts, judged))
        for rule in verdict.broken:
            target.narrator.warn(f"{digest.short} is refused: {rule.text}")
        return verdict.releases
