"""What the statements of verdicts in the registry say of an image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from ecr_push.base.reference import Digest, Repository
from ecr_push.base.severity import Severity
from ecr_push.base.shape import OddValueError, each, mapping, optional_text, text
from ecr_push.pipeline.statement_read import read_judgement
from ecr_push.pipeline.status.model import StatedVerdict, UsedException
from ecr_push.pipeline.verdict_statements import verdict_statements
from ecr_push.registry.interface import Reader


def stated_verdicts(image: Digest, repository: Repository, client: Reader) -> list[StatedVerdict]:
    """The statements of a verdict on the image that can be read. Raises RegistryError."""
    found = []
    for artifact, statement in verdict_statements(image, client):
        try:
            found.append(read_stated(statement, repository.pinned(artifact)))
        except OddValueError:
            continue
    return found


def newest_verdict(image: Digest, repository: Repository, client: Reader) -> StatedVerdict | None:
    """The one of `stated_verdicts` whose scan ended last. Raises RegistryError."""
    found = stated_verdicts(image, repository, client)
    return max(found, key=lambda one: one.scanned_at.timestamp() if one.scanned_at else 0, default=None)


def read_stated(statement: Mapping[str, Any], reference: str) -> StatedVerdict:
    """Raises OddValueError."""
    judgement, _ = read_judgement(statement)
    said = mapping(statement, "predicate")
    counts: Counter[Severity] = Counter()
    for scanned in each(_counts, said, "scans"):
        counts.update(scanned)
    return StatedVerdict(
        judgement.verdict,
        judgement.policy,
        judgement.scanned_at,
        dict(counts),
        tuple(each(_exception, said, "exceptions")),
        judgement.commit,
        judgement.version,
        reference,
        any(each(lambda one: bool(optional_text(one, "unscannable")), said, "scans")),
    )


def _counts(scan: Mapping[str, Any]) -> Mapping[Severity, int]:
    found = mapping(scan, "counts")
    return {Severity.read(word): number for word, number in found.items() if isinstance(number, int)}


def _exception(one: Mapping[str, Any]) -> UsedException:
    return UsedException(
        text(one, "exception"), optional_text(one, "owner"), _date(optional_text(one, "until"))
    )


def _date(word: str) -> date | None:
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        return None
