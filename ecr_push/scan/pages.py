"""The scan result of one image, page by page.

If a page is refused, only that page is requested again; if the result changes while it is read, reading
starts again. Only the first page has the counts.
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

# ECR's error codes for a token that has expired.
_EXPIRED = frozenset({"InvalidParameterException", "ValidationException"})


class AnswerPages:
    """Reads the result of one image. Methods raise RegistryError if ECR cannot be reached or refuses."""

    def __init__(self, client: Reader, digest: Digest) -> None:
        self._client = client
        self._digest = digest
        self.forget()

    def forget(self) -> None:
        """Discards what was read, so that reading starts with the next `first`."""
        self._first: Mapping[str, Any] | None = None
        self._token = ""
        self._reader = FindingsReader()

    @property
    def is_begun(self) -> bool:
        """Whether some pages are read and more follow."""
        return bool(self._token)

    def first(self) -> Mapping[str, Any] | None:
        """Reads the first page; None if there is no scan. Discards what was read before."""
        self.forget()
        page = self._client.scans.page(self._digest)
        if page is not None:
            self._take(page)
            # Its findings are read; only the other fields are needed again.
            around = {**(page.get("imageScanFindings") or {}), "findings": None, "enhancedFindings": None}
            self._first = {**page, "imageScanFindings": around}
        return page

    def rest(self) -> bool:
        """Reads the remaining pages. False if the result changed meanwhile: then it must not be used."""
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
    """Whether a page belongs to the same result: another scan has another status or time."""
    status, completed_at = _version(page)
    first_status, first_completed_at = _version(first)
    return status == first_status and completed_at in (None, first_completed_at)


def _version(page: Mapping[str, Any]) -> tuple[object, object]:
    body = page.get("imageScanFindings") or {}
    return (page.get("imageScanStatus") or {}).get("status"), body.get("imageScanCompletedAt")
