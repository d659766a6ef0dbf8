"""What Amazon Inspector reports about an image and ECR does not: the state of its own scan, and EPSS scores.

Inspector answers for the caller's own account, and for other accounts only to a delegated administrator.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.base.shape import OddValueError, each, member, optional_text, optional_time, text
from ecr_push.base.values import read_number
from ecr_push.registry.api import RepositoryApi
from ecr_push.registry.aws.call import call
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.odd import answer_to
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
            pushed_at = self._api.read(
                "describe_images",
                lambda answer: each(
                    lambda one: optional_time(one, "imagePushedAt"), answer, "imageDetails", required=True
                ),
                imageIds=[{"imageDigest": digest.value}],
            )
        except AwsRefusedError as refused:
            if refused.code == "ImageNotFoundException":
                return None
            raise
        image = f"{self._repository_arn()}/{digest}"
        answer = self._call(
            "list_coverage",
            filterCriteria={
                "resourceId": [{"comparison": "EQUALS", "value": image}],
                "scanType": [{"comparison": "EQUALS", "value": "PACKAGE"}],
            },
        )

        def read(one: Mapping[str, Any]) -> Coverage:
            if optional_text(one, "resourceId") not in ("", image):
                raise OddValueError("resourceId", "is another image than was asked for")
            return Coverage(
                optional_text(one, "scanStatus", "statusCode"),
                optional_text(one, "scanStatus", "reason"),
                optional_time(one, "lastScannedAt"),
                pushed_at[0] if pushed_at else None,
            )

        with answer_to("inspector2:ListCoverage"):
            found = each(read, answer, "coveredResources")
        return found[0] if found else None

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
        scores: dict[str, float | None] = {}
        with answer_to("inspector2:ListFindings"):
            for name, score in each(_epss, answer, "findings", required=True):
                # Of two scores of one vulnerability the higher one counts.
                known = [one for one in (score, scores.get(name)) if one is not None]
                scores[name] = max(known, default=None)
            return EpssPage(scores, optional_text(answer, "nextToken"))

    def _repository_arn(self) -> str:
        if not self._arn:
            self._arn = self._api.described(lambda one: text(one, "repositoryArn"))
        return self._arn

    def _call(self, operation: str, *, attempts: int = ATTEMPTS, **parameters: Any) -> dict[str, Any]:
        return call(self._api.aws.client("inspector2", attempts=attempts), operation, **parameters)


def _epss(one: Mapping[str, Any]) -> tuple[str, float | None]:
    name = optional_text(one, "packageVulnerabilityDetails", "vulnerabilityId")
    name = name or optional_text(one, "title") or optional_text(one, "findingArn")
    return name, read_number(member(one, "epss", "score"))
