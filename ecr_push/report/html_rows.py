"""Outcome -> the rows of findings in the HTML report, and the JSON that its script reads. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache

from ecr_push.base.log import visible
from ecr_push.base.regex import lazy_regex
from ecr_push.pipeline.outcome import Outcome
from ecr_push.policy.verdict import Treatment
from ecr_push.report.updates import packages_to_update
from ecr_push.scan.findings import Finding, Package

_LINK = lazy_regex(r"(?i)https?://[^/?#]")

# Longer descriptions are cut: the advisory has the rest.
LONGEST_DESCRIPTION = 2000

DECISIONS = {
    Treatment.REFUSES: "Refuses",
    Treatment.COUNTED: "Allowed",
    Treatment.KNOWN: "Known",
    Treatment.BELOW: "Not counted",
    Treatment.OUT_OF_SCOPE: "Out of scope",
    Treatment.EXCEPTED: "Excepted",
    Treatment.NOT_AFFECTED: "Not affected",
    None: "Not judged",
}
_ORDER = {treatment: rank for rank, treatment in enumerate(DECISIONS)}


@dataclass(slots=True)
class Row:
    """One row of the table: a finding on all platforms with the same decision.

    treatment is None if the run ended before the findings were evaluated.
    """

    finding: Finding
    treatment: Treatment | None
    by: str
    platforms: list[str] = field(default_factory=list)
    packages: list[Package] = field(default_factory=list)

    @property
    def decision(self) -> str:
        return DECISIONS[self.treatment]

    @property
    def refuses(self) -> bool:
        return self.treatment is Treatment.REFUSES

    @property
    def layers(self) -> frozenset[str]:
        return frozenset(package.layer for package in self.packages if package.layer)


def clean(text: str) -> str:
    """Removes control and bidirectional characters from text, except line breaks."""
    if text.isprintable():
        return text
    return "\n".join(visible(line) for line in text.splitlines())


def safe_url(url: str) -> str:
    """Returns url if a link to it is safe: http or https, a host, only printable characters; otherwise ""."""
    return url if _LINK.match(url) and url.isprintable() and " " not in url else ""


def make_rows(outcome: Outcome) -> list[Row]:
    """Returns every finding once: first those that caused a refusal, then by severity."""
    rows: dict[tuple[object, ...], Row] = {}
    for finding, platform, treatment, by in _judged(outcome):
        key = (
            finding.id, finding.severity, finding.package, finding.version, finding.fixed_in, finding.title,
            treatment, by,
        )  # fmt: skip
        row = rows.get(key)
        if row is None:
            row = rows[key] = Row(finding, treatment, by)
        if platform:
            row.platforms.append(platform)
        row.packages += packages_to_update(finding)
    for row in rows.values():
        row.platforms = sorted(set(row.platforms))
        row.packages = sorted(set(row.packages), key=_by_name)
    return sorted(rows.values(), key=_worst_first)


def _judged(outcome: Outcome) -> Iterable[tuple[Finding, str, Treatment | None, str]]:
    if outcome.verdict and outcome.verdict.judged:
        for one in outcome.verdict.judged:
            yield one.finding, one.platform, one.treatment, one.by
    elif outcome.scan:
        for scan in outcome.scan.platforms:
            for finding in scan.findings:
                yield finding, scan.platform, None, ""


def _by_name(package: Package) -> tuple[str, ...]:
    return (package.name, package.version, package.path, package.layer, package.fixed_in, package.manager)


def _worst_first(row: Row) -> tuple[object, ...]:
    finding = row.finding
    return (
        _ORDER[row.treatment], -finding.severity, -(_number(finding.score) or 0), finding.id, finding.package,
        finding.version, finding.fixed_in, finding.title, row.by,
    )  # fmt: skip


class _Numbers(dict[str, int]):
    """A number for each text, in the order of first use."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def dump(rows: list[Row], base_layers: Iterable[str] = ()) -> str:
    """Returns the rows as JSON that is safe in a `<script>`. Each text is written once; rows refer to it.

    The script reads the fields by position: page.js, FIELDS. base_layers: of the base image; empty where it
    is not known.
    """
    numbers = _Numbers()
    packed = ",".join([_pack(row, numbers) for row in rows])
    texts, decisions, base = (
        json.dumps(given, ensure_ascii=False, separators=(",", ":"))
        for given in ([clean(text) for text in numbers], list(DECISIONS.values()), sorted(base_layers))
    )
    return _harmless(f'{{"texts":{texts},"decisions":{decisions},"base":{base},"rows":[{packed}]}}')


def _pack(row: Row, number: _Numbers) -> str:
    """Returns a row as JSON, built as text: lists of 50,000 rows would slow down the garbage collector."""
    one = row.finding
    packages = ",".join(
        [
            f"[{number[package.name]},{number[package.version]},{number[package.fixed_in]},"
            f"{number[package.manager]},{number[package.path]},{number[package.layer]}]"
            for package in row.packages
        ]
    )
    fields = (
        number[one.id],
        int(one.severity),
        number[one.package],
        number[one.version],
        number[one.fixed_in],
        number[one.title],
        number[safe_url(one.uri)],
        _json(one.score),
        _json(one.epss),
        _json(one.exploited),
        _json(one.fixable),
        number[_cut(one.description)],
        f"[{','.join([str(number[alias]) for alias in one.aliases])}]",
        f"[{','.join([str(number[platform]) for platform in row.platforms])}]",
        _ORDER[row.treatment],
        number[row.by],
        number[date(one.first_seen)],
        f"[{packages}]",
    )
    return f"[{','.join(map(str, fields))}]"


def _harmless(document: str) -> str:
    """Escapes what could end or open an element, a comment or a line of script within JSON."""
    for character in "<>&\u2028\u2029":
        document = document.replace(character, f"\\u{ord(character):04x}")
    return document


def _number(value: float | None) -> float | None:
    """Returns value, or None if JSON cannot represent it."""
    return value if value is not None and math.isfinite(value) else None


def _json(value: float | bool | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None or not math.isfinite(value) else repr(float(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_DESCRIPTION else text[:LONGEST_DESCRIPTION].rstrip() + " …"


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime | None:
    """Parses an ISO date or time, in UTC if it has no zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))  # Python 3.10 does not read the Z
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def date(text: str) -> str:
    """Returns the day of an ISO date or time; other text unchanged."""
    found = moment(text)
    return f"{found:%Y-%m-%d}" if found else text
