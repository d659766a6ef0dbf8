"""The scan result of one image, page by page.

If a page is refused, only that page is requested again; if the result changes while it is read, reading
starts again. Only the first page has the counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecr_push.base.reference import Digest
from ecr_push.base.severity import Severity
from ecr_push.base.shape import OddValueError, mapping, member, optional_text
from ecr_push.registry.aws.errors import AwsRefusedError
from ecr_push.registry.interface import Reader
from ecr_push.scan.answer_shape import FINDINGS, LISTS, answer_of, check_page
from ecr_push.scan.findings import Finding
from ecr_push.scan.findings_read import FindingsReader, read_counts

# ECR's error codes for a token that has expired.
_EXPIRED = frozenset({"InvalidParameterException", "ValidationException"})
# The most pages of one result. ECR may return far fewer findings in a page than were asked for.
MOST_PAGES = 1000


class AnswerPages:
    """Reads the result of one image. Methods raise RegistryError if ECR cannot be reached or refuses.

    They raise ScanError for a response that is none: see `answer_shape`.
    """

    def __init__(self, client: Reader, digest: Digest) -> None:
        self._client = client
        self._digest = digest
        self.forget()

    def forget(self) -> None:
        """Discards what was read, so that reading starts with the next `first`."""
        self._first: Mapping[str, Any] | None = None
        self._token = ""
        self._tokens: set[str] = set()
        self._reader = FindingsReader()

    @property
    def is_begun(self) -> bool:
        """Whether some pages are read and more follow."""
        return bool(self._token)

    def first(self) -> Mapping[str, Any] | None:
        """Reads the first page; None if there is no scan. Discards what was read before."""
        self.forget()
        with answer_of(self._digest.short):
            page = self._client.scans.page(self._digest)
            if page is not None:
                self._take(page)
                # Its findings are read; only the other fields are needed again.
                self._first = {**page, FINDINGS: {**mapping(page, FINDINGS), **dict.fromkeys(LISTS)}}
                self.counts()
        return page

    def rest(self) -> bool:
        """Reads the remaining pages. False if the result changed meanwhile: then it must not be used."""
        with answer_of(self._digest.short):
            while self._token:
                page = self._next()
                if page is None or not _is_of(page, self._first or {}):
                    self.forget()
                    return False
                before = self._tokens | {self._token}
                self._take(page)
                if self._token in before:  # pages in a circle, of any length
                    self.forget()
                    return False
                self._tokens = before
                if len(self._tokens) > MOST_PAGES:
                    raise OddValueError("nextToken", f"still is there after {MOST_PAGES} pages")
        return True

    def _next(self) -> Mapping[str, Any] | None:
        """Reads the next page; None if there is no such page anymore."""
        try:
            return self._client.scans.page(self._digest, self._token)
        except AwsRefusedError as refused:
            if refused.code not in _EXPIRED:
                raise
            return None

    def findings(self) -> tuple[Finding, ...]:
        return self._reader.findings()

    def counts(self) -> dict[Severity, int]:
        return read_counts(self._first or {})

    def _take(self, page: Mapping[str, Any]) -> None:
        check_page(page, self._digest)
        self._reader.add(page)
        self._token = optional_text(page, "nextToken")


def _is_of(page: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    """Whether a page belongs to the same result: another scan has another status or time."""
    status, completed_at = _version(page)
    first_status, first_completed_at = _version(first)
    return status == first_status and completed_at in (None, first_completed_at)


def _version(page: Mapping[str, Any]) -> tuple[object, object]:
    return member(page, "imageScanStatus", "status"), member(page, FINDINGS, "imageScanCompletedAt")
