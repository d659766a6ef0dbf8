"""What Amazon Inspector reports about an image and ECR does not: the state of its own scan, and EPSS scores.

Inspector answers for the caller's own account, and for other accounts only to a delegated administrator.
"""

from __future__ import annotations

from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.base.values import read_number, read_time
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.session import ATTEMPTS
from ecr_push.registry.scan_api import Coverage, EpssPage

# The longest page of ListFindings.
_PAGE = 100


class Inspector:
    """See `InspectorReader`. A capability of private registries."""

    def __init__(self, api: RepositoryApi) -> None:
        self._api = api
        self._arn = ""

    def coverage(self, digest: Digest) -> Coverage | None:
        try:
            answer = self._api.call("describe_images", imageIds=[{"imageDigest": digest.value}])
        except AwsRefusedError as refused:
            if refused.code == "ImageNotFoundException":
                return None
            raise
        images = answer["imageDetails"]
        answer = self._call(
            "list_coverage",
            filterCriteria={
                "resourceId": [{"comparison": "EQUALS", "value": f"{self._repository_arn()}/{digest}"}],
                "scanType": [{"comparison": "EQUALS", "value": "PACKAGE"}],
            },
        )
        for one in answer.get("coveredResources") or ():
            status = one.get("scanStatus") or {}
            return Coverage(
                str(status.get("statusCode", "")),
                str(status.get("reason", "")),
                read_time(one.get("lastScannedAt")),
                images[0].get("imagePushedAt") if images else None,
            )
        return None

    def epss_page(self, digest: Digest, token: str = "") -> EpssPage:
        answer = self._call(
            "list_findings",
            attempts=1,  # the caller decides when to ask again
            filterCriteria={
                "ecrImageHash": [{"comparison": "EQUALS", "value": digest.value}],
                "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}],
            },
            maxResults=_PAGE,
            **({"nextToken": token} if token else {}),
        )
        scores = {}
        for one in answer.get("findings") or ():
            details = one.get("packageVulnerabilityDetails") or {}
            name = str(details.get("vulnerabilityId") or one.get("title") or one.get("findingArn") or "")
            scores[name] = read_number((one.get("epss") or {}).get("score"))
        return EpssPage(scores, str(answer.get("nextToken") or ""))

    def _repository_arn(self) -> str:
        if not self._arn:
            self._arn = str(self._api.described()["repositoryArn"])
        return self._arn

    def _call(self, operation: str, *, attempts: int = ATTEMPTS, **parameters: Any) -> dict[str, Any]:
        return call(self._api.aws.client("inspector2", attempts=attempts), operation, **parameters)
