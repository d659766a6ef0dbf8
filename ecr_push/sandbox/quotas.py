"""ECR's quotas: how many requests of an action an account may send in a second, over both planes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
PUBLISHED: Mapping[str, int] = {
    "BatchCheckLayerAvailability": 1_000,
    "BatchGetImage": 2_000,
    "CompleteLayerUpload": 100,
    "GetAuthorizationToken": 500,
    "GetDownloadUrlForLayer": 3_000,
    "InitiateLayerUpload": 100,
    "PutImage": 10,
    "UploadLayerPart": 500,
}
# What a request to the registry API counts as: the same page, on docker push and docker pull.
_ACTIONS: Mapping[str, str] = {
    "GetBlob": "GetDownloadUrlForLayer",
    "GetManifest": "BatchGetImage",
    "HeadBlob": "BatchCheckLayerAvailability",
    "HeadManifest": "BatchGetImage",
    "PatchUpload": "UploadLayerPart",
    "PutManifest": "PutImage",
    "PutUpload": "CompleteLayerUpload",
    "StartUpload": "InitiateLayerUpload",
}


class Quotas:
    """A bucket of tokens for each action: full at first, filled again by its rate. Not thread-safe.

    rates: requests in a second by action. clock: seconds since the epoch.
    """

    def __init__(self, rates: Mapping[str, int], clock: Callable[[], float]) -> None:
        self._rates = rates
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}  # tokens, and when they were counted

    def take(self, operation: str) -> bool:
        """Whether a request of this operation, of either plane, is within its quota. One that is not takes
        nothing."""
        action = _ACTIONS.get(operation, operation)
        if action not in self._rates:
            return True
        rate, now = self._rates[action], self._clock()
        tokens, counted_at = self._left.get(action, (float(rate), now))
        tokens = min(float(rate), tokens + max(now - counted_at, 0.0) * rate)
        self._left[action] = (tokens - 1 if tokens >= 1 else tokens, now)
        return tokens >= 1
