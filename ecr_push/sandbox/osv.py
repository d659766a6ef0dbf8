"""One advisory in the Open Source Vulnerability format, parsed and validated once.

https://ossf.github.io/osv-schema/ (1.x). Packages of ecosystems that the scanner does not read are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.utils import canonicalize_name
from pydantic import ValidationError

from ecr_push.base.package_versions.keys import Key
from ecr_push.base.regex import lazy_regex
from ecr_push.sandbox.cvss_rating import VECTOR_TYPES, Rating, rate_vector, rate_word
from ecr_push.sandbox.osv_document import Document, Event, SeverityEntry
from ecr_push.sandbox.version_order import ORDERS, family, version_key

_CVE = lazy_regex(r"CVE-\d{4}-\d{4,}")


@dataclass(frozen=True)
class Interval:
    """Versions from start (None: from the first) up to end (None: all later ones).

    end is included only if it is the last affected version; fixed is the version that fixes it, else "".
    """

    start: Key | None
    end: Key | None = None
    with_end: bool = False
    fixed: str = ""

    def contains(self, version: Key) -> bool:
        if self.start is not None and version < self.start:
            return False
        if self.end is None or version < self.end:
            return True
        return self.with_end and not self.end < version


@dataclass(frozen=True)
class Affected:
    """A package that the advisory affects. name is in its ecosystem's canonical form."""

    ecosystem: str
    name: str
    intervals: tuple[Interval, ...]
    versions: frozenset[str]
    rating: Rating | None = None

    def match(self, version: str) -> Interval | None:
        """Returns the interval that contains a version; one without a fix if the version is only listed."""
        try:
            key = version_key(self.ecosystem, version)
        except ValueError:
            key = None
        if key is not None:
            for interval in self.intervals:
                if interval.contains(key):
                    return interval
        if version not in self.versions:
            return None
        later = [it for it in self.intervals if it.fixed and key is not None and it.end and key < it.end]
        return Interval(None, fixed=later[0].fixed if later else "")


@dataclass(frozen=True)
class Advisory:
    """name is the CVE if the advisory has exactly one, else its own id. Times are epoch seconds."""

    id: str
    name: str
    aliases: tuple[str, ...]
    summary: str
    details: str
    rating: Rating
    references: tuple[str, ...]
    modified_at: float
    published_at: float | None
    affected: tuple[Affected, ...]


class OsvError(ValueError):
    """A document is not a valid OSV advisory. Carries every problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def parse_osv(content: bytes) -> Advisory | None:
    """Returns the advisory in a file's content; None if it was withdrawn. Raises OsvError."""
    try:
        document = Document.model_validate_json(content)
    except ValidationError as error:
        raise OsvError([f"{_place(it['loc'])}{it['msg']}" for it in error.errors()]) from None
    if document.withdrawn:
        return None
    problems: list[str] = []
    word = str(document.database_specific.get("severity") or "")
    rating = _rating("", document.severity, word, problems)
    affected = tuple(_affected(document, problems))
    if problems:
        raise OsvError(problems)
    return Advisory(
        id=document.id,
        name=_name(document),
        aliases=tuple(document.aliases),
        summary=document.summary,
        details=document.details,
        rating=rating,
        references=tuple(it.url for it in document.references),
        modified_at=document.modified.timestamp(),
        published_at=document.published.timestamp() if document.published else None,
        affected=affected,
    )


def canonical(ecosystem: str, name: str) -> str:
    """Returns a package's name as its ecosystem compares names."""
    return canonicalize_name(name) if family(ecosystem) == "PyPI" else name


def _place(location: Sequence[str | int]) -> str:
    parts = "".join(f"[{it}]" if isinstance(it, int) else f".{it}" for it in location)
    return f"{parts.lstrip('.')}: " if parts else ""


def _name(document: Document) -> str:
    if found := _CVE.search(document.id):
        return found[0]
    for ids in (document.aliases, document.upstream):
        cves = [it for it in ids if _CVE.fullmatch(it)]
        if len(cves) == 1:
            return cves[0]
    return document.id


def _affected(document: Document, problems: list[str]) -> Iterator[Affected]:
    for index, entry in enumerate(document.affected):
        if not entry.package or family(entry.package.ecosystem) not in ORDERS:
            continue
        where, ecosystem = f"affected[{index}]", entry.package.ecosystem
        intervals: list[Interval] = []
        for number, its_range in enumerate(entry.ranges):
            if its_range.type != "GIT":
                try:
                    intervals += _intervals(ecosystem, its_range.events)
                except ValueError as error:
                    problems.append(f"{where}.ranges[{number}]: {error}")
        urgency = str(entry.ecosystem_specific.get("urgency") or "")
        rated = entry.severity or urgency
        yield Affected(
            ecosystem,
            canonical(ecosystem, entry.package.name),
            tuple(intervals),
            frozenset(entry.versions),
            _rating(f"{where}.", entry.severity, urgency, problems) if rated else None,
        )


def _intervals(ecosystem: str, events: Sequence[Event]) -> Iterator[Interval]:
    """Events in the order of their versions; `introduced: 0` comes first. Raises ValueError."""
    first = any(event.introduced == "0" for event in events)
    keyed = [
        (version_key(ecosystem, event.introduced or event.fixed or event.last_affected), event)
        for event in events
        if event.introduced != "0" and not event.limit
    ]
    # If one version ends an interval and starts the next, the end comes first.
    keyed.sort(key=lambda it: _Ordered(it[0], bool(it[1].introduced)))
    start: Key | None = None
    is_open = first
    for key, event in keyed:
        if event.introduced:
            if not is_open:
                start, is_open = key, True
        elif is_open:
            yield Interval(start, key, bool(event.last_affected), event.fixed)
            is_open = False
    if is_open:
        yield Interval(start)


@dataclass(frozen=True)
class _Ordered:
    key: Key
    second: bool

    def __lt__(self, other: _Ordered) -> bool:
        if self.key < other.key or other.key < self.key:
            return self.key < other.key
        return self.second < other.second


def _rating(where: str, entries: Sequence[SeverityEntry], word: str, problems: list[str]) -> Rating:
    """The rating of the best vector, or of the severity's name without one."""
    by_type: Mapping[str, str] = {it.type: it.score for it in entries}
    for vector_type in VECTOR_TYPES:
        if vector := by_type.get(vector_type):
            try:
                return rate_vector(vector_type, vector)
            except ValueError as error:
                problems.append(f"{where}severity: {error}")
                return Rating()
    return rate_word(by_type.get("Ubuntu", word))
