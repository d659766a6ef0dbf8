"""EPSS for the findings of an image. ECR does not report it; Inspector's own findings do."""

from __future__ import annotations

from dataclasses import replace

from ecr_push.base.errors import AuthenticationError, ScanError
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.aws.odd import OddAnswerError
from ecr_push.registry.interface import Reader, Scanning
from ecr_push.registry.scan_api import EpssPage
from ecr_push.scan.findings import PlatformScan
from ecr_push.scan.pages import MOST_PAGES

REMEDY = "allow inspector2:ListFindings in the registry's own account, or remove max-epss from the policy"


def check_epss(scanning: Scanning) -> None:
    """Raises ScanError if this registry's scanning never reports EPSS, so that no rule can use it."""
    if scanning.mode in ("basic", "none"):
        raise ScanError(
            "the policy has a rule about EPSS, which this registry's scanning does not report",
            why="only enhanced scanning (Amazon Inspector) reports the probability of exploitation",
            remedy="turn on enhanced scanning, or remove max-epss from the policy",
        )


class Epss:
    """Reads Inspector's findings of one scanned image, page by page."""

    def __init__(self, client: Reader, scan: PlatformScan) -> None:
        self._client = client
        self._scan = scan
        self._scores: dict[str, float | None] = {}
        self._token = ""
        self._tokens: set[str] = set()
        self._is_read = not scan.findings

    def read(self) -> PlatformScan:
        """Returns the scan with EPSS added to its findings.

        Raises RegistryError if Inspector cannot be reached now; a further call continues where this one
        stopped. Raises ScanError if Inspector has none of the findings that ECR lists.
        """
        while not self._is_read:
            page = self._page()
            self._tokens.add(self._token)
            if page.token in self._tokens - {""}:
                raise ScanError("Inspector returned the same page of findings twice", remedy=REMEDY)
            if len(self._tokens) > MOST_PAGES:
                raise ScanError(f"Inspector's findings do not end after {MOST_PAGES} pages", remedy=REMEDY)
            for id_, score in page.scores.items():
                self._scores[id_] = _higher(self._scores.get(id_), score)
            self._token = page.token
            self._is_read = not page.token
        scan = self._scan
        unknown = sum(finding.id not in self._scores for finding in scan.findings)
        if scan.findings and unknown == len(scan.findings):
            raise ScanError(
                f"no EPSS is available for {scan.platform or scan.digest.short}, and the policy needs it",
                why="Inspector lists none of the findings that ECR lists",
                remedy=REMEDY,
            )
        if unknown:
            findings = "1 finding" if unknown == 1 else f"{unknown} findings"
            note = f"no EPSS for {findings}, which Inspector does not list"
            scan = replace(scan, note="; ".join(filter(None, (scan.note, note))))
        found = tuple(replace(one, epss=self._scores.get(one.id, one.epss)) for one in scan.findings)
        return replace(scan, findings=found)

    def _page(self) -> EpssPage:
        try:
            return self._client.inspector.epss_page(self._scan.digest, self._token)
        except AuthenticationError:
            raise
        except OddAnswerError as odd:
            raise ScanError(
                "could not read Inspector's findings, and the policy needs their EPSS",
                why=f"{odd.what}: {odd.why}",
            ) from odd
        except AwsRefusedError as refused:
            if refused.throttled or refused.status >= 500:
                raise
            raise ScanError(
                "could not read Inspector's findings, and the policy needs their EPSS",
                why=f"{refused.what}: {refused.why}",
                remedy=REMEDY,
            ) from refused


def _higher(one: float | None, other: float | None) -> float | None:
    """Two scores of one vulnerability: the worse one counts; None is not known."""
    known = [score for score in (one, other) if score is not None]
    return max(known, default=None)
