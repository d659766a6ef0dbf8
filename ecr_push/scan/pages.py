"""One image's answer, page by page.

A page that is refused is asked again, not those before it; an answer that changes while it is read is
begun anew. The counts stand on the first page only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Reader
from ecr_push.scan.findings import Finding
from ecr_push.scan.findings_read import FindingsReader, read_counts

# What ECR calls a token that it no longer takes.
_EXPIRED = frozenset({"InvalidParameterException", "ValidationException"})


class AnswerPages:
    """Reads the answer for one image. Every method raises RegistryError where ECR cannot be asked now."""

    def __init__(self, client: Reader, digest: Digest) -> None:
        self._client = client
        self._digest = digest
        self.forget()

    def forget(self) -> None:
        """Begin anew with the next `first`."""
        self._first: Mapping[str, Any] | None = None
        self._token = ""
        self._reader = FindingsReader()

    @property
    def is_begun(self) -> bool:
        """Whether some pages are read, and more are to come."""
        return bool(self._token)

    def first(self) -> Mapping[str, Any] | None:
        """The first page; None where there is no scan. Forgets what was read before."""
        self.forget()
        page = self._client.scans.page(self._digest)
        if page is not None:
            self._take(page)
            # Its findings are read; only what stands around them is needed again.
            around = {**(page.get("imageScanFindings") or {}), "findings": None, "enhancedFindings": None}
            self._first = {**page, "imageScanFindings": around}
        return page

    def rest(self) -> bool:
        """Reads all that is left. False where the answer changed meanwhile: then nothing of it holds."""
        while self._token:
            try:
                page = self._client.scans.page(self._digest, self._token)
            except AwsRefusedError as refused:
                if refused.code not in _EXPIRED:
                    raise
                page = None
            circles = page is not None and page.get("nextToken") == self._token
            if page is None or circles or not _is_of(page, self._first or {}):
                self.forget()
                return False
            self._take(page)
        return True

    def findings(self) -> tuple[Finding, ...]:
        return self._reader.findings()

    def counts(self) -> dict[Severity, int]:
        return read_counts(self._first or {})

    def _take(self, page: Mapping[str, Any]) -> None:
        self._reader.add(page)
        self._token = str(page.get("nextToken") or "")


def _is_of(page: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    """Whether a page belongs to the same answer: another scan has another status or time."""
    status, completed_at = _version(page)
    first_status, first_completed_at = _version(first)
    return status == first_status and completed_at in (None, first_completed_at)


def _version(page: Mapping[str, Any]) -> tuple[object, object]:
    body = page.get("imageScanFindings") or {}
    return (page.get("imageScanStatus") or {}).get("status"), body.get("imageScanCompletedAt")
