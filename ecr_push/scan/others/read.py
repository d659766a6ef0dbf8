"""A file of another scanner -> what it says: Trivy's JSON, Grype's JSON, or SARIF. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ecr_push.base.errors import ScanError
from ecr_push.base.parse import read_json
from ecr_push.base.shape import OddValueError
from ecr_push.scan.answer_shape import no_answer
from ecr_push.scan.others.grype import read_grype
from ecr_push.scan.others.model import OtherReport
from ecr_push.scan.others.sarif import read_sarif
from ecr_push.scan.others.trivy import read_trivy

# By a member that the format always has, and no other one.
_READERS: Mapping[str, Callable[[Mapping[str, Any]], OtherReport]] = {
    "SchemaVersion": read_trivy,
    "matches": read_grype,
    "runs": read_sarif,
}
EXPECTED = "Trivy's JSON, Grype's JSON, or SARIF 2.1.0"


def find_reader(document: Any) -> Callable[[Mapping[str, Any]], OtherReport] | None:
    """The reader of a parsed document; None for one of another format."""
    if not isinstance(document, Mapping):
        return None
    return next((read for name, read in _READERS.items() if name in document), None)


def read_other(name: str, content: bytes) -> OtherReport:
    """Reads a report. name: of the file, for messages. Raises ScanError: what is not read is not a pass."""
    try:
        document = read_json(content)
    except ValueError as error:
        why = " ".join(str(error).split())
        raise ScanError(f"{name} could not be read", why=f"it is not valid JSON: {why}") from error
    read = find_reader(document)
    if read is None:
        raise ScanError(f"{name} is of an unknown format", why=f"expected {EXPECTED}")
    try:
        return read(document)
    except OddValueError as odd:
        raise no_answer(name, odd) from odd
    except ScanError as error:
        raise ScanError(f"{name}: {error.what}", why=error.why, remedy=error.remedy) from error
