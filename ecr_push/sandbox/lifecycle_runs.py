"""Lifecycle policies carried out: each of them once a day of the sandbox's clock, or when a test asks for it.

ECR acts on an image within 24 hours after it meets a rule, and on what refers to it within 24 hours more:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ecr_push.sandbox import lifecycle
from ecr_push.sandbox.clock import SandboxClock
from ecr_push.sandbox.model import Image, StoredRepository
from ecr_push.sandbox.state import State

# However far the clock is set forward at once.
_MOST_RUNS = 400


class LifecycleRuns:
    """Sets the sandbox's clock forward, and carries the policies out for the days that pass.

    A machine's own time alone makes no run: what was there yesterday is there when a pipeline starts.
    """

    def __init__(self, state: State, clock: SandboxClock) -> None:
        self._state = state
        self._clock = clock
        self._due = clock() + lifecycle.DAY_SECONDS

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def advance(self, seconds: float) -> None:
        """Sets the clock forward by seconds, 0 or more: a day at a time, with a run at the end of each."""
        until = self._clock() + seconds
        day = max(lifecycle.DAY_SECONDS, seconds / _MOST_RUNS)
        while self._due <= until:
            self._clock.advance(max(self._due - self._clock(), 0.0))
            self.run()
            self._due += day
        self._clock.advance(max(until - self._clock(), 0.0))

    def run(self) -> dict[str, list[dict[str, Any]]]:
        """Carries every policy out now. Returns what was done by repository: the members of a preview's
        results, then what referred to those images, with its `subjectManifestDigest`."""
        return {
            repository.name: self._carry_out(repository.name)
            for repository in self._state.repositories.all("private")
            if repository.lifecycle_text
        }

    def _carry_out(self, name: str) -> list[dict[str, Any]]:
        with self._state.images.lock:
            repository = self._state.repositories.get("private", name)
            images = self._state.images.all("private", name)
            now = self._clock()
            try:
                policy = lifecycle.read_policy(repository.lifecycle_text)
            except ValueError:  # kept by a sandbox that checked less
                return []
            taken = lifecycle.evaluate(policy, images, now)
            done = [self._take(name, image, taken[image.digest]) for image in images if image.digest in taken]
            done += self._follow(name, taken)
            self._evaluated(repository, now)
            return done

    def _take(self, name: str, image: Image, rule: lifecycle.Rule) -> dict[str, Any]:
        result = lifecycle.preview_result(image, rule)
        self._act(name, image.digest, expires=rule.action.type == "expire")
        return result

    def _follow(self, name: str, taken: Mapping[str, lifecycle.Rule]) -> list[dict[str, Any]]:
        """What refers to an image goes where that went, and what refers to it, and so on."""
        done = []
        expired = {digest for digest, rule in taken.items() if rule.action.type == "expire"}
        archived = set(taken) - expired
        for taken_digests, expires in ((expired, True), (archived, False)):
            subjects: Collection[str] = taken_digests
            while found := self._referrers(name, subjects, expires=expires):
                for image in found:
                    self._act(name, image.digest, expires=expires)
                    done.append(
                        {
                            "imageDigest": image.digest,
                            "action": lifecycle.preview_action(expires=expires),
                            "subjectManifestDigest": image.subject,
                        }
                    )
                subjects = {image.digest for image in found}
        return done

    def _referrers(self, name: str, subjects: Collection[str], *, expires: bool) -> list[Image]:
        images = self._state.images.all("private", name)
        needed = {child.digest for image in images for child in image.children}
        return [
            image
            for image in images
            if image.subject in subjects and image.digest not in needed
            if expires or self._state.images.status(image) == "ACTIVE"
        ]

    def _act(self, name: str, digest: str, *, expires: bool) -> None:
        if expires:
            self._state.images.delete("private", name, digest=digest)
        else:
            self._state.images.move(name, digest, "ARCHIVE")

    def _evaluated(self, repository: StoredRepository, now: float) -> None:
        extra = {**repository.extra, lifecycle.EVALUATED_AT: now}
        self._state.repositories.change("private", repository.name, extra=extra)
